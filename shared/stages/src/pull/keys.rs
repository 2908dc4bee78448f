//! Deletions: all keys that the provider lists, against those that were pulled.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use lotline_sources::{MarkKind, SourceError, Span};
use serde_json::{Map, value::RawValue};
use twox_hash::XxHash3_128;

use super::{
    Pull, PullReport, SCRATCH,
    cursor::{Cursor, copy_in},
    part::{self, Line, Part, internal},
};
use crate::StageError;

/// Bytes of listed keys that are compared at once; more are compared in several passes over what was pulled.
const PASS_BYTES: u64 = 64 << 20;

/// Lists all keys where it is time, and writes a deletion for each that was pulled before and is not listed.
pub(super) fn reconcile(
    pull: &Pull<'_>,
    now: bool,
    report: &mut PullReport,
    progress: &mut dyn FnMut(&PullReport),
) -> Result<(), StageError> {
    let Some((origin, every)) = pull.origin.keys() else { return Ok(()) };
    let began = pull.outside.clock.now();
    let mut cursor = Cursor::load(pull, Span::News)?;
    let listed = cursor.kept.keys_listed.and_then(DateTime::from_timestamp_micros);
    if !now && listed.is_some_and(|listed| (began - listed).to_std().is_ok_and(|passed| passed < every)) {
        return Ok(());
    }
    let (stores, outside, source) = (pull.stores, pull.outside, pull.source);
    let list = Pull { stores, outside, zone: SCRATCH, name: format!("{}/keys", pull.name), source, origin };
    let written = (report.records, report.parts);
    list.span(Span::News, report, progress)?;
    (report.records, report.parts) = written;
    if !report.done {
        return Ok(());
    }
    let mut part = Part::default();
    let found = Comparison::of(&list)?;
    found.deletions(pull, &mut part)?;
    let deleted = part.records();
    if cursor.write_down(pull, &mut part, began)? {
        report.deleted += deleted;
        report.parts += u64::from(deleted > 0);
    }
    Ok(())
}

/// The list of keys, and when it began.
struct Comparison {
    objects: Vec<String>,
    passes: u64,
    began: DateTime<Utc>,
}

impl Comparison {
    fn of(list: &Pull<'_>) -> Result<Self, StageError> {
        let kept = Cursor::load(list, Span::News)?.kept;
        let folder = kept.copy.whole.map_or_else(String::new, |(number, _)| copy_in(SCRATCH, &list.name, number));
        let found = list.stores.objects.list(&format!("{folder}/"))?;
        let passes = found.iter().map(|object| object.len).sum::<u64>() / PASS_BYTES + 1;
        let objects: Vec<String> = found.into_iter().map(|object| object.key).collect();
        let mut began = DateTime::<Utc>::MIN_UTC;
        if let Some(first) = objects.first() {
            let bytes = read(list, first)?;
            let line = lines(first, &bytes).next().transpose()?;
            began = line.and_then(|line| line.pulled_at().parse().ok()).unwrap_or(began);
        }
        // The list may be as old as the longest exchange when its first page comes.
        began = began.checked_sub_signed(TimeDelta::minutes(15)).unwrap_or(began);
        Ok(Self { objects, passes, began })
    }

    /// A line for every key that was pulled before the list began and is not in it.
    fn deletions(&self, pull: &Pull<'_>, part: &mut Part) -> Result<(), StageError> {
        let changes = pull.stores.objects.list(&format!("{}/{}/changes", pull.zone, pull.name))?;
        if self.objects.is_empty() {
            // An empty list is an outage far more often than the end of all things.
            let place = lotline_sources::Place { url: "list of keys".to_owned(), page: 1 };
            return match changes.len() as u64 {
                0 => Ok(()),
                parts => Err(pull.failed(SourceError::Incomplete { place, found: 0, declared: parts })),
            };
        }
        for pass in 0..self.passes {
            let listed = self.listed(pull, pass)?;
            let mut missing: HashMap<u128, (String, bool, String)> = HashMap::new();
            for object in &changes {
                let bytes = read(pull, &object.key)?;
                for line in lines(&object.key, &bytes) {
                    let line = line?;
                    let Some(key) = pull.origin.key_of(line.record) else { continue };
                    let hash = hash(key);
                    if hash % u128::from(self.passes) != u128::from(pass) || listed.contains(&hash) {
                        continue;
                    }
                    let found = (line.pulled_at().to_owned(), line.deleted_at.is_some(), key.get().to_owned());
                    let last = missing.entry(hash).or_insert_with(|| found.clone());
                    if found.0 >= last.0 {
                        *last = found;
                    }
                }
            }
            let mut deleted: Vec<String> = (missing.into_values())
                .filter(|(pulled_at, deleted, _)| {
                    !deleted && pulled_at.parse().is_ok_and(|at: DateTime<Utc>| at < self.began)
                })
                .map(|(.., key)| key)
                .collect();
            deleted.sort_unstable();
            deleted.iter().try_for_each(|key| self.delete(pull, key, part))?;
        }
        Ok(())
    }

    fn listed(&self, pull: &Pull<'_>, pass: u64) -> Result<HashSet<u128>, StageError> {
        let mut listed = HashSet::new();
        let (origin, _) = pull.origin.keys().unwrap_or((pull.origin, std::time::Duration::ZERO));
        for object in &self.objects {
            let bytes = read(pull, object)?;
            for line in lines(object, &bytes) {
                let hash = origin.key_of(line?.record).map(hash);
                listed.extend(hash.filter(|hash| hash % u128::from(self.passes) == u128::from(pass)));
            }
        }
        Ok(listed)
    }

    /// Writes a deletion, as late as the list: a record that comes back is later than that.
    fn delete(&self, pull: &Pull<'_>, key: &str, part: &mut Part) -> Result<(), StageError> {
        let value = |text: &str| serde_json::from_str(text).map_err(|error| internal(&error));
        let mut record = Map::new();
        record.insert(pull.origin.key_path().unwrap_or_default().to_owned(), value(key)?);
        if let Some(watermark) = pull.origin.watermark() {
            let mark = match watermark.kind {
                MarkKind::Timestamp => self.began.timestamp_micros(),
                MarkKind::Integer => Cursor::load(pull, Span::News)?.kept.position.watermark.unwrap_or_default() + 1,
            };
            let mark = watermark.kind.format(mark);
            let mark = if watermark.kind == MarkKind::Integer { value(&mark)? } else { mark.into() };
            record.insert(watermark.field().to_owned(), mark);
        }
        let record = serde_json::value::to_raw_value(&record).map_err(|error| internal(&error))?;
        part.delete(pull.outside.clock.now(), &record)
    }
}

fn read(pull: &Pull<'_>, key: &str) -> Result<Vec<u8>, StageError> {
    Ok(part::decode(pull.stores.objects.get(key)?.unwrap_or_default()))
}

fn lines<'a>(key: &'a str, bytes: &'a [u8]) -> impl Iterator<Item = Result<Line<'a>, StageError>> {
    let damaged =
        move |error: serde_json::Error| StageError::Damaged { key: key.to_owned(), message: error.to_string() };
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(move |line| serde_json::from_slice(line).map_err(damaged))
}

fn hash(key: &RawValue) -> u128 {
    XxHash3_128::oneshot(key.get().as_bytes())
}
