//! Settling: scored pairs by component, the links and clusters that the cardinality allows, then the integrated table.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray, UInt32Array, cast::AsArray, types::UInt32Type};
use arrow_schema::{DataType, SchemaRef};
use lotline_linkage::{Cardinality, LinkSettings, Linker, Model, WeightHistogram, clusters::Components};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    clusters_table,
    decide::{self, Decided, Decision},
    index, integrate, linker, links_table, matching,
    pairs::{self, Pair, Scored},
    plan,
};
use crate::{
    Manifest, StageError,
    digest::TableDigest,
    run::{done, once},
    sort::{BatchStream, Order, Sorter},
    tables::{BATCH_ROWS, TableFile, TableWriter, required},
};

/// What was decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SettleReport {
    /// Links, one a row of the links table.
    pub links: u64,
    /// Digest of the links table.
    pub links_digest: String,
    /// Digest of the integrated table; none where files are linked as they are.
    pub integrated_digest: Option<String>,
    /// Of one table linked with itself: its clusters.
    pub clusters: Option<ClusterReport>,
    /// Of a job that publishes one: its blocking index.
    #[serde(default)]
    pub index: Option<IndexReport>,
    /// The least match weight of a link.
    pub threshold: f64,
    /// The share of the links that should be right, by the match probabilities that the model gives them.
    pub expected_precision: f64,
    /// How far the true share may well be from that.
    pub uncertainty: f64,
}

/// The blocking index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexReport {
    /// Its rows: records under each of their blocks.
    pub rows: u64,
    /// Its digest.
    pub digest: String,
}

/// Clusters of two records and more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterReport {
    /// How many there are.
    pub clusters: u64,
    /// Rows of the clusters table: records in them.
    pub records: u64,
    /// Digest of the clusters table.
    pub digest: String,
    /// Weak bridges that were cut: links that would have joined what does not belong together.
    pub bridges_cut: u64,
}

const REPORT: &str = "link/settle";

/// The least match weight of a pair that matching has to keep.
pub(super) fn floor(linker: &Linker) -> f64 {
    decide::floor(linker.cardinality(), linker.threshold())
}

/// Decides the links.
///
/// # Errors
/// As for [`super::run`].
pub fn run(stores: &Stores, manifest: &Manifest) -> Result<SettleReport, StageError> {
    once(stores, manifest, REPORT, || {
        let job = manifest.job()?;
        let (settings, linker) = linker(&job, manifest)?;
        let links_key = manifest.table_file(&links_table(&job.name));
        let two_tables = !settings.is_dedupe();
        let left_rows = u32::try_from(plan::report(stores, manifest)?.left_rows).unwrap_or(u32::MAX);
        let decision = Decision {
            cardinality: linker.cardinality(),
            threshold: threshold(stores, manifest, &settings)?,
            first_right: two_tables.then_some(left_rows),
        };
        let mut settled = Settled::new(stores, manifest, decision.threshold)?;
        by_component(stores, manifest, &decision, |decided| settled.take(decided))?;
        let mut report = settled.write(stores, &links_key, &manifest.table_file(&clusters_table(&job.name)))?;
        if two_tables {
            report.clusters = None;
        }
        if !manifest.unvalidated {
            report.integrated_digest = Some(integrate::run(stores, manifest, &job, &settings, &links_key)?);
            if settings.index {
                let (rows, digest) = index::run(stores, manifest, &job, &linker)?;
                report.index = Some(IndexReport { rows, digest });
            }
        }
        Ok(report)
    })
}

/// The report of a run whose links are decided.
///
/// # Errors
/// `BadRequest` before that.
pub fn report(stores: &Stores, manifest: &Manifest) -> Result<SettleReport, StageError> {
    done(stores, manifest, REPORT)
}

/// Columns of the clusters table: `cluster_id`, the key of the cluster's first record, and `id`. Records that are in no
/// link are clusters of their own and have no row.
pub(super) fn clusters_schema() -> SchemaRef {
    required(&[("cluster_id", DataType::Utf8), ("id", DataType::Utf8)])
}

/// The least match weight of a link: of the settings' threshold, or the lowest that keeps the precision they expect.
fn threshold(stores: &Stores, manifest: &Manifest, settings: &LinkSettings) -> Result<f64, StageError> {
    let Some(precision) = settings.expected_precision else { return Ok(Model::weight_of(settings.threshold)) };
    let mut histogram = WeightHistogram::default();
    for batch in scored(stores, manifest)? {
        Scored::new(&batch?, 0).weights.iter().for_each(|weight| histogram.count(*weight));
    }
    // Where not even the heaviest pairs are so sure, nothing is linked.
    Ok(histogram.choose(precision).map_or(f64::MAX, |chosen| chosen.match_weight))
}

/// Decides component by component: records that no pair joins directly or by way of others decide nothing for each
/// other. Holds four bytes a row of both tables, and one component.
fn by_component(
    stores: &Stores,
    manifest: &Manifest,
    decision: &Decision,
    mut each: impl FnMut(Decided) -> Result<(), StageError>,
) -> Result<(), StageError> {
    let mut components = Components::default();
    // Where a record may have any number of matches every pair is decided alone.
    let alone = decision.cardinality == Cardinality::ManyToMany;
    if !alone {
        for batch in scored(stores, manifest)? {
            let batch = batch?;
            let pairs = Scored::new(&batch, 0);
            for row in (0..batch.num_rows()).filter(|row| decision.joins(pairs.weights[*row])) {
                components.join(pairs.numbers[0][row], pairs.numbers[1][row]);
            }
        }
    }
    let folder = manifest.key("link/sort/components");
    let (schema, order) = (pairs::component_schema(), pairs::by_component());
    let mut sorter = Sorter::new(&*stores.objects, folder, &schema, order, manifest.worker_memory / 4)?;
    for batch in scored(stores, manifest)? {
        let batch = batch?;
        let pairs = Scored::new(&batch, 0);
        let component = |left: &u32| if alone { *left } else { components.find(*left) };
        let numbers: ArrayRef = Arc::new(UInt32Array::from_iter_values(pairs.numbers[0].iter().map(component)));
        let columns = std::iter::once(numbers).chain(batch.columns().iter().map(Arc::clone)).collect();
        sorter.push(RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
    }
    let (mut current, mut held): (u32, Vec<Pair>) = (0, Vec::new());
    for batch in sorter.finish()? {
        let batch = batch?;
        let numbers = batch.column(0).as_primitive::<UInt32Type>().values();
        let pairs = Scored::new(&batch, 1);
        for row in 0..batch.num_rows() {
            if numbers[row] != current {
                each(decision.decide(std::mem::take(&mut held)))?;
                current = numbers[row];
            }
            let again = held.last().is_some_and(|last| last.numbers == [pairs.numbers[0][row], pairs.numbers[1][row]]);
            if !again {
                held.push(pairs.pair(row));
            }
        }
    }
    each(decision.decide(held))
}

/// The scored pairs of all shards.
fn scored<'a>(stores: &'a Stores, manifest: &Manifest) -> Result<BatchStream<'a>, StageError> {
    let shards = plan::report(stores, manifest)?.shards;
    let keys: Vec<String> = (0..shards).map(|shard| matching::scored_key(manifest, shard)).collect();
    let files = keys.into_iter().map(|key| TableFile::open(&*stores.objects, &key).and_then(|file| file.read()));
    Ok(Box::new(files.flat_map(|batches| match batches {
        Ok(batches) => Box::new(batches) as BatchStream<'a>,
        Err(error) => Box::new(std::iter::once(Err(error))),
    })))
}

/// Links and clusters on their way into their tables.
struct Settled<'a> {
    links: Vec<Pair>,
    members: [Vec<String>; 2],
    link_sorter: Sorter<'a>,
    member_sorter: Sorter<'a>,
    clusters: ClusterReport,
    threshold: f64,
    weights: WeightHistogram,
}

impl<'a> Settled<'a> {
    fn new(stores: &'a Stores, manifest: &Manifest, threshold: f64) -> Result<Self, StageError> {
        let sorter = |name: &str, schema: &SchemaRef, order: Order| {
            let folder = manifest.key(&format!("link/sort/{name}"));
            Sorter::new(&*stores.objects, folder, schema, order, manifest.worker_memory / 8)
        };
        Ok(Self {
            links: Vec::new(),
            members: Default::default(),
            link_sorter: sorter("links", &pairs::schema(), pairs::by_ids())?,
            member_sorter: sorter("members", &clusters_schema(), Order::ascending([0, 1]))?,
            clusters: ClusterReport { clusters: 0, records: 0, digest: String::new(), bridges_cut: 0 },
            threshold,
            weights: WeightHistogram::default(),
        })
    }

    fn take(&mut self, decided: Decided) -> Result<(), StageError> {
        decided.links.iter().for_each(|link| self.weights.count(link.shared));
        self.links.extend(decided.links);
        self.clusters.clusters += decided.clusters.len() as u64;
        self.clusters.bridges_cut += decided.bridges_cut;
        for (cluster, ids) in decided.clusters {
            for id in ids {
                self.members[0].push(cluster.clone());
                self.members[1].push(id);
            }
        }
        if self.links.len() + self.members[0].len() >= BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), StageError> {
        self.link_sorter.push(pairs::links(&self.links)?)?;
        let columns = self.members.each_ref().map(|texts| Arc::new(StringArray::from_iter_values(texts)) as ArrayRef);
        self.member_sorter.push(RecordBatch::try_new(clusters_schema(), columns.into())?)?;
        self.links.clear();
        self.members.iter_mut().for_each(Vec::clear);
        Ok(())
    }

    fn write(mut self, stores: &Stores, links_key: &str, clusters_key: &str) -> Result<SettleReport, StageError> {
        self.flush()?;
        let links = self.link_sorter.finish()?;
        let (links, links_digest) = write(stores, links_key, &pairs::schema(), &["id_l", "id_r"], links)?;
        let members = self.member_sorter.finish()?;
        let (records, digest) = write(stores, clusters_key, &clusters_schema(), &["cluster_id", "id"], members)?;
        let expected = self.weights.expect(self.threshold);
        Ok(SettleReport {
            links,
            links_digest,
            integrated_digest: None,
            index: None,
            clusters: Some(ClusterReport { records, digest, ..self.clusters }),
            threshold: self.threshold,
            expected_precision: expected.precision,
            uncertainty: expected.uncertainty,
        })
    }
}

/// Writes a published table whose rows are sorted by some columns; answers its rows and digest.
pub(super) fn write(
    stores: &Stores,
    key: &str,
    schema: &SchemaRef,
    sorted_by: &[&str],
    batches: BatchStream<'_>,
) -> Result<(u64, String), StageError> {
    let mut writer = TableWriter::published(&*stores.objects, key, schema, sorted_by)?;
    let mut digest = TableDigest::new();
    for batch in batches {
        let batch = batch?;
        digest.update(&batch)?;
        writer.write(&batch)?;
    }
    Ok((writer.commit()?, digest.finish()))
}
