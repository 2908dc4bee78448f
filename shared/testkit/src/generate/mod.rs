//! Input files with known answers: two property tables and the users of two platforms to
//! link, and open-house events to clean.
//!
//! Every byte follows from the settings and the seed, so a test can state the truth it expects.

mod corrupt;
mod names;
mod open_houses;
mod people;
mod places;
mod properties;
mod random;
mod render;
mod roles;
#[cfg(test)]
mod tests;
mod towns;
mod users;
#[cfg(test)]
mod users_tests;
mod world;

pub use open_houses::{OpenHousesConfig, OpenHousesCounts, OpenHousesFiles, open_houses, write_open_houses};
pub use properties::{PropertiesConfig, PropertiesFiles, properties, write_properties};
pub use users::{TODAY, UsersConfig, UsersFiles, write_users};

/// Rows that are held in memory and shuffled together, so that files of any length stream.
const WINDOW_ROWS: usize = 1 << 16;
