//! The adapters for one machine: files under the lake folder, and SQLite beside them.

mod catalog;
mod database;
mod ledger;
mod objects;
mod process;
mod settings;
mod states;
mod temporary;

#[cfg(test)]
mod tests;

pub(crate) use database::Database;
pub(crate) use objects::LocalObjects;
pub use process::{owner, process_owner};

/// The database file in the lake folder; its journal files share the beginning of the name.
pub(crate) const DATABASE: &str = "lotline.sqlite";
/// The folder of unfinished writes in the lake folder.
const TEMPORARY: &str = ".tmp";
