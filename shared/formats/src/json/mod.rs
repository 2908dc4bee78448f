//! JSON arrays and JSON lines: records, their members and the way to them.

mod array;
mod descend;
mod lines;
mod object;
mod scan;
mod skip;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use array::ArraySplit;
pub(crate) use descend::descend;
pub(crate) use lines::LineSplit;
pub(crate) use object::{cells, parse_element};
pub(crate) use scan::Member;
