//! XML as JSON: an element is an object of its attributes (`@name`) and children, or its text where it has neither;
//! elements of one name side by side are an array. Namespace prefixes are left out.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use serde_json::{Map, Value, value::RawValue};

/// Elements inside elements, at most.
const DEPTH: usize = 64;
/// The name of text beside attributes or children.
const TEXT: &str = "#text";

/// An element whose end has not come.
#[derive(Default)]
struct Open {
    name: String,
    members: Map<String, Value>,
    text: String,
}

impl Open {
    fn start(element: &BytesStart<'_>) -> Result<Self, String> {
        let mut members = Map::new();
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            let name = attribute.key.as_ref();
            if name != "xmlns" && !name.starts_with("xmlns:") {
                members.insert(format!("@{}", attribute.key.local_name().as_ref()), value.into_owned().into());
            }
        }
        Ok(Self { name: element.local_name().as_ref().to_owned(), members, text: String::new() })
    }

    fn add(&mut self, name: String, value: Value) {
        match self.members.get_mut(&name) {
            None => _ = self.members.insert(name, value),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }

    fn value(mut self) -> Value {
        let text = self.text.trim();
        if self.members.is_empty() {
            return if text.is_empty() { Value::Null } else { text.into() };
        }
        if !text.is_empty() {
            self.members.insert(TEXT.to_owned(), text.into());
        }
        Value::Object(self.members)
    }
}

/// A document as an object with one member, the root element; answers what was found and expected.
pub(super) fn to_json(body: &[u8]) -> Result<Box<RawValue>, String> {
    let body = std::str::from_utf8(body).map_err(|error| format!("found bytes that are no UTF-8: {error}"))?;
    let mut reader = Reader::from_str(body);
    let mut open = vec![Open::default()];
    loop {
        let offset = reader.buffer_position();
        let wrong = |error: &dyn std::fmt::Display| format!("found no whole XML at byte {offset}: {error}");
        let event = reader.read_event().map_err(|error| wrong(&error))?;
        let element = match event {
            Event::Start(element) => {
                if open.len() > DEPTH {
                    return Err(wrong(&format!("elements nested deeper than {DEPTH}")));
                }
                open.push(Open::start(&element).map_err(|error| wrong(&error))?);
                continue;
            }
            Event::Empty(element) => Open::start(&element).map_err(|error| wrong(&error))?,
            Event::End(_) => open.pop().unwrap_or_default(),
            Event::Eof => break,
            event => {
                if let (Some(inner), Some(text)) = (open.last_mut(), text(&event).map_err(|error| wrong(&error))?) {
                    inner.text.push_str(&text);
                }
                continue;
            }
        };
        if let Some(outer) = open.last_mut() {
            let name = element.name.clone();
            outer.add(name, element.value());
        }
    }
    match (open.pop(), open.pop()) {
        (Some(document), None) if document.members.len() == 1 => {
            serde_json::value::to_raw_value(&document.members).map_err(|error| error.to_string())
        }
        (Some(inner), Some(_)) => Err(format!("found the end of the body in `{}`, expected its end tag", inner.name)),
        _ => Err("found no XML element, expected a document".to_owned()),
    }
}

/// The characters that an event adds to its element.
fn text(event: &Event<'_>) -> Result<Option<String>, String> {
    Ok(match event {
        Event::Text(text) => Some(text.xml10_content().into_owned()),
        Event::CData(text) => Some(text.xml10_content().into_owned()),
        Event::GeneralRef(reference) => {
            let named = || match reference.xml10_content().as_ref() {
                "lt" => Ok('<'),
                "gt" => Ok('>'),
                "amp" => Ok('&'),
                "apos" => Ok('\''),
                "quot" => Ok('"'),
                name => Err(format!("found entity `&{name};`, expected one that XML itself has")),
            };
            let numbered = reference.resolve_char_ref().map_err(|error| error.to_string())?;
            Some(numbered.map_or_else(named, Ok)?.to_string())
        }
        _ => None,
    })
}
