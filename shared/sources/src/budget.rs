//! What a provider allows, kept where all workers see it: no request leaves before it is written down.
//!
//! Every limit holds over any period of its length, not only over whole minutes or hours: requests are counted by
//! twentieths of the period, and the running twentieth and the twenty before it count. That gives away up to a twentieth
//! of the rate, and is a margin for requests that the network bunches.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use lotline_store::{States, StoreError};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::settings::{BudgetSettings, QuotaHeaders};

/// Parts of a period that are counted by themselves.
const PARTS: i64 = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Requests,
    Bytes,
}

/// At most that many in any period of that length.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Limit {
    name: &'static str,
    unit: Unit,
    most: u64,
    part_millis: i64,
}

/// The limits of a provider.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    /// Whoever has this name shares it.
    pub(crate) name: String,
    limits: Vec<Limit>,
    pub(crate) quota_headers: Vec<QuotaHeaders>,
    pub(crate) denied_pause: Duration,
}

/// What was spent, as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Spent {
    /// Limit to counts by part: the number of the part since 1970, and what was spent in it.
    limits: BTreeMap<String, Vec<(i64, u64)>>,
    /// The largest body yet: room for one more like it is kept.
    largest: u64,
    /// Nobody asks before this moment, in microseconds since 1970.
    closed_until: Option<i64>,
}

impl Budget {
    /// Checks limits; answers the key at fault, and what was found and expected.
    pub(crate) fn of(settings: &BudgetSettings, provider: Option<&str>, url: &Url) -> Result<Self, (String, String)> {
        const DENIED_PAUSE: u64 = 3_600;
        let limits = [
            ("requests_per_second", Unit::Requests, settings.requests_per_second, 1),
            ("requests_per_minute", Unit::Requests, settings.requests_per_minute, 60),
            ("requests_per_hour", Unit::Requests, settings.requests_per_hour, 3_600),
            ("requests_per_day", Unit::Requests, settings.requests_per_day, 86_400),
            ("bytes_per_hour", Unit::Bytes, settings.bytes_per_hour, 3_600),
        ];
        if let Some((name, ..)) = limits.iter().find(|(_, _, most, _)| *most == Some(0)) {
            return Err((format!("budget.{name}"), "found 0, expected at least 1".to_owned()));
        }
        let limit = |(name, unit, most, seconds): (&'static str, Unit, Option<u64>, i64)| {
            Some(Limit { name, unit, most: most?, part_millis: seconds * 1_000 / PARTS })
        };
        let host = || url.host_str().unwrap_or_default().to_owned();
        Ok(Self {
            name: settings.name.clone().or_else(|| provider.map(str::to_owned)).unwrap_or_else(host),
            limits: limits.into_iter().filter_map(limit).collect(),
            quota_headers: settings.quota_headers.clone(),
            denied_pause: Duration::from_secs(settings.denied_pause.unwrap_or(DENIED_PAUSE)),
        })
    }

    /// Takes one request from the budget; or answers when the next one is to be had, and has taken nothing.
    pub(crate) fn take(&self, states: &dyn States, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.change(states, |spent| {
            let full = self.limits.iter().filter_map(|limit| limit.full_until(spent, now)).max();
            let closed = spent.closed_until.and_then(DateTime::from_timestamp_micros).filter(|until| *until > now);
            let wait = full.max(closed);
            let mut counted = false;
            for limit in self.limits.iter().filter(|limit| limit.unit == Unit::Requests && wait.is_none()) {
                limit.add(spent, now, 1);
                counted = true;
            }
            // A wait changes nothing that would have to be written.
            (wait, counted)
        })
    }

    /// Counts the bytes of an answer, and closes the budget for everybody where the answer says so.
    pub(crate) fn spend(
        &self,
        states: &dyn States,
        now: DateTime<Utc>,
        bytes: u64,
        closed_until: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        let counted: Vec<&Limit> = self.limits.iter().filter(|limit| limit.unit == Unit::Bytes).collect();
        if counted.is_empty() && closed_until.is_none() {
            return Ok(());
        }
        self.change(states, |spent| {
            spent.largest = spent.largest.max(bytes);
            spent.closed_until = spent.closed_until.max(closed_until.map(|until| until.timestamp_micros()));
            counted.iter().for_each(|limit| limit.add(spent, now, bytes));
            ((), true)
        })
    }

    /// Changes what was spent, against every other worker.
    fn change<T>(&self, states: &dyn States, change: impl Fn(&mut Spent) -> (T, bool)) -> Result<T, StoreError> {
        let name = format!("budget/{}", self.name);
        loop {
            let found = states.state(&name)?;
            let seen = found.as_ref().map(|state| state.version);
            let mut spent: Spent = found.and_then(|state| serde_json::from_value(state.value).ok()).unwrap_or_default();
            let (answer, changed) = change(&mut spent);
            let value = serde_json::to_value(&spent).unwrap_or_default();
            if !changed || states.save(&name, seen, &value)? {
                return Ok(answer);
            }
        }
    }
}

impl Limit {
    fn part(&self, moment: DateTime<Utc>) -> i64 {
        moment.timestamp_millis().div_euclid(self.part_millis)
    }

    /// When there is room again; none when there is room now.
    fn full_until(&self, spent: &Spent, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let parts = spent.limits.get(self.name)?;
        let first = self.part(now) - PARTS;
        let counted = || parts.iter().filter(|(part, _)| *part >= first);
        let mut sum: u64 = counted().map(|(_, count)| count).sum();
        let more = if self.unit == Unit::Bytes { spent.largest.min(self.most) } else { 1 };
        for (part, count) in counted() {
            if sum + more <= self.most {
                break;
            }
            sum -= count;
            if sum + more <= self.most {
                return DateTime::from_timestamp_millis((part + PARTS + 1) * self.part_millis);
            }
        }
        None
    }

    fn add(&self, spent: &mut Spent, now: DateTime<Utc>, count: u64) {
        let part = self.part(now);
        let parts = spent.limits.entry(self.name.to_owned()).or_default();
        parts.retain(|(earlier, _)| *earlier >= part - PARTS);
        match parts.iter_mut().find(|(same, _)| *same == part) {
            Some((_, sum)) => *sum += count,
            None => parts.push((part, count)),
        }
        parts.sort_unstable();
    }
}
