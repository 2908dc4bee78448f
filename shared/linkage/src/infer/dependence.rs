//! Which comparisons carry nothing of their own: values that repeat, follow from or disagree with the rest.

use std::collections::{BTreeSet, HashMap};

use super::comparing::Plan;
use super::kind::Kind;
use super::reading::Reading;
use super::twins::{Agreement, Twins, agreement};

/// Fewer twins than this say nothing.
const LEAST_SEEN: f64 = 30.0;
/// The least share of twins that have to agree.
const AGREE: f64 = 0.55;
/// How much likelier twins have to agree than random pairs.
const LIFT: f64 = 1.25;
/// The share of strangers with one value in common that have another in common when it follows from the first.
const FOLLOWS: f64 = 0.9;
/// The least strangers that share a value with a record.
const STRANGERS_EACH: f64 = 5.0;
/// Strangers that are looked at.
const STRANGERS: usize = 5_000;
/// The share of records whose words one value has when it includes another.
const INCLUDES: f64 = 0.7;

/// A comparison that is left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Place of the plan.
    pub(super) plan: usize,
    /// Why, in words.
    pub(super) reason: String,
}

/// Comparisons whose words others have: a whole name beside its parts.
pub(super) fn repeated(plans: &[Plan], reading: &Reading) -> Vec<LeftOut> {
    let texts: Vec<usize> = (0..plans.len()).filter(|plan| is_text(plans[*plan].kind)).collect();
    let mut left_out = Vec::new();
    let mut gone = BTreeSet::new();
    // Those of most words first, so that the parts stay.
    let mut order = texts.clone();
    order.sort_by(|a, b| {
        let words = |plan: &usize| super::comparing::mean_words(reading, plans[*plan].place);
        words(b).total_cmp(&words(a)).then(a.cmp(b))
    });
    for whole in order {
        let parts: Vec<usize> = texts
            .iter()
            .copied()
            .filter(|part| *part != whole && !gone.contains(part) && includes(&plans[whole], &plans[*part], reading))
            .collect();
        if parts.len() >= 2 || (parts.len() == 1 && includes(&plans[parts[0]], &plans[whole], reading)) {
            gone.insert(whole);
            let names: Vec<&str> = parts.iter().map(|part| plans[*part].name.as_str()).collect();
            left_out.push(LeftOut { plan: whole, reason: format!("it repeats {}", names.join(" and ")) });
        }
    }
    left_out
}

fn is_text(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Person | Kind::FirstName | Kind::LastName | Kind::Name | Kind::Title | Kind::Category | Kind::City
    )
}

/// Whether one value nearly always has all words of another.
fn includes(whole: &Plan, part: &Plan, reading: &Reading) -> bool {
    let (mut seen, mut inside) = (0.0, 0.0);
    for values in reading.sides.iter().flatten() {
        let (Some(whole), Some(part)) = (values.get(whole.place), values.get(part.place)) else { continue };
        let words: BTreeSet<&str> = whole.split(' ').collect();
        seen += 1.0;
        inside += f64::from(u8::from(part.split(' ').all(|word| words.contains(word))));
    }
    seen >= LEAST_SEEN && inside >= INCLUDES * seen
}

/// The finest parts of an address line where things have a name of their own: house and street say where they are, and
/// direction and suffix, which mostly repeat the street, would count that twice.
pub(super) fn surplus(plans: &[Plan]) -> Vec<LeftOut> {
    let named = plans.iter().any(|plan| plan.kind == Kind::Name);
    let fine = |plan: &usize| named && matches!(plans[*plan].kind, Kind::Direction | Kind::StreetSuffix);
    let reason = || "things with names of their own are placed by house and street".to_owned();
    (0..plans.len()).filter(fine).map(|plan| LeftOut { plan, reason: reason() }).collect()
}

/// Comparisons at which records that are the same otherwise often differ, or random ones agree just as often.
pub(super) fn unsteady(plans: &[Plan], twins: &Twins) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    for (plan, evidence) in twins.evidence.iter().enumerate() {
        let agree = evidence.close / f64::max(evidence.seen, 1.0);
        let percent = (100.0 * agree).round();
        if evidence.seen < LEAST_SEEN || is_line(plans[plan].kind) {
            continue;
        }
        if agree < AGREE {
            let reason = format!("records that agree in all else have the same value in {percent} % only");
            left_out.push(LeftOut { plan, reason });
        } else if agree < LIFT * evidence.random_close && evidence.exact < LIFT * evidence.seen * evidence.random_exact
        {
            let reason = "random records agree nearly as often as those that agree in all else".to_owned();
            left_out.push(LeftOut { plan, reason });
        }
    }
    left_out
}

/// Parts of an address line are compared together or not at all.
fn is_line(kind: Kind) -> bool {
    matches!(kind, Kind::House | Kind::Street | Kind::Direction | Kind::StreetSuffix | Kind::Unit)
}

/// Comparisons whose value follows from another one: the state from the ZIP code.
pub(super) fn entailed(plans: &[Plan], reading: &Reading, twins: &Twins) -> Vec<LeftOut> {
    let twins: BTreeSet<(u32, u32)> = twins.pairs.iter().copied().collect();
    let mut left_out: Vec<LeftOut> = Vec::new();
    for (fine, plan) in plans.iter().enumerate() {
        // A value that hardly any strangers share tells nothing of them.
        if reading.agreement(plan.place) * (reading.sides[0].len() as f64) < STRANGERS_EACH {
            continue;
        }
        let mut found = None;
        for (coarse, other) in plans.iter().enumerate().filter(|(_, other)| may_follow(other, plan)) {
            let known = |plan: usize| left_out.iter().any(|left_out| left_out.plan == plan);
            let rarer = reading.agreement(plan.place) < reading.agreement(other.place);
            if fine == coarse || known(fine) || known(coarse) || !rarer {
                continue;
            }
            let strangers = found.get_or_insert_with(|| strangers(plan, reading, &twins));
            if follows(other, reading, strangers) {
                left_out.push(LeftOut { plan: coarse, reason: format!("it follows from {}", plan.name) });
            }
        }
    }
    left_out
}

/// Whether one kind of value may be a coarser form of another.
fn may_follow(coarse: &Plan, fine: &Plan) -> bool {
    let place = |kind: Kind| {
        matches!(kind, Kind::Zip | Kind::Postcode | Kind::City | Kind::State | Kind::Category | Kind::Code)
    };
    place(coarse.kind) && place(fine.kind)
}

/// Pairs with the same value that are no twins.
fn strangers(plan: &Plan, reading: &Reading, twins: &BTreeSet<(u32, u32)>) -> Vec<(u32, u32)> {
    let side = reading.right();
    let numbers = &reading.numbers[plan.place];
    let mut blocks: HashMap<u32, Vec<u32>> = HashMap::new();
    for (record, number) in (0..).zip(&numbers[side]).filter(|(_, number)| **number > 0) {
        blocks.entry(*number).or_default().push(record);
    }
    let mut strangers = Vec::new();
    for (left, number) in (0..).zip(&numbers[0]) {
        // One partner a record, from places all over its block.
        let Some(block) = blocks.get(number) else { continue };
        let right = block[left as usize % block.len()];
        let same = reading.is_dedupe() && left == right;
        let (low, high) = if reading.is_dedupe() && left > right { (right, left) } else { (left, right) };
        if !same && !twins.contains(&(low, high)) {
            strangers.push((left, right));
        }
        if strangers.len() >= STRANGERS {
            break;
        }
    }
    strangers
}

fn follows(plan: &Plan, reading: &Reading, strangers: &[(u32, u32)]) -> bool {
    let (mut seen, mut equal) = (0.0, 0.0);
    for (left, right) in strangers {
        match agreement(plan, reading, *left, *right) {
            Agreement::Unknown => continue,
            Agreement::Exact => equal += 1.0,
            Agreement::Close | Agreement::Apart => {}
        }
        seen += 1.0;
    }
    seen >= LEAST_SEEN && equal >= FOLLOWS * seen
}
