//! Where CSV records end: one scanner for the cutting pass and for reading.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use lotline_schema::Format;

use crate::{
    error::FormatError,
    record::Damage,
    split::{Piece, Split, Step},
};

/// The two characters that give a CSV file its shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: u8,
}

impl Dialect {
    /// The quote of the settings, which must be one byte, with a delimiter.
    pub(crate) fn new(format: &Format, delimiter: u8) -> Result<Self, FormatError> {
        Ok(Self { delimiter, quote: one_byte("quote", format.quote)? })
    }
}

/// A character of the settings as the byte it is in the file.
pub(crate) fn one_byte(setting: &'static str, found: char) -> Result<u8, FormatError> {
    if found.is_ascii() { Ok(found as u8) } else { Err(FormatError::Setting { setting, found }) }
}

/// Where a field lies in its record, without its quotes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it holds doubled quotes.
    pub(crate) doubled: bool,
}

/// Splits CSV text into records. CR, LF and CRLF end a record outside quotes; blank lines are none.
#[derive(Debug)]
pub(crate) struct CsvSplit {
    dialect: Dialect,
    cap: usize,
    /// Fields in the header line; none while that is what is being read.
    width: Option<usize>,
    /// Whether the rest of an overlong line is being passed over.
    skipping: bool,
    /// Whether the record last found holds a quote, and so has its fields in `fields` already.
    quoted: bool,
    fields: Vec<Field>,
}

/// Why a record with quotes stopped being scanned.
enum Stop {
    /// Its line ends here.
    End(usize),
    /// The bytes ran out, inside quotes or not.
    Ran { inside: bool },
    /// It cannot be a record.
    Bad(Damage),
}

impl CsvSplit {
    pub(crate) fn new(dialect: Dialect, format: &Format, width: Option<usize>) -> Self {
        let cap = format.max_record_bytes as usize;
        Self { dialect, cap, width, skipping: false, quoted: false, fields: Vec::new() }
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.dialect.delimiter
    }

    pub(crate) fn quote(&self) -> u8 {
        self.dialect.quote
    }

    pub(crate) fn set_width(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// The fields of the sound record last found.
    pub(crate) fn fields(&mut self, record: &[u8]) -> &[Field] {
        if !self.quoted {
            self.fields.clear();
            let mut start = 0;
            for end in memchr_iter(self.dialect.delimiter, record) {
                self.fields.push(Field { start, end, doubled: false });
                start = end + 1;
            }
            self.fields.push(Field { start, end: record.len(), doubled: false });
        }
        &self.fields
    }

    /// A damaged record is its first line only, so that rows which a stray quote would swallow are still read.
    fn first_line(&mut self, start: usize, record: &[u8], last: bool, damage: Damage) -> Step {
        match memchr2(b'\r', b'\n', &record[..record.len().min(self.cap + 1)]) {
            Some(end) => Step::Record(Piece::damaged(start, start + end, start + end, damage)),
            None if record.len() > self.cap => self.overlong(start),
            None if last => Step::Record(Piece::damaged(start, start + record.len(), start + record.len(), damage)),
            None => Step::More { drop: start },
        }
    }

    fn overlong(&mut self, start: usize) -> Step {
        self.skipping = true;
        let end = start + self.cap;
        Step::Record(Piece::damaged(start, end, end, Damage::too_long(self.cap)))
    }

    fn quoted(&mut self, start: usize, record: &[u8], last: bool) -> Step {
        let view = &record[..record.len().min(self.cap + 1)];
        let whole = last && record.len() <= self.cap;
        match self.scan(view, whole) {
            Stop::End(end) => Step::Record(Piece::sound(start, start + end, start + end)),
            Stop::Bad(damage) => self.first_line(start, record, last, damage),
            Stop::Ran { .. } if record.len() > self.cap => {
                self.first_line(start, record, last, Damage::too_long(self.cap))
            }
            Stop::Ran { inside } if last && inside => {
                let reason = "found the end of the file inside quotes, expected a closing quote";
                self.first_line(start, record, last, Damage::new("unclosed_quote", reason))
            }
            Stop::Ran { .. } => Step::More { drop: start },
        }
    }

    /// Finds the fields of a record; `whole` says that the end of the bytes ends it too.
    fn scan(&mut self, record: &[u8], whole: bool) -> Stop {
        self.fields.clear();
        let Dialect { delimiter, quote } = self.dialect;
        // Far more fields than the header has is a stray quote running from line to line. To stop there keeps
        // hostile input from having the bytes up to the cap scanned once a line.
        let most = self.width.map_or(usize::MAX, |width| width.saturating_mul(4).saturating_add(64));
        let mut start = 0;
        loop {
            if self.fields.len() > most {
                return Stop::Bad(Damage::new("field_count", format!("found more than {most} fields in one record")));
            }
            let opening = self.skip_spaces(record, start);
            let end = if record.get(opening) == Some(&quote) {
                match self.quoted_field(record, opening + 1) {
                    Ok(end) => end,
                    Err(stop) => return stop,
                }
            } else {
                let end = memchr3(delimiter, b'\r', b'\n', &record[start..]).map_or(record.len(), |at| start + at);
                self.fields.push(Field { start, end, doubled: false });
                end
            };
            match record.get(end) {
                Some(&byte) if byte == delimiter => start = end + 1,
                Some(_) => return Stop::End(end),
                None if whole => return Stop::End(end),
                None => return Stop::Ran { inside: false },
            }
        }
    }

    /// Reads a field from behind its opening quote to the delimiter or line end that follows it.
    fn quoted_field(&mut self, record: &[u8], start: usize) -> Result<usize, Stop> {
        let Dialect { delimiter, quote } = self.dialect;
        let mut doubled = false;
        let mut from = start;
        let close = loop {
            let Some(at) = memchr(quote, &record[from..]) else { return Err(Stop::Ran { inside: true }) };
            if record.get(from + at + 1) != Some(&quote) {
                break from + at;
            }
            doubled = true;
            from += at + 2;
        };
        self.fields.push(Field { start, end: close, doubled });
        let end = self.skip_spaces(record, close + 1);
        match record.get(end) {
            Some(&byte) if byte != delimiter && byte != b'\r' && byte != b'\n' => {
                let reason = format!(
                    "found `{}` after the closing quote at byte {close} of the record, expected `{}` or the line's end",
                    byte.escape_ascii(),
                    delimiter.escape_ascii(),
                );
                Err(Stop::Bad(Damage::new("stray_quote", reason)))
            }
            _ => Ok(end),
        }
    }

    /// Spaces around quotes belong to no field.
    fn skip_spaces(&self, record: &[u8], from: usize) -> usize {
        if self.dialect.delimiter == b' ' {
            return from;
        }
        from + record[from..].iter().take_while(|&&byte| byte == b' ').count()
    }
}

impl Split for CsvSplit {
    fn step(&mut self, bytes: &[u8], last: bool) -> Step {
        let mut start = 0;
        if self.skipping {
            let Some(end) = memchr2(b'\r', b'\n', bytes) else { return Step::More { drop: bytes.len() } };
            self.skipping = false;
            start = end;
        }
        start += bytes[start..].iter().take_while(|&&byte| byte == b'\r' || byte == b'\n').count();
        let record = &bytes[start..];
        if record.is_empty() {
            return Step::More { drop: start };
        }
        self.quoted = false;
        match memchr3(self.dialect.quote, b'\r', b'\n', record) {
            Some(end) if end > self.cap => self.overlong(start),
            Some(end) if record[end] == self.dialect.quote => {
                self.quoted = true;
                self.quoted(start, record, last)
            }
            Some(end) => Step::Record(Piece::sound(start, start + end, start + end)),
            None if record.len() > self.cap => self.overlong(start),
            None if last => Step::Record(Piece::sound(start, start + record.len(), start + record.len())),
            None => Step::More { drop: start },
        }
    }
}
