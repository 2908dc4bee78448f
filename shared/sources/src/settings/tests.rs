//! Settings that cannot be used name the key, what was found and what was expected; providers' files can be used.

use super::{HttpSettings, HttpSource, providers};

fn check(text: &str) -> String {
    let settings: Result<HttpSettings, _> = toml::from_str(text);
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return error.message().to_owned(),
    };
    match HttpSource::of("job.toml", "sources.rows.http", settings) {
        Ok(_) => "fine".to_owned(),
        Err(error) => error.to_string(),
    }
}

const URL: &str = "url = 'https://vendor.test/rows'\n";

#[test]
fn what_cannot_be_is_refused_by_key() {
    let cases = [
        ("", "job.toml: `sources.rows.http.url`: found none, expected the address of the first page"),
        ("url = 'ftp://x/y'", "found `ftp://x/y`, expected the address of the first page"),
        ("url = 'https://x/y?a=1'", "found `https://x/y?a=1`, expected its parameters under `query`"),
        (
            "provider = 'zillow'",
            "`sources.rows.http.provider`: found unknown provider `zillow`, expected one of `bridge`,",
        ),
        (
            "query = { a = '{water}' }",
            "query.a`: found `{water}`, expected one of `{watermark}`, `{until}`, `{page_size}`",
        ),
        ("query = { a = '{watermark}' }", "query.a`: found `{watermark}`, expected `[watermark]` beside it"),
        ("paging = { style = 'offset', parameter = 'o' }", "paging`: found `offset`, expected `page_size` beside it"),
        ("paging = { style = 'pages' }", "unknown variant `pages`, expected one of `single`, `page`, `offset`"),
        ("watermark = { field = 'm', start = 'x' }", "watermark.start`: found `x`, expected a timestamp"),
        ("watermark = { overlap = 3 }", "watermark.field`: found none"),
        ("timeout = 0", "timeout`: found 0, expected 1 to 900"),
        ("budget = { requests_per_hour = 0 }", "budget.requests_per_hour`: found 0, expected at least 1"),
        ("auth = { kind = 'bearer', secret = 'A', user = 'b' }", "unknown field `user`"),
        ("keys = { every_hours = 1 }", "keys`: found a list of keys, expected `key` and `watermark` beside it"),
        ("first = { paging = { style = 'offset', parameter = 'o' } }", "first.paging`: found `offset`"),
        ("colour = 'red'", "unknown field `colour`, expected one of `provider`, `url`"),
    ];
    for (text, expected) in cases {
        let url = if text.contains("url =") || text.is_empty() { "" } else { URL };
        let found = check(&format!("{url}{text}"));
        assert!(found.contains(expected), "{text}: {found}");
    }
    assert_eq!(check(URL), "fine");
}

#[test]
fn every_provider_s_file_can_be_used_and_overridden() {
    for name in ["bridge", "bridge-replication", "mlsgrid", "spark", "spark-replication", "trestle"] {
        let auth = "auth = { kind = 'bearer', secret = 'MINE' }\nbudget = { requests_per_day = 7 }\n";
        assert_eq!(check(&format!("provider = '{name}'\n{URL}{auth}")), "fine", "{name}");
    }
    assert!(providers::rules("mlsgrid").unwrap().unwrap().budget.requests_per_second == Some(2));
    let mine: HttpSettings = toml::from_str("query = { '$top' = '5' }\nbudget = { requests_per_hour = 3600 }").unwrap();
    let whole = mine.over(providers::rules("mlsgrid").unwrap().unwrap());
    assert_eq!((whole.query["$top"].as_str(), whole.query.len()), ("5", 2));
    assert_eq!((whole.budget.requests_per_hour, whole.budget.requests_per_day), (Some(3_600), Some(40_000)));
}
