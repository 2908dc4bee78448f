//! Settings inferred from the rows of a set, the truth left out.

use std::collections::HashMap;

use lotline_linkage::{LinkSettings, TableSample, infer};

/// The most rows of a table that are looked at.
const MOST_ROWS: usize = 20_000;

/// Infers settings, prints the notes and the settings as TOML, and checks that they read back.
pub(crate) fn settings(
    left: &[HashMap<String, String>],
    right: Option<&[HashMap<String, String>]>,
    hidden: Option<&str>,
) -> LinkSettings {
    let started = std::time::Instant::now();
    let left = sample("left", left, hidden);
    let right = right.map(|rows| sample("right", rows, hidden));
    let inferred = infer(&left, right.as_ref()).unwrap();
    inferred.notes.iter().for_each(|note| println!("- {note}"));
    println!(
        "ids {:?} {:?}; inferred in {:.1} s",
        inferred.left_id,
        inferred.right_id,
        started.elapsed().as_secs_f64()
    );
    let text = toml::to_string(&inferred.settings).unwrap();
    assert_eq!(toml::from_str::<LinkSettings>(&text).unwrap(), inferred.settings, "{text}");
    inferred.settings.validate(&left.columns, right.as_ref().map_or(&[], |right| &right.columns)).unwrap();
    println!("{text}");
    inferred.settings
}

fn sample(name: &str, rows: &[HashMap<String, String>], hidden: Option<&str>) -> TableSample {
    let mut columns: Vec<String> = rows[0].keys().cloned().collect();
    columns.retain(|column| column != "row_number" && Some(column.as_str()) != hidden);
    columns.sort();
    let step = rows.len().div_ceil(MOST_ROWS);
    let row = |row: &HashMap<String, String>| columns.iter().map(|column| row.get(column).cloned()).collect();
    let sampled = rows.iter().step_by(step).map(row).collect();
    TableSample { name: name.to_owned(), rows: sampled, columns, total_rows: rows.len() as u64 }
}
