//! Models of Splink: read what `linker.misc.save_model_to_json` saves, write what `Linker(settings=...)` loads.
//!
//! Splink 5 with its DuckDB dialect is meant throughout. A comparison is SQL there, so that not every one of its
//! models can be read and not every one of ours written; what cannot is refused by its place in the JSON or the
//! settings. Both directions keep match weights to 1e-9.
//!
//! | Splink | Lotline |
//! |---|---|
//! | comparison of one column, its null level first | comparison of a field read by `verbatim` |
//! | the same with numbers in it (`ABS(a_l - a_r) <= 1`) | field read by `plain_number` |
//! | null where `try_strptime` fails | field read by `iso_date` or `iso_time` |
//! | comparison of latitude and longitude | field read by `place`, of both columns |
//! | `jaro_winkler_similarity`, `levenshtein` and the like, which count bytes | `byte_jaro_winkler:T`, ... |
//! | array of words | text of words, one space between them |
//! | `block_on("a", "b")` | `["a", "b"]` |
//! | `SUBSTR(l.a, 1, 3) = SUBSTR(r.a, 1, 3)` | `["a\|start:3"]`; `prefix:3` if there is `LENGTH(l.a) >= 3` too |
//! | `link_only`, `dedupe_only` | tables `left` and `right`, `many_to_many`; table `left`, `clusters` |
//!
//! Values are compared as text: a column of numbers with no level of numbers needs one way of writing them.
//!
//! Not part of a Splink model: the threshold, the ids, and how frequent values are; Splink counts them in the records
//! it links, see [`crate::Records::give_terms`].

mod blocks;
mod conditions;
mod document;
mod read;
mod sql;
mod write;

#[cfg(test)]
mod tests;

use thiserror::Error;

use crate::model::ModelError;
use crate::settings::LinkSettingsError;

pub use read::read;
pub use write::write;

/// Why a model of Splink cannot be read, or one of ours not be written as such.
#[derive(Debug, Error)]
pub enum SplinkError {
    /// The text is not the JSON of Splink settings.
    #[error("the Splink settings are not readable")]
    Json(#[from] serde_json::Error),
    /// Lotline has nothing that does the same.
    #[error("`{place}` of the Splink settings is `{found}`: {reason}")]
    Unsupported {
        /// Path inside the JSON, such as `comparisons[1].comparison_levels[2].sql_condition`.
        place: String,
        /// What stands there.
        found: String,
        /// What is in the way.
        reason: String,
    },
    /// Splink has nothing that does the same.
    #[error("`{place}` is `{found}`, which has no form in Splink: {reason}")]
    Inexpressible {
        /// Path inside the link settings or the model.
        place: String,
        /// What stands there.
        found: String,
        /// What is in the way.
        reason: &'static str,
    },
    /// The settings, as read or as given, cannot be used.
    #[error("the link settings cannot be used")]
    Settings(#[from] LinkSettingsError),
    /// The model, as read or as given, does not fit its settings or has unsound numbers.
    #[error("the model cannot be used")]
    Model(#[from] ModelError),
}

fn unsupported(place: &str, found: &str, reason: impl Into<String>) -> SplinkError {
    // SQL of Splink has line breaks and deep indents.
    let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
    SplinkError::Unsupported { place: place.to_owned(), found, reason: reason.into() }
}

fn inexpressible(place: String, found: impl ToString, reason: &'static str) -> SplinkError {
    SplinkError::Inexpressible { place, found: found.to_string(), reason }
}
