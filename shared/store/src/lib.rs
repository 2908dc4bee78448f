//! Ports for objects, runs, published tables, settings and shared states, with the adapters behind them.
//!
//! Stages see only the traits. Every promise written on a trait method is checked by the contract
//! suites in `lotline-testkit`, which each adapter runs.

#[cfg(feature = "aws")]
pub mod aws;
mod catalog;
mod error;
mod ledger;
mod local;
mod objects;
mod settings;
mod states;

use std::{path::Path, sync::Arc};

pub use catalog::{Catalog, Publication, Published, TableColumn, TableVersion};
pub use error::StoreError;
pub use ledger::{Claim, Ledger, RunClaim, RunRecord, RunStatus};
pub use local::{owner, process_owner};
pub use objects::{ObjectMeta, ObjectWriter, Objects, Opened};
pub use settings::{Settings, SettingsFiles, SettingsVersion};
pub use states::{State, States, state_text};

/// Everything a stage may touch outside its own memory.
#[derive(Clone)]
pub struct Stores {
    /// The lake's files.
    pub objects: Arc<dyn Objects>,
    /// What ran, and who runs it.
    pub ledger: Arc<dyn Ledger>,
    /// What readers see.
    pub catalog: Arc<dyn Catalog>,
    /// The jobs' files.
    pub settings: Arc<dyn Settings>,
    /// Cursors, watermarks and budgets.
    pub states: Arc<dyn States>,
}

impl Stores {
    /// Whether a folder is a lake that [`Stores::local`] has made.
    #[must_use]
    pub fn is_local_lake(folder: &Path) -> bool {
        folder.join(local::DATABASE).is_file()
    }

    /// Opens a lake folder on this machine, creating it when absent.
    ///
    /// Runs and published tables are kept in `<lake>/lotline.sqlite`. Several processes may have the
    /// same lake open; unfinished writes of dead ones are removed.
    ///
    /// # Errors
    /// `Io`, `Denied` or `NoSpace` when the folder cannot be made, `State` when the database cannot be opened.
    pub fn local(lake: &Path) -> Result<Self, StoreError> {
        let objects = local::LocalObjects::open(lake)?;
        let database = Arc::new(local::Database::open(lake)?);
        Ok(Self {
            objects: Arc::new(objects),
            ledger: Arc::<local::Database>::clone(&database),
            catalog: Arc::<local::Database>::clone(&database),
            settings: Arc::<local::Database>::clone(&database),
            states: database,
        })
    }
}
