//! Dates in the forms people write them.

use crate::values::Values;

/// The parts of a date.
pub(super) const PARTS: [&str; 3] = ["year", "month", "day"];

/// Two-digit years above this are of the twentieth century, others of the twenty-first.
const PIVOT: u64 = 30;

const MONTHS: [&[u8; 3]; 12] =
    [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"];

/// A date of which parts may be unknown (0).
#[derive(Debug, Clone, Copy, Default)]
struct Date {
    year: u64,
    month: u64,
    day: u64,
}

/// A run of digits, or the month a word stands for.
#[derive(Debug, Clone, Copy, Default)]
struct Piece {
    value: u64,
    digits: usize,
    month: bool,
}

/// Adds a date as `YYYY-MM-DD`, null unless all of it is known, then year (four digits), month
/// and day (two digits each) as far as they are known.
///
/// Reads `1974-02-14`, `19740214`, `2/14/1974`, `14.2.1974`, `14-Feb-74`, `February 14, 1974`,
/// `1974-02`, `Feb 1974` and `1974`; a time behind the date is ignored. With numbers alone the
/// month comes first as in the US, except behind dots as in Europe, and except where it would be
/// above 12. A part that cannot be (month 13, 30 February) or is zero is unknown.
pub(super) fn read(raw: &str, values: &mut Values) {
    let (pieces, count) = cut(raw);
    let dotted = raw.bytes().find(|byte| !byte.is_ascii_alphanumeric()) == Some(b'.');
    let date = sort(&pieces[..count], dotted).checked();
    let start = values.place();
    append_padded(date.year, 4, values);
    let year = values.place();
    values.append("-");
    append_padded(date.month, 2, values);
    let month = values.place();
    values.append("-");
    append_padded(date.day, 2, values);
    let day = values.place();
    values.seal();
    let part = |known: u64, from: usize, to: usize| if known == 0 { (from, from) } else { (from, to) };
    let whole = date.year.min(date.month).min(date.day);
    values.push_places([
        part(whole, start, day),
        part(date.year, start, year),
        part(date.month, year + 1, month),
        part(date.day, month + 1, day),
    ]);
}

/// The first three pieces of a text; words that are no month are skipped.
fn cut(raw: &str) -> ([Piece; 3], usize) {
    let (mut pieces, mut count) = ([Piece::default(); 3], 0);
    let mut rest = raw.as_bytes();
    while let Some(first) = rest.first()
        && count < pieces.len()
    {
        let same = |byte: &&u8| {
            byte.is_ascii_digit() == first.is_ascii_digit()
                && byte.is_ascii_alphanumeric() == first.is_ascii_alphanumeric()
        };
        let (run, behind) = rest.split_at(rest.iter().take_while(same).count());
        // Hours are before a colon.
        if behind.first() == Some(&b':') && first.is_ascii_digit() && count > 0 {
            break;
        }
        rest = behind;
        if let Some(piece) = piece(run) {
            pieces[count] = piece;
            count += 1;
        }
    }
    (pieces, count)
}

fn piece(run: &[u8]) -> Option<Piece> {
    if run.first()?.is_ascii_digit() {
        let value =
            run.iter().try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
        return Some(Piece { value: value.unwrap_or_default(), digits: run.len(), month: false });
    }
    let start: [u8; 3] = run.get(..3)?.try_into().ok()?;
    let month = (1..).zip(MONTHS).find(|(_, name)| start.eq_ignore_ascii_case(*name))?.0;
    Some(Piece { value: month, digits: 0, month: true })
}

/// Which piece is which.
fn sort(pieces: &[Piece], dotted: bool) -> Date {
    match *pieces {
        [one] | [one, ..] if one.digits >= 8 => packed(one),
        [year] if year.digits == 4 => Date { year: year.value, ..Date::default() },
        [month, year] if month.month || year.digits == 4 => Date { year: full_year(year), month: month.value, day: 0 },
        [year, month] if year.digits == 4 => Date { year: year.value, month: month.value, day: 0 },
        [year, month, day] if year.digits == 4 => Date { year: year.value, month: month.value, day: day.value },
        [month, day, year] if month.month => Date { year: full_year(year), month: month.value, day: day.value },
        [day, month, year] if month.month || dotted || day.value > 12 => {
            Date { year: full_year(year), month: month.value, day: day.value }
        }
        [month, day, year] => Date { year: full_year(year), month: month.value, day: day.value },
        _ => Date::default(),
    }
}

/// `19740214`, perhaps with a time behind it, or else `02141974`.
fn packed(piece: Piece) -> Date {
    let Some(value) =
        u32::try_from(piece.digits - 8).ok().and_then(|time| 10_u64.checked_pow(time)).map(|time| piece.value / time)
    else {
        return Date::default();
    };
    let (first, last) = (value / 10_000, value % 10_000);
    if (1000..3000).contains(&first) && last / 100 <= 12 {
        return Date { year: first, month: last / 100, day: last % 100 };
    }
    Date { year: last, month: first / 100, day: first % 100 }
}

fn full_year(piece: Piece) -> u64 {
    match piece.digits {
        4 => piece.value,
        2 if piece.value > PIVOT => 1900 + piece.value,
        2 => 2000 + piece.value,
        _ => 0,
    }
}

impl Date {
    /// The date without what cannot be.
    fn checked(self) -> Self {
        let year = if (1000..3000).contains(&self.year) { self.year } else { 0 };
        let month = if self.month <= 12 { self.month } else { 0 };
        let leap = year == 0 || year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        Self { year, month, day: if self.day <= days { self.day } else { 0 } }
    }
}

/// Appends a checked part, which is below 3000.
fn append_padded(number: u64, digits: u32, values: &mut Values) {
    let mut power = 10_u64.pow(digits - 1);
    while power > number.max(1) {
        values.append("0");
        power /= 10;
    }
    values.append_number(u32::try_from(number).unwrap_or_default());
}
