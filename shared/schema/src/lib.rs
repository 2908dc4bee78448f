//! Table structures: what a table's columns are, how its files are laid out, and the verdict on each row.
//!
//! Everything here is pure: no input or output, no clock, no threads.

mod cell;
mod decode;
mod format;
mod number;
mod rows;
mod settings;
mod structure;
mod time;

#[cfg(test)]
mod tests;

pub use cell::Cell;
pub use format::{Format, FormatKind};
pub use rows::{RowBuilder, Violation};
pub use settings::{SettingsError, parse_settings};
pub use structure::{Column, ColumnType, DuplicatePolicy, Sources, TableStructure};
