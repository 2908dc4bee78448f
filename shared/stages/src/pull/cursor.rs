//! Where a source stands: kept in the lake's states, moved only behind what is written.

use chrono::{DateTime, Utc};
use lotline_sources::{Pages, Position, Seen, Span};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Pull, SCRATCH,
    part::{self, Part, internal},
};
use crate::{StageError, run::hex};

/// What is kept of a source between two pulls, as the state `pull/<job>/<source>`; of a window as
/// `pull/<job>/<source>/<from>..<until>`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Where the walk stands.
    pub(super) position: Position,
    /// Number of the next part.
    pub(super) parts: u64,
    /// The object with what the overlap brings again.
    pub(super) seen: Option<String>,
    /// Of a source without a watermark: the copy that is being pulled, and the one that is whole.
    #[serde(default)]
    pub(super) copy: Copy,
    /// When all keys were listed last, in microseconds since 1970.
    #[serde(default)]
    pub(super) keys_listed: Option<i64>,
}

/// A source without a watermark is pulled whole every time, into a folder of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Copy {
    /// Number of the copy that is being pulled.
    pub(super) number: u64,
    /// Digest of its records so far, in their order.
    digest: String,
    /// Number and digest of the last whole one, which runs read.
    pub(super) whole: Option<(u64, String)>,
    /// Number of the whole one before, which a run may still be reading.
    earlier: Option<u64>,
}

/// A source's state with its version.
pub(super) struct Cursor {
    name: String,
    folder: String,
    seen_version: Option<u64>,
    pub(super) kept: Kept,
}

impl Cursor {
    pub(super) fn load(pull: &Pull<'_>, span: Span) -> Result<Self, StageError> {
        let window = match span {
            Span::News => String::new(),
            Span::Window { from, until } => format!("/{from}..{until}"),
        };
        let name = format!("pull/{}{window}", pull.name);
        let state = pull.stores.states.state(&name)?;
        let seen_version = state.as_ref().map(|state| state.version);
        let kept = match state {
            None => Kept::default(),
            Some(state) => serde_json::from_value(state.value)
                .map_err(|error| StageError::Damaged { key: name.clone(), message: error.to_string() })?,
        };
        let folder = format!("{}/{}/changes{}", pull.zone, pull.name, window.replace('/', "-"));
        Ok(Self { name, folder, seen_version, kept })
    }

    /// Where a walk begins.
    pub(super) fn at(&self, pull: &Pull<'_>) -> Result<(Position, Seen), StageError> {
        let bytes = self.kept.seen.as_ref().map(|key| pull.stores.objects.get(key)).transpose()?.flatten();
        Ok((self.kept.position.clone(), bytes.map(|bytes| Seen::from_bytes(&bytes)).unwrap_or_default()))
    }

    /// Writes a part, if it has records, and moves behind it; false where another worker moved the cursor first: then
    /// this worker's records are in the lake by that one's part, or will be pulled again.
    pub(super) fn advance(
        &mut self,
        pull: &Pull<'_>,
        walk: &dyn Pages,
        part: &mut Part,
        whole: bool,
    ) -> Result<bool, StageError> {
        let mut next = Kept { position: walk.position().clone(), ..self.kept.clone() };
        next.seen = self.keep_seen(pull, walk.seen())?;
        let copies = pull.origin.watermark().is_none();
        if copies {
            next.copy.digest = part.digest(&next.copy.digest);
        }
        let folder = if copies { copy_folder(pull, self.kept.copy.number) } else { self.folder.clone() };
        next.parts += u64::from(part.records() > 0);
        if copies && whole {
            next.copy.complete(pull.zone == SCRATCH);
            next.parts = 0;
        }
        if part.records() > 0 && !self.write(pull, &format!("{folder}/{}", part::name(self.kept.parts)), part, &next)? {
            return Ok(false);
        }
        self.save(pull, next)
    }

    /// Writes deletions, and down that all keys were listed; false where another worker moved the cursor first: then they
    /// are found again by the next list.
    pub(super) fn write_down(
        &mut self,
        pull: &Pull<'_>,
        part: &mut Part,
        listed: DateTime<Utc>,
    ) -> Result<bool, StageError> {
        let mut next = Kept { keys_listed: Some(listed.timestamp_micros()), ..self.kept.clone() };
        next.parts += u64::from(part.records() > 0);
        let key = format!("{}/{}", self.folder, part::name(self.kept.parts));
        if part.records() > 0 && !self.write(pull, &key, part, &next)? {
            return Ok(false);
        }
        self.save(pull, next)
    }

    /// Writes a part; where there is one of its number already, moves behind that one and answers false.
    fn write(&mut self, pull: &Pull<'_>, key: &str, part: &mut Part, next: &Kept) -> Result<bool, StageError> {
        let objects = &pull.stores.objects;
        if objects.put_if_absent(key, &part.finish(next)?)? {
            return Ok(true);
        }
        let found = objects.get(key)?.unwrap_or_default();
        let next: Kept = part::next(key, found)?;
        self.save(pull, next)?;
        Ok(false)
    }

    /// Moves the cursor; false where another worker did.
    pub(super) fn save(&mut self, pull: &Pull<'_>, next: Kept) -> Result<bool, StageError> {
        let value = serde_json::to_value(&next).map_err(|error| internal(&error))?;
        if self.kept == next {
            return Ok(true);
        }
        if !pull.stores.states.save(&self.name, self.seen_version, &value)? {
            return Ok(false);
        }
        self.seen_version = Some(self.seen_version.unwrap_or(0) + 1);
        let before = std::mem::replace(&mut self.kept, next);
        if let Some(key) = before.seen.filter(|key| Some(key) != self.kept.seen.as_ref()) {
            pull.stores.objects.delete(&key)?;
        }
        // Of an equal copy, or one that two later ones replace, nothing is read any more.
        let copy = &self.kept.copy;
        let is_read = |number: u64| {
            Some(number) == copy.earlier || copy.whole.as_ref().is_some_and(|(whole, _)| *whole == number)
        };
        let over = [before.copy.earlier, (before.copy.number < copy.number).then_some(before.copy.number)];
        for number in over.into_iter().flatten().filter(|number| !is_read(*number)) {
            for part in pull.stores.objects.list(&format!("{}/", copy_folder(pull, number)))? {
                pull.stores.objects.delete(&part.key)?;
            }
        }
        Ok(true)
    }

    /// Writes what was seen under a key that its bytes decide.
    fn keep_seen(&self, pull: &Pull<'_>, seen: &Seen) -> Result<Option<String>, StageError> {
        if seen.is_empty() {
            return Ok(None);
        }
        let bytes = seen.to_bytes();
        let key = format!("{SCRATCH}/{}/seen-{}", pull.name, &hex(&Sha256::digest(&bytes))[..32]);
        if self.kept.seen.as_ref() != Some(&key) {
            pull.stores.objects.put(&key, &bytes)?;
        }
        Ok(Some(key))
    }
}

impl Copy {
    /// The copy is whole; it is what is read from now on, unless it equals the one before and only what differs counts.
    fn complete(&mut self, always: bool) {
        let digest = std::mem::take(&mut self.digest);
        if always || self.whole.as_ref().is_none_or(|(_, whole)| *whole != digest) {
            self.earlier = self.whole.take().map(|(number, _)| number);
            self.whole = Some((self.number, digest));
        }
        self.number += 1;
    }
}

/// The folder of a copy's parts.
fn copy_folder(pull: &Pull<'_>, number: u64) -> String {
    copy_in(pull.zone, &pull.name, number)
}

/// The folder of a copy's parts in a zone.
pub(super) fn copy_in(zone: &str, name: &str, number: u64) -> String {
    format!("{zone}/{name}/copy-{number:06}")
}
