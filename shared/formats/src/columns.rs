//! Which column of a file an output column is read from.

use bumpalo::Bump;
use lotline_schema::Cell;

use crate::{error::FormatError, record::Damage};

/// Place of `name` among `found`: spelled alike but for space around it, else alike but for ASCII case.
pub(crate) fn position<T: AsRef<str>>(found: &[T], name: &str) -> Option<usize> {
    let spelled = |other: &T| other.as_ref() == name || other.as_ref().trim() == name;
    let folded = |other: &T| other.as_ref().trim().eq_ignore_ascii_case(name);
    found.iter().position(spelled).or_else(|| found.iter().position(folded))
}

/// For each output column the place of the first of its accepted names that the file has.
pub(crate) fn resolve(columns: &[Vec<String>], found: &[String]) -> Result<Vec<usize>, FormatError> {
    let place_of = |accepted: &Vec<String>| {
        let place = accepted.iter().find_map(|name| position(found, name.trim()));
        let place = place.ok_or_else(|| FormatError::UnknownColumn {
            column: accepted.first().cloned().unwrap_or_default(),
            accepted: accepted.clone(),
            found: found.to_vec(),
        })?;
        let name = found[place].trim();
        match found.iter().skip(place + 1).position(|other| other.trim() == name) {
            Some(next) => {
                Err(FormatError::RepeatedColumn { column: name.to_owned(), first: place + 1, second: place + next + 2 })
            }
            None => Ok(place),
        }
    };
    columns.iter().map(place_of).collect()
}

/// The named values that the output columns are read from, where every record has names of its own.
pub(crate) struct Columns {
    accepted: Vec<Vec<String>>,
    /// Where each column's first name stood in the last record: mostly where it stands in the next.
    places: Vec<usize>,
}

impl Columns {
    pub(crate) fn new(columns: &[Vec<String>]) -> Self {
        let trimmed = |names: &Vec<String>| names.iter().map(|name| name.trim().to_owned()).collect();
        Self { accepted: columns.iter().map(trimmed).collect(), places: vec![0; columns.len()] }
    }

    /// One cell a column, null where the record has none of its names: `cell` answers the value at a place among
    /// `names`, `below` what a name that is not among them may lead to.
    pub(crate) fn cells<'a>(
        &mut self,
        names: &[&str],
        arena: &'a Bump,
        cell: impl Fn(usize) -> Cell<'a>,
        below: impl Fn(&str) -> Result<Option<Cell<'a>>, Damage>,
    ) -> Result<&'a [Cell<'a>], Damage> {
        let cells = arena.alloc_slice_fill_copy(self.accepted.len(), Cell::Null);
        for ((found, accepted), place) in cells.iter_mut().zip(&self.accepted).zip(&mut self.places) {
            let Some(first) = accepted.first() else { continue };
            if names.get(*place).is_some_and(|name| name == first) {
                *found = cell(*place);
                continue;
            }
            for name in accepted {
                if let Some(at) = position(names, name) {
                    *place = at;
                    *found = cell(at);
                    break;
                }
                if let Some(value) = below(name)? {
                    *found = value;
                    break;
                }
            }
        }
        Ok(cells)
    }
}
