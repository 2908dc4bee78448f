//! Which reads fetch some parts of a file: few, and none of much that is not wanted.

use std::ops::Range;

/// Bytes that cost less to read than another read does to start.
const NEAR: u64 = 64 * 1024;
/// Reads that are enough.
const READS: usize = 2;
/// Bytes between the parts that are worth reading for not more than [`READS`] reads.
const WASTE: u64 = 4 << 20;

/// Ascending ranges that cover the given ones: those nearest to each other are joined until two are left, or until more
/// than 4 MiB were read that nobody asked for.
pub(super) fn joined(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    let mut joined = across(ranges, NEAR);
    let mut waste = 0;
    while joined.len() > READS {
        let gap = |place: &usize| joined[place + 1].start - joined[*place].end;
        let Some(nearest) = (0..joined.len() - 1).min_by_key(gap) else { break };
        waste += gap(&nearest);
        if waste > WASTE {
            break;
        }
        joined[nearest].end = joined.remove(nearest + 1).end;
    }
    joined
}

/// Joins ascending ranges across gaps up to a width.
fn across(ranges: Vec<Range<u64>>, width: u64) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end.saturating_add(width) => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(parts: &[(u64, u64)], expected: &[(u64, u64)]) {
        let read = joined(parts.iter().map(|(start, end)| *start..*end).collect());
        assert_eq!(read.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>(), expected, "{parts:?}");
    }

    #[test]
    fn near_parts_are_read_together() {
        const MIB: u64 = 1 << 20;
        check(&[], &[]);
        check(&[(5, 5)], &[]);
        check(&[(10, 20), (0, 10), (15, 30)], &[(0, 30)]);
        check(&[(0, 10), (10 + NEAR, 100_000)], &[(0, 100_000)]);
        // Two far from each other stay two, and of three the nearest are joined.
        check(&[(0, 1), (3 * MIB, 4 * MIB)], &[(0, 1), (3 * MIB, 4 * MIB)]);
        check(&[(0, 1), (MIB, 2 * MIB), (4 * MIB, 5 * MIB)], &[(0, 2 * MIB), (4 * MIB, 5 * MIB)]);
    }

    #[test]
    fn far_parts_are_read_apart() {
        let far: Vec<(u64, u64)> = (0..4).map(|part| (part * 5 * WASTE, part * 5 * WASTE + 1)).collect();
        check(&far, &far);
    }
}
