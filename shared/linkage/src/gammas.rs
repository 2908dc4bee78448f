//! The comparison vector of one pair, kept inline so that scoring a pair allocates nothing.

use std::ops::Deref;

/// The most comparisons one job may have.
pub const MAX_COMPARISONS: usize = 16;

/// One gamma per comparison, in settings order: -1 null, 0 else, higher is closer.
///
/// Dereferences to a slice; unused places stay zero, so equality and order follow the slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Gammas {
    levels: [i8; MAX_COMPARISONS],
    len: u8,
}

impl Gammas {
    /// So many gammas, all of them 0.
    pub(crate) fn of_len(len: usize) -> Self {
        Self { len: len.min(MAX_COMPARISONS) as u8, ..Self::default() }
    }

    /// Sets a gamma.
    #[inline]
    pub(crate) fn set(&mut self, place: usize, gamma: i8) {
        self.levels[place] = gamma;
    }

    /// Collects at most [`MAX_COMPARISONS`] gammas; settings with more are refused beforehand.
    pub(crate) fn collect(gammas: impl Iterator<Item = i8>) -> Self {
        let mut collected = Self::default();
        for (slot, gamma) in collected.levels.iter_mut().zip(gammas) {
            *slot = gamma;
            collected.len += 1;
        }
        collected
    }
}

impl Deref for Gammas {
    type Target = [i8];

    fn deref(&self) -> &[i8] {
        &self.levels[..usize::from(self.len)]
    }
}
