//! Names of people and owners in either order.

use super::text;

/// A name without titles, initials and generation suffixes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// All words in alphabetical order: the same for "LAST, FIRST" and "First Last".
    pub sorted: Option<String>,
    /// The first given name.
    pub first: Option<String>,
    /// The family name, or the only word.
    pub last: Option<String>,
}

const LEFT_OUT: [&str; 12] = ["JR", "SR", "II", "III", "IV", "MR", "MRS", "MS", "DR", "ETAL", "ESQ", "AND"];

/// Reads "LAST, FIRST M" when there is a comma and "First M Last" otherwise.
pub fn name(raw: &str) -> Name {
    let (before, after) = raw.split_once(',').unwrap_or((raw, ""));
    let (mut given, mut family) = (words(after), words(before));
    if given.is_empty() && family.len() > 1 {
        given = family;
        family = given.split_off(given.len() - 1);
    }
    let (first, last) = (given.first().cloned(), (!family.is_empty()).then(|| family.join(" ")));
    given.append(&mut family);
    given.sort_unstable();
    Name { sorted: (!given.is_empty()).then(|| given.join(" ")), first, last }
}

/// Words that tell people apart. Initials count only when there is nothing else.
fn words(raw: &str) -> Vec<String> {
    let all: Vec<String> = text(raw)
        .unwrap_or_default()
        .split(' ')
        .filter(|word| !word.is_empty() && !LEFT_OUT.contains(word))
        .map(str::to_owned)
        .collect();
    let long: Vec<String> = all.iter().filter(|word| word.chars().count() > 1).cloned().collect();
    if long.is_empty() { all } else { long }
}
