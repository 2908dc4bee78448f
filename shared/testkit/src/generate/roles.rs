//! Which of two generated tables has a thing.

use super::random::Random;

/// The tables that a thing is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Both,
    LeftOnly,
    RightOnly,
}

/// How many things of each role are still to come.
pub(crate) struct Roles {
    both: u64,
    left_only: u64,
    right_only: u64,
}

impl Roles {
    /// Tables of so many rows, of which `wanted` are the same thing, or as many as the smaller table has.
    pub(crate) fn new(left: u64, right: u64, wanted: u64) -> Self {
        let both = wanted.min(left).min(right);
        Self { both, left_only: left - both, right_only: right - both }
    }

    /// Draws without replacement, so that the totals are met exactly.
    pub(crate) fn next(&mut self, random: &mut Random) -> Option<Role> {
        let left = self.both + self.left_only + self.right_only;
        let drawn = random.below(left);
        let (role, count) = if drawn < self.both {
            (Role::Both, &mut self.both)
        } else if drawn < self.both + self.left_only {
            (Role::LeftOnly, &mut self.left_only)
        } else {
            (Role::RightOnly, &mut self.right_only)
        };
        *count = count.checked_sub(1)?;
        Some(role)
    }
}
