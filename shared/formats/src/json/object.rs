//! The cells of a JSON object.

use bumpalo::Bump;
use lotline_schema::Cell;

use super::{
    scan::{Kind, Member, Scan, Stop},
    text::unescape,
};
use crate::{
    columns::{Columns, position},
    record::{Damage, text},
};

/// Checks that some bytes are one JSON object, and finds its members.
pub(crate) fn parse_element(raw: &[u8], members: &mut Vec<Member>) -> Result<(), Damage> {
    let mut scan = Scan::new(raw, 0);
    let kind = scan.element(members).map_err(|stop| cut_short(stop, raw))?;
    match scan.peek() {
        Err(_) if kind == Kind::Object => Ok(()),
        Err(_) => Err(not_an_object(kind)),
        Ok(_) => Err(Stop::Syntax { at: scan.at, expected: "the end of the record" }.damage(raw, 0)),
    }
}

pub(crate) fn not_an_object(kind: Kind) -> Damage {
    let found = match kind {
        Kind::Null => "null",
        Kind::Bool(_) => "a boolean",
        Kind::Number => "a number",
        Kind::Text { .. } => "a string",
        Kind::Array => "an array",
        Kind::Object => "an object",
    };
    Damage::new("not_an_object", format!("found {found}, expected an object"))
}

/// Damage to a record whose end is known, so that running out of bytes is an error of syntax.
fn cut_short(stop: Stop, raw: &[u8]) -> Damage {
    match stop {
        Stop::End => Stop::Syntax { at: raw.len(), expected: "the rest of a value" }.damage(raw, 0),
        stop => stop.damage(raw, 0),
    }
}

/// The cells of an object whose members have been found.
pub(crate) fn cells<'a>(
    raw: &'a [u8],
    members: &[Member],
    columns: &mut Columns,
    arena: &'a Bump,
) -> Result<&'a [Cell<'a>], Damage> {
    let object = Object::new(text(raw)?, members, arena)?;
    columns.cells(object.names, arena, |place| object.cell(place, arena), |name| object.below(name, arena))
}

/// An object in a record.
struct Object<'a, 'm> {
    text: &'a str,
    members: &'m [Member],
    names: &'a [&'a str],
}

impl<'a, 'm> Object<'a, 'm> {
    fn new(text: &'a str, members: &'m [Member], arena: &'a Bump) -> Result<Self, Damage> {
        let names = arena.alloc_slice_fill_iter(members.iter().map(|member| {
            let name = &text[member.name.clone()];
            if member.escaped { unescape(name, arena) } else { name }
        }));
        match duplicate(names, arena) {
            Some(name) => {
                Err(Damage::new("duplicate_member", format!("found member `{name}` more than once in an object")))
            }
            None => Ok(Self { text, members, names }),
        }
    }

    fn cell(&self, place: usize, arena: &'a Bump) -> Cell<'a> {
        let Member { value, kind, .. } = &self.members[place];
        let text = &self.text[value.clone()];
        match kind {
            Kind::Null => Cell::Null,
            Kind::Bool(value) => Cell::Bool(*value),
            Kind::Number => Cell::Number(text),
            Kind::Text { escaped: false } => Cell::Text(text),
            Kind::Text { escaped: true } => Cell::Text(unescape(text, arena)),
            Kind::Object | Kind::Array => Cell::Nested(text),
        }
    }

    /// The member of that name, else the one that its dots lead to.
    fn find(&self, name: &str, arena: &'a Bump) -> Result<Option<Cell<'a>>, Damage> {
        match position(self.names, name) {
            Some(found) => Ok(Some(self.cell(found, arena))),
            None => self.below(name, arena),
        }
    }

    /// The member that the dots of a name lead to.
    fn below(&self, name: &str, arena: &'a Bump) -> Result<Option<Cell<'a>>, Damage> {
        let Some((outer, inner)) = name.split_once('.') else { return Ok(None) };
        let Some(found) = position(self.names, outer) else { return Ok(None) };
        if self.members[found].kind != Kind::Object {
            return Ok(None);
        }
        let text = &self.text[self.members[found].value.clone()];
        let mut members = Vec::new();
        parse_element(text.as_bytes(), &mut members)?;
        Object::new(text, &members, arena)?.find(inner, arena)
    }
}

/// A name that occurs twice.
fn duplicate<'a>(names: &[&'a str], arena: &Bump) -> Option<&'a str> {
    // Comparing all pairs is quicker for the objects that occur, sorting keeps hostile ones affordable.
    if names.len() <= 32 {
        let twice = |(place, name): (usize, &&'a str)| names[..place].contains(name).then_some(*name);
        return names.iter().enumerate().find_map(twice);
    }
    let sorted = arena.alloc_slice_copy(names);
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}
