//! The linker: settings turned into projections of rows and comparisons of pairs.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use twox_hash::{XxHash3_64, XxHash3_128};

use crate::gammas::Gammas;
use crate::level::Level;
use crate::settings::{Cardinality, LinkSettings, LinkSettingsError, Side};
use crate::standardize::Standardizer;
use crate::variant::Variant;

/// Everything the settings say, resolved to positions once.
#[derive(Debug, Clone)]
pub struct Linker {
    settings: LinkSettings,
    derived: Vec<String>,
    left: Projection,
    right: Projection,
    rules: Vec<Vec<usize>>,
    comparisons: Vec<ResolvedComparison>,
}

#[derive(Debug, Clone)]
struct Projection {
    columns: Vec<String>,
    /// Per field, its standardizer and its column positions for each alternative.
    fields: Vec<(Standardizer, Vec<Vec<usize>>)>,
}

#[derive(Debug, Clone)]
struct ResolvedComparison {
    field: usize,
    levels: Vec<Level>,
    costly: bool,
}

impl Linker {
    /// Resolves settings; the columns themselves are checked by [`LinkSettings::validate`].
    ///
    /// # Errors
    /// The first [`LinkSettingsError`] found.
    pub fn new(settings: &LinkSettings) -> Result<Self, LinkSettingsError> {
        settings.check()?;
        let derived = settings.derived();
        // Names were checked above, so every lookup finds its field.
        let places: BTreeMap<&str, usize> =
            derived.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let place = |name: &String| places.get(name.as_str()).copied().unwrap_or_default();
        let rules = settings.blocking.iter().map(|rule| rule.iter().map(place).collect()).collect();
        let comparisons = settings
            .comparisons
            .iter()
            .map(|comparison| ResolvedComparison {
                field: place(&comparison.field),
                levels: comparison.levels.clone(),
                costly: comparison.levels.iter().any(Level::is_costly),
            })
            .collect();
        Ok(Self {
            left: Projection::new(settings, Side::Left),
            right: Projection::new(settings, Side::Right),
            settings: settings.clone(),
            rules,
            comparisons,
            derived,
        })
    }

    /// Raw columns needed from a table, in the order `project` wants them; no repeats.
    pub fn columns(&self, side: Side) -> &[String] {
        &self.projection(side).columns
    }

    /// Names of the derived fields, in the order of [`Variant::values`].
    pub fn derived(&self) -> &[String] {
        &self.derived
    }

    /// How many blocking rules there are.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// The settings this linker was made from.
    pub fn settings(&self) -> &LinkSettings {
        &self.settings
    }

    /// How many links a record may have.
    pub fn cardinality(&self) -> Cardinality {
        self.settings.cardinality
    }

    /// The least match probability of a link.
    pub fn threshold(&self) -> f64 {
        self.settings.threshold
    }

    /// Reads one row, its values in the order of `columns(side)`; missing values count as null.
    ///
    /// Gives one variant per distinct combination of alternatives, and always at least one.
    /// Alternatives without any value are left out unless the record has no other.
    pub fn project(&self, side: Side, row: &[Option<&str>]) -> Vec<Variant> {
        let mut readings: Vec<Vec<Option<String>>> = vec![Vec::new()];
        for (standardizer, alternatives) in &self.projection(side).fields {
            let parts = read_alternatives(*standardizer, alternatives, row);
            readings = readings
                .iter()
                .flat_map(|reading| parts.iter().map(|part| [reading.as_slice(), part].concat()))
                .collect();
        }
        readings.into_iter().map(|values| self.variant(values)).collect()
    }

    /// The comparison vector of a pair. Equal strings never reach a string metric.
    pub fn gammas(&self, left: &Variant, right: &Variant, cache: &mut CompareCache) -> Gammas {
        Gammas::collect(self.comparisons.iter().enumerate().map(|(index, comparison)| {
            match (comparison.value(left), comparison.value(right)) {
                (Some(left), Some(right)) if comparison.costly && left != right => {
                    cache.level(index, left, right, || comparison.gamma(left, right))
                }
                (Some(left), Some(right)) => comparison.gamma(left, right),
                _ => -1,
            }
        }))
    }

    /// The derived field a comparison reads, as a position in [`Variant::values`].
    pub(crate) fn comparison_field(&self, comparison: usize) -> usize {
        self.comparisons[comparison].field
    }

    /// The derived fields of a rule, as positions in [`Variant::values`].
    pub(crate) fn rule_fields(&self, rule: usize) -> &[usize] {
        &self.rules[rule]
    }

    fn projection(&self, side: Side) -> &Projection {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }

    fn variant(&self, values: Vec<Option<String>>) -> Variant {
        let keys = self.rules.iter().map(|rule| block_key(rule, &values)).collect();
        Variant { values, keys }
    }
}

impl Projection {
    fn new(settings: &LinkSettings, side: Side) -> Self {
        let mut columns: Vec<String> = Vec::new();
        let mut place = |column: &String| {
            columns.iter().position(|known| known == column).unwrap_or_else(|| {
                columns.push(column.clone());
                columns.len() - 1
            })
        };
        let fields = settings
            .fields
            .values()
            .map(|field| {
                let alternatives =
                    field.alternatives(side).iter().map(|names| names.iter().map(&mut place).collect()).collect();
                (field.standardizer, alternatives)
            })
            .collect();
        Self { columns, fields }
    }
}

impl ResolvedComparison {
    fn value<'v>(&self, variant: &'v Variant) -> Option<&'v str> {
        variant.values.get(self.field)?.as_deref()
    }

    fn gamma(&self, left: &str, right: &str) -> i8 {
        let count = self.levels.len();
        let found = self.levels.iter().position(|level| level.holds(left, right));
        // Levels are few; a count past 127 would be a settings mistake and saturates.
        found.map_or(0, |index| i8::try_from(count - index).unwrap_or(i8::MAX))
    }
}

fn read_alternatives(
    standardizer: Standardizer,
    alternatives: &[Vec<usize>],
    row: &[Option<&str>],
) -> Vec<Vec<Option<String>>> {
    let mut parts: Vec<Vec<Option<String>>> = Vec::new();
    for columns in alternatives {
        let words: Vec<&str> = columns.iter().filter_map(|&column| row.get(column).copied().flatten()).collect();
        let part = standardizer.apply(&words.join(" "));
        if part.iter().any(Option::is_some) && !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        parts.push(standardizer.apply(""));
    }
    parts
}

fn block_key(rule: &[usize], values: &[Option<String>]) -> Option<u64> {
    let mut hasher = XxHash3_64::default();
    for &field in rule {
        hasher.write(values.get(field)?.as_deref()?.as_bytes());
        hasher.write(&[0x1f]);
    }
    Some(hasher.finish())
}

/// Remembers the level of value pairs whose comparison is costly. One per worker; bounded.
#[derive(Debug, Default)]
pub struct CompareCache {
    levels: HashMap<u128, i8, BuildHasherDefault<FoldHasher>>,
}

/// About 48 MiB of remembered pairs.
const CACHE_ENTRIES: usize = 1 << 20;

impl CompareCache {
    fn level(&mut self, index: usize, left: &str, right: &str, ask: impl FnOnce() -> i8) -> i8 {
        let mut hasher = XxHash3_128::default();
        hasher.write(&index.to_le_bytes());
        hasher.write(left.as_bytes());
        hasher.write(&[0x1f]);
        hasher.write(right.as_bytes());
        let key = hasher.finish_128();
        if let Some(&level) = self.levels.get(&key) {
            return level;
        }
        if self.levels.len() >= CACHE_ENTRIES {
            self.levels.clear();
        }
        let level = ask();
        self.levels.insert(key, level);
        level
    }
}

/// Passes on keys that are hashes already.
#[derive(Debug, Default)]
struct FoldHasher(u64);

impl Hasher for FoldHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            self.0 ^= chunk.iter().fold(0, |word, &byte| (word << 8) | u64::from(byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
