//! One reading of a record: its derived values and its block keys.

/// A record as the linker sees it. A record with several alternatives (a building with two
/// addresses) has one variant for each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Variant {
    /// One value per derived field, in the order of `Linker::derived`; never empty strings.
    pub values: Vec<Option<String>>,
    /// One hash per blocking rule; null when any part of the rule is null.
    pub keys: Vec<Option<u64>>,
}

/// The first blocking rule that meets this pair: the only rule that may produce it.
pub fn match_key(left: &Variant, right: &Variant) -> Option<usize> {
    left.keys.iter().zip(&right.keys).position(|(left, right)| left.is_some() && left == right)
}
