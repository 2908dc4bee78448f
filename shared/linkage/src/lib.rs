//! Record linkage without labels, after Fellegi and Sunter: standardize, block, compare, train,
//! evaluate and explain. Settling, which of the scored pairs become links, is left to whoever holds
//! them; the tests have the plain form of it, in memory.
//!
//! The crate is pure: values in, values out, no files, clock or randomness. The words are
//! Splink's: a *comparison* maps a pair of values to a *level* (`gamma`: -1 null, 0 else, higher
//! is closer), levels carry an *m* and a *u probability*, their log2 ratio is a *match weight*,
//! and a pair is met by the first *blocking rule* whose key is equal (its *match key*).
//!
//! ```text
//! LinkSettings -> Linker -> project -> Values -> Records -> train -> Model
//!                                                       \-> makes, Scorer::weigh -> match weight
//! ```

mod blocking;
mod calendar;
pub mod clusters;
pub mod distance;
mod evaluate;
mod explain;
mod gammas;
mod infer;
mod level;
mod linker;
pub mod memory;
mod model;
mod projection;
mod records;
pub mod rivals;
mod scorer;
mod settings;
pub mod splink;
pub mod standardize;
mod term_frequency;
mod threshold;
mod train;
mod values;

pub use blocking::{BlockingError, SharedPart};
pub use evaluate::{Cut, Evaluation, Judgment, WeighedLink, evaluate, judge};
pub use explain::{
    Change, Explanation, InteractionStep, Lost, PartApart, Raise, RuleOutcome, Verdict, WaterfallStep, explain,
};
pub use gammas::{Gammas, MAX_COMPARISONS};
pub use infer::{InferError, Inferred, TableSample, id_column, infer};
pub use level::{ByteMetric, Condition, Level, LevelError};
pub use linker::Linker;
pub use model::{ComparisonModel, InteractionModel, LevelModel, Model, ModelError};
pub use projection::Scratch;
pub use records::Records;
pub use scorer::Scorer;
pub use settings::{BlockingRule, Cardinality, Comparison, Field, LinkSettings, LinkSettingsError, Side};
pub use term_frequency::TermFrequencies;
pub use threshold::{ExpectedLinks, WeightHistogram};
pub use train::{TrainError, Training, Warning, train};
pub use values::Values;

#[cfg(test)]
mod tests;
