//! The linker: settings resolved once, to read rows and compare records.

use std::collections::{BTreeMap, HashSet};

use crate::blocking::{KeyPart, Rule, SharedPart};
use crate::gammas::Gammas;
use crate::level::{Level, Reading};
use crate::projection::{Projection, Scratch};
use crate::records::{Likeness, Records};
use crate::settings::{Cardinality, LinkSettings, LinkSettingsError, Side};
use crate::values::Values;

/// Everything the settings say, resolved to positions.
#[derive(Debug, Clone)]
pub struct Linker {
    settings: LinkSettings,
    derived: Vec<String>,
    projections: [Projection; 2],
    rules: Vec<Rule>,
    comparisons: Vec<ResolvedComparison>,
    readings: Vec<(usize, Reading)>,
    terms: Vec<usize>,
    /// The rules whose keys records carry, and per rule its place among those.
    keyed: Vec<usize>,
    places: Vec<Option<usize>>,
    /// Per rule the keys of its blocks that make no pairs; empty when every block does.
    left_out: Vec<HashSet<u64>>,
}

/// A comparison with its places.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedComparison {
    /// The derived field compared.
    pub(crate) field: usize,
    /// From closest to loosest.
    pub(crate) levels: Vec<Level>,
    /// Whether unequal values agree at none of them.
    only_exact: bool,
    /// Whether equal values agree at the closest of them, whatever they are.
    equal_is_top: bool,
    /// Place among the records' readings, when the levels read more than text.
    pub(crate) reading: Option<usize>,
    /// Place among the records' term frequencies.
    pub(crate) term: Option<usize>,
}

impl Linker {
    /// Resolves settings; the columns themselves are checked by [`LinkSettings::validate`].
    ///
    /// # Errors
    /// The first [`LinkSettingsError`] found.
    pub fn new(settings: &LinkSettings) -> Result<Self, LinkSettingsError> {
        settings.check()?;
        let parts = key_parts(settings)?;
        let used = |name: &String| {
            parts.iter().flatten().any(|part| part.field == *name)
                || settings.comparisons.iter().any(|comparison| comparison.field == *name)
        };
        let derived: Vec<String> = settings.derivable().into_iter().filter(used).collect();
        // Names were checked above, so every look-up finds its field.
        let places: BTreeMap<&str, usize> =
            derived.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let place = |name: &str| places.get(name).copied().unwrap_or_default();
        let rule =
            |parts: &Vec<KeyPart>| Rule::new(parts.iter().map(|part| (place(&part.field), part.transform)).collect());
        let mut linker = Self {
            rules: parts.iter().map(rule).collect(),
            projections: [Side::Left, Side::Right].map(|side| Projection::new(settings, side, &derived)),
            settings: settings.clone(),
            comparisons: Vec::new(),
            readings: Vec::new(),
            terms: Vec::new(),
            keyed: Vec::new(),
            places: Vec::new(),
            left_out: Vec::new(),
            derived: derived.clone(),
        };
        linker.keyed = (0..linker.rules.len()).filter(|rule| !linker.rules[*rule].is_plain()).collect();
        linker.places = (0..linker.rules.len()).map(|rule| linker.keyed.binary_search(&rule).ok()).collect();
        for comparison in &settings.comparisons {
            let field = place(&comparison.field);
            let reading = Reading::of(&comparison.levels).ok().flatten().map(|reading| linker.reading(field, reading));
            let term = comparison.term_frequency.then(|| linker.term(field));
            let only_exact = comparison.levels.iter().all(Level::is_exact);
            let equal_is_top = comparison.levels.first().is_none_or(Level::holds_for_equal);
            let levels = comparison.levels.clone();
            linker.comparisons.push(ResolvedComparison { field, levels, only_exact, equal_is_top, reading, term });
        }
        Ok(linker)
    }

    fn reading(&mut self, field: usize, reading: Reading) -> usize {
        self.readings.iter().position(|known| *known == (field, reading)).unwrap_or_else(|| {
            self.readings.push((field, reading));
            self.readings.len() - 1
        })
    }

    fn term(&mut self, field: usize) -> usize {
        self.terms.iter().position(|known| *known == field).unwrap_or_else(|| {
            self.terms.push(field);
            self.terms.len() - 1
        })
    }

    /// Raw columns needed from a table, in the order [`Linker::project`] wants them; no repeats.
    pub fn columns(&self, side: Side) -> &[String] {
        self.projections[side as usize].columns()
    }

    /// Names of the derived values that rules and comparisons use, in the order of [`Values`].
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
    /// Hands over one record per distinct combination of alternatives, and always at least one, with a buffer for
    /// [`Linker::keys`]. Alternatives without any value are left out unless the row has no other.
    pub fn project(
        &self,
        side: Side,
        row: &[Option<&str>],
        scratch: &mut Scratch,
        each: impl FnMut(&Values, &mut String),
    ) {
        self.projections[side as usize].read(row, scratch, each);
    }

    /// Adds the block keys of a record under a rule to `keys`: ascending, each once, none when a part is null.
    pub fn keys(&self, rule: usize, values: &Values, scratch: &mut String, keys: &mut Vec<u64>) {
        self.rules[rule].keys(values, scratch, keys);
    }

    /// What a record has in the fields of a rule, nulls left out.
    pub fn rule_values<'r>(&self, rule: usize, records: &'r Records, record: usize) -> impl Iterator<Item = &'r str> {
        self.rules[rule].fields().filter_map(move |field| records.value(record, field))
    }

    /// Leaves blocks out, given as rule and key: they meet no pairs from now on.
    pub fn leave_out(&mut self, blocks: impl IntoIterator<Item = (usize, u64)>) {
        for (rule, key) in blocks {
            self.left_out.resize_with(self.rules.len(), HashSet::new);
            self.left_out[rule].insert(key);
        }
    }

    /// Whether a block is left out.
    pub fn leaves_out(&self, rule: usize, key: u64) -> bool {
        self.left_out.get(rule).is_some_and(|keys| keys.contains(&key))
    }

    /// The parts that several blocking rules have in common.
    pub fn shared_parts(&self) -> Vec<SharedPart> {
        SharedPart::of(&self.rules)
    }

    /// Whether a pair that shares the block `key` of `rule` is made there: no earlier rule meets it, and no smaller
    /// key of this one.
    pub fn makes(&self, rule: usize, key: u64, records: &Records, left: usize, right: usize) -> bool {
        let owns =
            self.places[rule].is_none_or(|keyed| self.shared_key(rule, keyed, records, left, right) == Some(key));
        owns && !(0..rule).any(|earlier| self.meets(earlier, records, left, right))
    }

    fn shared_key(&self, rule: usize, keyed: usize, records: &Records, left: usize, right: usize) -> Option<u64> {
        records.shared_keys(left, right, keyed).find(|key| !self.leaves_out(rule, *key))
    }

    /// The first rule that meets a pair: the only one that makes it.
    pub fn match_key(&self, records: &Records, left: usize, right: usize) -> Option<usize> {
        (0..self.rules.len()).find(|rule| self.meets(*rule, records, left, right))
    }

    /// Whether a rule meets a pair, whatever the others do.
    pub(crate) fn meets(&self, rule: usize, records: &Records, left: usize, right: usize) -> bool {
        match self.places[rule] {
            Some(keyed) => self.shared_key(rule, keyed, records, left, right).is_some(),
            None => self.rules[rule].meets(records, left, right) && !self.leaves_out_block_of(rule, records, left),
        }
    }

    /// Whether the one block of a record for a plain rule is left out.
    fn leaves_out_block_of(&self, rule: usize, records: &Records, record: usize) -> bool {
        let Some(left_out) = self.left_out.get(rule).filter(|keys| !keys.is_empty()) else { return false };
        let mut keys = Vec::new();
        self.rules[rule].keys_of_record(records, record, &mut String::new(), &mut keys);
        keys.iter().any(|key| left_out.contains(key))
    }

    /// The rules that make something of their fields; records carry their keys.
    pub(crate) fn keyed(&self) -> &[usize] {
        &self.keyed
    }

    /// The comparison vector of a pair. Equal strings never reach a string metric.
    pub fn gammas(&self, records: &Records, left: usize, right: usize) -> Gammas {
        Gammas::collect(self.comparisons.iter().map(|comparison| comparison.gamma(records, left, right)))
    }

    /// The comparisons in the order of the gammas.
    pub(crate) fn comparisons(&self) -> &[ResolvedComparison] {
        &self.comparisons
    }

    /// The blocking rules.
    pub(crate) fn blocking(&self) -> &[Rule] {
        &self.rules
    }

    /// Fields whose values are read as more than text, and how.
    pub(crate) fn readings(&self) -> &[(usize, Reading)] {
        &self.readings
    }

    /// Fields whose values are counted, as positions in [`Values`]; a frequency for each belongs to every record.
    pub fn terms(&self) -> &[usize] {
        &self.terms
    }
}

fn key_parts(settings: &LinkSettings) -> Result<Vec<Vec<KeyPart>>, LinkSettingsError> {
    let parse = |(index, rule): (usize, &Vec<String>)| {
        let wrong = |source| LinkSettingsError::Blocking { key: format!("link.blocking[{index}]"), source };
        rule.iter().map(|part| part.parse().map_err(wrong)).collect()
    };
    settings.blocking.iter().enumerate().map(parse).collect()
}

impl ResolvedComparison {
    /// The level of a pair: -1 null, 0 else, higher is closer.
    #[inline]
    pub(crate) fn gamma(&self, records: &Records, left: usize, right: usize) -> i8 {
        match records.likeness(left, right, self.field) {
            Likeness::Null => -1,
            Likeness::Equal => self.equal_gamma(records, left, right),
            Likeness::Unequal => self.unequal_gamma(records, left, right),
        }
    }

    /// The level of two equal values.
    #[inline]
    pub(crate) fn equal_gamma(&self, records: &Records, left: usize, right: usize) -> i8 {
        if self.equal_is_top { self.top() } else { self.unequal_gamma(records, left, right) }
    }

    fn top(&self) -> i8 {
        // Levels are few; settings with more than a comparison vector can name are refused.
        self.levels.len() as i8
    }

    /// The level of two unequal values.
    pub(crate) fn unequal_gamma(&self, records: &Records, left: usize, right: usize) -> i8 {
        if self.only_exact {
            return 0;
        }
        let [read_l, read_r] = match self.reading {
            Some(reading) => [records.reading(left, reading), records.reading(right, reading)],
            None => [[f64::NAN; 2]; 2],
        };
        let value = |record: usize| records.value(record, self.field).unwrap_or_default();
        let (value_l, value_r) = (value(left), value(right));
        let agrees = |level: &Level| level.agrees(value_l, value_r, read_l, read_r);
        self.levels.iter().position(agrees).map_or(0, |index| self.top() - index as i8)
    }
}
