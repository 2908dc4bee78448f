//! The kernels against known values and against `rapidfuzz`, whose numbers they promise.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use rapidfuzz::distance;

use super::{
    Pattern, damerau_levenshtein_at_most, jaro_winkler, jaro_winkler_at_least, levenshtein, levenshtein_at_most,
    osa_at_most,
};

/// Texts of all kinds a kernel treats differently: few letters, so that many are equal; names; NUL and signs; beyond
/// ASCII; each from none to more characters than any kernel takes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]{0,20}",
        "[A-E ]{0,17}",
        "[A-Z]{5,15}",
        "[a-d]{0,100}",
        "[\\x00-\\x7f]{0,70}",
        "[aé漢b]{0,40}",
        "\\PC{0,100}"
    ]
}

/// Two texts, in half of the cases one made of the other by a few edits.
fn pair() -> impl Strategy<Value = (String, String)> {
    let edited = (text(), proptest::collection::vec((any::<proptest::sample::Index>(), 0..4_u8), 1..5)).prop_map(
        |(text, edits)| {
            let mut characters: Vec<char> = text.chars().collect();
            for (place, kind) in edits {
                let place = place.index(characters.len() + 1);
                match kind {
                    0 => characters.insert(place, 'A'),
                    1 if place + 1 < characters.len() => characters.swap(place, place + 1),
                    2 if place < characters.len() => characters[place] = 'B',
                    _ if place < characters.len() => drop(characters.remove(place)),
                    _ => {}
                }
            }
            (text, characters.into_iter().collect())
        },
    );
    prop_oneof![(text(), text()), edited]
}

/// Texts most of which go side by side, and now and then one that does not.
fn short_texts() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(prop_oneof!["[A-E]{0,17}", "[A-E]{1,16}", "[\\x00-\\x02A]{1,8}"], 0..20)
}

fn known_jaro_winkler(left: &str, right: &str) -> f64 {
    let (left, right) = if left <= right { (left, right) } else { (right, left) };
    distance::jaro_winkler::similarity(left.chars(), right.chars())
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(1024))]

    #[test]
    fn jaro_winkler_is_that_of_rapidfuzz_either_way_round((left, right) in pair(), least in 0.0..=1.0_f64) {
        let known = known_jaro_winkler(&left, &right);
        for (left, right) in [(&left, &right), (&right, &left)] {
            let patterns = (Pattern::new(left), Pattern::new(right));
            prop_assert_eq!(jaro_winkler(left, right).to_bits(), known.to_bits());
            prop_assert_eq!(patterns.0.jaro_winkler(&patterns.1).to_bits(), known.to_bits());
            for least in [least, known, known.next_up(), 0.7, 0.88, 0.92, f64::NAN] {
                prop_assert_eq!(jaro_winkler_at_least(left, right, least), known >= least, "{}", least);
                prop_assert_eq!(patterns.0.jaro_winkler_at_least(&patterns.1, least), known >= least, "{}", least);
            }
        }
    }

    #[test]
    fn jaro_winkler_with_each_is_that_with_every_one(left in text(), rights in short_texts()) {
        for left in [&left, &rights.concat()] {
            let patterns: Vec<Pattern> = rights.iter().map(|right| Pattern::new(right)).collect();
            let each = Pattern::new(left).jaro_winkler_each(&patterns);
            let known: Vec<f64> = rights.iter().map(|right| known_jaro_winkler(left, right)).collect();
            prop_assert_eq!(each, known);
        }
    }

    #[test]
    fn edits_are_those_of_rapidfuzz_either_way_round((left, right) in pair()) {
        let known = [
            distance::levenshtein::distance(left.chars(), right.chars()),
            distance::osa::distance(left.chars(), right.chars()),
            distance::damerau_levenshtein::distance(left.chars(), right.chars()),
        ];
        for (left, right) in [(&left, &right), (&right, &left)] {
            let patterns = (Pattern::new(left), Pattern::new(right));
            prop_assert_eq!(levenshtein(left, right), known[0]);
            for most in (0..6).chain(known).chain([usize::MAX]) {
                prop_assert_eq!(levenshtein_at_most(left, right, most), known[0] <= most, "levenshtein {}", most);
                prop_assert_eq!(patterns.0.levenshtein_at_most(&patterns.1, most), known[0] <= most, "pattern {}", most);
                prop_assert_eq!(osa_at_most(left, right, most), known[1] <= most, "osa {}", most);
                prop_assert_eq!(damerau_levenshtein_at_most(left, right, most), known[2] <= most, "damerau {}", most);
            }
        }
    }

    #[test]
    fn a_text_is_like_itself(text in text()) {
        prop_assert_eq!(jaro_winkler(&text, &text), 1.0);
        prop_assert_eq!(levenshtein(&text, &text), 0);
        prop_assert!(levenshtein_at_most(&text, &text, 0));
    }
}

#[test]
fn jaro_winkler_of_known_pairs() {
    let check = |left: &str, right: &str, expected: f64| {
        assert!((jaro_winkler(left, right) - expected).abs() < 5e-5, "{left} {right}: {}", jaro_winkler(left, right));
    };
    check("MARTHA", "MARHTA", 0.9611);
    check("DIXON", "DICKSONX", 0.8133);
    check("DWAYNE", "DUANE", 0.8400);
    check("JONES", "JOHNSON", 0.8324);
    check("ABROMS", "ABRAMS", 0.9222);
    check("ITMAN", "SMITH", 0.4667);
    check("MÜLLER", "MUELLER", 0.8043);
    check("A", "A", 1.0);
    check("A", "B", 0.0);
    check("", "", 1.0);
    check("", "A", 0.0);
}

#[test]
fn edits_of_known_pairs() {
    let check = |left: &str, right: &str, plain: usize, aligned: usize, unrestricted: usize| {
        let least = |within: fn(&str, &str, usize) -> bool| (0..).find(|&most| within(left, right, most));
        assert_eq!(levenshtein(left, right), plain, "{left} {right}");
        assert_eq!(least(levenshtein_at_most), Some(plain), "{left} {right}");
        assert_eq!(least(osa_at_most), Some(aligned), "{left} {right}");
        assert_eq!(least(damerau_levenshtein_at_most), Some(unrestricted), "{left} {right}");
    };
    check("KITTEN", "SITTING", 3, 3, 3);
    check("SATURDAY", "SUNDAY", 3, 3, 3);
    check("MARTHA", "MARHTA", 2, 1, 1);
    check("CA", "ABC", 3, 3, 2);
    check("", "ABC", 3, 3, 3);
    check("STRASSE", "STRAßE", 2, 2, 2);
    check(&"A".repeat(64), &"A".repeat(65), 1, 1, 1);
}
