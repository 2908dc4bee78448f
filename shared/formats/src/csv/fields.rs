//! The cells of a CSV record.

use bumpalo::{Bump, collections::String as BumpString};
use lotline_schema::Cell;

use super::split::{CsvSplit, Field};
use crate::record::{Damage, checked};

/// The cells of a sound record, borrowed from it but for those with doubled quotes.
///
/// `columns` holds for each output column its place in a record of `width` fields.
pub(crate) fn cells<'a>(
    splitter: &mut CsvSplit,
    raw: &'a [u8],
    columns: &[usize],
    width: usize,
    arena: &'a Bump,
) -> Result<&'a [Cell<'a>], Damage> {
    let record = checked(raw)?;
    let quote = char::from(splitter.quote());
    let fields = splitter.fields(raw);
    if fields.len() != width {
        return Err(Damage::new("field_count", format!("found {} fields, expected {width}", fields.len())));
    }
    Ok(arena.alloc_slice_fill_iter(columns.iter().map(|&place| Cell::Text(value(record, fields[place], quote, arena)))))
}

/// The text of a field, with doubled quotes made single.
pub(crate) fn value<'a>(record: &'a str, field: Field, quote: char, arena: &'a Bump) -> &'a str {
    let text = &record[field.start..field.end];
    if !field.doubled {
        return text;
    }
    let mut single = BumpString::with_capacity_in(text.len(), arena);
    let mut pending = false;
    for letter in text.chars() {
        pending = letter == quote && !pending;
        if !pending {
            single.push(letter);
        }
    }
    single.into_bump_str()
}
