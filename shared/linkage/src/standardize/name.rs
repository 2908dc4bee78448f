//! Names of people, couples and companies, in either order.

use super::lexicon::key;
use super::name_words::{LEGAL_FORMS, Meaning, lexicon};
use super::{fold, phonetic};
use crate::values::Values;

/// The parts of a name, in the order [`read`] adds them.
pub(super) const PARTS: [&str; 6] = ["sorted", "first", "last", "middle", "initials", "phonetic"];

/// More words than a name has; further ones are not read.
const MOST_WORDS: usize = 24;

#[derive(Clone, Copy, Default)]
struct Word<'t> {
    text: &'t str,
    meaning: Meaning,
    /// Behind the comma of "LAST, FIRST".
    behind_comma: bool,
    /// Behind the `&` of a couple.
    second: bool,
}

impl Word<'_> {
    fn is_long(&self) -> bool {
        self.text.chars().nth(1).is_some()
    }
}

/// Reads "LAST, FIRST M" when there is a comma and "First M Last" otherwise, and adds the
/// [`PARTS`]:
///
/// - `sorted`: all words of everybody named, in alphabetical order; the same for either order;
/// - `first`, `middle`, `last`: of the first person of a couple; a company only has `last`, its
///   name without its legal form;
/// - `initials`: of the first, middle and last name;
/// - `phonetic`: how the last name sounds, see [`phonetic::append`].
///
/// Titles, degrees and generations are left out; `sorted`, `first` and `last` have initials only
/// when there is nothing else.
pub(super) fn read(raw: &str, values: &mut Values) {
    let mut text = values.take_scratch();
    text.clear();
    fold::upper(raw, &mut text);
    if text.contains('\'') {
        text.retain(|letter| letter != '\'');
    }
    let (mut words, count) = cut(&text);
    let words = &mut words[..count];
    match words.iter().any(|word| matches!(word.meaning, Meaning::Company(_))) {
        true => write_company(words, values),
        false => write_person(words, values),
    }
    values.return_scratch(text);
}

/// The words of a name that count.
fn cut(text: &str) -> ([Word<'_>; MOST_WORDS], usize) {
    let mut words = [Word::default(); MOST_WORDS];
    let (mut count, mut behind_comma, mut second) = (0, false, false);
    let lexicon = lexicon();
    for run in text.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let word = run.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        second |= word == "AND";
        // `ET AL`, `ET UX`
        let et = matches!(word, "AL" | "UX" | "VIR") && count > 0 && words[count - 1].text == "ET";
        count -= usize::from(et);
        let meaning = lexicon.find(key(word.as_bytes()));
        if !et && !word.is_empty() && meaning != Meaning::LeftOut && count < MOST_WORDS {
            words[count] = Word { text: word, meaning, behind_comma, second };
            count += 1;
        }
        behind_comma |= run.ends_with(',');
        second |= run.ends_with('&');
    }
    let count = join_letters(&mut words, count);
    (words, count)
}

/// `L L C`, as `L.L.C.` is cut, is one word.
fn join_letters(words: &mut [Word<'_>; MOST_WORDS], count: usize) -> usize {
    let letter = |back: usize| count.checked_sub(back).map_or(&[] as &[u8], |at| words[at].text.as_bytes());
    let (joined, used) = match [letter(3), letter(2), letter(1)] {
        [b"L", b"L", b"C"] => ("LLC", 3),
        [b"L", b"L", b"P"] => ("LLP", 3),
        [_, b"L", b"P"] => ("LP", 2),
        _ => return count,
    };
    words[count - used].text = joined;
    words[count - used].meaning = Meaning::Company(joined);
    count + 1 - used
}

fn write_company(words: &mut [Word<'_>], values: &mut Values) {
    for word in words.iter_mut() {
        if let Meaning::Company(form) = word.meaning {
            word.text = form;
        }
    }
    let start = values.place();
    let name = words.iter().filter(|word| !LEGAL_FORMS.contains(&word.text));
    append_joined(name.map(|word| word.text), values);
    let last = start..values.place();
    values.seal();
    words.sort_unstable_by_key(|word| word.text);
    append_joined(words.iter().map(|word| word.text), values);
    values.finish();
    values.push_nulls(1);
    values.push_place(last.start, last.end);
    values.push_nulls(2);
    push_phonetic(last.start, last.end, values);
}

fn write_person(words: &mut [Word<'_>], values: &mut Values) {
    let person = Person::read(words);
    // Initials are left out where a side of the comma has longer words.
    let long = [false, true].map(|side| words.iter().any(|word| word.behind_comma == side && word.is_long()));
    let counts = |word: &&Word<'_>| word.is_long() || !long[usize::from(word.behind_comma)];
    append_sorted(words.iter().filter(counts).map(|word| word.text), values);
    values.finish();
    values.push(person.first.map(|at| words[at].text));
    let start = values.place();
    let family = words.iter().filter(|word| counts(word) && person.is_family(word, words));
    append_joined(family.map(|word| word.text), values);
    values.finish();
    let end = values.place();
    append_joined(person.middle(words).map(|word| word.text), values);
    values.finish();
    person.append_initials(words, values);
    values.finish();
    push_phonetic(start, end, values);
}

/// Where the parts of the first person's name stand.
struct Person {
    first: Option<usize>,
    /// The last name without a comma; with one it is all before it.
    last: Option<usize>,
}

impl Person {
    fn read(words: &[Word<'_>]) -> Self {
        let side = |behind: bool| words.iter().enumerate().filter(move |(_, word)| word.behind_comma == behind);
        let pick = |behind: bool, from_end: bool| {
            let any_long = side(behind).any(|(_, word)| word.is_long());
            let mut fits = side(behind).filter(move |(_, word)| word.is_long() || !any_long);
            let found = if from_end { fits.next_back() } else { fits.next() };
            found.map(|(at, _)| at)
        };
        if let Some(first) = pick(true, false) {
            return Self { first: Some(first), last: None };
        }
        let (first, mut last) = (pick(false, false), pick(false, true));
        // "JOHN SMITH & MARY JONES": the first person has a last name of their own.
        let own = words.iter().enumerate().filter(|(_, word)| !word.second && word.is_long());
        if let Some((at, _)) = own.clone().next_back()
            && own.count() > 1
        {
            last = Some(at);
        }
        if first == last { Self { first: None, last } } else { Self { first, last } }
    }

    fn is_family(&self, word: &Word<'_>, words: &[Word<'_>]) -> bool {
        match self.last {
            Some(last) => std::ptr::eq(word, &words[last]),
            None => !word.behind_comma,
        }
    }

    /// Given names and initials between the first and the last name.
    fn middle<'w, 't>(&self, words: &'w [Word<'t>]) -> impl Iterator<Item = &'w Word<'t>> {
        let (first, last) = (self.first, self.last);
        words.iter().enumerate().filter_map(move |(at, word)| {
            let given = last.map_or(word.behind_comma, |last| at < last);
            (first.is_some_and(|first| at > first) && given && !word.second).then_some(word)
        })
    }

    fn append_initials(&self, words: &[Word<'_>], values: &mut Values) {
        let family = words.iter().find(|word| self.is_family(word, words));
        let first = self.first.map(|at| &words[at]);
        for word in first.into_iter().chain(self.middle(words)).chain(family) {
            let end = word.text.chars().next().map_or(0, char::len_utf8);
            values.append(&word.text[..end]);
        }
    }
}

fn append_sorted<'t>(words: impl Iterator<Item = &'t str>, values: &mut Values) {
    let mut sorted = [""; MOST_WORDS];
    let count = sorted.iter_mut().zip(words).map(|(room, word)| *room = word).count();
    sorted[..count].sort_unstable();
    append_joined(sorted[..count].iter().copied(), values);
}

fn append_joined<'t>(words: impl Iterator<Item = &'t str>, values: &mut Values) {
    for (at, word) in words.enumerate() {
        if at > 0 {
            values.append(" ");
        }
        values.append(word);
    }
}

/// Adds the sound of the text between two places.
fn push_phonetic(start: usize, end: usize, values: &mut Values) {
    let mut letters = [0; phonetic::MOST_LETTERS];
    let text = values.between(start, end).bytes().filter(u8::is_ascii_uppercase);
    let count = letters.iter_mut().zip(text).map(|(room, letter)| *room = letter).count();
    phonetic::append(&mut letters, count, values);
    values.finish();
}
