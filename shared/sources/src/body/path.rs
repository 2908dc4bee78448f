//! A path of member names joined by dots, such as `meta.next`; a name may have dots itself, as `@odata.nextLink`.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::value::RawValue;

/// Leads from a JSON value to one inside it; empty is the value itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(String);

/// An object's members, unread.
type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

impl Path {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The value that the path leads to; none where a member is absent, null or no object on the way.
    pub(crate) fn of<'a>(&self, value: &'a RawValue) -> Option<&'a RawValue> {
        find(value, &self.0).filter(|found| found.get() != "null")
    }

    /// The value as text: a string's content, a number or a truth value as it is written.
    pub(crate) fn text(&self, value: &RawValue) -> Option<String> {
        let found = self.of(value)?.get();
        match found.as_bytes().first()? {
            b'{' | b'[' => None,
            b'"' => serde_json::from_str(found).ok(),
            _ => Some(found.to_owned()),
        }
    }
}

fn find<'a>(value: &'a RawValue, path: &str) -> Option<&'a RawValue> {
    if path.is_empty() {
        return Some(value);
    }
    let members: Members<'a> = serde_json::from_str(value.get()).ok()?;
    if let Some(found) = members.get(path) {
        return Some(found);
    }
    let splits = path.match_indices('.').map(|(dot, _)| (&path[..dot], &path[dot + 1..]));
    splits.filter_map(|(name, rest)| find(members.get(name)?, rest)).next()
}
