//! Comparison levels: what makes two unequal values close.

mod bytes;
mod condition;
mod reading;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use bytes::ByteMetric;
pub use condition::{Condition, LevelError};
pub(crate) use reading::Reading;

/// One way for two non-null values to agree, written `name` or `name:parameter` in settings, and several that must
/// all hold joined by `&`: `jaro_winkler:0.9 & same_digits`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Level(Vec<Condition>);

impl Level {
    /// Whether two values agree at this level. Symmetric; values that are not what a condition reads, such as a number
    /// or a date, do not meet it unless they are equal.
    pub fn holds(&self, left: &str, right: &str) -> bool {
        let reading = Reading::of(std::slice::from_ref(self)).ok().flatten();
        let read = |value: &str| reading.map_or([f64::NAN; 2], |reading| reading.read(value));
        left == right && self.holds_for_equal() || self.agrees(left, right, read(left), read(right))
    }

    /// Whether equal values agree whatever they are.
    pub(crate) fn holds_for_equal(&self) -> bool {
        self.0.iter().all(Condition::holds_for_equal)
    }

    /// [`Level::holds`] for values that were read before, unequal ones unless [`Level::holds_for_equal`] is false.
    pub(crate) fn agrees(&self, left: &str, right: &str, read_l: [f64; 2], read_r: [f64; 2]) -> bool {
        self.0.iter().all(|condition| condition.agrees(left, right, read_l, read_r))
    }

    /// What must hold.
    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.0
    }

    /// Whether only equal values agree.
    pub(crate) fn is_exact(&self) -> bool {
        self.0 == [Condition::Exact]
    }

    /// Roughly what asking costs; equality is 0.
    pub(crate) fn cost(&self) -> u32 {
        self.0.iter().map(|condition| condition.cost()).sum()
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        let mut conditions = text.split('&').map(str::parse).collect::<Result<Vec<Condition>, _>>()?;
        // The cheapest first, so that the dear ones are seldom asked.
        conditions.sort_by_key(Condition::cost);
        Ok(Self(conditions))
    }
}

impl TryFrom<String> for Level {
    type Error = LevelError;

    fn try_from(text: String) -> Result<Self, LevelError> {
        text.parse()
    }
}

impl From<Level> for String {
    fn from(level: Level) -> Self {
        level.to_string()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, condition) in self.0.iter().enumerate() {
            write!(f, "{}{condition}", if index > 0 { " & " } else { "" })?;
        }
        Ok(())
    }
}
