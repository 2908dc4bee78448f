//! What people and programs see: receipts, tables of rows, JSON.

use std::{
    fs,
    io::{self, Write},
};

use lotline_stages::{pull::PullReport, receipt::Receipt};
use serde::Serialize;
use serde_json::Value;

use crate::error::CliError;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Done,
    /// It finished, but a quality limit was exceeded.
    OverLimit,
}

/// Writes text to standard output; a reader that went away (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::Io { place: "standard output".to_owned(), source: error })
        }
        _ => Ok(()),
    }
}

/// Writes a value to standard output as indented JSON.
pub(crate) fn print_json<T: Serialize>(value: &T) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| CliError::Io { place: "standard output".to_owned(), source: error.into() })?;
    print(&format!("{text}\n"))
}

/// The receipt as lines for people.
pub(crate) fn receipt_text(receipt: &Receipt) -> String {
    let mut lines = vec![format!("receipt of {}", receipt.run_id)];
    lines.push(format!(
        "  {:<14} {:>10} {:>10} {:>10} {:>10} {:>11}",
        "source", "read", "accepted", "superseded", "duplicate", "quarantined"
    ));
    lines.splice(1..1, receipt.pulled.iter().map(|(source, report)| pull_text(source, report)));
    for (source, ledger) in &receipt.sources {
        lines.push(format!(
            "  {source:<14} {:>10} {:>10} {:>10} {:>10} {:>11}{}",
            ledger.read,
            ledger.accepted,
            ledger.superseded,
            ledger.duplicate,
            ledger.quarantined,
            if ledger.over_limit { "  over its limit" } else { "" }
        ));
    }
    if let (Some(pairs), Some(links)) = (receipt.pairs_compared, receipt.links) {
        lines.push(format!("  {links} links from {pairs} candidate pairs"));
    }
    lines.extend(receipt.warnings.iter().map(|warning| format!("  warning: {warning}")));
    let state = match (receipt.unchanged, receipt.superseded) {
        (true, _) => "  (unchanged: readers saw this result already)",
        (_, true) => "  (readers see another run of the job, which was asked for later)",
        _ => "",
    };
    lines.push(format!("  result digest  {}{state}", receipt.result_digest));
    #[expect(clippy::cast_precision_loss, reason = "shown in megabytes")]
    let megabytes = receipt.peak_rss_bytes.unwrap_or_default() as f64 / 1e6;
    lines.push(format!(
        "  {:.2} s, {megabytes:.0} MB peak memory; on AWS about ${:.6} (${:.2} per million records, prices of {})",
        receipt.elapsed_s.unwrap_or_default(),
        receipt.usd_estimate,
        receipt.bill.usd_per_million_records,
        receipt.bill.prices_as_of
    ));
    lines.join("\n") + "\n"
}

/// What was pulled of one source as a line for people.
pub(crate) fn pull_text(source: &str, report: &PullReport) -> String {
    let PullReport { requests, retries, pages, records, repeated, deleted, .. } = report;
    #[expect(clippy::cast_precision_loss, reason = "shown in megabytes and seconds")]
    let (megabytes, waited) = (report.bytes as f64 / 1e6, report.waited_ms as f64 / 1e3);
    format!(
        "  pulled {source}: {records} new records, {deleted} deletions, {repeated} known, from {pages} pages; \
         {requests} requests ({retries} again), {megabytes:.1} MB, {waited:.1} s waited"
    )
}

/// Rows under their column names, aligned.
pub(crate) fn rows_text(columns: &[String], rows: &[Vec<Value>]) -> String {
    TextTable::measure(columns, rows).text(columns, rows)
}

/// Widths of the columns of a table of text.
pub(crate) struct TextTable {
    widths: Vec<usize>,
}

impl TextTable {
    /// Columns as wide as their names and these rows.
    pub(crate) fn measure(columns: &[String], rows: &[Vec<Value>]) -> Self {
        let width = |(position, name): (usize, &String)| {
            let cells = rows.iter().filter_map(|row| row.get(position)).map(|value| cell(value).chars().count());
            cells.chain([name.chars().count()]).max().unwrap_or(0)
        };
        Self { widths: columns.iter().enumerate().map(width).collect() }
    }

    /// The names, a rule and the rows.
    pub(crate) fn text(&self, columns: &[String], rows: &[Vec<Value>]) -> String {
        let rule = self.widths.iter().map(|width| "-".repeat(*width));
        let head = [self.aligned(columns.iter().cloned()), self.aligned(rule)];
        head.into_iter().chain(rows.iter().map(|row| self.line(row))).collect()
    }

    /// One row.
    pub(crate) fn line(&self, row: &[Value]) -> String {
        self.aligned(row.iter().map(cell))
    }

    fn aligned(&self, cells: impl Iterator<Item = String>) -> String {
        let padded: Vec<String> = cells.zip(&self.widths).map(|(text, width)| format!("{text:<width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An argument as a shell reads it.
pub(crate) fn quoted(argument: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

/// The most memory this process ever held, in bytes, as Linux counts it; 0 elsewhere.
pub(crate) fn peak_rss_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}
