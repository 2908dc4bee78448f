//! Settings in DynamoDB: every version an item, and the newest once more under a fixed key.

use super::item::{Item, Table, item, number, text};
use crate::{Settings, SettingsFiles, SettingsVersion, StoreError, settings};

const NEWEST: &str = "SETTINGS";

impl Settings for Table {
    fn current(&self, job: &str) -> Result<Option<SettingsVersion>, StoreError> {
        self.get(&partition(job), NEWEST)?.map(|item| self.version(job, &item)).transpose()
    }

    fn save(&self, job: &str, files: &SettingsFiles, seen: Option<u64>) -> Result<u64, StoreError> {
        let json = settings::text(job, files)?;
        loop {
            let current = self.current(job)?;
            let Some(version) = settings::next(job, current.as_ref(), files, seen)? else {
                return Ok(current.map_or(0, |current| current.version));
            };
            if self.add(job, version, &json)? {
                return Ok(version);
            }
        }
    }

    fn history(&self, job: &str) -> Result<Vec<SettingsVersion>, StoreError> {
        self.query(&partition(job), "SETTINGS#")?.iter().map(|item| self.version(job, item)).collect()
    }

    fn jobs(&self) -> Result<Vec<String>, StoreError> {
        let items = self.query_index("JOBS")?;
        let mut jobs = items.iter().map(|item| self.text(item, "gsi1sk")).collect::<Result<Vec<_>, _>>()?;
        jobs.sort();
        Ok(jobs)
    }
}

impl Table {
    /// Writes a version and makes it the newest in one transaction; false when somebody else was faster.
    fn add(&self, job: &str, version: u64, files: &str) -> Result<bool, StoreError> {
        let attributes = |sk: &str| {
            item([
                ("pk", text(&partition(job))),
                ("sk", text(sk)),
                ("version", number(version)),
                ("files", text(files)),
            ])
        };
        let mut newest = attributes(NEWEST);
        newest.extend(item([("gsi1pk", text("JOBS")), ("gsi1sk", text(job))]));
        let newest = self
            .put(newest)
            .condition_expression("attribute_not_exists(pk) OR version = :seen")
            .expression_attribute_values(":seen", number(version - 1));
        let kept = self.put(attributes(&format!("SETTINGS#{version:020}")));
        self.transact(vec![newest, kept.condition_expression("attribute_not_exists(pk)")])
    }

    fn version(&self, job: &str, item: &Item) -> Result<SettingsVersion, StoreError> {
        Ok(SettingsVersion {
            job: job.to_owned(),
            version: self.number(item, "version")?,
            files: self.json(item, "files")?,
        })
    }
}

fn partition(job: &str) -> String {
    format!("JOB#{job}")
}
