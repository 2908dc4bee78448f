//! Projected rows: one per record and shard, with its blocks there and what comparing needs.

use std::ops::Range;

use lotline_linkage::{Linker, Records, Side, Values};

use super::blocks::SegmentOf;
use crate::StageError;

/// Bytes that a row takes besides its text while its shard is matched, per derived value and in all.
const VALUE_BYTES: u64 = 24;
const ROW_BYTES: u64 = 64;
/// Bytes of a row's block in its file.
const BLOCK_BYTES: usize = 9;
/// Bytes of a row in its file that are not text, at least: one block, side, number and a length.
const LEAST_BYTES: usize = BLOCK_BYTES + 7;

/// A block: the rule and its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Block {
    pub(super) rule: u8,
    pub(super) key: u64,
}

impl Block {
    /// A hash of the block.
    pub(super) fn mixed(self) -> u64 {
        // Keys are hashes already; the odd factor keeps rules with equal keys apart.
        (self.key ^ u64::from(self.rule)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// Writes the head of a row: how many blocks it is in, then rule u8 and key u64 of each.
pub(super) fn encode_blocks(out: &mut Vec<u8>, blocks: impl ExactSizeIterator<Item = Block>) {
    out.clear();
    number(out, blocks.len());
    for Block { rule, key } in blocks {
        out.push(rule);
        out.extend_from_slice(&key.to_le_bytes());
    }
}

/// Writes the rest of a row: side u8, number u32, then the lengths of the id and of every value, each plus one (0 is
/// null), and then their text in one piece.
pub(super) fn encode(out: &mut Vec<u8>, side: Side, row: u32, id: &str, values: &Values) {
    out.clear();
    out.push(side_number(side));
    out.extend_from_slice(&row.to_le_bytes());
    let texts = || std::iter::once(Some(id)).chain(values.iter());
    texts().for_each(|text| number(out, text.map_or(0, |text| text.len() + 1)));
    texts().for_each(|text| out.extend_from_slice(text.unwrap_or_default().as_bytes()));
}

/// Seven bits a byte, the lowest first; the top bit says that more follow.
fn number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: Block,
    pub(super) side: Side,
    pub(super) record: u32,
}

impl Place {
    /// Places in this order stand block by block, left records first.
    fn order(&self) -> u128 {
        let behind_key = u64::from(self.block.rule) << 40 | u64::from(side_number(self.side)) << 32;
        u128::from(self.block.key) << 64 | u128::from(behind_key | u64::from(self.record))
    }
}

/// Rows read back: their records side by side, their places in the order of their blocks.
pub(super) struct Rows {
    pub(super) records: Records,
    pub(super) places: Vec<Place>,
    sides: Vec<Side>,
    numbers: Vec<u32>,
    ids: String,
    id_ends: Vec<u32>,
}

impl Rows {
    pub(super) fn new(linker: &Linker) -> Self {
        Self {
            records: Records::new(linker),
            places: Vec::new(),
            sides: Vec::new(),
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

    /// Makes room for so many more rows of so many encoded bytes.
    pub(super) fn reserve(&mut self, rows: u32, encoded: u64) {
        let text = usize::try_from(encoded).unwrap_or_default().saturating_sub(rows as usize * LEAST_BYTES);
        self.records.reserve(rows as usize, text);
        self.places.reserve(rows as usize);
        self.sides.reserve(rows as usize);
        self.numbers.reserve(rows as usize);
        self.id_ends.reserve(rows as usize);
    }

    /// How many records there are.
    pub(super) fn len(&self) -> u32 {
        // More rows than numbers are refused with the plan.
        u32::try_from(self.numbers.len()).unwrap_or(u32::MAX)
    }

    /// Adds the rows of a segment.
    pub(super) fn read(&mut self, linker: &Linker, segment: &SegmentOf<'_>) -> Result<(), StageError> {
        self.parse(linker, &segment.bytes()?).ok_or_else(|| segment.no_rows())
    }

    /// Adds encoded rows; none when the bytes are no rows.
    fn parse(&mut self, linker: &Linker, mut bytes: &[u8]) -> Option<()> {
        let mut lengths = Vec::with_capacity(linker.derived().len());
        while !bytes.is_empty() {
            let record = u32::try_from(self.records.len()).ok()?;
            let (blocks, rest) = take_blocks(bytes)?;
            let (&[side], rest) = rest.split_first_chunk::<1>()?;
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
            let side = if side == 0 { Side::Left } else { Side::Right };
            self.places.extend(blocks.map(|block| Place { block, side, record }));
            self.sides.push(side);
            self.numbers.push(u32::from_le_bytes(*number));
            self.ids.push_str(id);
            self.id_ends.push(u32::try_from(self.ids.len()).ok()?);
            if !self.records.push_joined(linker, values, &lengths) {
                return None;
            }
        }
        Some(())
    }

    /// The side of a record.
    pub(super) fn side(&self, record: u32) -> Side {
        self.sides[record as usize]
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
        self.places.sort_unstable_by_key(Place::order);
    }

    /// The blocks of sorted places: their left and their right records.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let first = self.places.get(start)?;
            let same = |place: &&Place| place.block == first.block;
            let len = self.places[start..].iter().take_while(same).count();
            let lefts = self.places[start..start + len].iter().take_while(|place| place.side == Side::Left).count();
            let block = (start..start + lefts, start + lefts..start + len);
            start += len;
            Some(block)
        })
    }
}

/// The blocks of a row off its front, and what follows; none when the bytes end before they do.
fn take_blocks(mut bytes: &[u8]) -> Option<(impl Iterator<Item = Block>, &[u8])> {
    let count = take_number(&mut bytes)?;
    let (blocks, rest) = bytes.split_at_checked(count.checked_mul(BLOCK_BYTES)?)?;
    let block = |bytes: &[u8; BLOCK_BYTES]| {
        let [rule, key @ ..] = *bytes;
        Block { rule, key: u64::from_le_bytes(key) }
    };
    Some((blocks.as_chunks::<BLOCK_BYTES>().0.iter().map(block), rest))
}

/// A length or a null off the front; none when the bytes end before it does.
fn take_length(bytes: &mut &[u8]) -> Option<Option<usize>> {
    take_number(bytes).map(|length| length.checked_sub(1))
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let (mut number, mut shift) = (0_usize, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}
