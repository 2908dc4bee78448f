//! Records that the overlap of the next pull brings again: what was seen is not written twice.

use std::collections::{BTreeMap, BTreeSet};

use twox_hash::XxHash3_128;

/// Digests by mark. Forgetting one does no harm beyond a record written again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    digests: BTreeMap<i64, BTreeSet<u128>>,
    count: usize,
}

/// Digests kept, at most: about 100 MB of memory.
const MOST: usize = 1_000_000;
/// Bytes of a mark and a digest as they are kept.
const BYTES: usize = 24;

impl Seen {
    /// Whether a record is new.
    pub(super) fn insert(&mut self, mark: i64, record: &str) -> bool {
        let new = self.digests.entry(mark).or_default().insert(XxHash3_128::oneshot(record.as_bytes()));
        self.count += usize::from(new);
        while self.count > MOST {
            self.drop_first();
        }
        new
    }

    /// Forgets what lies before a mark.
    pub(super) fn forget_before(&mut self, mark: i64) {
        while self.digests.first_key_value().is_some_and(|(first, _)| *first < mark) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        self.count -= self.digests.pop_first().map_or(0, |(_, digests)| digests.len());
    }

    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// As bytes, in order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let pairs = self.digests.iter().flat_map(|(mark, digests)| digests.iter().map(move |digest| (mark, digest)));
        pairs.flat_map(|(mark, digest)| mark.to_le_bytes().into_iter().chain(digest.to_le_bytes())).collect()
    }

    /// From bytes; what is no whole pair is left out.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut seen = Self::default();
        for pair in bytes.as_chunks::<BYTES>().0 {
            let (mut mark, mut digest) = ([0; 8], [0; 16]);
            mark.copy_from_slice(&pair[..8]);
            digest.copy_from_slice(&pair[8..]);
            let new = seen.digests.entry(i64::from_le_bytes(mark)).or_default().insert(u128::from_le_bytes(digest));
            seen.count += usize::from(new);
        }
        seen
    }
}
