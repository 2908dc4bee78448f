//! Dates and timestamps as SQL text, and Trino's calendar arithmetic on them.

use chrono::{DateTime, Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

const DATE: &str = "%Y-%m-%d";
const TIMESTAMP: &str = "%Y-%m-%d %H:%M:%S%.3f";

/// Text of a day, counted from 1970-01-01; none beyond the calendar of years 0 to 9999.
pub(crate) fn date_text(days: i64) -> Option<String> {
    let date = DateTime::from_timestamp(days.checked_mul(86_400)?, 0)?.date_naive();
    four_digits(date).then(|| date.format(DATE).to_string())
}

/// Text of an instant, in milliseconds from 1970-01-01T00:00:00Z; none beyond years 0 to 9999.
pub(crate) fn timestamp_text(milliseconds: i64) -> Option<String> {
    let instant = DateTime::from_timestamp_millis(milliseconds)?.naive_utc();
    four_digits(instant.date()).then(|| instant.format(TIMESTAMP).to_string())
}

/// Outside these years the order of texts is no longer the order of time.
fn four_digits(date: NaiveDate) -> bool {
    (0..=9999).contains(&date.year())
}

/// What a text says about time: a day, or an instant without a zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Moment {
    Date(NaiveDate),
    Timestamp(NaiveDateTime),
}

impl Moment {
    /// Reads `YYYY-MM-DD`, or that with ` HH:MM:SS` and any fraction; `T` and a final `Z` are accepted.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(date) = NaiveDate::parse_from_str(text, DATE) {
            return Some(Self::Date(date));
        }
        let text = text.strip_suffix('Z').or_else(|| text.strip_suffix(" UTC")).unwrap_or(text);
        let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).map(Self::Timestamp)
    }

    pub(crate) fn text(self) -> String {
        match self {
            Self::Date(date) => date.format(DATE).to_string(),
            Self::Timestamp(instant) => instant.format(TIMESTAMP).to_string(),
        }
    }

    pub(crate) fn date(self) -> NaiveDate {
        match self {
            Self::Date(date) => date,
            Self::Timestamp(instant) => instant.date(),
        }
    }

    pub(crate) fn instant(self) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(NaiveTime::MIN),
            Self::Timestamp(instant) => instant,
        }
    }

    /// The same kind of moment at another instant.
    fn at(self, instant: NaiveDateTime) -> Self {
        match self {
            Self::Date(_) => Self::Date(instant.date()),
            Self::Timestamp(_) => Self::Timestamp(instant),
        }
    }
}

/// A span of the calendar or of the clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unit {
    Clock(Duration),
    Week,
    Months(u32),
}

impl Unit {
    /// Every unit by its name in SQL.
    const ALL: [(&'static str, Self); 9] = [
        ("millisecond", Self::Clock(Duration::milliseconds(1))),
        ("second", Self::Clock(Duration::seconds(1))),
        ("minute", Self::Clock(Duration::minutes(1))),
        ("hour", Self::Clock(Duration::hours(1))),
        ("day", Self::Clock(Duration::days(1))),
        ("week", Self::Week),
        ("month", Self::Months(1)),
        ("quarter", Self::Months(3)),
        ("year", Self::Months(12)),
    ];

    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, unit)| *unit).ok_or_else(|| {
            let known = Self::ALL.map(|(known, _)| known).join("`, `");
            format!("unit `{name}` is none of `{known}`")
        })
    }
}

/// The beginning of the unit that holds the moment; weeks begin on Monday, as in ISO 8601.
pub(crate) fn truncate(moment: Moment, unit: Unit) -> Option<Moment> {
    let instant = moment.instant();
    let date = instant.date();
    let start = match unit {
        Unit::Clock(length) => {
            let into_day = instant.time().signed_duration_since(NaiveTime::MIN).num_milliseconds();
            let whole = into_day - into_day % length.num_milliseconds();
            date.and_time(NaiveTime::MIN) + Duration::milliseconds(whole)
        }
        Unit::Week => {
            date.checked_sub_days(Days::new(date.weekday().num_days_from_monday().into()))?.and_time(NaiveTime::MIN)
        }
        Unit::Months(length) => {
            NaiveDate::from_ymd_opt(date.year(), date.month0() / length * length + 1, 1)?.and_time(NaiveTime::MIN)
        }
    };
    Some(moment.at(start))
}

/// The moment so many units later; a day the month does not have becomes its last.
pub(crate) fn add(moment: Moment, unit: Unit, count: i64) -> Option<Moment> {
    let instant = moment.instant();
    let later = match unit {
        Unit::Clock(length) => {
            instant.checked_add_signed(Duration::try_milliseconds(length.num_milliseconds().checked_mul(count)?)?)?
        }
        Unit::Week => instant.checked_add_signed(Duration::try_weeks(count)?)?,
        Unit::Months(length) => add_months(instant, count.checked_mul(length.into())?)?,
    };
    Some(moment.at(later))
}

/// How many whole units lie between two moments, negative when the second is earlier.
pub(crate) fn difference(from: Moment, to: Moment, unit: Unit) -> i64 {
    let (from, to) = (from.instant(), to.instant());
    let span = to.signed_duration_since(from);
    match unit {
        Unit::Clock(length) => span.num_milliseconds() / length.num_milliseconds(),
        Unit::Week => span.num_weeks(),
        Unit::Months(length) => whole_months(from, to) / i64::from(length),
    }
}

fn whole_months(from: NaiveDateTime, to: NaiveDateTime) -> i64 {
    let month_of = |instant: NaiveDateTime| i64::from(instant.year()) * 12 + i64::from(instant.month0());
    let months = month_of(to) - month_of(from);
    match add_months(from, months) {
        Some(reached) if months > 0 && reached > to => months - 1,
        Some(reached) if months < 0 && reached < to => months + 1,
        _ => months,
    }
}

fn add_months(instant: NaiveDateTime, count: i64) -> Option<NaiveDateTime> {
    let months = Months::new(u32::try_from(count.unsigned_abs()).ok()?);
    if count < 0 { instant.checked_sub_months(months) } else { instant.checked_add_months(months) }
}

/// One field of a moment, by its name in Trino.
pub(crate) type Field = fn(Moment) -> i64;

/// The field functions: name and meaning. Weeks and days of the week are those of ISO 8601.
pub(crate) const FIELDS: [(&str, Field); 10] = [
    ("year", |moment| moment.date().year().into()),
    ("quarter", |moment| i64::from(moment.date().month0() / 3 + 1)),
    ("month", |moment| moment.date().month().into()),
    ("week", |moment| moment.date().iso_week().week().into()),
    ("day", |moment| moment.date().day().into()),
    ("day_of_week", |moment| moment.date().weekday().number_from_monday().into()),
    ("day_of_year", |moment| moment.date().ordinal().into()),
    ("hour", |moment| moment.instant().hour().into()),
    ("minute", |moment| moment.instant().minute().into()),
    ("second", |moment| moment.instant().second().into()),
];
