//! Projected rows: one per record, blocking rule and block key, with what comparing needs.

use std::ops::Range;

use lotline_linkage::{Linker, Records, Side, Values};

use super::blocks::SegmentOf;
use crate::StageError;

/// Bytes that a row takes besides its text while its shard is matched, per derived value and in all.
const VALUE_BYTES: u64 = 24;
const ROW_BYTES: u64 = 64;

/// Writes a row: key u64, rule u8, side u8, number u32, then the lengths of the id and of every value, each plus one (0 is null),
/// and then their text in one piece. Its block is still to be set.
pub(super) fn encode(out: &mut Vec<u8>, side: Side, number: u32, id: &str, values: &Values) {
    out.clear();
    out.extend_from_slice(&[0; 9]);
    out.push(side_number(side));
    out.extend_from_slice(&number.to_le_bytes());
    let texts = || std::iter::once(Some(id)).chain(values.iter());
    texts().for_each(|text| length(out, text));
    texts().for_each(|text| out.extend_from_slice(text.unwrap_or_default().as_bytes()));
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn length(out: &mut Vec<u8>, text: Option<&str>) {
    let mut length = text.map_or(0, |text| text.len() + 1);
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

/// Sets the block of a row.
pub(super) fn set_block(row: &mut [u8], rule: u8, key: u64) {
    row[..8].copy_from_slice(&key.to_le_bytes());
    row[8] = rule;
}

/// Bytes of memory that rows of so many encoded bytes take once they are read, at most and about.
pub(super) fn loaded_bytes(linker: &Linker, rows: u64, encoded: u64) -> u64 {
    encoded + rows * (ROW_BYTES + VALUE_BYTES * linker.derived().len() as u64)
}

fn side_number(side: Side) -> u8 {
    match side {
        Side::Left => 0,
        Side::Right => 1,
    }
}

/// A row's place: what block it is in, on which side, and which record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) rule: u8,
    pub(super) key: u64,
    pub(super) side: Side,
    pub(super) record: u32,
}

/// Rows read back: their records side by side, their places in the order of their blocks.
pub(super) struct Rows {
    pub(super) records: Records,
    pub(super) places: Vec<Place>,
    numbers: Vec<u32>,
    ids: String,
    id_ends: Vec<u32>,
}

impl Rows {
    pub(super) fn new(linker: &Linker) -> Self {
        Self {
            records: Records::new(linker),
            places: Vec::new(),
            numbers: Vec::new(),
            ids: String::new(),
            id_ends: Vec::new(),
        }
    }

    /// The rows of one segment.
    pub(super) fn of(linker: &Linker, segment: &SegmentOf<'_>) -> Result<Self, StageError> {
        let mut rows = Self::new(linker);
        rows.read(linker, segment)?;
        Ok(rows)
    }

    /// Adds the rows of a segment.
    pub(super) fn read(&mut self, linker: &Linker, segment: &SegmentOf<'_>) -> Result<(), StageError> {
        self.parse(linker, &segment.bytes()?).ok_or_else(|| segment.no_rows())
    }

    /// Adds encoded rows; none when the bytes are no rows.
    fn parse(&mut self, linker: &Linker, mut bytes: &[u8]) -> Option<()> {
        let mut lengths = Vec::with_capacity(linker.derived().len());
        while !bytes.is_empty() {
            let (key, rest) = bytes.split_first_chunk::<8>()?;
            let (&[rule, side], rest) = rest.split_first_chunk::<2>()?;
            let (number, rest) = rest.split_first_chunk::<4>()?;
            bytes = rest;
            let id_length = take_length(&mut bytes)??;
            lengths.clear();
            for _ in linker.derived() {
                lengths.push(take_length(&mut bytes)?);
            }
            let text_length = lengths.iter().flatten().sum::<usize>() + id_length;
            let (text, rest) = bytes.split_at_checked(text_length)?;
            bytes = rest;
            let (id, values) = std::str::from_utf8(text).ok()?.split_at_checked(id_length)?;
            let record = u32::try_from(self.records.len()).ok()?;
            let side = if side == 0 { Side::Left } else { Side::Right };
            self.places.push(Place { rule, key: u64::from_le_bytes(*key), side, record });
            self.numbers.push(u32::from_le_bytes(*number));
            self.ids.push_str(id);
            self.id_ends.push(u32::try_from(self.ids.len()).ok()?);
            if !self.records.push_joined(linker, values, &lengths) {
                return None;
            }
        }
        Some(())
    }

    /// The number of a record's row among those of both tables, the left ones first.
    pub(super) fn number(&self, record: u32) -> u32 {
        self.numbers[record as usize]
    }

    /// The key of a record in its table.
    pub(super) fn id(&self, record: u32) -> &str {
        let end = self.id_ends[record as usize] as usize;
        let start = (record as usize).checked_sub(1).map_or(0, |before| self.id_ends[before] as usize);
        &self.ids[start..end]
    }

    /// Puts the places in order: blocks are runs of them, left records first.
    pub(super) fn sort(&mut self) {
        self.places.sort_unstable();
    }

    /// The blocks of sorted places: their left and their right records.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let first = self.places.get(start)?;
            let same = |place: &&Place| (place.rule, place.key) == (first.rule, first.key);
            let len = self.places[start..].iter().take_while(same).count();
            let lefts = self.places[start..start + len].iter().take_while(|place| place.side == Side::Left).count();
            let block = (start..start + lefts, start + lefts..start + len);
            start += len;
            Some(block)
        })
    }
}

/// A length or a null off the front; none when the bytes end before it does.
fn take_length(bytes: &mut &[u8]) -> Option<Option<usize>> {
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(length.checked_sub(1));
        }
        shift += 7;
    }
}
