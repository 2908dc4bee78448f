//! Lotline testkit.

pub mod contract;
pub mod generate;
