//! No record is lost and none repeated for ever, in every way of paging, for any page size and collision of marks.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::{
    Pulls, World,
    feed::{Feed, Rows},
    source,
};
use crate::{HttpSource, Span};

const OVERLAP: i64 = 3;

/// The ways of paging, and whether a change in the midst of a walk can move records of one mark over a border.
const STYLES: [(&str, bool); 7] = [
    ("style = 'page'\nparameter = 'page'", true),
    ("style = 'page'\nparameter = 'page'\ntotal_pages = 'pages'", true),
    ("style = 'offset'\nparameter = 'offset'", true),
    ("style = 'offset'\nparameter = 'offset'\nmax = 100000", true),
    ("style = 'next_link'\nmember = 'next'", false),
    ("style = 'link_header'", false),
    ("style = 'cursor'\nparameter = 'cursor'\nmember = 'cursor'", false),
];

fn paged(style: &str, page: usize, more: &str) -> HttpSource {
    watermarked(style, page, more, true)
}

fn watermarked(style: &str, page: usize, more: &str, ordered: bool) -> HttpSource {
    source(&format!(
        "url = 'https://vendor.test/rows'\nrecords = 'value'\npage_size = {page}\nquery = {{ since = '{{watermark}}' }}\n\
         {more}\n[paging]\n{style}\n[watermark]\nfield = 'mark'\nkind = 'integer'\noverlap = {OVERLAP}\nordered = {ordered}\n"
    ))
}

/// The latest version of every key among pulled records; and how often each record came.
fn take(records: &[String], latest: &mut BTreeMap<u64, u64>, counts: &mut BTreeMap<String, u32>) {
    for record in records {
        let value: Value = serde_json::from_str(record).unwrap();
        let (key, version) = (value["key"].as_u64().unwrap(), value["version"].as_u64().unwrap());
        latest.entry(key).and_modify(|found| *found = version.max(*found)).or_insert(version);
        *counts.entry(record.clone()).or_default() += 1;
    }
}

fn versions(rows: &Rows) -> BTreeMap<u64, u64> {
    rows.iter().map(|(key, (_, version))| (*key, *version)).collect()
}

/// A change between two pulls: of these keys, moved to the newest mark plus this, which may lie up to the overlap back.
type Changes = Vec<(u64, i64)>;

fn change(rows: &mut Rows, changes: &Changes) {
    let newest = rows.values().map(|(mark, _)| *mark).max().unwrap_or(1);
    for (key, ahead) in changes {
        let version = rows.get(key).map_or(0, |(_, version)| version + 1);
        rows.insert(*key, ((newest + ahead).max(1), version));
    }
}

/// Every odd request is preceded by a change of a record that lies before the middle: it moves to the end.
fn stir(rows: &mut Rows, request: u64) {
    let moved = request.is_multiple_of(2) && request < 40;
    let Some((key, (_, version))) =
        rows.iter().nth((request / 2) as usize % 5).filter(|_| moved).map(|(k, v)| (*k, *v))
    else {
        return;
    };
    let newest = rows.values().map(|(mark, _)| *mark).max().unwrap_or(1);
    rows.insert(key, (newest + 1, version + 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_is_lost_and_nothing_comes_for_ever(
        marks in prop::collection::vec(1_i64..12, 0..60),
        page in 1_usize..9,
        pulls in prop::collection::vec(prop::collection::vec((0_u64..70, -OVERLAP..4), 0..6), 0..4),
        declares in any::<bool>(),
    ) {
        let more = if declares { "total = 'total'" } else { "" };
        for (style, _) in STYLES {
            // A total is of the whole query, which links and cursors walk too.
            let rows: Rows = marks.iter().enumerate().map(|(key, mark)| (key as u64, (*mark, 0))).collect();
            let (feed, world, source) = (Feed::new(rows, page), World::default(), paged(style, page, more));
            let (mut at, mut latest, mut counts) = (Pulls::default(), BTreeMap::new(), BTreeMap::new());
            for changes in [&vec![]].into_iter().chain(&pulls) {
                change(&mut feed.rows(), changes);
                let records = at.pull(&source, world.ports(&feed), Span::News).unwrap();
                take(&records, &mut latest, &mut counts);
                prop_assert_eq!(&latest, &versions(&feed.rows()), "{}", style);
            }
            prop_assert!(counts.values().all(|count| *count == 1), "{}: {:?}", style, counts);
            let again = at.pull(&source, world.ports(&feed), Span::News).unwrap();
            prop_assert_eq!(again, Vec::<String>::new(), "{}", style);
        }
    }

    #[test]
    fn nothing_is_lost_while_the_feed_changes(
        marks in prop::collection::vec(1_i64..12, 1..60),
        page in 1_usize..9,
    ) {
        for (style, shifts) in STYLES {
            // Where pages are counted, records of one mark that fill a page can slip over its border unseen.
            let mark = |key: usize| if shifts { key as i64 + 1 } else { marks[key] };
            let rows: Rows = (0..marks.len()).map(|key| (key as u64, (mark(key), 0))).collect();
            let mut feed = Feed::new(rows, page.max(2));
            feed.change = Some(stir);
            let (world, source) = (World::default(), paged(style, page.max(2), ""));
            let (mut at, mut latest, mut counts) = (Pulls::default(), BTreeMap::new(), BTreeMap::new());
            for _ in 0..3 {
                take(&at.pull(&source, world.ports(&feed), Span::News).unwrap(), &mut latest, &mut counts);
            }
            feed.change = None;
            take(&at.pull(&source, world.ports(&feed), Span::News).unwrap(), &mut latest, &mut counts);
            prop_assert_eq!(&latest, &versions(&feed.rows()), "{}", style);
        }
    }

    #[test]
    fn feeds_in_another_order_are_whole_too(
        marks in prop::collection::vec(1_i64..40, 0..60),
        page in 1_usize..9,
        changes in prop::collection::vec((0_u64..70, -OVERLAP..4), 0..6),
    ) {
        for (style, _) in STYLES {
            let rows: Rows = marks.iter().enumerate().map(|(key, mark)| (key as u64, (*mark, 0))).collect();
            let mut feed = Feed::new(rows, page);
            feed.ordered = false;
            let source = watermarked(style, page, "", false);
            let (world, mut at) = (World::default(), Pulls::default());
            let (mut latest, mut counts) = (BTreeMap::new(), BTreeMap::new());
            take(&at.pull(&source, world.ports(&feed), Span::News).unwrap(), &mut latest, &mut counts);
            change(&mut feed.rows(), &changes);
            take(&at.pull(&source, world.ports(&feed), Span::News).unwrap(), &mut latest, &mut counts);
            prop_assert_eq!(&latest, &versions(&feed.rows()), "{}", style);
            prop_assert!(counts.values().all(|count| *count == 1), "{}: {:?}", style, counts);
        }
    }

    #[test]
    fn windows_together_are_the_whole(
        marks in prop::collection::vec(1_i64..30, 0..60),
        page in 1_usize..9,
        cut in 1_i64..30,
    ) {
        for (style, _) in STYLES {
            let rows: Rows = marks.iter().enumerate().map(|(key, mark)| (key as u64, (*mark, 0))).collect();
            let (feed, world, source) = (Feed::new(rows, page), World::default(), paged(style, page, ""));
            let (mut latest, mut counts) = (BTreeMap::new(), BTreeMap::new());
            for (from, until) in [(1, cut), (cut + 1, 40)] {
                let records = Pulls::default().pull(&source, world.ports(&feed), Span::Window { from, until }).unwrap();
                take(&records, &mut latest, &mut counts);
            }
            prop_assert_eq!(&latest, &versions(&feed.rows()), "{}", style);
            prop_assert!(counts.values().all(|count| *count == 1), "{}: {:?}", style, counts);
        }
    }
}
