//! Comparison levels: what makes two unequal values close.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use rapidfuzz::distance::{jaro_winkler, levenshtein};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One way for two non-null values to agree, written `name` or `name:parameter` in settings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Level {
    /// `exact`: equal strings.
    Exact,
    /// `jaro_winkler:0.92`: similarity of at least the parameter, and the same digits: `E 161`
    /// and `E 163` are two streets, not a slip of a finger.
    JaroWinkler(f64),
    /// `levenshtein:2`: at most so many edits.
    Levenshtein(usize),
    /// `prefix:5`: the shorter value starts the longer and has at least so many characters; the
    /// digits are the same.
    Prefix(usize),
    /// `token_set:0.5`: shared words over all words (Jaccard) of at least the parameter.
    TokenSet(f64),
    /// `range_overlap`: house ranges on the same side of the street that share a number.
    RangeOverlap,
    /// `range_near:10`: house ranges on the same side, at most so many numbers apart.
    RangeNear(u32),
    /// `within:1`: numbers that differ by at most the parameter.
    Within(f64),
    /// `percent:5`: numbers that differ by at most so many percent of the larger.
    Percent(f64),
}

const LEVELS: &str = "exact, jaro_winkler:T, levenshtein:N, prefix:N, token_set:T, \
                      range_overlap, range_near:N, within:X, percent:X";

/// Why a level in the settings cannot be read.
#[derive(Debug, Error, PartialEq)]
pub enum LevelError {
    /// No level has this name, or its parameter is missing or surplus.
    #[error("comparison level `{found}` is not one of {LEVELS}")]
    Unknown {
        /// The text as written.
        found: String,
    },
    /// The parameter is not a number in the range of its level.
    #[error("comparison level `{found}` needs {expected}")]
    Parameter {
        /// The text as written.
        found: String,
        /// The accepted numbers.
        expected: &'static str,
    },
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        let (name, parameter) = match text.split_once(':') {
            Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
            None => (text.trim(), None),
        };
        let share = || number(text, parameter, "a number from 0 to 1", |x: &f64| (0.0..=1.0).contains(x));
        let amount = || number(text, parameter, "a number from 0", |x: &f64| *x >= 0.0 && x.is_finite());
        let count = "a whole number from 1";
        match (name, parameter) {
            ("exact", None) => Ok(Self::Exact),
            ("range_overlap", None) => Ok(Self::RangeOverlap),
            ("jaro_winkler", Some(_)) => share().map(Self::JaroWinkler),
            ("token_set", Some(_)) => share().map(Self::TokenSet),
            ("levenshtein", Some(_)) => number(text, parameter, count, |&n| n > 0).map(Self::Levenshtein),
            ("prefix", Some(_)) => number(text, parameter, count, |&n| n > 0).map(Self::Prefix),
            ("range_near", Some(_)) => number(text, parameter, count, |&n| n > 0).map(Self::RangeNear),
            ("within", Some(_)) => amount().map(Self::Within),
            ("percent", Some(_)) => amount().map(Self::Percent),
            _ => Err(LevelError::Unknown { found: text.to_owned() }),
        }
    }
}

fn number<T: FromStr>(
    text: &str,
    parameter: Option<&str>,
    expected: &'static str,
    accept: impl Fn(&T) -> bool,
) -> Result<T, LevelError> {
    parameter
        .and_then(|parameter| parameter.parse().ok())
        .filter(accept)
        .ok_or_else(|| LevelError::Parameter { found: text.to_owned(), expected })
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
        match self {
            Self::Exact => f.write_str("exact"),
            Self::RangeOverlap => f.write_str("range_overlap"),
            Self::JaroWinkler(least) => write!(f, "jaro_winkler:{least}"),
            Self::TokenSet(least) => write!(f, "token_set:{least}"),
            Self::Levenshtein(most) => write!(f, "levenshtein:{most}"),
            Self::Prefix(least) => write!(f, "prefix:{least}"),
            Self::RangeNear(most) => write!(f, "range_near:{most}"),
            Self::Within(most) => write!(f, "within:{most}"),
            Self::Percent(most) => write!(f, "percent:{most}"),
        }
    }
}

impl Level {
    /// Whether two values agree at this level. Symmetric; values that are not numbers or ranges
    /// never agree at a level for them unless the level is `exact`.
    pub fn holds(&self, left: &str, right: &str) -> bool {
        if left == right {
            return true;
        }
        match *self {
            Self::Exact => false,
            Self::JaroWinkler(least) => same_digits(left, right) && jaro_winkler_similarity(left, right) >= least,
            Self::Levenshtein(most) => levenshtein_within(left, right, most),
            Self::Prefix(least) => same_digits(left, right) && is_prefix(left, right, least),
            Self::TokenSet(least) => jaccard(left, right) >= least,
            Self::RangeOverlap => gap(left, right) == Some(0),
            Self::RangeNear(most) => gap(left, right).is_some_and(|gap| gap <= most),
            Self::Within(most) => numbers(left, right).is_some_and(|(a, b)| (a - b).abs() <= most),
            Self::Percent(most) => {
                numbers(left, right).is_some_and(|(a, b)| (a - b).abs() * 100.0 <= most * a.abs().max(b.abs()))
            }
        }
    }

    /// Whether remembering the answer is cheaper than asking again.
    pub(crate) fn is_costly(&self) -> bool {
        matches!(self, Self::JaroWinkler(_) | Self::Levenshtein(_) | Self::TokenSet(_))
    }
}

pub(crate) fn jaro_winkler_similarity(left: &str, right: &str) -> f64 {
    // The first argument decides ties between matching windows, so a fixed order keeps it symmetric.
    let (left, right) = if left <= right { (left, right) } else { (right, left) };
    if left.is_ascii() && right.is_ascii() {
        jaro_winkler::similarity(left.bytes(), right.bytes())
    } else {
        jaro_winkler::similarity(left.chars(), right.chars())
    }
}

fn levenshtein_within(left: &str, right: &str, most: usize) -> bool {
    let arguments = levenshtein::Args::default().score_cutoff(most);
    if left.is_ascii() && right.is_ascii() {
        levenshtein::distance_with_args(left.bytes(), right.bytes(), &arguments).is_some()
    } else {
        levenshtein::distance_with_args(left.chars(), right.chars(), &arguments).is_some()
    }
}

fn same_digits(left: &str, right: &str) -> bool {
    let left = left.bytes().filter(u8::is_ascii_digit);
    left.eq(right.bytes().filter(u8::is_ascii_digit))
}

fn is_prefix(left: &str, right: &str, least: usize) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    long.starts_with(short) && short.chars().count() >= least
}

fn jaccard(left: &str, right: &str) -> f64 {
    let left: BTreeSet<&str> = left.split_whitespace().collect();
    let right: BTreeSet<&str> = right.split_whitespace().collect();
    let shared = left.intersection(&right).count();
    shared as f64 / (left.len() + right.len() - shared).max(1) as f64
}

/// How far two house ranges on the same side of a street are apart; `None` across the street.
fn gap(left: &str, right: &str) -> Option<u32> {
    let (left_low, left_high) = range(left)?;
    let (right_low, right_high) = range(right)?;
    let apart = left_low.saturating_sub(right_high).max(right_low.saturating_sub(left_high));
    (left_low % 2 == right_low % 2).then_some(apart)
}

fn range(value: &str) -> Option<(u32, u32)> {
    let (low, high) = value.split_once('-').unwrap_or((value, value));
    Some((low.parse().ok()?, high.parse().ok()?))
}

fn numbers(left: &str, right: &str) -> Option<(f64, f64)> {
    Some((left.parse().ok()?, right.parse().ok()?))
}
