//! Settings that must be refused, with the words they are refused with.

use super::settings;
use crate::{LinkSettings, Linker};

const NYC: &str = include_str!("data/link_nyc.toml");

#[track_caller]
fn check(change: impl FnOnce(&mut LinkSettings), message: &str) {
    let mut settings = settings(NYC);
    change(&mut settings);
    assert_eq!(Linker::new(&settings).unwrap_err().to_string(), message);
}

#[test]
fn wrong_settings_name_the_key() {
    check(|s| s.threshold = 1.0, "`link.threshold` is `1`, expected a number above 0 and below 1");
    check(|s| s.blocking.clear(), "`link.blocking` is empty, expected at least one list of derived fields");
    check(|s| s.blocking = vec![s.blocking[0].clone(); 257], "`link.blocking` has `257` rules, expected at most 256");
    check(
        |s| s.max_block_pairs = Some(0),
        "`link.max_block_pairs` is `0`, expected the most pairs that a block may have",
    );
    check(
        |s| s.comparisons[0].term_frequency_weights = vec![1.0, 1.5],
        "`link.comparisons[0].term_frequency_weights` is `[1.0, 1.5]`, expected at most 3 numbers from 0 to 1, one a level",
    );
    check(
        |s| s.comparisons[1].name = "house".to_owned(),
        "`link.comparisons[1].name` is `house`, which an earlier comparison already has",
    );
    check(
        |s| s.comparisons[0].levels.push("days:3".parse().unwrap()),
        "`link.comparisons[0].levels` has levels that read a value as a range and a date, expected levels that read it in one way",
    );
    check(|s| s.right = None, "`link.cardinality` is `many_to_many`, expected `clusters`, as there is no `link.right`");
    check(
        |s| s.blocking[1][0] = "zip|middle".to_owned(),
        "`link.blocking[1]`: blocking part `zip|middle` makes of its field what is none of prefix:N, start:N, suffix:N, soundex, initials, first_word, words, ngrams:N, range",
    );
    let found = |s: &mut LinkSettings| s.blocking[0][1] = "zap".to_owned();
    let mut changed = settings(NYC);
    found(&mut changed);
    let message = Linker::new(&changed).unwrap_err().to_string();
    assert!(message.starts_with("`link.blocking[0]` names derived field `zap`; there are: address.house, "));
}

#[test]
fn a_missing_column_is_named_with_the_choices() {
    let columns = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let left = columns(&["address"]);
    let error = settings(NYC).validate(&left, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`link.fields.zip.left` names column `zip_code`, which table `sales` lacks; its columns: address"
    );
}

#[test]
fn levels_and_keys_are_checked_while_reading() {
    for (good, bad) in
        [("\"prefix:5 & same_digits\"", "\"prefix\""), ("prefix:5 &", "soundex &"), ("cardinality", "cardinal")]
    {
        assert!(NYC.contains(good), "{good}");
        let text = NYC.replacen(good, bad, 1);
        assert!(toml::from_str::<std::collections::BTreeMap<String, LinkSettings>>(&text).is_err(), "{bad}");
    }
}

#[test]
fn job_settings_survive_being_written() {
    for text in [NYC, include_str!("data/link_properties.toml"), include_str!("data/link_rentstab.toml")] {
        let settings = settings(text);
        Linker::new(&settings).unwrap();
        let written = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<LinkSettings>(&written).unwrap(), settings);
    }
}
