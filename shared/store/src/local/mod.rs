//! The adapters for one machine: files under the lake folder, and SQLite beside them.

mod objects;
mod process;
mod state;
mod temporary;

#[cfg(test)]
mod tests;

pub(crate) use objects::LocalObjects;
pub use process::{owner, process_owner};
pub(crate) use state::LocalState;

/// The database file in the lake folder; its journal files share the beginning of the name.
pub(crate) const DATABASE: &str = "lotline.sqlite";
/// The folder of unfinished writes in the lake folder.
const TEMPORARY: &str = ".tmp";
