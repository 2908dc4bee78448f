//! Published files with published answers.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Dir, input, job, shared_data, test_job, text};

#[test]
fn open_houses_are_counted_as_published() {
    let Some(data) = shared_data("open_houses") else { return };
    let dir = Dir::new("open_houses");
    let receipt = dir.run(&job("open-houses"), &[input("open_houses", &data.join("openhouses.json"))], &[]);
    let ledger = json!({"read": 1117, "accepted": 949, "superseded": 15, "duplicate": 151, "quarantined": 2, "over_limit": false});
    assert_eq!(receipt["sources"]["open_houses"], ledger);

    let expected: Value =
        serde_json::from_slice(&fs::read(data.join("expected.json")).expect("expected.json")).expect("JSON");
    let insights = &dir.summary(&receipt)["insights"];
    assert_eq!(insights["busiest_week"], json!([{"week_start": "2023-03-27", "open_houses": 528}]));
    let zips: Vec<String> = insights["top_zips"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| format!("{}={}", text(&row["zip"]), row["open_houses"]))
        .collect();
    assert_eq!(zips, ["94070=35", "95051=28", "93923=27", "94010=23", "94030=22"]);
    let daily: Value = insights["daily_cumulative"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (text(&row["day"]).to_owned(), row["cumulative"].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(daily, expected["cumulative_by_OpenHouseDate"]);

    let quarantined =
        dir.sql("SELECT row_number, \"column\", rule, raw FROM open_houses_quarantine ORDER BY row_number");
    assert_eq!(quarantined[0]["row_number"], 1);
    assert_eq!(quarantined[0]["column"], "open_house_key");
    assert_eq!(quarantined[0]["rule"], "required");
    assert_eq!(quarantined[1]["row_number"], 2);
    assert_eq!(quarantined[1]["rule"], "utc_only");
    assert!(text(&quarantined[1]["raw"]).contains("\"OpenHouseStartTime\": \"20:00\""));
}

#[test]
fn rolling_sales_load_to_the_published_counts() {
    let Some(data) = shared_data("ingest/nyc_rolling_sales") else { return };
    let expected: Value =
        serde_json::from_slice(&fs::read(data.join("expected.json")).expect("expected.json")).expect("JSON");
    for (file, expected) in expected.as_object().expect("an object") {
        let dir = Dir::new("rolling_sales");
        let receipt = dir.run(&test_job("rolling-sales"), &[input("sales", &data.join(file))], &[]);
        assert_eq!(receipt["sources"]["sales"]["accepted"], expected["data_rows"], "{file}");
        let found = dir.sql(
            "SELECT count(*) AS data_rows, min(sale_date) AS min_date, max(sale_date) AS max_date,
             count_if(sale_price > 0) AS rows_price_gt_0, sum(sale_price) AS sum_price,
             (SELECT approx_percentile(sale_price, 0.5) FROM sales WHERE sale_price > 0) AS median_price_gt_0,
             count_if(sale_price IS NULL) AS price_dash_rows, count_if(CAST(zip_code AS integer) = 0) AS zip_zero_rows,
             count_if(year_built = 0) AS year_built_0_rows FROM sales",
        );
        for (name, found) in found[0].as_object().expect("one row") {
            match (found.as_f64(), expected[name].as_f64()) {
                (Some(found), Some(expected)) => {
                    assert!((found - expected).abs() < 0.5, "{file} {name}: {found}, {expected}")
                }
                _ => assert_eq!(*found, expected[name], "{file} {name}"),
            }
        }
    }
}

#[test]
fn ames_has_the_published_mean_median_and_bedrooms() {
    let Some(data) = shared_data("property/ames/Ames_HousePrice.csv") else { return };
    let dir = Dir::new("ames");
    dir.run(&test_job("ames"), &[input("sales", &data)], &[]);
    let summary = dir.sql("SELECT count(*) AS n, round(avg(sale_price), 2) AS mean, approx_percentile(sale_price, 0.5) AS median FROM sales");
    assert_eq!(summary, json!([{"n": 2580, "mean": 178_059.62, "median": 159_900.0}]));
    let bedrooms = dir.sql("SELECT bedrooms, count(*) AS n FROM sales GROUP BY 1 ORDER BY 1");
    let counts: Vec<i64> = bedrooms.as_array().expect("rows").iter().filter_map(|row| row["n"].as_i64()).collect();
    assert_eq!(counts, [7, 99, 656, 1409, 349, 40, 20]);
}

#[test]
fn nyc_buildings_are_linked_better_than_plain_sql() {
    let Some(data) = shared_data("property/nyc_bronx_sales_x_rentstab") else { return };
    let dir = Dir::new("nyc_buildings");
    let inputs =
        [input("sales", &data.join("left_dof_sales.csv")), input("stabilized", &data.join("right_dhcr_2013.csv"))];
    dir.run(&job("nyc-buildings"), &inputs, &[]);
    let job = job("nyc-buildings");
    let truth = data.join("truth_pairs.csv");
    let arguments = ["evaluate", job.to_str().expect("UTF-8"), "--truth", truth.to_str().expect("UTF-8"), "--json"];
    let evaluation = crate::harness::json(&dir.lotline(&arguments));
    assert!(evaluation["f1"].as_f64().expect("a number") >= 0.85, "{evaluation}");
}
