//! Jaro-Winkler of one text with eight others side by side.
//!
//! The kernel for one pair spends most of its time on branches that no processor foresees: where a text ends, whether a
//! character is out of order. Here the same steps run for eight texts at once, without branches, in plain loops over
//! arrays that compile to vector instructions on x86-64 and arm64 alike.

use std::array;

use super::jaro_winkler::{boosted, similarity};
use super::packed::Packed;
use super::pattern::Pattern;

/// How many texts go side by side: sixteen bits each fill a vector of 128.
const LANES: usize = 8;

/// The longest text of a lane: a bit for each character.
const LONGEST: usize = 16;

/// One number for each lane.
type Lane = [u16; LANES];

/// The quotients of two counts up to [`LONGEST`], by divisor: cheaper to look up than to divide.
const QUOTIENTS: [[f64; LONGEST + 1]; LONGEST + 1] = {
    let mut quotients = [[0.0; LONGEST + 1]; LONGEST + 1];
    let mut place = LONGEST + 1;
    while place < quotients.len() * quotients.len() {
        let (divisor, count) = (place / (LONGEST + 1), place % (LONGEST + 1));
        quotients[divisor][count] = count as f64 / divisor as f64;
        place += 1;
    }
    quotients
};

/// The similarities of a text with others, in their order.
pub(super) fn similarities(left: &Packed<'_>, others: &[Pattern<'_>]) -> Vec<f64> {
    let positions = positions(left);
    // Shorter texts of a group are filled up with NUL, which must not be found.
    let alone = !fits(left) || positions[0] != 0;
    let mut similarities = Vec::with_capacity(others.len());
    for others in others.chunks(LANES) {
        if alone || !others.iter().all(|other| fits(&other.packed)) {
            similarities.extend(others.iter().map(|other| similarity(left, &other.packed)));
        } else {
            // A last group of fewer repeats its last text.
            let rights = array::from_fn(|lane| &others[lane.min(others.len() - 1)].packed);
            similarities.extend_from_slice(&side_by_side(left, &positions, rights)[..others.len()]);
        }
    }
    similarities
}

fn fits(text: &Packed<'_>) -> bool {
    text.short && (1..=LONGEST).contains(&text.len())
}

/// For every ASCII character, the positions at which a text has it among its first sixteen.
fn positions(text: &Packed<'_>) -> [u16; 128] {
    let mut positions = [0; 128];
    for (place, byte) in text.text.bytes().take(LONGEST).enumerate() {
        positions[usize::from(byte & 127)] |= 1 << place;
    }
    positions
}

fn side_by_side(left: &Packed<'_>, positions: &[u16; 128], rights: [&Packed<'_>; LANES]) -> [f64; LANES] {
    let steps = rights.iter().map(|right| right.len()).max().unwrap_or(0);
    let mut equal = [[0; LANES]; LONGEST];
    for (lane, right) in rights.iter().enumerate() {
        for (equal, byte) in equal.iter_mut().zip(right.sixteen().to_le_bytes()) {
            equal[lane] = positions[usize::from(byte & 127)];
        }
    }
    let reach = lanes(|lane| (left.len().max(rights[lane].len()) / 2).saturating_sub(1) as u16);
    let (common, transposed) = tally(&equal, steps, reach);
    array::from_fn(|lane| {
        let (right, common) = (rights[lane], usize::from(common[lane]));
        let in_order = common - usize::from(transposed[lane] / 2);
        let sum = QUOTIENTS[left.len()][common] + QUOTIENTS[right.len()][common] + QUOTIENTS[common][in_order];
        boosted(sum / 3.0, left.prefix(right))
    })
}

/// By lane, how many characters are common and how many of those out of order; as the kernel for one pair has it, with
/// masks of all or no bits for its conditions.
fn tally(equal: &[Lane; LONGEST], steps: usize, reach: Lane) -> (Lane, Lane) {
    let mut window = lanes(|lane| (2 << (reach[lane] & 7)) - 1);
    let (mut taken, mut common) = ([0_u16; LANES], [0_u16; LANES]);
    let mut taking = [[0_u16; LANES]; LONGEST];
    for (place, (equal, taking)) in (0..).zip(equal.iter().zip(&mut taking)).take(steps) {
        let first = lanes(|lane| lowest_bit(equal[lane] & window[lane] & !taken[lane]));
        taken = lanes(|lane| taken[lane] | first[lane]);
        *taking = lanes(|lane| mask(first[lane] != 0));
        common = lanes(|lane| common[lane].wrapping_sub(taking[lane]));
        window = lanes(|lane| window[lane] << 1 | u16::from(reach[lane] as i16 > place));
    }
    (common, transposed(equal, &taking, steps, taken))
}

/// By lane, how many of the taken characters differ from the taking one of the same rank.
fn transposed(equal: &[Lane; LONGEST], taking: &[Lane; LONGEST], steps: usize, mut taken: Lane) -> Lane {
    let mut transposed = [0_u16; LANES];
    for (equal, taking) in equal.iter().zip(taking).take(steps) {
        let first = lanes(|lane| lowest_bit(taken[lane]) & taking[lane]);
        let differs = lanes(|lane| mask(equal[lane] & first[lane] == 0) & taking[lane]);
        transposed = lanes(|lane| transposed[lane].wrapping_sub(differs[lane]));
        taken = lanes(|lane| taken[lane] ^ first[lane]);
    }
    transposed
}

#[inline(always)]
fn lanes(lane: impl Fn(usize) -> u16) -> Lane {
    array::from_fn(lane)
}

#[inline(always)]
fn lowest_bit(bits: u16) -> u16 {
    bits & bits.wrapping_neg()
}

#[inline(always)]
fn mask(condition: bool) -> u16 {
    u16::from(condition).wrapping_neg()
}
