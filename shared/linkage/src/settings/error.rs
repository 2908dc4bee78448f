//! Why link settings cannot be used.

use thiserror::Error;

use crate::blocking::{BlockingError, MAX_RULES};
use crate::gammas::MAX_COMPARISONS;

/// Why settings cannot be used. Messages name the key, what was found and what may stand there.
#[derive(Debug, Error, PartialEq)]
pub enum LinkSettingsError {
    /// A column is not in its table.
    #[error("`{key}` names column `{found}`, which table `{table}` lacks; its columns: {choices}")]
    UnknownColumn {
        /// Path of the settings key.
        key: String,
        /// The column as written.
        found: String,
        /// The table looked in.
        table: String,
        /// The columns there are.
        choices: String,
    },
    /// No standardizer derives this field.
    #[error("`{key}` names derived field `{found}`; there are: {choices}")]
    UnknownDerived {
        /// Path of the settings key.
        key: String,
        /// The name as written.
        found: String,
        /// The derived fields there are.
        choices: String,
    },
    /// A list or name that needs content is empty.
    #[error("`{key}` is empty, expected {expected}")]
    Empty {
        /// Path of the settings key.
        key: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A name stands twice.
    #[error("`{key}` is `{found}`, which an earlier comparison already has")]
    Repeated {
        /// Path of the settings key.
        key: String,
        /// The repeated name.
        found: String,
    },
    /// Plain columns and alternatives are both given for one side.
    #[error("`{key}` and `{key}_alternatives` are both given, expected one of them")]
    BothForms {
        /// Path of the settings key.
        key: String,
    },
    /// The threshold is not a probability strictly between 0 and 1.
    #[error("`link.threshold` is `{found}`, expected a number above 0 and below 1")]
    Threshold {
        /// The number as written.
        found: f64,
    },
    /// Weights of term frequency are no shares, or more than there are levels.
    #[error("`{key}` is `{found:?}`, expected at most {levels} numbers from 0 to 1, one a level")]
    TermFrequencyWeights {
        /// Path of the settings key.
        key: String,
        /// As written.
        found: Vec<f64>,
        /// Levels of the comparison.
        levels: usize,
    },
    /// No block may have any pairs.
    #[error("`link.max_block_pairs` is `0`, expected the most pairs that a block may have")]
    NoBlockPairs,
    /// The expected precision is not strictly between 0 and 1.
    #[error("`link.expected_precision` is `{found}`, expected a number above 0 and below 1")]
    ExpectedPrecision {
        /// The number as written.
        found: f64,
    },
    /// More blocking rules than rows can name.
    #[error("`link.blocking` has `{found}` rules, expected at most {MAX_RULES}")]
    TooManyRules {
        /// How many there are.
        found: usize,
    },
    /// More comparisons than a comparison vector holds.
    #[error("`link.comparisons` has `{found}` entries, expected at most {MAX_COMPARISONS}")]
    TooManyComparisons {
        /// How many there are.
        found: usize,
    },
    /// A blocking part says something unknown of its field.
    #[error("`{key}`: {source}")]
    Blocking {
        /// Path of the settings key.
        key: String,
        /// What is wrong with the part.
        source: BlockingError,
    },
    /// The levels of a comparison read values in ways that exclude each other.
    #[error("`{key}` has levels that read a value as {found}, expected levels that read it in one way")]
    MixedLevels {
        /// Path of the settings key.
        key: String,
        /// The ways, such as `a number and a date`.
        found: String,
    },
    /// One table has a cardinality of two.
    #[error("`link.cardinality` is `{found}`, expected {expected}")]
    Cardinality {
        /// The cardinality as written.
        found: &'static str,
        /// What fits the tables.
        expected: &'static str,
    },
    /// Columns are given for the right side, which there is not.
    #[error("`{key}` is given, but the job has no `link.right`")]
    NoRight {
        /// Path of the settings key.
        key: String,
    },
}
