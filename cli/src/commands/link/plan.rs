//! `lotline link plan` for people.

use lotline_stages::link::{BlockCount, LinkForecast};
use serde_json::{Value, json};

use crate::output::{peak_rss_bytes, rows_text};

/// The forecast as tables and sentences.
#[expect(clippy::cast_precision_loss, reason = "shown to a few digits")]
pub(super) fn text(forecast: &LinkForecast, threads: usize, max_memory: u64) -> String {
    let rule = |rule: usize| forecast.rules[rule].rule.join(" + ");
    let row = |number: usize, pairs: u64, blocks: u64| vec![json!(rule(number)), json!(pairs), json!(blocks)];
    let counts = forecast.rules.iter().map(|rule| rule.count).enumerate();
    let rows: Vec<Vec<Value>> = counts.map(|(number, count)| row(number, count.pairs, count.blocks)).collect();
    let mut text = table(["blocking rule", "pairs", "blocks"], &rows);
    text += "\n";
    text += &blocks("largest blocks", &forecast.largest, &rule);
    if forecast.blocks_left_out > 0 {
        text += &format!("{} of the largest are left out: over max_block_pairs\n", forecast.blocks_left_out);
    }
    let (trial, shards) = (&forecast.trial, forecast.shards);
    let seconds: f64 = forecast.seconds.values().sum();
    let steps: Vec<String> = forecast.seconds.iter().map(|(step, seconds)| format!("{step} {seconds:.1}")).collect();
    text += &format!(
        "about {} pairs to compare, each once; {} were, in one of {shards} shards\n",
        forecast.pairs, trial.pairs_compared
    );
    text += &format!(
        "about {:.1} s with {threads} workers before the links are settled ({} worker seconds)\n",
        seconds / threads as f64,
        steps.join(", ")
    );
    let (bill, held) = (&forecast.bill, peak_rss_bytes() / 1_000_000);
    text += &format!("at most {} MB of memory for data; {held} MB held so far\n", max_memory / 1_000_000);
    text += &format!(
        "on AWS about ${:.6} (${:.2} per million records, prices of {})\n",
        bill.usd, bill.usd_per_million_records, bill.prices_as_of
    );
    text
}

fn blocks(title: &str, blocks: &[BlockCount], rule: &impl Fn(usize) -> String) -> String {
    let row = |block: &BlockCount| {
        let size = if block.right == 0 { block.left.to_string() } else { format!("{} x {}", block.left, block.right) };
        vec![json!(block.example.join(", ")), json!(rule(block.rule)), json!(size), json!(block.pairs)]
    };
    let rows: Vec<Vec<Value>> = blocks.iter().map(row).collect();
    table([title, "of rule", "records", "pairs"], &rows) + "\n"
}

fn table<const N: usize>(columns: [&str; N], rows: &[Vec<Value>]) -> String {
    rows_text(&columns.map(str::to_owned), rows)
}
