//! The Athena (Trino) functions that insight SQL may use, for SQLite.
//!
//! | function | meaning |
//! |---|---|
//! | `date_trunc(unit, x)` | beginning of the unit; a date stays a date; weeks begin on Monday |
//! | `date_diff(unit, a, b)` | whole units from `a` to `b` |
//! | `date_add(unit, n, x)` | `n` units later |
//! | `year`, `quarter`, `month`, `week`, `day`, `day_of_week`, `day_of_year`, `hour`, `minute`, `second` `(x)` | a field |
//! | `approx_percentile(x, p)` | exact percentile, interpolated; see [`crate::aggregates::Percentile`] |
//! | `stddev`, `stddev_samp`, `stddev_pop`, `variance`, `var_samp`, `var_pop` `(x)` | spread |
//! | `count_if(x)`, `bool_or(x)`, `bool_and(x)` | over conditions |
//! | `split_part(text, separator, n)`, `strpos(text, part)`, `starts_with(text, start)`, `reverse(text)` | text |
//! | `concat(a, b, ...)` | null when any is null, unlike SQLite's own |
//! | `regexp_like(text, pattern)`, `regexp_extract(text, pattern [, group])` | Rust's `regex` syntax |
//! | `greatest(a, b, ...)`, `least(a, b, ...)` | null when any is null |
//! | `ln`, `log2`, `log10`, `exp`, `sqrt`, `floor`, `ceil`, `power(x, y)` | mathematics |
//!
//! Null in, null out, where nothing else is said. Time is text: `YYYY-MM-DD` or `YYYY-MM-DD HH:MM:SS.mmm`.

use std::cmp::Ordering;

use regex::Regex;
use rusqlite::{
    Connection, Error, Result,
    functions::{Context, FunctionFlags},
    types::{Type, Value, ValueRef},
};

use crate::{
    aggregates::{Conditions, Percentile, Spread, Verdict},
    dates::{self, Moment, Unit},
};

const ANY: i32 = -1;

/// A function of one real.
type Curve = fn(f64) -> f64;

/// Makes every function of the table known to a connection.
pub(crate) fn register(connection: &Connection) -> Result<()> {
    register_dates(connection)?;
    register_texts(connection)?;
    register_numbers(connection)?;
    register_aggregates(connection)
}

fn register_dates(connection: &Connection) -> Result<()> {
    scalar(connection, "date_trunc", 2, |call| Ok(dates::truncate(moment(call, 1)?, unit(call)?).map(text_of)))?;
    scalar(connection, "date_add", 3, |call| Ok(dates::add(moment(call, 2)?, unit(call)?, call.get(1)?).map(text_of)))?;
    scalar(connection, "date_diff", 3, |call| {
        Ok(Some(Value::Integer(dates::difference(moment(call, 1)?, moment(call, 2)?, unit(call)?))))
    })?;
    for (name, field) in dates::FIELDS {
        scalar(connection, name, 1, move |call| Ok(Some(Value::Integer(field(moment(call, 0)?)))))?;
    }
    Ok(())
}

fn register_texts(connection: &Connection) -> Result<()> {
    scalar(connection, "split_part", 3, split_part)?;
    scalar(connection, "strpos", 2, |call| {
        let (text, part): (String, String) = (call.get(0)?, call.get(1)?);
        let place = text.find(&part).map_or(0, |at| text[..at].chars().count() + 1);
        Ok(Some(Value::Integer(i64::try_from(place).unwrap_or(i64::MAX))))
    })?;
    scalar(connection, "starts_with", 2, |call| {
        let (text, start): (String, String) = (call.get(0)?, call.get(1)?);
        Ok(Some(Value::from(text.starts_with(&start))))
    })?;
    scalar(connection, "reverse", 1, |call| Ok(Some(Value::Text(call.get::<String>(0)?.chars().rev().collect()))))?;
    scalar(connection, "concat", ANY, |call| {
        let parts = (0..call.len()).map(|place| text(call.get_raw(place)));
        Ok(Some(Value::Text(parts.collect::<Result<String>>()?)))
    })?;
    scalar(connection, "regexp_like", 2, |call| {
        Ok(Some(Value::from(pattern(call)?.is_match(&call.get::<String>(0)?))))
    })?;
    for arguments in [2, 3] {
        scalar(connection, "regexp_extract", arguments, regexp_extract)?;
    }
    Ok(())
}

fn register_numbers(connection: &Connection) -> Result<()> {
    let functions: [(&str, Curve); 7] = [
        ("ln", f64::ln),
        ("log2", f64::log2),
        ("log10", f64::log10),
        ("exp", f64::exp),
        ("sqrt", f64::sqrt),
        ("floor", f64::floor),
        ("ceil", f64::ceil),
    ];
    for (name, function) in functions {
        scalar(connection, name, 1, move |call| Ok(Some(Value::Real(function(call.get(0)?)))))?;
    }
    scalar(connection, "power", 2, |call| Ok(Some(Value::Real(call.get::<f64>(0)?.powf(call.get(1)?)))))?;
    scalar(connection, "greatest", ANY, |call| extreme(call, Ordering::Greater))?;
    scalar(connection, "least", ANY, |call| extreme(call, Ordering::Less))
}

fn register_aggregates(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_aggregate_function("approx_percentile", 2, flags, Percentile)?;
    for (name, sample, root) in [
        ("stddev", true, true),
        ("stddev_samp", true, true),
        ("stddev_pop", false, true),
        ("variance", true, false),
        ("var_samp", true, false),
        ("var_pop", false, false),
    ] {
        connection.create_aggregate_function(name, 1, flags, Spread { sample, root })?;
    }
    let conditions: [(&str, Verdict); 3] = [
        ("count_if", |tally| Some(tally.true_count)),
        ("bool_or", |tally| (tally.count > 0).then_some(i64::from(tally.true_count > 0))),
        ("bool_and", |tally| (tally.count > 0).then_some(i64::from(tally.true_count == tally.count))),
    ];
    for (name, answer) in conditions {
        connection.create_aggregate_function(name, 1, flags, Conditions(answer))?;
    }
    Ok(())
}

/// Registers a function that answers null as soon as one of its arguments is null.
fn scalar<F>(connection: &Connection, name: &str, arguments: i32, function: F) -> Result<()>
where
    F: Fn(&Context<'_>) -> Result<Option<Value>> + Send + 'static,
{
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(name, arguments, flags, move |call| {
        let any_null = (0..call.len()).any(|place| call.get_raw(place).data_type() == Type::Null);
        if any_null { Ok(None) } else { function(call) }
    })
}

fn refuse(message: String) -> Error {
    Error::UserFunctionError(message.into())
}

/// The unit named by the first argument.
fn unit(call: &Context<'_>) -> Result<Unit> {
    Unit::parse(&call.get::<String>(0)?).map_err(refuse)
}

fn moment(call: &Context<'_>, place: usize) -> Result<Moment> {
    let text: String = call.get(place)?;
    Moment::parse(&text).ok_or_else(|| refuse(format!("`{text}` is neither a date nor a timestamp")))
}

fn text_of(moment: Moment) -> Value {
    Value::Text(moment.text())
}

fn text(value: ValueRef<'_>) -> Result<String> {
    match value {
        ValueRef::Integer(value) => Ok(value.to_string()),
        ValueRef::Real(value) => Ok(value.to_string()),
        other => Ok(String::from_utf8_lossy(other.as_bytes()?).into_owned()),
    }
}

/// The part between two separators, from 1 on; null behind the last.
fn split_part(call: &Context<'_>) -> Result<Option<Value>> {
    let (text, separator, place): (String, String, i64) = (call.get(0)?, call.get(1)?, call.get(2)?);
    let Some(before) = place.checked_sub(1).and_then(|before| usize::try_from(before).ok()) else {
        return Err(refuse(format!("split_part: part `{place}` is asked for, parts count from 1")));
    };
    Ok(text.split(separator.as_str()).nth(before).map(|part| Value::Text(part.to_owned())))
}

/// The pattern in the second argument, compiled once a statement.
fn pattern(call: &Context<'_>) -> Result<std::sync::Arc<Regex>> {
    call.get_or_create_aux(1, |value| -> Result<Regex, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Regex::new(value.as_str()?)?)
    })
}

fn regexp_extract(call: &Context<'_>) -> Result<Option<Value>> {
    let text: String = call.get(0)?;
    let group = if call.len() > 2 { call.get(2)? } else { 0_i64 };
    let captures = pattern(call)?
        .captures(&text)
        .and_then(|found| found.get(usize::try_from(group).ok()?).map(|g| g.as_str().to_owned()));
    Ok(captures.map(Value::Text))
}

/// The first argument that no other one exceeds in the given direction.
fn extreme(call: &Context<'_>, direction: Ordering) -> Result<Option<Value>> {
    let mut best: Option<ValueRef<'_>> = None;
    for place in 0..call.len() {
        let value = call.get_raw(place);
        let better = best.map_or(Ok(true), |best| order(value, best).map(|order| order == direction))?;
        if better {
            best = Some(value);
        }
    }
    best.map(|best| Value::try_from(best).map_err(|error| refuse(error.to_string()))).transpose()
}

#[expect(clippy::cast_precision_loss, reason = "SQL arithmetic on reals")]
fn order(left: ValueRef<'_>, right: ValueRef<'_>) -> Result<Ordering> {
    match (left, right) {
        (ValueRef::Integer(left), ValueRef::Integer(right)) => Ok(left.cmp(&right)),
        (ValueRef::Integer(left), ValueRef::Real(right)) => Ok((left as f64).total_cmp(&right)),
        (ValueRef::Real(left), ValueRef::Integer(right)) => Ok(left.total_cmp(&(right as f64))),
        (ValueRef::Real(left), ValueRef::Real(right)) => Ok(left.total_cmp(&right)),
        (ValueRef::Text(left), ValueRef::Text(right)) => Ok(left.cmp(right)),
        (left, right) => {
            Err(refuse(format!("`{}` and `{}` values cannot be compared", left.data_type(), right.data_type())))
        }
    }
}
