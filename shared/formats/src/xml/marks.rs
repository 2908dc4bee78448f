//! Places that reading goes on from behind damage.

use memchr::memchr_iter;

use super::rets::{MAX_ROWS, RETS, STATUS};

/// Looks for the start tag of a record, the end tag of the element around records, and a RETS server's last words,
/// wherever they stand: behind damage nobody knows what is text.
#[derive(Debug)]
pub(super) struct Marks(Vec<String>);

/// Where a mark is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It begins at this byte.
    Here(usize),
    /// One may begin at this byte, where too few follow to tell.
    Perhaps(usize),
    /// None begins in these bytes.
    Nowhere,
}

impl Marks {
    pub(super) fn new(record_path: &[String]) -> Self {
        let mut marks: Vec<String> = record_path.last().cloned().into_iter().collect();
        if let [.., parent, _] = record_path {
            marks.push(format!("/{parent}"));
        }
        if is_reply(record_path) {
            marks.extend([MAX_ROWS, STATUS].map(str::to_owned));
        }
        Self(marks)
    }

    pub(super) fn find(&self, bytes: &[u8]) -> Found {
        for at in memchr_iter(b'<', bytes) {
            let tag = &bytes[at + 1..];
            if self.0.iter().any(|mark| name(tag) == Some(mark.as_bytes())) {
                return Found::Here(at);
            }
            let begun = tag.strip_suffix(b"/").filter(|name| !name.is_empty()).unwrap_or(tag);
            if self.0.iter().any(|mark| mark.as_bytes().starts_with(begun)) && name(tag).is_none() {
                return Found::Perhaps(at);
            }
        }
        Found::Nowhere
    }
}

/// Whether records are directly in the reply of a RETS server.
pub(super) fn is_reply(record_path: &[String]) -> bool {
    matches!(record_path, [root, _] if root == RETS)
}

/// The name that a tag begins with, given from behind its `<`; none when the bytes end before the name does.
pub(super) fn name(tag: &[u8]) -> Option<&[u8]> {
    let end = tag.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'>' | b'<'))?;
    let name = &tag[..end];
    Some(name.strip_suffix(b"/").filter(|name| !name.is_empty()).unwrap_or(name))
}
