//! Text of elements as it is meant: put together from pieces, references resolved, line ends as XML wants them.

use std::borrow::Cow;

use bumpalo::{Bump, collections::String as BumpString};
use quick_xml::{escape::resolve_predefined_entity, events::BytesRef};

use super::scan::{Node, shown};
use crate::record::Damage;

/// Text put together from pieces; mostly there is only one.
pub(super) enum Text<'a> {
    Piece(&'a str),
    Joined(BumpString<'a>),
}

/// The record's own text.
pub(super) fn own_text<'a>(record: &'a str, nodes: &[Node], arena: &'a Bump) -> Result<&'a str, Damage> {
    let mut text = Text::Piece("");
    let mut depth = 0;
    for node in nodes {
        match node {
            Node::Open { .. } => depth += 1,
            Node::Close => depth -= 1,
            node if depth == 1 => text.push(piece(record, node, arena)?, arena),
            _ => {}
        }
    }
    Ok(text.into_str())
}

impl<'a> Text<'a> {
    pub(super) fn push(&mut self, piece: &'a str, arena: &'a Bump) {
        match self {
            Self::Piece("") => *self = Self::Piece(piece),
            Self::Piece(first) => {
                let mut joined = BumpString::from_str_in(first, arena);
                joined.push_str(piece);
                *self = Self::Joined(joined);
            }
            Self::Joined(joined) => joined.push_str(piece),
        }
    }

    pub(super) fn into_str(self) -> &'a str {
        match self {
            Self::Piece(text) => text,
            Self::Joined(text) => text.into_bump_str(),
        }
    }
}

/// A piece of text as it is meant.
pub(super) fn piece<'a>(record: &'a str, node: &Node, arena: &'a Bump) -> Result<&'a str, Damage> {
    match node {
        Node::Text(range) | Node::CData(range) => Ok(with_newlines(&record[range.clone()], arena)),
        Node::Reference(range) => resolved(&record[range.clone()], arena),
        Node::Open { .. } | Node::Close => Ok(""),
    }
}

/// Text with each line's end as `\n`, as XML wants it to be read.
fn with_newlines<'a>(text: &'a str, arena: &'a Bump) -> &'a str {
    if !text.contains('\r') {
        return text;
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    arena.alloc_str(&text)
}

/// What a reference stands for.
fn resolved<'a>(name: &'a str, arena: &'a Bump) -> Result<&'a str, Damage> {
    if let Some(text) = resolve_predefined_entity(name) {
        return Ok(text);
    }
    match BytesRef::new(Cow::Borrowed(name)).resolve_char_ref() {
        Ok(Some(letter)) => Ok(arena.alloc_str(letter.encode_utf8(&mut [0; 4]))),
        Ok(None) => Err(unknown(name)),
        Err(error) => Err(Damage::new("invalid_xml", format!("reference `&{};`: {error}", shown(name)))),
    }
}

pub(super) fn unknown(name: &str) -> Damage {
    let expected = "a character reference or one of `&lt;`, `&gt;`, `&amp;`, `&apos;`, `&quot;`";
    Damage::new("unknown_entity", format!("found `&{};`, expected {expected}", shown(name)))
}
