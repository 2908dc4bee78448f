//! Explaining: why two records of a finished run are linked or are not.

use std::fmt;

use arrow_array::{Array, RecordBatch, StringArray, cast::AsArray, types::Float64Type, types::Int16Type};
use lotline_linkage::{Explanation, Linker, Model, Records, Scorer, Scratch, Side, explain};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{linker, links_table, plan, read::texts, settle, train};
use crate::{Job, Manifest, StageError, tables::TableFile};

/// Two records, what became of them, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairExplanation {
    /// The run that decided.
    pub run_id: String,
    /// The left record; of two records of one table the one with the smaller id, as in the links.
    pub left: ExplainedRecord,
    /// The right record.
    pub right: ExplainedRecord,
    /// What became of the pair.
    pub decision: Decision,
    /// Its match weight, taken apart: of records with several readings that of the two readings that are compared and
    /// weigh most, or of all when none are compared.
    pub explanation: Explanation,
}

/// A record of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedRecord {
    /// Its table.
    pub table: String,
    /// Its key there.
    pub id: String,
    /// How many readings it has.
    pub readings: usize,
}

/// What became of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Decision {
    /// It is among the links.
    Linked {
        /// As the links table has it.
        link: Link,
    },
    /// No blocking rule meets it, so that it was never compared.
    NotMet,
    /// Its match weight stays below the threshold.
    BelowThreshold,
    /// It reaches the threshold, and settling left it out.
    LeftOut {
        /// The links that its records have in its place, of records that may have one: the left record's, then the
        /// right one's.
        taken_by: Vec<Link>,
    },
}

/// A row of the links table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Key of the left record.
    pub id_l: String,
    /// Key of the right record.
    pub id_r: String,
    /// The blocking rule that made the pair.
    pub match_key: i16,
    /// log2 odds that the records match.
    pub match_weight: f64,
}

/// Explains a pair of records of a run whose links are decided. Scans both tables and the links, a batch at a time;
/// what is held beside is the model and the term counts.
///
/// # Errors
/// `BadRequest` for a job without links, a run that has trained no model or whose steps are gone, an id that its table
/// does not have, and a record with itself; the lake's own.
pub fn run(stores: &Stores, manifest: &Manifest, id_l: &str, id_r: &str) -> Result<PairExplanation, StageError> {
    let job = manifest.job()?;
    let (settings, mut linker) = linker(&job, manifest)?;
    linker.leave_out(train::left_out(stores, manifest)?);
    let pair = Pair { stores, manifest, job: &job, linker: &linker };
    settle::report(stores, manifest)?;
    if settings.is_dedupe() && id_l == id_r {
        let (found, expected) = (format!("{id_r} twice"), "the keys of two records".to_owned());
        return Err(StageError::BadRequest { subject: "pair", found, expected });
    }
    let swapped = settings.is_dedupe() && id_l > id_r;
    let (id_l, id_r) = if swapped { (id_r, id_l) } else { (id_l, id_r) };
    let model = train::model(stores, manifest)?.ok_or_else(|| StageError::BadRequest {
        subject: "run",
        found: format!("{} (without a model: there was nothing to train from)", manifest.run_id),
        expected: "a run with links".to_owned(),
    })?;
    let mut records = Records::new(&linker);
    let subjects = if swapped { ["ID_R", "ID_L"] } else { ["ID_L", "ID_R"] };
    let left = pair.read(subjects[0], Side::Left, id_l, &mut records)?;
    let right_side = if settings.is_dedupe() { Side::Left } else { Side::Right };
    let right = pair.read(subjects[1], right_side, id_r, &mut records)?;
    records.count_terms(&linker, &train::terms(stores, manifest, &linker)?);
    let (l, r) = heaviest(&linker, &model, &records, left.readings);
    let explanation = explain(&linker, &model, &records, l, r);
    let decision = pair.decision(&explanation, id_l, id_r)?;
    Ok(PairExplanation { run_id: manifest.run_id.clone(), left, right, decision, explanation })
}

/// The pair of readings, those of the left record first in `records`, that decides about the rows: what is compared
/// goes before what is not, then the greatest weight, then the first.
fn heaviest(linker: &Linker, model: &Model, records: &Records, lefts: usize) -> (usize, usize) {
    let scorer = Scorer::new(linker, model, f64::NEG_INFINITY);
    let rank = |(left, right): (usize, usize)| {
        let gammas = linker.gammas(records, left, right);
        (linker.match_key(records, left, right).is_some(), scorer.weight(records, left, right, &gammas))
    };
    let pairs = (0..lefts).flat_map(|left| (lefts..records.len()).map(move |right| (left, right)));
    let heavier = |best: (usize, usize), next: (usize, usize)| {
        let ((met, weight), (next_met, next_weight)) = (rank(best), rank(next));
        if (next_met, next_weight) > (met, weight) { next } else { best }
    };
    // Every row has a reading.
    pairs.reduce(heavier).unwrap_or((0, lefts))
}

struct Pair<'a> {
    stores: &'a Stores,
    manifest: &'a Manifest,
    job: &'a Job,
    linker: &'a Linker,
}

impl Pair<'_> {
    /// Finds a row and adds its readings to the records.
    fn read(
        &self,
        subject: &'static str,
        side: Side,
        id: &str,
        records: &mut Records,
    ) -> Result<ExplainedRecord, StageError> {
        let source = plan::source_of(self.linker.settings(), side == Side::Right);
        let Some((batch, row)) = self.find(source, id)? else { return Err(self.unknown(subject, source, id)?) };
        let columns: Vec<StringArray> =
            self.linker.columns(side).iter().map(|name| texts(&batch, name)).collect::<Result<_, _>>()?;
        let cells: Vec<Option<&str>> =
            columns.iter().map(|column| column.is_valid(row).then(|| column.value(row))).collect();
        let before = records.len();
        self.linker
            .project(side, &cells, &mut Scratch::default(), |values, _| records.push(self.linker, values.iter()));
        Ok(ExplainedRecord { table: source.to_owned(), id: id.to_owned(), readings: records.len() - before })
    }

    /// The batch of a table that has a key, and its row there.
    fn find(&self, source: &str, id: &str) -> Result<Option<(RecordBatch, usize)>, StageError> {
        let id_column = self.job.id_column(source)?;
        for batch in TableFile::open(&*self.stores.objects, &self.manifest.table_file(source))?.read()? {
            let batch = batch?;
            let row = texts(&batch, id_column)?.iter().position(|found| found == Some(id));
            if let Some(row) = row {
                return Ok(Some((batch, row)));
            }
        }
        Ok(None)
    }

    /// What to say of a key that a table does not have: whether it is the other table's, and one that there is.
    fn unknown(&self, subject: &'static str, source: &str, id: &str) -> Result<StageError, StageError> {
        let id_column = self.job.id_column(source)?;
        let first = TableFile::open(&*self.stores.objects, &self.manifest.table_file(source))?.read()?.next();
        let example = match first.transpose()? {
            Some(batch) => texts(&batch, id_column)?.iter().flatten().next().map(str::to_owned),
            None => None,
        };
        let example = example.map_or_else(|| ", which is empty".to_owned(), |example| format!(", such as `{example}`"));
        let mut expected = format!("a value of `{id_column}` in table `{source}`{example}");
        let others = self.linker.settings().tables().map(|(_, other)| other).filter(|other| *other != source);
        for other in others {
            if self.find(other, id)?.is_some() {
                expected.push_str(&format!(" (table `{other}` has it: the left record's key comes first)"));
            }
        }
        Ok(StageError::BadRequest { subject, found: id.to_owned(), expected })
    }

    fn decision(&self, explanation: &Explanation, id_l: &str, id_r: &str) -> Result<Decision, StageError> {
        let limited = self.linker.cardinality().limits();
        let mut taken_by: [Option<Link>; 2] = [None, None];
        let key = self.manifest.table_file(&links_table(&self.job.name));
        for batch in TableFile::open(&*self.stores.objects, &key)?.read()? {
            let batch = batch?;
            let ids = [0, 1].map(|side| batch.column(side).as_string::<i32>().clone());
            for row in 0..batch.num_rows() {
                let same = [ids[0].value(row) == id_l, ids[1].value(row) == id_r];
                if same == [true, true] {
                    return Ok(Decision::Linked { link: link(&batch, row) });
                }
                for side in (0..2).filter(|side| limited[*side] && same[*side]) {
                    taken_by[side] = Some(link(&batch, row));
                }
            }
        }
        Ok(if explanation.match_key.is_none() {
            Decision::NotMet
        } else if !explanation.verdict.reaches_threshold {
            Decision::BelowThreshold
        } else {
            Decision::LeftOut { taken_by: taken_by.into_iter().flatten().collect() }
        })
    }
}

fn link(batch: &RecordBatch, row: usize) -> Link {
    let id = |side: usize| batch.column(side).as_string::<i32>().value(row).to_owned();
    Link {
        id_l: id(0),
        id_r: id(1),
        match_key: batch.column(2).as_primitive::<Int16Type>().value(row),
        match_weight: batch.column(3).as_primitive::<Float64Type>().value(row),
    }
}

impl PairExplanation {
    /// The two records by table and key.
    pub fn heading(&self) -> String {
        let [left, right] = [&self.left, &self.right].map(|record| format!("{} {}", record.table, record.id));
        format!("{left} and {right}")
    }
}

impl fmt::Display for PairExplanation {
    /// The two records and what became of them, in two lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} in run {}", self.heading(), self.run_id)?;
        writeln!(f, "{}", self.decision)
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linked { .. } => f.write_str("linked"),
            Self::NotMet => f.write_str("not linked: no blocking rule meets the pair"),
            Self::BelowThreshold => f.write_str("not linked: the match weight is below the threshold"),
            Self::LeftOut { taken_by } if taken_by.is_empty() => {
                f.write_str("not linked: it reaches the threshold, and settling left it out")
            }
            Self::LeftOut { taken_by } => {
                f.write_str("not linked: lost to ")?;
                for (number, Link { id_l, id_r, match_weight, .. }) in taken_by.iter().enumerate() {
                    let and = if number > 0 { " and to " } else { "" };
                    write!(f, "{and}{id_l} | {id_r} (match weight {match_weight:.2})")?;
                }
                f.write_str(", settled before it")
            }
        }
    }
}
