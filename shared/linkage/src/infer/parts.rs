//! The parts blocking rules are made of: derived values whole, or what is left of them when they are spelled
//! differently.

use super::comparing::{Plan, mean_words};
use super::kind::Kind;
use super::reading::Reading;
use crate::blocking::{KeyPart, Rule};

/// One part with its keys.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// As the settings write it.
    pub(super) text: String,
    /// Places of the plans whose agreement it needs.
    pub(super) plans: Vec<usize>,
    /// Whether it also survives small differences.
    pub(super) loose: bool,
    /// Whether it is one of several words, of which each says little.
    pub(super) words: bool,
    /// Whether it may be a rule of its own: a house number or a year says too little, however rare.
    pub(super) alone: bool,
    /// Per side and record its keys, ascending.
    pub(super) keys: [Vec<Vec<u64>>; 2],
}

/// The parts that the planned comparisons allow.
pub(super) fn parts(plans: &[Plan], reading: &Reading) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (index, plan) in plans.iter().enumerate() {
        for (text, loose) in offers(plan, reading) {
            if let Some(part) = Part::read(text, (index, plan.kind), loose, reading) {
                parts.push(part);
            }
        }
    }
    parts
}

fn offers(plan: &Plan, reading: &Reading) -> Vec<(String, bool)> {
    let field = &plan.field;
    let line = field.rsplit_once('.').map_or("", |(line, _)| line);
    let whole = || (field.clone(), false);
    let loose = |transform: &str| (format!("{field}|{transform}"), true);
    let words = mean_words(reading, plan.place);
    match plan.kind {
        Kind::House if line.is_empty() => vec![whole()],
        Kind::House => vec![(format!("{line}.house_low"), false), loose("range")],
        Kind::Name if words >= 1.5 => vec![whole(), loose("words")],
        Kind::Name => vec![whole(), loose("prefix:3")],
        Kind::Person => vec![whole(), (format!("{line}.last"), true), loose("words")],
        Kind::FirstName | Kind::LastName => vec![whole(), loose("prefix:2"), loose("soundex")],
        Kind::Title | Kind::List => vec![whole(), loose("words")],
        Kind::Date => vec![whole(), loose("prefix:4"), loose("suffix:4")],
        Kind::Email => vec![whole(), loose("prefix:4")],
        Kind::Code => vec![whole(), loose("prefix:4"), loose("suffix:4")],
        Kind::Phone => vec![whole(), loose("suffix:7")],
        Kind::Direction | Kind::StreetSuffix | Kind::Unit | Kind::Latitude | Kind::Longitude | Kind::FreeText => {
            Vec::new()
        }
        _ => vec![whole()],
    }
}

/// Whether a value of this kind may by itself say which thing it is about.
fn identifies(kind: Kind) -> bool {
    use Kind::{Category, City, House, Number, Postcode, State, Street, Year, Zip};
    !matches!(kind, Category | City | House | Number | Postcode | State | Street | Year | Zip)
}

impl Part {
    fn read(text: String, (plan, kind): (usize, Kind), loose: bool, reading: &Reading) -> Option<Self> {
        let part: KeyPart = text.parse().ok()?;
        let rule = Rule::new(vec![(reading.place(&part.field)?, part.transform)]);
        let mut scratch = String::new();
        let mut keys_of = |side: usize| -> Vec<Vec<u64>> {
            let read = |values| {
                let mut keys = Vec::new();
                rule.keys(values, &mut scratch, &mut keys);
                keys
            };
            reading.sides[side].iter().map(read).collect()
        };
        let keys = [keys_of(0), keys_of(1)];
        let any = |side: usize| keys[side].iter().any(|keys| !keys.is_empty());
        (any(0) && any(reading.right())).then_some(Self {
            words: text.ends_with("|words"),
            alone: identifies(kind),
            plans: vec![plan],
            text,
            loose,
            keys,
        })
    }

    /// Whether two records share a key.
    pub(super) fn meets(&self, right_side: usize, left: u32, right: u32) -> bool {
        let (lefts, rights) = (&self.keys[0][left as usize], &self.keys[right_side][right as usize]);
        lefts.iter().any(|key| rights.binary_search(key).is_ok())
    }
}
