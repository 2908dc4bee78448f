//! Figures of a summary, and how they are compared.

use serde_json::json;

use crate::{
    queries::{Listing, Parcel, Property},
    summary::{Bedrooms, Matched, Summary, Tally},
};

fn of(rows: &[(Option<i64>, Option<i64>, Option<f64>)]) -> Summary {
    let mut tally = Tally::default();
    for &(bedrooms, beds, est_value) in rows {
        let (parcel, listing) = (Parcel { bedrooms }, Listing { beds, est_value });
        tally.add(&Property { id: "1".to_owned(), parcel, listing });
    }
    tally.summary()
}

fn values(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let rows: Vec<_> = values.iter().map(|&value| (None, None, Some(value))).collect();
    let summary = of(&rows).matched;
    (summary.mean_estimated_value, summary.median_estimated_value)
}

fn summary(mean: f64, median: f64, bedrooms: &[(Option<i64>, u64)]) -> Summary {
    let row = |&(bedrooms, properties): &(Option<i64>, u64)| Bedrooms { bedrooms, properties };
    Summary {
        matched: Matched {
            matched_properties: bedrooms.iter().map(|row| row.1).sum(),
            mean_estimated_value: Some(mean),
            median_estimated_value: Some(median),
        },
        bedrooms: bedrooms.iter().map(row).collect(),
    }
}

#[test]
fn the_median_lies_between_the_middle_values() {
    assert_eq!(values(&[]), (None, None));
    assert_eq!(values(&[7.0]), (Some(7.0), Some(7.0)));
    assert_eq!(values(&[9.0, 1.0]), (Some(5.0), Some(5.0)));
    assert_eq!(values(&[9.0, 1.0, 2.0]), (Some(4.0), Some(2.0)));
    assert_eq!(values(&[9.0, 1.0, 2.0, 4.0]), (Some(4.0), Some(3.0)));
}

#[test]
fn the_mean_loses_no_digits() {
    assert_eq!(values(&[1e16, 1.0, 1.0, -1e16]).0, Some(0.5));
}

#[test]
fn rows_without_a_value_are_matched_all_the_same() {
    let summary = of(&[(Some(3), Some(4), None), (None, Some(4), Some(10.0)), (None, None, Some(20.0))]);
    assert_eq!(summary.matched.matched_properties, 3);
    assert_eq!(summary.matched.mean_estimated_value, Some(15.0));
    let bedrooms: Vec<_> = summary.bedrooms.iter().map(|row| (row.bedrooms, row.properties)).collect();
    assert_eq!(bedrooms, [(Some(3), 1), (Some(4), 1), (None, 1)]);
}

#[test]
fn every_differing_figure_is_named() {
    let ours = summary(100.0, 90.0, &[(Some(2), 5), (Some(3), 7), (None, 1)]);
    let check = |theirs: &Summary| {
        let figure = |difference: crate::summary::Difference| {
            (difference.figure, difference.found.to_string(), difference.expected.to_string())
        };
        ours.differences(theirs).into_iter().map(figure).collect::<Vec<_>>()
    };
    let named = |rows: &[(&str, &str, &str)]| {
        rows.iter().map(|row| (row.0.to_owned(), row.1.to_owned(), row.2.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(check(&ours), []);
    assert_eq!(check(&summary(100.0 + 1e-8, 90.0, &[(Some(2), 5), (Some(3), 7), (None, 1)])), []);
    assert_eq!(
        check(&summary(100.1, 90.5, &[(Some(2), 6), (Some(4), 7), (None, 1)])),
        named(&[
            ("matched_properties", "14", "13"),
            ("mean_estimated_value", "100.1", "100.0"),
            ("median_estimated_value", "90.5", "90.0"),
            ("properties of 2 bedrooms", "6", "5"),
            ("properties of 3 bedrooms", "null", "7"),
            ("properties of 4 bedrooms", "7", "null"),
        ])
    );
    let turned = check(&summary(100.0, 90.0, &[(None, 1), (Some(2), 5), (Some(3), 7)]));
    assert_eq!(turned.len(), 1);
    assert_eq!(turned[0].0, "rows of the insight bedrooms");
}

#[test]
fn a_summary_is_written_as_the_insights_are() {
    assert_eq!(
        serde_json::to_value(summary(1.5, 2.0, &[(None, 1)])).unwrap(),
        json!({
            "matched_properties": 1,
            "mean_estimated_value": 1.5,
            "median_estimated_value": 2.0,
            "bedrooms": [{ "bedrooms": null, "properties": 1 }],
        })
    );
}
