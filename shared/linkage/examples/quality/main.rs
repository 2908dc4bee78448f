//! Quality of linking on one data set: precision, recall and F1 at the settings' threshold and at the best cut.
//!
//! `cargo run --release -p lotline-linkage --example quality -- SET.toml DATA_DIR [--misses N]`
//!
//! A set's file has a `[data]` table besides `[link]`: `left` and `right` files with their `id` columns, delimiter and
//! truth, see `Data`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measuring tool")]

mod clusters;
mod inferred;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use lotline_linkage::memory::{InMemory, ScoredPair, across, settle, share};
use lotline_linkage::{Cardinality, LinkSettings, Linker, Model, Side};
use serde::Deserialize;

#[derive(Deserialize)]
struct Set {
    data: Data,
    link: LinkSettings,
}

/// Where the rows and the truth are.
#[derive(Deserialize)]
struct Data {
    left: Table,
    right: Option<Table>,
    /// A CSV file of true pairs, its columns in order left and right.
    truth: Option<Table>,
    /// Or, in one table, the column that names the true cluster.
    cluster: Option<String>,
    /// The truth lists only some records; links of others cannot be judged.
    #[serde(default)]
    partial: bool,
    /// Links of one table are judged as they are, not by the clusters they make.
    #[serde(default)]
    pairs: bool,
}

#[derive(Deserialize)]
struct Table {
    file: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    columns: Option<[String; 2]>,
    #[serde(default)]
    delimiter: Option<char>,
    #[serde(default)]
    latin1: bool,
    /// What quotes a value, `"` when left out; with `'` a backslash stands before one inside.
    #[serde(default)]
    quote: Option<char>,
    /// Spaces stand between a delimiter and a quote.
    #[serde(default)]
    spaced: bool,
}

type Rows = Vec<HashMap<String, String>>;

fn read(dir: &Path, table: &Table) -> Rows {
    let bytes = std::fs::read(dir.join(&table.file)).unwrap();
    let text = if table.latin1 {
        bytes.iter().map(|b| *b as char).collect()
    } else {
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let delimiter = table.delimiter.unwrap_or(',');
    let quote = table.quote.unwrap_or('"');
    let text =
        if table.spaced { text.replace(&format!("{delimiter} {quote}"), &format!("{delimiter}{quote}")) } else { text };
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter as u8).quote(quote as u8).flexible(true).trim(csv::Trim::All);
    if quote == '\'' {
        builder.escape(Some(b'\\')).double_quote(false);
    }
    let mut reader = builder.from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    reader
        .records()
        .enumerate()
        .map(|(n, record)| {
            let record = record.unwrap();
            let mut row: HashMap<String, String> = headers
                .iter()
                .zip(record.iter())
                .map(|(h, v)| (h.trim_matches(['"', '\u{feff}']).to_owned(), v.to_owned()))
                .collect();
            row.insert("row_number".to_owned(), n.to_string());
            row
        })
        .collect()
}

type Pair = (String, String);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&arguments[1]).unwrap();
    let dir = Path::new(&arguments[2]);
    let misses: usize =
        arguments.iter().position(|a| a == "--misses").map_or(0, |at| arguments[at + 1].parse().unwrap());
    let mut set: Set = toml::from_str(&text).unwrap();
    let tables = [Some(&set.data.left), set.data.right.as_ref(), set.data.truth.as_ref()];
    if let Some(table) = tables.into_iter().flatten().find(|table| !dir.join(&table.file).is_file()) {
        // One set comes as Parquet, which this tool does not read.
        println!("skipped: no CSV file {}", dir.join(&table.file).display());
        return;
    }
    let started = std::time::Instant::now();
    let left = read(dir, &set.data.left);
    let right = set.data.right.as_ref().map(|table| read(dir, table));
    if arguments.iter().any(|a| a == "--infer") {
        set.link = inferred::settings(&left, right.as_deref(), set.data.cluster.as_deref());
    }
    let linker = Linker::new(&set.link).unwrap();
    let id = |table: &Table| table.id.clone().unwrap_or_else(|| "row_number".to_owned());
    let mut memory = InMemory::new(&linker);
    let mut by_id: [HashMap<String, &HashMap<String, String>>; 2] = Default::default();
    for (side, table, rows) in
        [(Side::Left, Some(&set.data.left), Some(&left)), (Side::Right, set.data.right.as_ref(), right.as_ref())]
    {
        let (Some(table), Some(rows)) = (table, rows) else { continue };
        for row in rows {
            let key = id(table);
            let value = |c: &String| {
                assert!(row.contains_key(c) || rows[0].contains_key(c), "no column {c}; {:?}", rows[0].keys());
                row.get(c).map(String::as_str).filter(|v| !v.is_empty())
            };
            memory.push(side, &row[&key], &linker.columns(side).iter().map(value).collect::<Vec<_>>());
            by_id[side as usize].insert(row[&key].clone(), row);
        }
    }
    let (model, warnings) = memory.train().unwrap();
    if arguments.iter().any(|a| a == "--model") {
        println!("{}", model.to_json().unwrap());
        warnings.iter().for_each(|w| println!("{w}"));
    }
    if set.data.right.is_none() && !set.data.pairs && !arguments.iter().any(|a| a == "--pairs") {
        let labels: Vec<String> = left.iter().map(|row| label(&set.data, row)).collect();
        return clusters::measure(&memory, &model, &labels, set.link.threshold, started);
    }
    let truth = truth(dir, &set.data, &left);
    let pairs = share(set.link.cardinality, memory.score(&model, -10.0));
    let listed: [BTreeSet<&String>; 2] = [truth.iter().map(|p| &p.0).collect(), truth.iter().map(|p| &p.1).collect()];
    let judged =
        |pair: &&ScoredPair| !set.data.partial || listed[0].contains(&pair.id_l) || listed[1].contains(&pair.id_r);
    let at = |weight: f64| -> (f64, f64, f64, usize) {
        let links: BTreeSet<Pair> = if set.data.right.is_none() && !set.data.pairs {
            clustered(&pairs.iter().filter(|p| p.match_weight >= weight).cloned().collect::<Vec<_>>())
        } else {
            links(&pairs, &set.link, weight).iter().filter(judged).map(|p| (p.id_l.clone(), p.id_r.clone())).collect()
        };
        let hits = links.intersection(&truth).count();
        let (p, r) = (hits as f64 / links.len().max(1) as f64, hits as f64 / truth.len() as f64);
        (2.0 * hits as f64 / (links.len() + truth.len()) as f64, p, r, links.len())
    };
    let threshold = Model::weight_of(set.link.threshold);
    let (f1, p, r, found) = at(threshold);
    let candidates: BTreeSet<Pair> =
        memory.score(&model, f64::NEG_INFINITY).into_iter().map(|p| (p.id_l, p.id_r)).collect();
    let recall = candidates.intersection(&truth).count() as f64 / truth.len() as f64;
    let mut best = (0.0, 0.0);
    let mut cut = -10.0;
    let best_wanted = !arguments.iter().any(|a| a == "--no-best");
    while best_wanted && cut <= 40.0 {
        let (f1, ..) = at(cut);
        if f1 > best.0 {
            best = (f1, cut);
        }
        cut += 0.5;
    }
    let expected: f64 = {
        let links = links(&pairs, &set.link, threshold);
        links.iter().map(|p| Model::match_probability(p.match_weight)).sum::<f64>() / links.len().max(1) as f64
    };
    println!(
        "F1 {f1:.4} (P {p:.4} R {r:.4}, {found} links) at {threshold:.2}; best {:.4} at {:.1}; expected P {expected:.4}; candidates {} recall {recall:.4}; {:.1} s",
        best.0,
        best.1,
        candidates.len(),
        started.elapsed().as_secs_f64()
    );
    if misses > 0 {
        show(&pairs, &truth, threshold, misses, &by_id, set.data.right.is_none(), &set.link);
    }
}

/// The links of at least this match weight.
fn links(pairs: &[ScoredPair], link: &LinkSettings, weight: f64) -> Vec<ScoredPair> {
    if link.cardinality == Cardinality::Clusters && !link.is_dedupe() {
        return across(pairs, weight);
    }
    settle(link.cardinality, pairs.iter().filter(|pair| pair.match_weight >= weight).cloned().collect())
}

/// The true cluster of a row.
fn label(data: &Data, row: &HashMap<String, String>) -> String {
    let column = data.cluster.as_ref().unwrap();
    match column.strip_prefix("rec_id:") {
        Some(_) => row["rec_id"].split('-').nth(1).unwrap().to_owned(),
        None => row[column].clone(),
    }
}

fn truth(dir: &Path, data: &Data, left: &Rows) -> BTreeSet<Pair> {
    if data.cluster.is_some() {
        let id = data.left.id.clone().unwrap_or_else(|| "row_number".to_owned());
        let mut clusters: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for row in left {
            clusters.entry(label(data, row)).or_default().push(&row[&id]);
        }
        return clusters.values().flat_map(|ids| pairs_of(ids)).collect();
    }
    let table = data.truth.as_ref().unwrap();
    let columns = table.columns.clone().unwrap();
    let ordered = |l: String, r: String| if data.right.is_none() && l > r { (r, l) } else { (l, r) };
    read(dir, table).iter().map(|row| ordered(row[&columns[0]].clone(), row[&columns[1]].clone())).collect()
}

fn pairs_of(ids: &[&String]) -> Vec<Pair> {
    let mut ids: Vec<&String> = ids.to_vec();
    ids.sort();
    let mut pairs = Vec::new();
    for (n, l) in ids.iter().enumerate() {
        pairs.extend(ids[n + 1..].iter().map(|r| ((*l).clone(), (*r).clone())));
    }
    pairs
}

/// All pairs of the connected components.
fn clustered(pairs: &[ScoredPair]) -> BTreeSet<Pair> {
    let mut parent: HashMap<&String, &String> = HashMap::new();
    fn root<'a>(parent: &HashMap<&'a String, &'a String>, mut id: &'a String) -> &'a String {
        while let Some(up) = parent.get(id).filter(|up| **up != id) {
            id = up;
        }
        id
    }
    for pair in pairs {
        let (l, r) = (root(&parent, &pair.id_l), root(&parent, &pair.id_r));
        let (low, high) = if l < r { (l, r) } else { (r, l) };
        parent.insert(low, low);
        parent.insert(high, low);
        for id in [&pair.id_l, &pair.id_r] {
            parent.entry(id).or_insert(low);
        }
    }
    let mut clusters: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for pair in pairs {
        for id in [&pair.id_l, &pair.id_r] {
            clusters.entry(root(&parent, id)).or_default().insert(id);
        }
    }
    clusters.values().flat_map(|ids| pairs_of(&ids.iter().copied().collect::<Vec<_>>())).collect()
}

fn show(
    pairs: &[ScoredPair],
    truth: &BTreeSet<Pair>,
    threshold: f64,
    count: usize,
    by_id: &[HashMap<String, &HashMap<String, String>>; 2],
    dedupe: bool,
    link: &LinkSettings,
) {
    let right = if dedupe { &by_id[0] } else { &by_id[1] };
    let describe = |l: &String, r: &String| format!("  L {:?}\n  R {:?}", sorted(by_id[0][l]), sorted(right[r]));
    let settled = links(pairs, link, threshold);
    let wrong = settled.iter().filter(|p| !truth.contains(&(p.id_l.clone(), p.id_r.clone())));
    for pair in wrong.take(count) {
        println!("WRONG {:.2} {:?}\n{}", pair.match_weight, pair.gammas, describe(&pair.id_l, &pair.id_r));
    }
    let found: HashMap<Pair, &ScoredPair> = pairs.iter().map(|p| ((p.id_l.clone(), p.id_r.clone()), p)).collect();
    let links: BTreeSet<Pair> = settled.iter().map(|p| (p.id_l.clone(), p.id_r.clone())).collect();
    for (l, r) in truth.difference(&links).step_by(7).take(count) {
        match found.get(&(l.clone(), r.clone())) {
            Some(pair) => println!("MISS {:.2} {:?}\n{}", pair.match_weight, pair.gammas, describe(l, r)),
            None => println!("MISS unmet or below -10\n{}", describe(l, r)),
        }
    }
}

fn sorted(row: &HashMap<String, String>) -> BTreeMap<&String, &String> {
    row.iter().filter(|(_, v)| !v.is_empty()).collect()
}
