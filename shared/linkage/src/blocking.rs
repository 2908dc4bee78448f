//! Blocking rules: from the values of a record to the keys of its blocks.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use thiserror::Error;
use twox_hash::XxHash3_64;

use crate::records::{Likeness, Records};
use crate::standardize::soundex;
use crate::values::Values;

/// The most rules of a job: rows name theirs by a byte.
pub(crate) const MAX_RULES: usize = 256;

/// The most keys that a record has for one rule; what a longer text or range would add beyond is left out.
const MAX_KEYS: usize = 64;

/// One part of a blocking rule, written `field` or `field|transform` or `field|transform:parameter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyPart {
    /// The derived field.
    pub(crate) field: String,
    /// What is made of its value.
    pub(crate) transform: Transform,
}

/// What a blocking part makes of a value; each result is a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transform {
    /// The value itself.
    Whole,
    /// `prefix:N`: its first characters, if it has that many.
    Prefix(usize),
    /// `start:N`: its first characters, or all of them if it has fewer.
    Start(usize),
    /// `suffix:N`: its last characters, if it has that many.
    Suffix(usize),
    /// `soundex`: how its first word sounds in English.
    Soundex,
    /// `initials`: the first letter of every word.
    Initials,
    /// `first_word`.
    FirstWord,
    /// `words`: every word of at least three characters.
    Words,
    /// `ngrams:N`: every run of so many characters.
    Ngrams(usize),
    /// `range`: every number of a range, of `66-70` those on its side of the street.
    Range,
}

const TRANSFORMS: &str = "prefix:N, start:N, suffix:N, soundex, initials, first_word, words, ngrams:N, range";

/// Why a blocking part cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("blocking part `{found}` makes of its field what is none of {TRANSFORMS}")]
pub struct BlockingError {
    /// The part as written.
    found: String,
}

impl FromStr for KeyPart {
    type Err = BlockingError;

    fn from_str(text: &str) -> Result<Self, BlockingError> {
        let Some((field, transform)) = text.split_once('|') else {
            return Ok(Self { field: text.trim().to_owned(), transform: Transform::Whole });
        };
        let (name, parameter) = match transform.split_once(':') {
            Some((name, parameter)) => (name.trim(), parameter.trim().parse().ok().filter(|length| *length > 0)),
            None => (transform.trim(), None),
        };
        let transform = match (name, parameter) {
            ("prefix", Some(length)) => Transform::Prefix(length),
            ("start", Some(length)) => Transform::Start(length),
            ("suffix", Some(length)) => Transform::Suffix(length),
            ("ngrams", Some(length)) => Transform::Ngrams(length),
            ("soundex", None) => Transform::Soundex,
            ("initials", None) => Transform::Initials,
            ("first_word", None) => Transform::FirstWord,
            ("words", None) => Transform::Words,
            ("range", None) => Transform::Range,
            _ => return Err(BlockingError { found: text.to_owned() }),
        };
        Ok(Self { field: field.trim().to_owned(), transform })
    }
}

impl fmt::Display for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.field)?;
        match self.transform {
            Transform::Whole => Ok(()),
            Transform::Prefix(length) => write!(f, "|prefix:{length}"),
            Transform::Start(length) => write!(f, "|start:{length}"),
            Transform::Suffix(length) => write!(f, "|suffix:{length}"),
            Transform::Soundex => f.write_str("|soundex"),
            Transform::Initials => f.write_str("|initials"),
            Transform::FirstWord => f.write_str("|first_word"),
            Transform::Words => f.write_str("|words"),
            Transform::Ngrams(length) => write!(f, "|ngrams:{length}"),
            Transform::Range => f.write_str("|range"),
        }
    }
}

impl Transform {
    /// Whether a value may have several results.
    fn is_many(self) -> bool {
        matches!(self, Self::Words | Self::Ngrams(_) | Self::Range)
    }

    /// Writes the one result into `out`; nothing when the value has none.
    fn single(self, value: &str, out: &mut String) {
        match self {
            Self::Prefix(length) => {
                if let Some((last, letter)) = value.char_indices().nth(length - 1) {
                    out.push_str(&value[..last + letter.len_utf8()]);
                }
            }
            Self::Start(length) => out.extend(value.chars().take(length)),
            Self::Suffix(length) => {
                if let Some((start, _)) = value.char_indices().rev().nth(length - 1) {
                    out.push_str(&value[start..]);
                }
            }
            Self::Soundex => soundex(value, out),
            Self::Initials => out.extend(value.split(' ').filter_map(|word| word.chars().next())),
            Self::FirstWord => out.push_str(value.split(' ').next().unwrap_or_default()),
            Self::Whole | Self::Words | Self::Ngrams(_) | Self::Range => out.push_str(value),
        }
    }

    /// All results, which may repeat.
    fn many(self, value: &str) -> Vec<String> {
        match self {
            Self::Words => value.split(' ').filter(|word| word.chars().count() >= 3).map(str::to_owned).collect(),
            Self::Ngrams(length) => {
                let letters: Vec<char> = value.chars().filter(|letter| *letter != ' ').collect();
                letters.windows(length).map(|gram| gram.iter().collect()).collect()
            }
            Self::Range => numbers(value).map_or_else(Vec::new, |(range, step)| {
                range.step_by(step).take(MAX_KEYS).map(|number| number.to_string()).collect()
            }),
            _ => {
                let mut single = String::new();
                self.single(value, &mut single);
                if single.is_empty() { Vec::new() } else { vec![single] }
            }
        }
    }
}

/// The numbers of a range and how far they are apart.
fn numbers(value: &str) -> Option<(RangeInclusive<u32>, usize)> {
    if let Some((low, high)) = value.split_once("..") {
        return Some((low.parse().ok()?..=high.parse().ok()?, 1));
    }
    let (low, high) = value.split_once('-').unwrap_or((value, value));
    let (low, high): (u32, u32) = (low.parse().ok()?, high.parse().ok()?);
    Some((low..=high, if low % 2 == high % 2 { 2 } else { 1 }))
}

/// A blocking rule with its fields resolved to places.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    parts: Vec<(usize, Transform)>,
    many: bool,
}

impl Rule {
    pub(crate) fn new(parts: Vec<(usize, Transform)>) -> Self {
        Self { many: parts.iter().any(|(_, transform)| transform.is_many()), parts }
    }

    /// The places of its fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|(field, _)| *field)
    }

    /// The parts that make no more than one key of a value: places of their fields, and what they make of it.
    pub(crate) fn single_parts(&self) -> impl Iterator<Item = (usize, Transform)> {
        self.parts.iter().copied().filter(|(_, transform)| !transform.is_many())
    }

    /// The places of the fields whose whole values are equal in a block.
    pub(crate) fn whole_fields(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter(|(_, transform)| *transform == Transform::Whole).map(|(field, _)| *field)
    }

    /// Adds the keys of a record, ascending and each once; none when a part is null.
    pub(crate) fn keys(&self, values: &Values, scratch: &mut String, keys: &mut Vec<u64>) {
        self.keys_of(|field| values.get(field), scratch, keys);
    }

    fn keys_of<'v>(&self, value: impl Fn(usize) -> Option<&'v str>, scratch: &mut String, keys: &mut Vec<u64>) {
        if self.many {
            self.many_keys(value, keys);
        } else {
            keys.extend(self.single_key(value, scratch));
        }
    }

    /// The one key of a rule whose parts make one each; none when a part is null.
    fn single_key<'v>(&self, value: impl Fn(usize) -> Option<&'v str>, scratch: &mut String) -> Option<u64> {
        scratch.clear();
        for (field, transform) in &self.parts {
            let start = scratch.len();
            transform.single(value(*field)?, scratch);
            if scratch.len() == start {
                return None;
            }
            scratch.push(SEPARATOR);
        }
        Some(XxHash3_64::oneshot(scratch.as_bytes()))
    }

    fn many_keys<'v>(&self, value: impl Fn(usize) -> Option<&'v str>, keys: &mut Vec<u64>) {
        let mut texts = vec![String::new()];
        for (field, transform) in &self.parts {
            let results = value(*field).map(|value| transform.many(value)).unwrap_or_default();
            let extended =
                texts.iter().flat_map(|text| results.iter().map(move |part| format!("{text}{part}{SEPARATOR}")));
            texts = extended.take(MAX_KEYS).collect();
        }
        let start = keys.len();
        keys.extend(texts.iter().map(|text| XxHash3_64::oneshot(text.as_bytes())));
        keys[start..].sort_unstable();
        let mut kept = start;
        for at in start..keys.len() {
            if kept == start || keys[at] != keys[kept - 1] {
                keys[kept] = keys[at];
                kept += 1;
            }
        }
        keys.truncate(kept);
    }

    /// Adds the keys of a record among others, as [`Rule::keys`] does for one on its own.
    pub(crate) fn keys_of_record(&self, records: &Records, record: usize, scratch: &mut String, keys: &mut Vec<u64>) {
        self.keys_of(|field| records.value(record, field), scratch, keys);
    }

    /// Whether equal values of its fields are all that the rule asks for, so that its keys need not be kept.
    pub(crate) fn is_plain(&self) -> bool {
        self.parts.iter().all(|(_, transform)| *transform == Transform::Whole)
    }

    /// Whether plain fields of two records are equal.
    pub(crate) fn meets(&self, records: &Records, left: usize, right: usize) -> bool {
        self.parts.iter().all(|(field, _)| records.likeness(left, right, *field) == Likeness::Equal)
    }

    /// The parts whose values make no common key: their positions, and the places of their fields.
    pub(crate) fn apart(&self, records: &Records, left: usize, right: usize) -> impl Iterator<Item = (usize, usize)> {
        let made = |record: usize, field: usize, transform: Transform| {
            records.value(record, field).map(|value| transform.many(value)).unwrap_or_default()
        };
        self.parts.iter().enumerate().filter_map(move |(place, (field, transform))| {
            let (made_l, made_r) = (made(left, *field, *transform), made(right, *field, *transform));
            (!made_l.iter().any(|key| made_r.contains(key))).then_some((place, *field))
        })
    }
}

/// A part that several rules have in common. Records that meet under one of these rules have the same value of it.
#[derive(Debug, Clone)]
pub struct SharedPart {
    part: Rule,
    rules: Vec<usize>,
}

impl SharedPart {
    /// The parts that two rules or more share, in the order of the rules; of those that make several keys of a value
    /// none.
    pub(crate) fn of(rules: &[Rule]) -> Vec<Self> {
        let mut parts: Vec<(usize, Transform)> = Vec::new();
        for part in rules.iter().flat_map(Rule::single_parts) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        let shared = parts.into_iter().map(|part| {
            let has = |rule: &usize| rules[*rule].single_parts().any(|other| other == part);
            Self { part: Rule::new(vec![part]), rules: (0..rules.len()).filter(has).collect() }
        });
        shared.filter(|shared| shared.rules.len() > 1).collect()
    }

    /// The rules that share it, ascending.
    pub fn rules(&self) -> &[usize] {
        &self.rules
    }

    /// A hash of the value that a record has of it; none when it has none.
    pub fn hash(&self, values: &Values, scratch: &mut String) -> Option<u64> {
        self.part.single_key(|field| values.get(field), scratch)
    }
}

/// Stands between the parts of a key; of the standardizers only `verbatim` might leave it in a value.
const SEPARATOR: char = '\u{1f}';
