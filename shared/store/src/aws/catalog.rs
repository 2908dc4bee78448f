//! Published tables: one DynamoDB transaction switches every table of a run, then Glue is brought up to it.
//!
//! Readers of the catalog see the switch at once. Athena reads Glue, whose tables follow one by one: a query that joins
//! tables of one run in that moment may see two versions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    glue::GlueTables,
    item::{MAX_BYTES, Table, item, lost, number, text},
};
use crate::{
    Catalog, Publication, Published, StoreError, TableVersion,
    catalog::{self, Shown},
};

/// The published tables of a deployed lake.
pub(super) struct AwsCatalog {
    pub(super) table: Table,
    pub(super) glue: GlueTables,
}

/// What readers see, of every table and of every job.
#[derive(Default, Deserialize, Serialize)]
struct Current {
    sequence: u64,
    tables: BTreeMap<String, Switch>,
    jobs: BTreeMap<String, Shown>,
}

/// When a table began to show the version of a run.
#[derive(Clone, Deserialize, Serialize)]
struct Switch {
    run_id: String,
    sequence: u64,
}

impl Catalog for AwsCatalog {
    fn publish(&self, publication: &Publication, ticket: u64) -> Result<Published, StoreError> {
        catalog::check(publication)?;
        self.offer(publication)?;
        let published = loop {
            if let Some(published) = self.switch(publication, ticket)? {
                break published;
            }
        };
        // Also when nothing changed: an earlier attempt may have been killed before Glue had followed.
        self.follow(publication)?;
        Ok(published)
    }

    fn published(&self, run_id: &str) -> Result<Option<Publication>, StoreError> {
        let found = self.table.get(&partition(run_id), PUBLICATION)?;
        found.map(|item| self.table.json(&item, "publication")).transpose()
    }

    fn tables(&self) -> Result<Vec<TableVersion>, StoreError> {
        let current = self.current()?;
        let runs: BTreeSet<&String> = current.tables.values().map(|shown| &shown.run_id).collect();
        let mut versions = HashMap::new();
        for run_id in runs {
            for version in self.known(run_id)?.tables {
                versions.insert((run_id.clone(), version.table.clone()), version);
            }
        }
        let version = |(table, shown): (String, Switch)| {
            versions.remove(&(shown.run_id, table)).ok_or_else(|| self.table.damaged("current"))
        };
        current.tables.clone().into_iter().map(version).collect()
    }

    fn history(&self, name: &str) -> Result<Vec<TableVersion>, StoreError> {
        let mut history = Vec::new();
        for switch in self.table.query(CATALOG, "SWITCH#")? {
            let publication = self.known(&self.table.text(&switch, "run_id")?)?;
            history.extend(publication.tables.into_iter().filter(|version| version.table == name));
        }
        Ok(history)
    }

    fn publication(&self, job: &str) -> Result<Option<Publication>, StoreError> {
        self.current()?.jobs.get(job).map(|shown| self.known(&shown.run_id)).transpose()
    }
}

const CATALOG: &str = "CATALOG";
const CURRENT: &str = "CURRENT";
const PUBLICATION: &str = "PUBLICATION";

impl AwsCatalog {
    fn current(&self) -> Result<Current, StoreError> {
        let found = self.table.get(CATALOG, CURRENT)?;
        found.map_or_else(|| Ok(Current::default()), |item| self.table.json(&item, "current"))
    }

    /// A publication that the catalog names.
    fn known(&self, run_id: &str) -> Result<Publication, StoreError> {
        self.published(run_id)?.ok_or_else(|| self.table.damaged(&partition(run_id)))
    }

    /// Keeps what a run publishes, which never changes.
    fn offer(&self, publication: &Publication) -> Result<(), StoreError> {
        let json = fitting(publication, catalog::text(publication)?)?;
        let offer = item([
            ("pk", text(&partition(&publication.run_id))),
            ("sk", text(PUBLICATION)),
            ("publication", text(&json)),
        ]);
        let request = self.table.client.put_item().table_name(&self.table.name).set_item(Some(offer));
        match self.table.wait(request.condition_expression("attribute_not_exists(pk)").send()) {
            Ok(_) => Ok(()),
            Err(error) if lost(&error) => catalog::same(&self.known(&publication.run_id)?, publication),
            Err(error) => Err(self.table.fault(error)),
        }
    }

    /// Shows readers a publication, in one transaction; none when another writer was faster, so that what readers see
    /// by now decides.
    fn switch(&self, publication: &Publication, ticket: u64) -> Result<Option<Published>, StoreError> {
        let mut current = self.current()?;
        let seen = current.sequence;
        let shown = current.jobs.insert(publication.job.clone(), Shown { run_id: publication.run_id.clone(), ticket });
        if shown.as_ref().is_some_and(|shown| shown.ticket > ticket) {
            return Ok(Some(Published::Superseded));
        }
        let unchanged = shown.as_ref().is_some_and(|shown| shown.run_id == publication.run_id);
        if unchanged && shown.is_some_and(|shown| shown.ticket == ticket) {
            return Ok(Some(Published::Unchanged));
        }
        current.sequence += 1;
        let mut puts = Vec::new();
        if !unchanged {
            let switch = Switch { run_id: publication.run_id.clone(), sequence: current.sequence };
            current.tables.extend(publication.tables.iter().map(|version| (version.table.clone(), switch.clone())));
            let event = item([
                ("pk", text(CATALOG)),
                ("sk", text(&format!("SWITCH#{:020}", current.sequence))),
                ("run_id", text(&publication.run_id)),
                ("job", text(&publication.job)),
            ]);
            puts.push(self.table.put(event).condition_expression("attribute_not_exists(pk)"));
        }
        let json = serde_json::to_string(&current).map_err(|_| self.table.damaged("current"))?;
        let json = fitting(publication, json)?;
        let pointer = item([
            ("pk", text(CATALOG)),
            ("sk", text(CURRENT)),
            ("sequence", number(current.sequence)),
            ("current", text(&json)),
        ]);
        let unseen = self.table.put(pointer).condition_expression("attribute_not_exists(pk) OR #sequence = :seen");
        let unseen = unseen.expression_attribute_names("#sequence", "sequence");
        puts.push(unseen.expression_attribute_values(":seen", number(seen)));
        let published = if unchanged { Published::Unchanged } else { Published::Switched };
        Ok(self.table.transact(puts)?.then_some(published))
    }

    /// Brings the Glue tables of a publication up to what readers see by now, which may be a later run's.
    fn follow(&self, publication: &Publication) -> Result<(), StoreError> {
        let current = self.current()?;
        let mut versions: HashMap<String, Publication> = HashMap::new();
        for version in &publication.tables {
            let Some(shown) = current.tables.get(&version.table) else { continue };
            if !versions.contains_key(&shown.run_id) {
                versions.insert(shown.run_id.clone(), self.known(&shown.run_id)?);
            }
            let tables = versions.get(&shown.run_id).map_or(&[][..], |publication| &publication.tables);
            if let Some(version) = tables.iter().find(|shown| shown.table == version.table) {
                self.glue.show(version, shown.sequence)?;
            }
        }
        Ok(())
    }
}

/// Refuses what one item cannot hold.
fn fitting(publication: &Publication, json: String) -> Result<String, StoreError> {
    if json.len() <= MAX_BYTES {
        return Ok(json);
    }
    let reason = format!("found {} bytes of published tables, expected at most {MAX_BYTES}", json.len());
    Err(StoreError::PublicationConflict { run_id: publication.run_id.clone(), reason })
}

fn partition(run_id: &str) -> String {
    format!("PUBLICATION#{run_id}")
}
