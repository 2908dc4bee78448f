//! Whole jobs on real public data, skipped where the data is not at hand.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::settings;
use crate::memory::{InMemory, ScoredPair, settle};
use crate::{Evaluation, Linker, Model, Side, evaluate};

type Rows = Vec<HashMap<String, String>>;

fn data(set: &str) -> Option<PathBuf> {
    let root = std::env::var("LOTLINE_DATA").unwrap_or_else(|_| "/work/shared/data".to_owned());
    let folder = Path::new(&root).join("property").join(set);
    if !folder.is_dir() {
        eprintln!("skipped: no data at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn read(path: &Path) -> Rows {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

fn push(memory: &mut InMemory<'_>, linker: &Linker, side: Side, id: &str, rows: &Rows) {
    for row in rows {
        let value = |column: &String| row.get(column).map(String::as_str).filter(|v| !v.is_empty());
        memory.push(side, &row[id], &linker.columns(side).iter().map(value).collect::<Vec<_>>());
    }
}

fn run(toml: &str, folder: &Path, left: (&str, &str), right: (&str, &str), truth: &str, complete: bool) -> Evaluation {
    let settings = settings(toml);
    let (left_rows, right_rows) = (read(&folder.join(left.0)), read(&folder.join(right.0)));
    let names = |rows: &Rows| rows[0].keys().cloned().collect::<Vec<_>>();
    settings.validate(&names(&left_rows), &names(&right_rows)).unwrap();
    let linker = Linker::new(&settings).unwrap();
    let mut memory = InMemory::new(&linker);
    push(&mut memory, &linker, Side::Left, left.1, &left_rows);
    push(&mut memory, &linker, Side::Right, right.1, &right_rows);
    let (model, _) = memory.train().unwrap();
    let links = settle(settings.cardinality, memory.score(&model, Model::weight_of(settings.threshold)));
    let truth: Vec<(String, String)> =
        read(&folder.join(truth)).iter().map(|row| (row[left.1].clone(), row[right.1].clone())).collect();
    let judged = |link: &&ScoredPair| complete || truth.iter().any(|(l, r)| *l == link.id_l || *r == link.id_r);
    evaluate(links.iter().filter(judged).map(|link| (link.id_l.clone(), link.id_r.clone())), truth.iter().cloned())
}

#[test]
fn links_city_sales_to_stabilized_buildings() {
    let Some(folder) = data("nyc_bronx_sales_x_rentstab") else { return };
    let evaluation = run(
        include_str!("data/link_nyc.toml"),
        &folder,
        ("left_dof_sales.csv", "sale_id"),
        ("right_dhcr_2013.csv", "bldg_id"),
        "truth_pairs.csv",
        true,
    );
    assert!(evaluation.f1 >= 0.85, "{evaluation:?}");
}

#[test]
fn links_one_list_to_itself_four_years_later() {
    for borough in ["bronx", "brooklyn"] {
        let Some(folder) = data(&format!("nyc_{borough}_rentstab_2009_x_2013")) else { return };
        let evaluation = run(
            include_str!("data/link_rentstab.toml"),
            &folder,
            ("left_2009.csv", "id09"),
            ("right_2013.csv", "id13"),
            "truth_pairs_1to1.csv",
            // Only lots with one record on either side are listed; other links cannot be judged.
            false,
        );
        assert!(evaluation.f1 >= 0.98, "{borough}: {evaluation:?}");
    }
}
