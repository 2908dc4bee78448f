//! JSON strings as the text they stand for.

use bumpalo::{Bump, collections::String as BumpString};

/// Resolves the escapes of a string that the scanner has accepted.
pub(crate) fn unescape<'a>(escaped: &str, arena: &'a Bump) -> &'a str {
    let mut text = BumpString::with_capacity_in(escaped.len(), arena);
    let mut rest = escaped;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut letters = escape.chars();
        match letters.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{C}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let (letter, length) = code_point(escape);
                text.push(letter);
                letters = escape[length..].chars();
            }
            Some(letter) => text.push(letter),
            None => {}
        }
        rest = letters.as_str();
    }
    text.push_str(rest);
    text.into_bump_str()
}

/// The character of `uXXXX`, or of a surrogate pair `uXXXX\uXXXX`, and the length of that.
fn code_point(escape: &str) -> (char, usize) {
    let unit = |from: usize| escape.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let first = unit(1).unwrap_or_default();
    match (first, unit(7)) {
        (0xD800..=0xDBFF, Some(second)) => {
            let point = 0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF);
            (char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
        }
        _ => (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
    }
}
