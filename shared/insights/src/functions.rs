//! Athena's functions under their Athena names, as far as insights use them.
//!
//! | function | what it answers |
//! |---|---|
//! | `date_trunc(unit, t)` | the start of the `day`, `week` (Monday), `month`, `quarter` or `year`; for a timestamp also `hour` and `minute` |
//! | `date_diff(unit, a, b)` | whole days, weeks, hours, minutes or seconds from `a` to `b` |
//! | `year(t)`, `month(t)`, `day(t)` | parts of a date or timestamp |
//! | `approx_percentile(x, p)` | here exact: the value at share `p`, the mean of the two middle values for `p = 0.5` and an even count |
//! | `count_if(condition)` | rows for which the condition holds |
//! | `strpos(text, part)` | place of the part from 1, 0 when absent |
//! | `split_part(text, delimiter, n)` | the n-th part from 1, null past the end |

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use rusqlite::{
    Connection, Error, Result,
    functions::{Aggregate, Context, FunctionFlags},
};

const PURE: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

/// Makes the functions known to a connection.
pub(crate) fn register(connection: &Connection) -> Result<()> {
    connection.create_scalar_function(c"date_trunc", 2, PURE, |context| {
        let (unit, time): (String, Option<String>) = (context.get(0)?, context.get(1)?);
        time.map(|time| date_trunc(&unit, &time)).transpose()
    })?;
    connection.create_scalar_function(c"date_diff", 3, PURE, |context| {
        let (unit, from, to): (String, Option<String>, Option<String>) =
            (context.get(0)?, context.get(1)?, context.get(2)?);
        from.zip(to).map(|(from, to)| date_diff(&unit, &from, &to)).transpose()
    })?;
    part(connection, c"year", |time| time.year().into())?;
    part(connection, c"month", |time| time.month().into())?;
    part(connection, c"day", |time| time.day().into())?;
    connection.create_scalar_function(c"strpos", 2, PURE, |context| {
        let (text, part): (Option<String>, Option<String>) = (context.get(0)?, context.get(1)?);
        Ok(text.zip(part).map(|(text, part)| text.find(&part).map_or(0, |at| text[..at].chars().count() + 1) as i64))
    })?;
    connection.create_scalar_function(c"split_part", 3, PURE, |context| {
        let (text, delimiter, number): (Option<String>, String, i64) =
            (context.get(0)?, context.get(1)?, context.get(2)?);
        let position = usize::try_from(number - 1).unwrap_or(usize::MAX);
        Ok(text.and_then(|text| text.split(delimiter.as_str()).nth(position).map(str::to_owned)))
    })?;
    connection.create_aggregate_function(c"approx_percentile", 2, PURE, Percentile)?;
    connection.create_aggregate_function(c"count_if", 1, PURE, CountIf)
}

fn part(connection: &Connection, name: &std::ffi::CStr, of: fn(NaiveDateTime) -> i64) -> Result<()> {
    connection.create_scalar_function(name, 1, PURE, move |context| {
        let time: Option<String> = context.get(0)?;
        time.map(|time| parse(&time).map(|(time, _)| of(time))).transpose()
    })
}

fn wrong(message: String) -> Error {
    Error::UserFunctionError(message.into())
}

/// A date or timestamp text, and whether it has a time of day.
fn parse(text: &str) -> Result<(NaiveDateTime, bool)> {
    let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| (day.and_time(NaiveTime::MIN), false));
    let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok().map(|time| (time, true));
    date(text).or_else(|| time(text)).ok_or_else(|| {
        wrong(format!("found `{text}`, expected a date such as `2023-04-01` or a timestamp such as `2023-04-01 23:00:00`"))
    })
}

fn date_trunc(unit: &str, text: &str) -> Result<String> {
    let (time, has_time) = parse(text)?;
    let day = time.date();
    let start = match unit {
        "minute" if has_time => time.with_second(0).and_then(|time| time.with_nanosecond(0)),
        "hour" if has_time => time.date().and_hms_opt(time.hour(), 0, 0),
        "day" => Some(day.and_time(NaiveTime::MIN)),
        "week" => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).map(midnight),
        "month" => day.with_day(1).map(midnight),
        "quarter" => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1).map(midnight),
        "year" => NaiveDate::from_ymd_opt(day.year(), 1, 1).map(midnight),
        other => {
            let choices = "`day`, `week`, `month`, `quarter`, `year`, and for timestamps `hour`, `minute`";
            return Err(wrong(format!("found unit `{other}`, expected {choices}")));
        }
    };
    let start = start.ok_or_else(|| wrong(format!("`{text}` is out of range")))?;
    let format = if has_time { "%Y-%m-%d %H:%M:%S%.3f" } else { "%Y-%m-%d" };
    Ok(start.format(format).to_string())
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

fn date_diff(unit: &str, from: &str, to: &str) -> Result<i64> {
    let span: TimeDelta = parse(to)?.0 - parse(from)?.0;
    match unit {
        "second" => Ok(span.num_seconds()),
        "minute" => Ok(span.num_minutes()),
        "hour" => Ok(span.num_hours()),
        "day" => Ok(span.num_days()),
        "week" => Ok(span.num_weeks()),
        other => Err(wrong(format!("found unit `{other}`, expected `second`, `minute`, `hour`, `day` or `week`"))),
    }
}

/// Holds the group's numbers, 8 bytes each.
struct Percentile;

#[derive(Default)]
struct Numbers {
    values: Vec<f64>,
    share: f64,
}

impl Aggregate<Numbers, Option<f64>> for Percentile {
    fn init(&self, _context: &mut Context<'_>) -> Result<Numbers> {
        Ok(Numbers::default())
    }

    fn step(&self, context: &mut Context<'_>, numbers: &mut Numbers) -> Result<()> {
        numbers.share = context.get(1)?;
        if !(0.0..=1.0).contains(&numbers.share) {
            return Err(wrong(format!("found share {}, expected 0 to 1", numbers.share)));
        }
        numbers.values.extend(context.get::<Option<f64>>(0)?);
        Ok(())
    }

    fn finalize(&self, _context: &mut Context<'_>, numbers: Option<Numbers>) -> Result<Option<f64>> {
        Ok(numbers.and_then(|mut numbers| percentile(&mut numbers.values, numbers.share)))
    }
}

/// The value at a share of the sorted values, between two values the point in proportion.
fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    #[expect(clippy::cast_precision_loss, reason = "a position among values that fit memory")]
    let position = share * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the last position")]
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    let (low, high) = (values[below], values[above.min(last)]);
    Some(low + (high - low) * position.fract())
}

struct CountIf;

impl Aggregate<i64, i64> for CountIf {
    fn init(&self, _context: &mut Context<'_>) -> Result<i64> {
        Ok(0)
    }

    fn step(&self, context: &mut Context<'_>, count: &mut i64) -> Result<()> {
        *count += i64::from(context.get::<Option<bool>>(0)?.unwrap_or(false));
        Ok(())
    }

    fn finalize(&self, _context: &mut Context<'_>, count: Option<i64>) -> Result<i64> {
        Ok(count.unwrap_or(0))
    }
}
