//! The client against a server in this process, and its arithmetic.

mod answers;
mod arithmetic;
mod pages;
mod server;
mod sign_in;
