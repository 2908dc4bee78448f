//! A fixed set of words with their meanings, found with one multiplication and about one compare.

/// Words of up to sixteen bytes, each packed into one number, in an open hash table that is at
/// most a quarter full. Unlike a perfect hash it needs no build step or crate, and words are
/// compared as numbers, not as text.
#[derive(Debug)]
pub(super) struct Lexicon<M> {
    keys: Vec<u128>,
    meanings: Vec<M>,
    shift: u32,
}

impl<M: Copy + Default> Lexicon<M> {
    /// A lexicon of at most `words` words.
    pub(super) fn with_room(words: usize) -> Self {
        let slots = (words * 4).next_power_of_two();
        Self { keys: vec![0; slots], meanings: vec![M::default(); slots], shift: 64 - slots.trailing_zeros() }
    }

    /// The meaning of a word, to be filled in. The table never gets full while no more words are
    /// added than there is room for.
    pub(super) fn entry(&mut self, word: &str) -> &mut M {
        let key = key(word.as_bytes());
        let slot = self.slot(key);
        self.keys[slot] = key;
        &mut self.meanings[slot]
    }

    /// The meaning of a key; a word that is not in the lexicon has the default meaning.
    #[inline]
    pub(super) fn find(&self, key: u128) -> M {
        self.meanings[self.slot(key)]
    }

    /// Where the key is, or the empty slot where it would be.
    #[inline]
    fn slot(&self, key: u128) -> usize {
        let mask = self.keys.len() - 1;
        // Fibonacci hashing: the high bits of the product depend on all bits of the key.
        let mixed = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
        let mut slot = (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize & mask;
        while self.keys[slot] != key && self.keys[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

/// A word as a number: its bytes, first byte highest. Longer words than sixteen bytes are in no
/// lexicon and share the key 0, which no word has.
#[inline]
pub(super) fn key(word: &[u8]) -> u128 {
    if word.len() > 16 { 0 } else { word.iter().fold(0, |key, &byte| push(key, byte)) }
}

/// The key of a word with one more byte.
#[inline]
pub(super) fn push(key: u128, byte: u8) -> u128 {
    (key << 8) | u128::from(byte)
}
