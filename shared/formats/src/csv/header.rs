//! The lines before the records: preamble, header and the delimiter it shows.

use std::io;

use bumpalo::Bump;
use lotline_schema::Format;
use memchr::memchr2;

use super::{
    fields::value,
    split::{CsvSplit, Dialect, one_byte},
};
use crate::{error::FormatError, record::checked, split::Records, window::Window};

/// Delimiters that are looked for when none is set; the first wins a tie.
const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Reads up to the first record: answers the records to come and the trimmed names of the header line.
pub(crate) fn open(
    mut window: Window,
    format: &Format,
    observe: &mut dyn FnMut(&[u8]),
) -> Result<(Records<CsvSplit>, Vec<String>), FormatError> {
    for _ in 0..format.preamble_lines {
        skip_line(&mut window, observe)?;
    }
    skip_blank(&mut window, observe)?;
    let quote = one_byte("quote", format.quote)?;
    let delimiter = match format.delimiter {
        Some(delimiter) => one_byte("delimiter", delimiter)?,
        None => sniff(first_line(&mut window, format, observe)?, quote),
    };
    let dialect = Dialect::new(format, delimiter)?;
    let mut records = Records::new(window, CsvSplit::new(dialect, format, None));
    let piece = records.advance(observe)?.ok_or(FormatError::NoHeader)?;
    let offset = records.offset(&piece);
    let raw = &records.window.bytes()[piece.start..piece.end];
    let line = match piece.damage {
        Some(damage) => Err(damage),
        None => checked(raw),
    };
    let line = line.map_err(|damage| FormatError::BadHeader { offset, reason: damage.reason })?;
    let arena = Bump::new();
    let fields = records.splitter.fields(raw).iter();
    let names: Vec<_> = fields.map(|field| value(line, *field, char::from(quote), &arena).trim().to_owned()).collect();
    records.splitter.set_width(names.len());
    Ok((records, names))
}

/// Passes over one physical line with its end, however long it is.
fn skip_line(window: &mut Window, observe: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    loop {
        if let Some(end) = memchr2(b'\r', b'\n', window.bytes()) {
            let feed = window.bytes()[end] == b'\r';
            window.consume(end + 1);
            if window.bytes().is_empty() && !window.is_last() {
                window.fill(observe)?;
            }
            if feed && window.bytes().first() == Some(&b'\n') {
                window.consume(1);
            }
            return Ok(());
        }
        window.consume(window.bytes().len());
        if window.is_last() {
            return Ok(());
        }
        window.fill(observe)?;
    }
}

fn skip_blank(window: &mut Window, observe: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    loop {
        let blank = window.bytes().iter().take_while(|&&byte| byte == b'\r' || byte == b'\n').count();
        window.consume(blank);
        if !window.bytes().is_empty() || window.is_last() {
            return Ok(());
        }
        window.fill(observe)?;
    }
}

/// The physical line the window stands at, or as much of it as a record may have.
fn first_line<'a>(window: &'a mut Window, format: &Format, observe: &mut dyn FnMut(&[u8])) -> io::Result<&'a [u8]> {
    let cap = format.max_record_bytes as usize;
    let end = loop {
        match memchr2(b'\r', b'\n', window.bytes()) {
            Some(end) => break end,
            None if window.is_last() || window.bytes().len() > cap => break window.bytes().len(),
            None => window.fill(observe)?,
        }
    };
    Ok(&window.bytes()[..end])
}

/// The candidate that stands most often outside quotes.
fn sniff(line: &[u8], quote: u8) -> u8 {
    let mut counts = [0_usize; CANDIDATES.len()];
    let mut inside = false;
    for byte in line {
        inside ^= *byte == quote;
        if let Some(place) = CANDIDATES.iter().position(|candidate| candidate == byte && !inside) {
            counts[place] += 1;
        }
    }
    // The last of equal maxima wins, so the order is turned round.
    let best = counts.iter().enumerate().rev().max_by_key(|(_, count)| **count);
    best.map_or(b',', |(place, _)| CANDIDATES[place])
}
