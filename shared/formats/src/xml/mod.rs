//! XML: one element a record, and the compact replies of RETS servers.
//!
//! Markup is found by `quick-xml`; nothing is ever expanded or fetched. What spoils the start of a file is an error of
//! the file: a document type definition (but for a bare name), another encoding than UTF-8, another root than the one
//! of `record_path`, the reply of a RETS server that refuses. From the root element on, everything wrong is a damaged
//! record.
//!
//! # From an element to named values
//! Names are paths from the record downward, as written, prefixes included: `City`, `Address/City`, `Address/@type`,
//! `@id` for an attribute of the record and `.` for its own text. Attributes that declare namespaces are left out.
//! - The value of an element is its own text, without that of elements inside it: character references and the five
//!   predefined entities resolved, CDATA as it is, line ends as `\n`. Any other entity damages the record.
//! - An element that holds other elements and, but for white space, no text of its own has no value; an empty one has
//!   the empty text, which is null to every column.
//! - A path that several elements of a record have is a JSON array of their values in document order, as the same list
//!   is in a JSON file.

mod compact;
mod fields;
mod marks;
mod page;
mod prolog;
mod rets;
mod scan;
mod split;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use compact::compact_cells;
pub(crate) use fields::cells;
pub use page::{XmlPage, XmlRecord, xml_page};
pub(crate) use prolog::{Layout, open};
pub(crate) use split::XmlSplit;
