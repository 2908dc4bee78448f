//! The conditions of a level.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::distance::{
    damerau_levenshtein_at_most, jaro_winkler, jaro_winkler_at_least, levenshtein_at_most, osa_at_most,
};

use super::bytes::ByteMetric;
use super::reading::{Reading, covers_both_sides, kilometers};

/// What two unequal values must have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// `exact`: equal strings.
    Exact,
    /// `jaro_winkler:0.92`: similarity of at least the parameter.
    JaroWinkler(f64),
    /// `levenshtein:2`: at most so many insertions, deletions and replacements.
    Levenshtein(usize),
    /// `osa:2`: at most so many edits, swaps of neighbors included (optimal string alignment).
    Osa(usize),
    /// `damerau_levenshtein:2`: at most so many edits, swaps included, edited again where need be.
    DamerauLevenshtein(usize),
    /// `prefix:5`: the shorter value starts the longer and has at least so many characters.
    Prefix(usize),
    /// `same_prefix:4`: so many first characters are equal.
    SamePrefix(usize),
    /// `same_digits`: the digits are the same; `E 161` and `E 163` are two streets, not a slip of a finger.
    SameDigits,
    /// `token_set:0.5`: shared words over all words (Jaccard) of at least the parameter.
    TokenSet(f64),
    /// `token_subset:0.8`: shared words over the words of the shorter value of at least the parameter.
    TokenSubset(f64),
    /// `similar_words:0.9`: every word of the shorter value has a word of its own in the longer one with a Jaro-Winkler
    /// similarity of at least the parameter, in whatever order: `ISLA HALL` and `HALL ISLAA`.
    SimilarWords(f64),
    /// `intersection:1`: at least so many shared words.
    Intersection(usize),
    /// `range_overlap`: house ranges on the same side of the street that share a number.
    RangeOverlap,
    /// `range_near:10`: house ranges on the same side, at most so many numbers apart.
    RangeNear(f64),
    /// `within:1`: numbers that differ by at most the parameter.
    Within(f64),
    /// `percent:5`: numbers that differ by at most so many percent of the larger.
    Percent(f64),
    /// `below_share:0.1`: numbers whose difference is less than so great a share of the larger number. Not of the
    /// larger amount: it is the one of Splink.
    BelowShare(f64),
    /// `days:30`: dates at most so many days apart; a date is `YYYY-MM-DD`.
    Days(f64),
    /// `seconds:3600`: times at most so many seconds apart; a time is a date, perhaps with `HH:MM:SS` behind it.
    Seconds(f64),
    /// `kilometers:0.5`: places at most so far apart on a great circle; a place is `latitude longitude` in degrees.
    Kilometers(f64),
    /// `byte_levenshtein:2` and the like: as their namesakes, on the bytes of the text.
    Bytes(ByteMetric),
}

const CONDITIONS: &str = "exact, jaro_winkler:T, levenshtein:N, osa:N, damerau_levenshtein:N, prefix:N, same_prefix:N, \
                          same_digits, token_set:T, token_subset:T, similar_words:T, intersection:N, range_overlap, \
                          range_near:N, within:X, percent:X, below_share:T, days:N, seconds:X, kilometers:X, \
                          byte_jaro:T, byte_jaro_winkler:T, byte_levenshtein:N, byte_damerau_levenshtein:N";

/// Why a level in the settings cannot be read.
#[derive(Debug, Error, PartialEq)]
pub enum LevelError {
    /// No level has this name, or its parameter is missing or surplus.
    #[error("comparison level `{found}` is not one of {CONDITIONS}")]
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

impl FromStr for Condition {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        let text = text.trim();
        let (name, parameter) = match text.split_once(':') {
            Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
            None => (text, None),
        };
        let share = || number(text, parameter, "a number from 0 to 1", |x: &f64| (0.0..=1.0).contains(x));
        let amount = || number(text, parameter, "a number from 0", |x: &f64| *x >= 0.0 && x.is_finite());
        let count = || number(text, parameter, "a whole number from 1", |&n: &usize| n > 0);
        match (name, parameter) {
            ("exact", None) => Ok(Self::Exact),
            ("same_digits", None) => Ok(Self::SameDigits),
            ("range_overlap", None) => Ok(Self::RangeOverlap),
            ("jaro_winkler", Some(_)) => share().map(Self::JaroWinkler),
            ("token_set", Some(_)) => share().map(Self::TokenSet),
            ("token_subset", Some(_)) => share().map(Self::TokenSubset),
            ("similar_words", Some(_)) => share().map(Self::SimilarWords),
            ("levenshtein", Some(_)) => count().map(Self::Levenshtein),
            ("osa", Some(_)) => count().map(Self::Osa),
            ("damerau_levenshtein", Some(_)) => count().map(Self::DamerauLevenshtein),
            ("prefix", Some(_)) => count().map(Self::Prefix),
            ("same_prefix", Some(_)) => count().map(Self::SamePrefix),
            ("intersection", Some(_)) => count().map(Self::Intersection),
            ("range_near", Some(_)) => amount().map(Self::RangeNear),
            ("within", Some(_)) => amount().map(Self::Within),
            ("percent", Some(_)) => amount().map(Self::Percent),
            ("below_share", Some(_)) => share().map(Self::BelowShare),
            ("days", Some(_)) => amount().map(Self::Days),
            ("seconds", Some(_)) => amount().map(Self::Seconds),
            ("kilometers", Some(_)) => amount().map(Self::Kilometers),
            ("byte_jaro", Some(_)) => share().map(|least| Self::Bytes(ByteMetric::Jaro(least))),
            ("byte_jaro_winkler", Some(_)) => share().map(|least| Self::Bytes(ByteMetric::JaroWinkler(least))),
            ("byte_levenshtein", Some(_)) => count().map(|most| Self::Bytes(ByteMetric::Levenshtein(most))),
            ("byte_damerau_levenshtein", Some(_)) => {
                count().map(|most| Self::Bytes(ByteMetric::DamerauLevenshtein(most)))
            }
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

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("exact"),
            Self::SameDigits => f.write_str("same_digits"),
            Self::RangeOverlap => f.write_str("range_overlap"),
            Self::JaroWinkler(least) => write!(f, "jaro_winkler:{least}"),
            Self::TokenSet(least) => write!(f, "token_set:{least}"),
            Self::TokenSubset(least) => write!(f, "token_subset:{least}"),
            Self::Levenshtein(most) => write!(f, "levenshtein:{most}"),
            Self::Osa(most) => write!(f, "osa:{most}"),
            Self::DamerauLevenshtein(most) => write!(f, "damerau_levenshtein:{most}"),
            Self::Prefix(least) => write!(f, "prefix:{least}"),
            Self::SamePrefix(length) => write!(f, "same_prefix:{length}"),
            Self::SimilarWords(least) => write!(f, "similar_words:{least}"),
            Self::Intersection(least) => write!(f, "intersection:{least}"),
            Self::RangeNear(most) => write!(f, "range_near:{most}"),
            Self::Within(most) => write!(f, "within:{most}"),
            Self::Percent(most) => write!(f, "percent:{most}"),
            Self::BelowShare(bound) => write!(f, "below_share:{bound}"),
            Self::Days(most) => write!(f, "days:{most}"),
            Self::Seconds(most) => write!(f, "seconds:{most}"),
            Self::Kilometers(most) => write!(f, "kilometers:{most}"),
            Self::Bytes(metric) => metric.fmt(f),
        }
    }
}

impl Condition {
    /// How the condition reads a value; none when it takes it as text.
    pub(crate) fn reading(&self) -> Option<Reading> {
        match self {
            Self::RangeOverlap | Self::RangeNear(_) => Some(Reading::Range),
            Self::Within(_) | Self::Percent(_) | Self::BelowShare(_) => Some(Reading::Number),
            Self::Days(_) => Some(Reading::Date),
            Self::Seconds(_) => Some(Reading::Time),
            Self::Kilometers(_) => Some(Reading::Place),
            _ => None,
        }
    }

    /// Whether equal values meet the condition whatever they are.
    pub(crate) fn holds_for_equal(&self) -> bool {
        match self {
            Self::Intersection(least) => *least == 1,
            Self::BelowShare(_) => false,
            _ => true,
        }
    }

    /// Roughly what asking costs; equality is 0.
    pub(crate) fn cost(&self) -> u32 {
        match self {
            Self::Exact => 0,
            Self::RangeOverlap | Self::RangeNear(_) | Self::Within(_) | Self::Percent(_) | Self::BelowShare(_) => 1,
            Self::Days(_) | Self::Seconds(_) | Self::Prefix(_) | Self::SamePrefix(_) => 1,
            Self::SameDigits | Self::Kilometers(_) => 2,
            Self::Levenshtein(_) | Self::JaroWinkler(_) => 8,
            Self::Osa(_) => 12,
            Self::TokenSet(_) | Self::TokenSubset(_) | Self::Intersection(_) => 16,
            Self::DamerauLevenshtein(_) | Self::SimilarWords(_) => 40,
            Self::Bytes(metric) => metric.cost(),
        }
    }

    /// Whether two unequal values meet the condition; `read_l` and `read_r` are what [`Condition::reading`] made of
    /// them.
    pub(crate) fn agrees(&self, left: &str, right: &str, read_l: [f64; 2], read_r: [f64; 2]) -> bool {
        let apart = (read_l[0] - read_r[0]).abs();
        match *self {
            Self::Exact => left == right,
            Self::JaroWinkler(least) => jaro_winkler_at_least(left, right, least),
            Self::Levenshtein(most) => levenshtein_at_most(left, right, most),
            Self::Osa(most) => osa_at_most(left, right, most),
            Self::DamerauLevenshtein(most) => damerau_levenshtein_at_most(left, right, most),
            Self::Prefix(least) => is_prefix(left, right, least),
            Self::SamePrefix(length) => same_prefix(left, right, length),
            Self::SameDigits => same_digits(left, right),
            Self::TokenSet(least) => {
                let (shared, words_l, words_r) = shared_words(left, right);
                shared as f64 >= least * (words_l + words_r - shared) as f64
            }
            Self::TokenSubset(least) => {
                let (shared, words_l, words_r) = shared_words(left, right);
                shared > 0 && shared as f64 >= least * words_l.min(words_r) as f64
            }
            Self::SimilarWords(least) => similar_words(left, right, least),
            Self::Intersection(least) => shared_words(left, right).0 >= least,
            Self::RangeOverlap => gap(read_l, read_r).is_some_and(|gap| gap <= 0.0),
            Self::RangeNear(most) => gap(read_l, read_r).is_some_and(|gap| gap <= most),
            Self::Within(most) | Self::Days(most) | Self::Seconds(most) => apart <= most,
            Self::BelowShare(bound) => apart / read_l[0].max(read_r[0]) < bound,
            Self::Percent(most) => apart * 100.0 <= most * read_l[0].abs().max(read_r[0].abs()),
            Self::Kilometers(most) => kilometers(read_l, read_r) <= most,
            Self::Bytes(metric) => metric.agrees(left.as_bytes(), right.as_bytes()),
        }
    }
}

fn same_digits(left: &str, right: &str) -> bool {
    let left = left.bytes().filter(u8::is_ascii_digit);
    left.eq(right.bytes().filter(u8::is_ascii_digit))
}

fn same_prefix(left: &str, right: &str, length: usize) -> bool {
    let mut pairs = left.chars().zip(right.chars());
    (0..length).all(|_| pairs.next().is_some_and(|(left, right)| left == right))
}

fn is_prefix(left: &str, right: &str, least: usize) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    long.starts_with(short) && short.chars().count() >= least
}

/// Distinct words that both values have, and that each has. Values are of few words: looking through them beats a set.
fn shared_words(left: &str, right: &str) -> (usize, usize, usize) {
    let (left, right) = (DistinctWords::new(left), DistinctWords::new(right));
    let shared = left.words().filter(|word| right.words().any(|other| other == *word)).count();
    (shared, left.words().count(), right.words().count())
}

/// The words of a value, each once; the first of them in a place of their own, which needs no memory to be had.
struct DistinctWords<'t> {
    first: [&'t [u8]; 8],
    len: usize,
    further: Vec<&'t [u8]>,
}

impl<'t> DistinctWords<'t> {
    fn new(text: &'t str) -> Self {
        let mut words = Self { first: [&[]; 8], len: 0, further: Vec::new() };
        for word in text.as_bytes().split(|byte| *byte == b' ') {
            if !words.words().any(|earlier| earlier == word) {
                words.push(word);
            }
        }
        words
    }

    fn push(&mut self, word: &'t [u8]) {
        match self.first.get_mut(self.len) {
            Some(place) => {
                *place = word;
                self.len += 1;
            }
            None => self.further.push(word),
        }
    }

    fn words(&self) -> impl Iterator<Item = &'t [u8]> {
        self.first[..self.len].iter().chain(&self.further).copied()
    }
}

/// Whether each word of the value with fewer finds one of its own among those of the other; the first words in
/// alphabetical order choose first, each the most similar that is left.
fn similar_words(left: &str, right: &str, least: f64) -> bool {
    let (words_l, words_r) = (words(left), words(right));
    let swap = (words_r.len(), &words_r) < (words_l.len(), &words_l);
    let (few, mut many) = if swap { (words_r, words_l) } else { (words_l, words_r) };
    few.iter().all(|word| {
        let similarities = many.iter().map(|other| jaro_winkler(word, other)).enumerate();
        match similarities.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))) {
            Some((place, similarity)) if similarity >= least => {
                many.remove(place);
                true
            }
            _ => false,
        }
    })
}

fn words(value: &str) -> Vec<&str> {
    let mut words: Vec<&str> = value.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// How far two house ranges on the same side of a street are apart; `None` across the street.
fn gap(left: [f64; 2], right: [f64; 2]) -> Option<f64> {
    if left[0].is_nan() || right[0].is_nan() {
        return None;
    }
    let across = (left[0] as i64 ^ right[0] as i64) & 1 != 0;
    if across && !covers_both_sides(left) && !covers_both_sides(right) {
        return None;
    }
    Some(f64::max(left[0] - right[1], right[0] - left[1]).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::Condition;

    #[test]
    fn similar_words_come_in_any_order() {
        let condition: Condition = "similar_words:0.85".parse().unwrap();
        for (left, right, expected) in [
            ("ISLA HALL", "HALL ISLA", true),
            ("THOAS GREEN", "GREEN THOMAS", true),
            ("GREEN", "THOMAS GREEN", true),
            ("ROBERT ALLEN", "ROBERT", true),
            ("ROBERT ALLEN", "ROBERT MURPHY", false),
            ("ANN ANN LEE", "LEE ANNE MAY", true),
            ("LEE LEES", "LEE MAY", false),
        ] {
            let agrees = |left, right| condition.agrees(left, right, [f64::NAN; 2], [f64::NAN; 2]);
            assert_eq!((agrees(left, right), agrees(right, left)), (expected, expected), "{left} | {right}");
        }
        assert_eq!(condition.to_string(), "similar_words:0.85");
    }
}
