//! The way from the root of a JSON file to the array of records.

use std::io;

use bumpalo::Bump;
use lotline_schema::Format;

use super::{
    scan::{Scan, Stop, spaces},
    skip::{Skip, Skipped},
    text::unescape,
};
use crate::{error::FormatError, window::Window};

type Observe<'a> = &'a mut dyn FnMut(&[u8]);

/// Moves the window to behind the opening bracket of the array that `record_path` leads to.
pub(crate) fn descend(window: &mut Window, format: &Format, observe: Observe<'_>) -> Result<(), FormatError> {
    for member in &format.record_path {
        expect(window, b'{', &format!("an object with the member `{member}`"), observe)?;
        find_member(window, member, format, observe)?;
    }
    expect(window, b'[', "the array of records (`[`)", observe)
}

/// Moves the window to the value of a member of the object it is in.
fn find_member(window: &mut Window, member: &str, format: &Format, observe: Observe<'_>) -> Result<(), FormatError> {
    let missing = |window: &Window| FormatError::RecordPath {
        path: format.record_path.join("."),
        member: member.to_owned(),
        offset: window.offset(),
    };
    if peek(window, observe)? == Some(b'}') {
        return Err(missing(window));
    }
    loop {
        let found = name(window, format, observe)? == member;
        expect(window, b':', "`:`", observe)?;
        if found {
            return Ok(());
        }
        skip_value(window, observe)?;
        if peek(window, observe)? == Some(b'}') {
            return Err(missing(window));
        }
        expect(window, b',', "`,` or `}`", observe)?;
    }
}

/// Consumes a member name.
fn name(window: &mut Window, format: &Format, observe: Observe<'_>) -> Result<String, FormatError> {
    if peek(window, observe)? != Some(b'"') {
        return Err(unexpected(window, "a member name in quotes"));
    }
    loop {
        let mut scan = Scan::new(window.bytes(), 0);
        match scan.string() {
            Ok(_) => {
                let end = scan.at;
                let escaped = String::from_utf8_lossy(&window.bytes()[1..end - 1]).into_owned();
                window.consume(end);
                return Ok(unescape(&escaped, &Bump::new()).to_owned());
            }
            Err(Stop::End) if !window.is_last() && window.bytes().len() <= format.max_record_bytes as usize => {
                window.fill(observe)?;
            }
            Err(_) => return Err(unexpected(window, "a member name")),
        }
    }
}

fn skip_value(window: &mut Window, observe: Observe<'_>) -> Result<(), FormatError> {
    let mut skip = Skip::default();
    loop {
        match skip.feed(window.bytes()) {
            Skipped::Ended(end) => {
                window.consume(end);
                return Ok(());
            }
            Skipped::Lost(at) => {
                window.consume(at);
                return Err(unexpected(window, "no control character in a string"));
            }
            Skipped::More => window.consume(window.bytes().len()),
        }
        if window.is_last() {
            return Err(unexpected(window, "the rest of a value"));
        }
        window.fill(observe)?;
    }
}

/// The next byte that is no white space, not consumed; none at the end of the file.
fn peek(window: &mut Window, observe: Observe<'_>) -> io::Result<Option<u8>> {
    loop {
        window.consume(spaces(window.bytes()));
        if !window.bytes().is_empty() || window.is_last() {
            return Ok(window.bytes().first().copied());
        }
        window.fill(observe)?;
    }
}

fn expect(window: &mut Window, byte: u8, expected: &str, observe: Observe<'_>) -> Result<(), FormatError> {
    if peek(window, observe)? == Some(byte) {
        window.consume(1);
        return Ok(());
    }
    Err(unexpected(window, expected))
}

fn unexpected(window: &Window, expected: &str) -> FormatError {
    let found = window.bytes().first().map(|byte| format!("`{}`", byte.escape_ascii()));
    FormatError::Unexpected {
        offset: window.offset(),
        found: found.unwrap_or_else(|| "the end of the file".to_owned()),
        expected: expected.to_owned(),
    }
}
