//! Explanations: they add up, say what is apart, and name the smallest change.

use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};

use super::settings;
use crate::memory::InMemory;
use crate::{ComparisonModel, Explanation, LevelModel, Linker, Model, Side, explain};

const HOMES: &str = r#"
[link]
left = "a"
right = "b"
cardinality = "one_to_one"
threshold = 0.9
blocking = [["street", "zip|prefix:3"], ["owner|words", "zip"]]
[link.fields.street]
standardizer = "text"
left = ["street"]
right = ["street"]
[link.fields.zip]
standardizer = "text"
left = ["zip"]
right = ["zip"]
[link.fields.owner]
standardizer = "text"
left = ["owner"]
right = ["owner"]
[[link.comparisons]]
name = "street"
field = "street"
levels = ["exact", "levenshtein:1", "levenshtein:3"]
term_frequency = true
[[link.comparisons]]
name = "zip"
field = "zip"
levels = ["exact", "same_prefix:3"]
[[link.comparisons]]
name = "owner"
field = "owner"
levels = ["exact", "token_set:0.3"]
"#;

/// Street, zip, owner.
type Home<'a> = [Option<&'a str>; 3];

const LEFT: Home<'_> = [Some("GRAND AVE"), Some("10458"), Some("ANN LEE")];

/// Explains the pair of two homes under a model; the streets of both are counted.
fn told(model: &Model, left: Home<'_>, right: Home<'_>) -> Explanation {
    let linker = Linker::new(&settings(HOMES)).unwrap();
    model.check(&linker).unwrap();
    let mut memory = InMemory::new(&linker);
    for (side, id, home) in [(Side::Left, "l", left), (Side::Right, "r", right)] {
        let place = |column: &String| ["street", "zip", "owner"].iter().position(|name| name == column).unwrap();
        let row: Vec<Option<&str>> = linker.columns(side).iter().map(|column| home[place(column)]).collect();
        memory.push(side, id, &row);
    }
    // Training on one pair is for the term counts alone.
    memory.train().ok();
    explain(&linker, model, memory.records(), 0, 1)
}

/// A model whose levels have these m and u probabilities, from else up.
fn model(prior: f64, levels: [&[(f64, f64)]; 3]) -> Model {
    let labels: [&[&str]; 3] = [
        &["else", "levenshtein:3", "levenshtein:1", "exact"],
        &["else", "same_prefix:3", "exact"],
        &["else", "token_set:0.3", "exact"],
    ];
    let comparison = |(place, name): (usize, &str)| {
        let level = |(gamma, (m, u)): (usize, &(f64, f64))| LevelModel {
            label: labels[place][gamma].to_owned(),
            gamma: gamma as i8,
            m: *m,
            u: *u,
            weight: (m / u).log2(),
            term_frequency_weight: if place == 0 && gamma == 3 { 1.0 } else { 0.0 },
        };
        ComparisonModel {
            name: name.to_owned(),
            term_frequency_minimum: (place == 0).then_some(0.001),
            levels: levels[place].iter().enumerate().map(level).rev().collect(),
        }
    };
    Model {
        probability_two_random_records_match: prior,
        interactions: Vec::new(),
        comparisons: ["street", "zip", "owner"].into_iter().enumerate().map(comparison).collect(),
    }
}

fn usual() -> Model {
    model(
        0.01,
        [
            &[(0.01, 0.9), (0.04, 0.05), (0.15, 0.04), (0.8, 0.01)],
            &[(0.05, 0.9), (0.05, 0.08), (0.9, 0.02)],
            &[(0.1, 0.97), (0.3, 0.02), (0.6, 0.01)],
        ],
    )
}

#[test]
fn an_explanation_adds_up_and_names_what_is_apart() {
    let told = told(&usual(), LEFT, [Some("GRAND AVENUE"), Some("10499"), None]);
    let total = told.steps.iter().fold(told.prior_weight, |sum, step| sum + (step.weight + step.term_frequency_weight));
    assert_eq!(total, told.match_weight);
    let levels: Vec<&str> = told.steps.iter().map(|step| step.level.as_str()).collect();
    assert_eq!(levels, ["levenshtein:3", "same_prefix:3", "null"]);
    assert_eq!((told.match_key, told.verdict.nearest_rule), (None, Some(0)));
    let apart = |rule: usize| told.rules[rule].apart.iter().map(|part| part.part.as_str()).collect::<Vec<_>>();
    assert_eq!(apart(0), ["street"], "a prefix of three digits is shared");
    assert_eq!(apart(1), ["owner|words", "zip"]);
    assert_eq!(told.rules[1].apart[0].value_r, None);
}

const CHART: &str =
    "                                                                           0          threshold 3.17
prior           -6.63  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│                       ┊
street          +1.91  ███████████████                                     │                       ┊
zip             +5.49                 ███████████████████████████████████████████                  ┊
owner           -3.28                                  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒                  ┊
match weight    -2.51                                  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒│                       ┊

comparison  level                 m         u     share  values
street      levenshtein:1    0.1500    0.0400    0.5000  GRAND AVE | GRAND AV
zip         exact            0.9000    0.0200            10458
owner       else             0.1000    0.9700            ANN LEE | BOB RAY

match weight -2.51 is 5.68 below the threshold 3.17 (match probability 0.1495, a link needs 0.9)
cost most: owner 9.18 (else, not exact)
smallest change that reaches it: owner from else to token_set:0.3 (+7.18), which gives 4.68
never compared: no blocking rule meets the pair
  rule 0 (street, zip|prefix:3), the nearest: street GRAND AVE | GRAND AV
  rule 1 (owner|words, zip): owner|words ANN LEE | BOB RAY
";

#[test]
fn a_pair_that_lacks_little_is_told_the_least_it_lacks() {
    let told = told(&usual(), LEFT, [Some("GRAND AV"), Some("10458"), Some("BOB RAY")]);
    assert_eq!(told.to_string(), CHART);
    let change = told.verdict.smallest_change.unwrap();
    let raise = &change.raises[0];
    assert_eq!([&raise.comparison, &raise.from, &raise.to], ["owner", "else", "token_set:0.3"]);
    assert_eq!(change.raises.len(), 1, "a closer level would gain more, and is not needed");
    assert!(change.match_weight >= told.threshold_weight);
    assert_eq!(told.verdict.lost[0].best_level, "exact");
}

fn probabilities(levels: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    proptest::collection::vec((0.001..0.999, 0.001..0.999), levels)
}

fn home() -> impl Strategy<Value = [Option<String>; 3]> {
    let part = |texts: &'static str| proptest::option::weighted(0.8, texts);
    (part("(GRAND AVE|GRAND AV|GRUND AV|OAK ST)"), part("(10458|10459|20000)"), part("(ANN LEE|ANN RAY|BOB RAY)"))
        .prop_map(|(street, zip, owner)| [street, zip, owner])
}

proptest! {
    #[test]
    fn the_smallest_change_is_the_smallest_of_all(
        (street, zip, owner) in (probabilities(4), probabilities(3), probabilities(3)),
        prior in 0.00001..0.5,
        (left, right) in (home(), home()),
    ) {
        let model = model(prior, [&street, &zip, &owner]);
        let [left, right] = [&left, &right].map(|home| [0, 1, 2].map(|place| home[place].as_deref()));
        let told = told(&model, left, right);
        prop_assert_eq!(told.verdict.reaches_threshold, told.match_weight >= told.threshold_weight);

        // Every way to raise levels, by comparisons raised, levels up and weight.
        let mut ways = vec![(0, 0, told.prior_weight)];
        for (step, comparison) in told.steps.iter().zip(&model.comparisons) {
            let share = step.term_frequency.unwrap_or(0.0);
            let weight = |gamma| comparison.weight(gamma, share);
            let higher = comparison.levels.iter().map(|level| level.gamma).filter(|gamma| *gamma > step.gamma);
            let choices: Vec<(usize, i8, f64)> = std::iter::once((0, 0, weight(step.gamma)))
                .chain(higher.map(|gamma| (1, gamma - step.gamma, weight(gamma))))
                .collect();
            ways = ways.iter().flat_map(|(count, up, total)| {
                choices.iter().map(move |(more, levels, weight)| (count + more, up + i32::from(*levels), total + weight))
            }).collect();
        }
        let enough = ways.into_iter().filter(|(.., weight)| *weight >= told.threshold_weight);
        let smallest = enough.min_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
        match (&told.verdict.smallest_change, smallest) {
            (Some(change), Some((count, _, weight))) => {
                prop_assert_eq!(change.raises.len(), count);
                prop_assert!((change.match_weight - weight).abs() < 1e-9);
            }
            (None, Some((count, ..))) => prop_assert_eq!(count, 0, "the pair reaches the threshold as it is"),
            (found, wanted) => prop_assert!(found.is_none() && wanted.is_none()),
        }
    }

    #[test]
    fn charts_fit_and_pictures_hold_no_foreign_markup(
        (street, zip, owner) in (probabilities(4), probabilities(3), probabilities(3)),
        values in "\\PC{0,60}",
    ) {
        let model = model(0.01, [&street, &zip, &owner]);
        let told = told(&model, LEFT, [Some(values.as_str()), Some("<b>&\"10458"), None]);
        let chart = told.to_string();
        let bars = chart.lines().take_while(|line| !line.is_empty()).count();
        prop_assert!(chart.lines().take(bars + 5).all(|line| line.chars().count() <= 100), "{}", chart);
        let svg = told.svg("a <1> and b \"2\"\u{1}");
        prop_assert!(svg.contains("<title id=\"waterfall-title\">Match weight of a &lt;1&gt; and b &quot;2&quot; </title>"));
        let known = ["svg", "title", "desc", "rect", "text", "line", "/svg", "/title", "/desc", "/text"];
        for tag in svg.split('<').skip(1) {
            let name: String = tag.chars().take_while(|letter| *letter == '/' || letter.is_ascii_alphanumeric()).collect();
            prop_assert!(known.contains(&name.as_str()), "{}", tag);
        }
    }
}
