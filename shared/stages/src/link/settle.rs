//! Settling: scored pairs by component, the links and clusters that the cardinality allows, then the integrated table.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array, cast::AsArray, types::Float64Type};
use arrow_schema::{DataType, SchemaRef};
use lotline_linkage::{Cardinality, Linker, Model, clusters::Components};
use lotline_store::Stores;
use serde::{Deserialize, Serialize};

use super::{
    clusters_table,
    decide::{self, Decided, Decision},
    integrate, linker, links_table, matching,
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
    /// The share of the links that should be right, by the match probabilities that the model gives them.
    pub expected_precision: f64,
    /// How far the share found may be from that by chance alone: one standard deviation. What the model has wrong comes
    /// on top.
    pub expected_precision_deviation: f64,
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
        let mut settled = Settled::new(stores, manifest)?;
        by_component(stores, manifest, &linker, |decided| settled.take(decided))?;
        let mut report = settled.write(stores, manifest, &links_key, &manifest.table_file(&clusters_table(&job.name)))?;
        if linker.cardinality() != Cardinality::Clusters {
            report.clusters = None;
        }
        if !manifest.unvalidated {
            report.integrated_digest = Some(integrate::run(stores, manifest, &job, &settings, &links_key)?);
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

/// Decides component by component: records that no pair joins directly or by way of others decide nothing for each
/// other. Holds four bytes a row of both tables, and one component.
fn by_component(
    stores: &Stores,
    manifest: &Manifest,
    linker: &Linker,
    mut each: impl FnMut(Decided) -> Result<(), StageError>,
) -> Result<(), StageError> {
    let decision = Decision { cardinality: linker.cardinality(), threshold: Model::weight_of(linker.threshold()) };
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
        let numbers = batch.column(0).as_primitive::<arrow_array::types::UInt32Type>().values();
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
}

impl<'a> Settled<'a> {
    fn new(stores: &'a Stores, manifest: &Manifest) -> Result<Self, StageError> {
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
        })
    }

    fn take(&mut self, decided: Decided) -> Result<(), StageError> {
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

    fn write(
        mut self,
        stores: &Stores,
        _manifest: &Manifest,
        links_key: &str,
        clusters_key: &str,
    ) -> Result<SettleReport, StageError> {
        self.flush()?;
        let mut precision = Precision::default();
        let links = self.link_sorter.finish()?;
        let observe = |batch: &RecordBatch| precision.add(batch.column(4).as_primitive::<Float64Type>());
        let (links, links_digest) = write(stores, links_key, &pairs::schema(), &["id_l", "id_r"], links, observe)?;
        let members = self.member_sorter.finish()?;
        let (records, digest) = write(stores, clusters_key, &clusters_schema(), &["id"], members, |_| ())?;
        let (expected_precision, expected_precision_deviation) = precision.finish();
        let clusters = Some(ClusterReport { records, digest, ..self.clusters });
        Ok(SettleReport {
            links,
            links_digest,
            integrated_digest: None,
            clusters,
            expected_precision,
            expected_precision_deviation,
        })
    }
}

/// Writes a published table; answers its rows and digest.
fn write(
    stores: &Stores,
    key: &str,
    schema: &SchemaRef,
    keys: &[&str],
    batches: BatchStream<'_>,
    mut observe: impl FnMut(&RecordBatch),
) -> Result<(u64, String), StageError> {
    let mut writer = TableWriter::published(&*stores.objects, key, schema, keys)?;
    let mut digest = TableDigest::new();
    for batch in batches {
        let batch = batch?;
        digest.update(&batch)?;
        observe(&batch);
        writer.write(&batch)?;
    }
    Ok((writer.commit()?, digest.finish()))
}

/// Adds up match probabilities, always in the order of the links table.
#[derive(Default)]
struct Precision {
    links: f64,
    right: f64,
    variance: f64,
}

impl Precision {
    fn add(&mut self, probabilities: &Float64Array) {
        for probability in probabilities.values() {
            self.links += 1.0;
            self.right += probability;
            self.variance += probability * (1.0 - probability);
        }
    }

    /// The expected share of right links and its standard deviation; 1 and 0 without links.
    fn finish(self) -> (f64, f64) {
        if self.links == 0.0 { (1.0, 0.0) } else { (self.right / self.links, self.variance.sqrt() / self.links) }
    }
}
