//! Replay: what would become of the rows that a run set aside, by the settings as they are now.

use std::{collections::BTreeMap, sync::Arc};

use arrow_array::{RecordBatch, cast::AsArray};
use bytes::Bytes;
use lotline_formats::{Chunk, ChunkReader, Cut};
use lotline_schema::{Column, FormatKind, RowBuilder, TableStructure};
use lotline_store::Stores;
use serde::Serialize;

use crate::{Job, Manifest, StageError, ingest, run::part, tables::TableFile};

/// What would become of the quarantined rows of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// Rows looked at.
    pub rows: u64,
    /// Those that keep every rule now.
    pub accepted: u64,
    /// By the rule that a row broke first then, the most rows first.
    pub rules: Vec<ReplayedRule>,
}

/// Rows that broke a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReplayedRule {
    /// The rule.
    pub rule: String,
    /// The column; empty where the row as a whole was broken.
    pub column: String,
    /// Rows that broke it.
    pub rows: u64,
    /// Those that keep every rule now.
    pub accepted: u64,
    /// A reason that one of the others has now.
    pub still: Option<String>,
}

/// Judges quarantined rows of a run again, at most `most`, by the table structure that `job` has now. Nothing is written.
///
/// # Errors
/// `BadRequest` for a source that the job does not have and for a run whose steps are gone; `Format` where the files
/// lack a column that the structure names; the lake's own.
pub fn replay(
    stores: &Stores,
    manifest: &Manifest,
    job: &Job,
    source: &str,
    most: u64,
) -> Result<ReplayReport, StageError> {
    let mut judge = Judge { stores, manifest, source, structure: job.structure(source)?, cuts: BTreeMap::new() };
    let key = part(&manifest.quarantine_location(source));
    let mut rules: BTreeMap<(String, String), ReplayedRule> = BTreeMap::new();
    let mut report = ReplayReport::default();
    if !stores.objects.exists(&key)? {
        return Ok(report);
    }
    for batch in TableFile::open(&*stores.objects, &key)?.read()? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            if report.rows == most {
                break;
            }
            let text = |name: &str| text(&batch, name, row);
            let (file, column, rule) = (text("file"), text("column"), text("rule"));
            let raw = batch.column_by_name("raw").map_or(&[][..], |raw| raw.as_binary::<i32>().value(row));
            let reason = judge.reason(file, raw)?;
            let entry = rules.entry((rule.to_owned(), column.to_owned())).or_insert_with(|| ReplayedRule {
                rule: rule.to_owned(),
                column: column.to_owned(),
                ..ReplayedRule::default()
            });
            for (rows, accepted) in [(&mut report.rows, &mut report.accepted), (&mut entry.rows, &mut entry.accepted)] {
                *rows += 1;
                *accepted += u64::from(reason.is_none());
            }
            entry.still = entry.still.take().or(reason);
        }
    }
    report.rules = rules.into_values().collect();
    report.rules.sort_by_key(|rule| std::cmp::Reverse(rule.rows));
    Ok(report)
}

fn text<'a>(batch: &'a RecordBatch, name: &str, row: usize) -> &'a str {
    batch.column_by_name(name).map_or("", |column| column.as_string::<i32>().value(row))
}

/// Judges single records by a table structure.
struct Judge<'a> {
    stores: &'a Stores,
    manifest: &'a Manifest,
    source: &'a str,
    structure: &'a TableStructure,
    /// How the files were read, by their names.
    cuts: BTreeMap<String, Cut>,
}

impl Judge<'_> {
    /// The first rule that a record of a file breaks, with what was found; none when it keeps all.
    fn reason(&mut self, file: &str, raw: &[u8]) -> Result<Option<String>, StageError> {
        let structure = self.structure;
        let names: Vec<Vec<String>> = structure.columns.iter().map(Column::source_names).collect();
        let cut = self.cut(file)?;
        // Of Parquet a record is kept as JSON.
        let (raw, kind) = match cut.kind {
            FormatKind::Json => ([raw, b"]"].concat(), FormatKind::Json),
            FormatKind::Parquet => (raw.to_vec(), FormatKind::Ndjson),
            kind => (raw.to_vec(), kind),
        };
        let cut = Cut { kind, compression: None, ..cut.clone() };
        let chunk = Chunk { start: 0, end: raw.len() as u64, seek: None, first_row: 1, rows: 1 };
        let wrong = |source| StageError::Format { file: file.to_owned(), source };
        let bytes = Arc::new(Bytes::from(raw));
        let mut reader = ChunkReader::open(bytes, &structure.format, &cut, &chunk, &names).map_err(wrong)?;
        let Some(record) = reader.next().map_err(wrong)? else { return Ok(Some("no record".to_owned())) };
        Ok(match &record.cells {
            Ok(cells) => {
                let broken = RowBuilder::new(structure).push(cells).err();
                broken.and_then(|broken| Some(format!("`{}`: {}", broken.first()?.column, broken.first()?.reason)))
            }
            Err(damage) => Some(damage.reason.clone()),
        })
    }

    /// How a file of the run was read.
    fn cut(&mut self, file: &str) -> Result<&Cut, StageError> {
        if !self.cuts.contains_key(file) {
            let inputs = self.manifest.inputs.get(self.source).map(Vec::as_slice).unwrap_or_default();
            let position =
                inputs.iter().position(|input| input.path == file).ok_or_else(|| StageError::BadRequest {
                    subject: "file",
                    found: file.to_owned(),
                    expected: format!("a file of source `{}` of run `{}`", self.source, self.manifest.run_id),
                })?;
            let cut = ingest::ingested(self.stores, self.manifest, self.source, position)?.cut;
            self.cuts.insert(file.to_owned(), cut);
        }
        Ok(&self.cuts[file])
    }
}
