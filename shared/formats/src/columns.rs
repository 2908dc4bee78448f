//! Which column of a file an output column is read from.

use crate::error::FormatError;

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
