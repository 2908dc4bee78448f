//! The named values of a record, by the rules of [`super`].

use std::collections::{HashMap, hash_map::Entry};

use bumpalo::{
    Bump,
    collections::{String as BumpString, Vec as BumpVec},
};
use lotline_schema::Cell;
use quick_xml::{Error, XmlVersion, escape::EscapeError, events::BytesStart};
use serde_json::Value as Json;

use super::{
    scan::{Node, shown},
    text::{Text, piece, unknown},
};
use crate::{
    columns::Columns,
    record::{Damage, checked},
};

/// Bytes of paths that a record may have for each of its own: many elements deep inside long names have far more.
const PATHS: usize = 16;

/// The cells of a sound record, one a column.
pub(crate) fn cells<'a>(
    raw: &'a [u8],
    nodes: &[Node],
    columns: &mut Columns,
    arena: &'a Bump,
) -> Result<&'a [Cell<'a>], Damage> {
    let fields = Fields::read(raw, nodes, arena)?;
    columns.cells(&fields.names, arena, |place| fields.cell(place, arena), |_| Ok(None))
}

/// The values of a record by path, each path once, in the order in which their first elements end.
pub(super) struct Fields<'a> {
    names: BumpVec<'a, &'a str>,
    values: BumpVec<'a, Value<'a>>,
    places: HashMap<&'a str, usize>,
    /// Bytes of paths that may still be made.
    room: usize,
}

enum Value<'a> {
    One(&'a str),
    Many(BumpVec<'a, &'a str>),
}

/// An element whose end has not come yet.
struct Open<'a> {
    path: &'a str,
    text: Text<'a>,
    has_elements: bool,
}

impl<'a> Fields<'a> {
    /// # Errors
    /// `invalid_utf8`, `nul_byte`, `unknown_entity`, `invalid_xml`.
    pub(super) fn read(raw: &'a [u8], nodes: &[Node], arena: &'a Bump) -> Result<Self, Damage> {
        let record = checked(raw)?;
        let mut fields = Self {
            names: BumpVec::new_in(arena),
            values: BumpVec::new_in(arena),
            places: HashMap::with_capacity(nodes.len() / 3),
            room: raw.len().saturating_mul(PATHS),
        };
        let mut open: Vec<Open<'a>> = Vec::new();
        for node in nodes {
            match node {
                Node::Open { name, attributes } => {
                    let tag = &record[name.start..attributes.end];
                    let path = match open.last_mut() {
                        Some(around) => {
                            around.has_elements = true;
                            fields.path(around.path, "", &record[name.clone()], arena)?
                        }
                        None => "",
                    };
                    fields.attributes(tag, name.len(), path, arena)?;
                    open.push(Open { path, text: Text::Piece(""), has_elements: false });
                }
                Node::Close => {
                    if let Some(element) = open.pop() {
                        fields.close(element, arena);
                    }
                }
                text => {
                    if let Some(around) = open.last_mut() {
                        around.text.push(piece(record, text, arena)?, arena);
                    }
                }
            }
        }
        Ok(fields)
    }

    /// The values as a JSON object: a string, or an array of strings, by path.
    pub(super) fn to_json(&self) -> serde_json::Map<String, Json> {
        let value = |value: &Value<'_>| match value {
            Value::One(text) => Json::from(*text),
            Value::Many(texts) => Json::from(texts.to_vec()),
        };
        self.names.iter().zip(&self.values).map(|(name, found)| ((*name).to_owned(), value(found))).collect()
    }

    fn cell(&self, place: usize, arena: &'a Bump) -> Cell<'a> {
        match &self.values[place] {
            Value::One(text) => Cell::Text(text),
            Value::Many(texts) => Cell::Nested(arena.alloc_str(&Json::from(texts.to_vec()).to_string())),
        }
    }

    fn path(&mut self, around: &'a str, sign: &str, name: &'a str, arena: &'a Bump) -> Result<&'a str, Damage> {
        if around.is_empty() && sign.is_empty() {
            return Ok(name);
        }
        let between = if around.is_empty() { "" } else { "/" };
        let length = around.len() + between.len() + sign.len() + name.len();
        self.room = self.room.checked_sub(length).ok_or_else(|| {
            let reason =
                format!("found paths over {PATHS} times as long as the record, the last below `{}`", shown(around));
            Damage::new("invalid_xml", reason)
        })?;
        let mut path = BumpString::with_capacity_in(length, arena);
        [around, between, sign, name].into_iter().for_each(|part| path.push_str(part));
        Ok(path.into_bump_str())
    }

    fn attributes(&mut self, tag: &'a str, name: usize, path: &'a str, arena: &'a Bump) -> Result<(), Damage> {
        if tag[name..].trim().is_empty() {
            return Ok(());
        }
        let wrong = |reason: &dyn std::fmt::Display| {
            Damage::new("invalid_xml", format!("attributes of `<{}>`: {reason}", shown(&tag[..name])))
        };
        for attribute in BytesStart::from_content(tag, name).attributes() {
            let attribute = attribute.map_err(|error| wrong(&error))?;
            let key = attribute.key.as_ref();
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| match error {
                Error::Escape(EscapeError::UnrecognizedEntity(_, name)) => unknown(&name),
                error => wrong(&error),
            })?;
            let path = self.path(path, "@", arena.alloc_str(key), arena)?;
            self.add(path, arena.alloc_str(&value), arena);
        }
        Ok(())
    }

    fn close(&mut self, element: Open<'a>, arena: &'a Bump) {
        let text = element.text.into_str();
        if element.has_elements && text.trim_ascii().is_empty() {
            return;
        }
        let path = if element.path.is_empty() { "." } else { element.path };
        self.add(path, text, arena);
    }

    fn add(&mut self, path: &'a str, value: &'a str, arena: &'a Bump) {
        match self.places.entry(path) {
            Entry::Vacant(vacant) => {
                vacant.insert(self.names.len());
                self.names.push(path);
                self.values.push(Value::One(value));
            }
            Entry::Occupied(place) => match &mut self.values[*place.get()] {
                Value::Many(values) => values.push(value),
                one @ Value::One(_) => {
                    let Value::One(first) = *one else { return };
                    *one = Value::Many(BumpVec::from_iter_in([first, value], arena));
                }
            },
        }
    }
}
