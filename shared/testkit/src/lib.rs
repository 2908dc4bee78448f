//! Lotline testkit.

pub mod contract;
pub mod generate;
mod memory;

pub use memory::MemoryStates;
