//! Shares of the values of a column that look like an address, a date, a phone number and so on.

use crate::standardize::Standardizer;

/// Shares of values, 0 to 1, and the mean number of words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shapes {
    pub(super) address: f64,
    /// Letters and digits in one word.
    pub(super) code: f64,
    pub(super) date: f64,
    /// Any digit at all.
    pub(super) digits: f64,
    pub(super) email: f64,
    pub(super) house: f64,
    /// Several names parted by commas or semicolons.
    pub(super) list: f64,
    /// Seven or more digits and nothing else.
    pub(super) long_digits: f64,
    pub(super) number: f64,
    /// Two to five words with a common given name, or `LAST, FIRST`.
    pub(super) person: f64,
    pub(super) phone: f64,
    /// A street with a suffix and without house number.
    pub(super) street: f64,
    pub(super) words: f64,
    pub(super) year: f64,
    pub(super) zip: f64,
}

/// Given names that are common in the US, by the census of 1990 and the lists of the Social Security Administration.
const GIVEN_NAMES: &str = "james john robert michael william david richard joseph thomas charles christopher daniel \
    matthew anthony mark donald steven paul andrew joshua kenneth kevin brian george timothy ronald edward jason \
    jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory \
    alexander frank patrick raymond jack dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle \
    ethan walter noah jeremy christian keith roger terry austin sean gerald carl harold dylan arthur lawrence jordan \
    jesse bryan billy bruce gabriel joe logan alan juan albert willie elijah wayne randy vincent mason roy ralph \
    bobby russell bradley philip eugene mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa \
    nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah stephanie dorothy \
    rebecca sharon laura cynthia amy kathleen angela shirley brenda emma anna pamela nicole samantha katherine \
    christine helen debra rachel carolyn janet maria catherine heather diane olivia julie joyce victoria ruth virginia \
    lauren kelly christina joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa gloria sara \
    janice ann kathryn abigail sophia frances jean alice judy isabella julia grace amber denise danielle marilyn \
    beverly charlotte natalie theresa diana brittany doris kayla alexis lori marie carlos luis fatima wei ana";

impl Shapes {
    /// Looks at all the values given.
    pub(super) fn of<'v>(values: impl Iterator<Item = &'v str>) -> Self {
        let mut shapes = Self::default();
        let mut count = 0.0;
        for value in values {
            shapes.add(value);
            count += 1.0;
        }
        let all = [
            &mut shapes.address,
            &mut shapes.code,
            &mut shapes.date,
            &mut shapes.digits,
            &mut shapes.email,
            &mut shapes.house,
            &mut shapes.list,
            &mut shapes.long_digits,
            &mut shapes.number,
            &mut shapes.person,
            &mut shapes.phone,
            &mut shapes.street,
            &mut shapes.words,
            &mut shapes.year,
            &mut shapes.zip,
        ];
        all.into_iter().for_each(|share| *share /= f64::max(count, 1.0));
        shapes
    }

    fn add(&mut self, value: &str) {
        let words: Vec<&str> = value.split_whitespace().collect();
        self.words += words.len() as f64;
        let count = |share: &mut f64, holds: bool| *share += f64::from(u8::from(holds));
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let plain = digits == value.len();
        let letters = value.chars().filter(|letter| letter.is_alphabetic()).count();
        count(&mut self.digits, digits > 0);
        count(&mut self.email, value.split_once('@').is_some_and(|(_, domain)| domain.contains('.')));
        count(&mut self.date, is_date(value));
        count(&mut self.phone, letters == 0 && is_phone(value, digits));
        count(&mut self.number, is_number(value));
        count(&mut self.year, is_year(value));
        count(&mut self.long_digits, plain && digits >= 7);
        count(&mut self.zip, is_zip(value));
        count(&mut self.code, words.len() == 1 && digits >= 2 && (letters > 0 || !plain && !is_number(value)));
        count(&mut self.house, words.len() <= 3 && value.starts_with(|letter: char| letter.is_ascii_digit()));
        count(&mut self.list, value.matches([',', ';']).count() >= 1 && words.len() >= 4);
        count(&mut self.person, is_person(value, digits));
        if letters > 0 && words.len() <= 12 {
            let (house, street, suffix) = address_parts(value);
            count(&mut self.address, house && street);
            count(&mut self.street, !house && street && suffix && words.len() <= 5);
        }
    }
}

/// Whether an address line has a house, a street and a suffix.
fn address_parts(value: &str) -> (bool, bool, bool) {
    let names = Standardizer::UsAddress.derived("");
    let parts = Standardizer::UsAddress.apply(value);
    let has = |part: &str| names.iter().zip(&parts).any(|(name, value)| name == part && value.is_some());
    (has(".house_low"), has(".name"), has(".suffix"))
}

fn is_date(value: &str) -> bool {
    let day = value.split([' ', 'T']).next().unwrap_or_default();
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        let part =
            |range: std::ops::Range<usize>| day.get(range).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
        return (1000..2200).contains(&part(0..4)) && part(4..6) <= 12 && part(6..8) <= 31;
    }
    let pieces: Vec<&str> = day.split(['-', '/', '.']).collect();
    let digits =
        |piece: &str, most: usize| (1..=most).contains(&piece.len()) && piece.bytes().all(|byte| byte.is_ascii_digit());
    match pieces[..] {
        [year, month, day] if year.len() == 4 => digits(year, 4) && digits(month, 2) && digits(day, 2),
        [month, day, year] => {
            digits(month, 2) && digits(day, 2) && digits(year, 4) && (year.len() == 4 || value.contains('/'))
        }
        _ => false,
    }
}

fn is_phone(value: &str, digits: usize) -> bool {
    let parted = value.bytes().filter(|byte| matches!(byte, b'-' | b'/' | b'.' | b'(' | b' ' | b'+')).count();
    (digits == 10 || digits == 11 || digits == 7) && (1..=5).contains(&parted) && !is_number(value)
}

fn is_number(value: &str) -> bool {
    let plain: String = value.chars().filter(|letter| !matches!(letter, '$' | ',' | ' ')).collect();
    plain.parse::<f64>().is_ok_and(f64::is_finite)
}

fn is_year(value: &str) -> bool {
    let whole = value.strip_suffix(".0").unwrap_or(value);
    whole.len() == 4 && whole.parse::<u32>().is_ok_and(|year| (1500..2100).contains(&year))
}

fn is_zip(value: &str) -> bool {
    let (five, four) = value.split_once('-').unwrap_or((value, "0000"));
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(five.strip_suffix(".0").unwrap_or(five), 5) && digits(four, 4)
}

fn is_person(value: &str, digits: usize) -> bool {
    let words: Vec<String> = value
        .split(|letter: char| !letter.is_alphabetic() && letter != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let given = |word: &String| GIVEN_NAMES.split_whitespace().any(|name| name == word);
    let behind = value.split_once(',').is_some_and(|(before, _)| !before.contains(' '));
    digits == 0 && (2..=5).contains(&words.len()) && (words.iter().any(given) || behind)
}

/// Whether whole numbers are handed out one after the other: all distinct, and nearly none between the least and the
/// greatest left out of a table of so many rows.
pub(super) fn is_counter(values: &[&str], total_rows: u64) -> bool {
    let mut numbers: Vec<u64> = Vec::with_capacity(values.len());
    for value in values {
        match value.parse() {
            Ok(number) => numbers.push(number),
            Err(_) => return false,
        }
    }
    numbers.sort_unstable();
    let distinct = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) => distinct && (last - first) as f64 <= total_rows.max(10) as f64 * 1.2,
        _ => false,
    }
}
