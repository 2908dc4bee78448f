//! Contract suites: what every adapter of a port must do, called by each adapter's tests.
//!
//! A suite expects a store of its own, empty at first. It panics where a promise is broken and hands
//! on the errors of calls that should have worked.

pub mod catalog;
pub mod ledger;
pub mod objects;
pub mod settings;
pub mod states;
