//! From a cell as it was found to a typed value, or the rule it breaks and why.

use std::borrow::Cow;

use regex::Regex;

use crate::{
    Cell, Column, ColumnType, Format,
    number::{finite, integer, number, ungrouped},
    time::{DAYS, MICROS, MICROS_PER_DAY, formatted_date, iso_date, iso_timestamp},
};

/// A typed value of one cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp(i64),
}

/// The rule a cell breaks, and the sentence that says what was found and expected.
pub(crate) type Broken = (&'static str, String);

/// Judges the cells of one column.
pub(crate) struct Decoder {
    kind: ColumnType,
    required: bool,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<Regex>,
    one_of: Option<Vec<String>>,
    utc_only: bool,
    nulls: Vec<String>,
    thousands: Option<char>,
    date_formats: Vec<String>,
}

impl Decoder {
    pub(crate) fn new(column: &Column, format: &Format, is_key: bool) -> Self {
        Self {
            kind: column.kind,
            required: column.required || is_key,
            min: column.min,
            max: column.max,
            pattern: column.pattern.as_ref().and_then(|pattern| whole(pattern).ok()),
            one_of: column.one_of.clone(),
            utc_only: column.utc_only,
            nulls: format.nulls.clone(),
            thousands: format.thousands,
            date_formats: format.date_formats.clone(),
        }
    }

    /// The typed value of a cell.
    pub(crate) fn decode<'a>(&self, cell: Cell<'a>) -> Result<Value<'a>, Broken> {
        let value = match cell {
            Cell::Null => Value::Null,
            Cell::Text(text) => self.text(text.trim())?,
            Cell::Number(digits) => self.parse(Cow::Borrowed(digits))?,
            Cell::Bool(flag) => self.boolean(flag)?,
            Cell::Int(number) => self.integer(number)?,
            Cell::Float(number) => self.number(number)?,
            Cell::Date(days) => self.date(days)?,
            Cell::Timestamp { micros, utc } => self.timestamp(micros, utc)?,
            Cell::Nested(json) if self.kind == ColumnType::Text => self.allowed(Cow::Borrowed(json))?,
            Cell::Nested(json) => return Err(self.wrong_type(json)),
        };
        if !in_calendar(&value) {
            return Err((
                "type",
                format!("found {}, expected a year from 0001 to 9999", quoted(cell.to_string().trim())),
            ));
        }
        if self.required && value == Value::Null {
            return Err(("required", "found null, expected a value".to_owned()));
        }
        self.in_range(&value)?;
        Ok(value)
    }

    fn text<'a>(&self, text: &'a str) -> Result<Value<'a>, Broken> {
        if text.is_empty() || self.nulls.iter().any(|null| null == text) {
            return Ok(Value::Null);
        }
        self.parse(Cow::Borrowed(text))
    }

    fn parse<'a>(&self, text: Cow<'a, str>) -> Result<Value<'a>, Broken> {
        match self.kind {
            ColumnType::Text => self.allowed(text),
            ColumnType::Integer => {
                integer(&ungrouped(&text, self.thousands)).map(Value::Integer).ok_or_else(|| self.wrong_type(&text))
            }
            ColumnType::Number => {
                number(&ungrouped(&text, self.thousands)).map(Value::Number).ok_or_else(|| self.wrong_type(&text))
            }
            ColumnType::Boolean => boolean(&text).map(Value::Boolean).ok_or_else(|| self.wrong_type(&text)),
            ColumnType::Date => {
                let days = if self.date_formats.is_empty() {
                    iso_date(&text)
                } else {
                    formatted_date(&text, &self.date_formats)
                };
                days.map(Value::Date).ok_or_else(|| self.wrong_type(&text))
            }
            ColumnType::Timestamp => self.instant(&text),
        }
    }

    fn allowed<'a>(&self, text: Cow<'a, str>) -> Result<Value<'a>, Broken> {
        if let Some(choices) = self.one_of.as_ref().filter(|choices| !choices.iter().any(|choice| *choice == text)) {
            return Err(("one_of", format!("found {}, expected one of `{}`", quoted(&text), choices.join("`, `"))));
        }
        if let Some(pattern) = self.pattern.as_ref().filter(|pattern| !pattern.is_match(&text)) {
            return Err(("pattern", format!("found {}, expected a match of `{pattern}`", quoted(&text))));
        }
        Ok(Value::Text(text))
    }

    fn instant(&self, text: &str) -> Result<Value<'static>, Broken> {
        let Some(instant) = iso_timestamp(text) else {
            let rule = if self.utc_only { "utc_only" } else { "type" };
            return Err((rule, format!("found {}, expected a timestamp such as `2023-04-01T23:00:00Z`", quoted(text))));
        };
        if self.utc_only && instant.offset_minutes != Some(0) {
            return Err(("utc_only", format!("found {}, expected a timestamp in UTC, ending in `Z`", quoted(text))));
        }
        Ok(Value::Timestamp(instant.micros))
    }

    fn boolean(&self, flag: bool) -> Result<Value<'static>, Broken> {
        match self.kind {
            ColumnType::Boolean => Ok(Value::Boolean(flag)),
            ColumnType::Text => self.allowed(Cow::Owned(flag.to_string())),
            _ => Err(self.wrong_type(&flag.to_string())),
        }
    }

    fn integer(&self, value: i64) -> Result<Value<'static>, Broken> {
        match self.kind {
            ColumnType::Integer => Ok(Value::Integer(value)),
            _ => self.parse(Cow::Owned(value.to_string())),
        }
    }

    fn number(&self, value: f64) -> Result<Value<'static>, Broken> {
        match (self.kind, finite(value)) {
            (ColumnType::Number, Some(number)) => Ok(Value::Number(number)),
            (_, number) => self.parse(Cow::Owned(number.unwrap_or(value).to_string())),
        }
    }

    fn date(&self, days: i32) -> Result<Value<'static>, Broken> {
        match self.kind {
            ColumnType::Date => Ok(Value::Date(days)),
            // A day too far for microseconds is far beyond the calendar as well.
            ColumnType::Timestamp if !self.utc_only => {
                Ok(Value::Timestamp(i64::from(days).saturating_mul(MICROS_PER_DAY)))
            }
            _ => Err(self.wrong_type(&Cell::Date(days).to_string())),
        }
    }

    fn timestamp(&self, micros: i64, utc: bool) -> Result<Value<'static>, Broken> {
        match self.kind {
            ColumnType::Timestamp if self.utc_only && !utc => {
                Err(("utc_only", "found a timestamp without a zone, expected a timestamp in UTC".to_owned()))
            }
            ColumnType::Timestamp => Ok(Value::Timestamp(micros)),
            ColumnType::Date if micros.rem_euclid(MICROS_PER_DAY) == 0 => {
                // Microseconds hold fewer days than an `i32`.
                Ok(Value::Date(i32::try_from(micros.div_euclid(MICROS_PER_DAY)).unwrap_or(i32::MAX)))
            }
            _ => Err(self.wrong_type(&Cell::Timestamp { micros, utc }.to_string())),
        }
    }

    fn in_range(&self, value: &Value<'_>) -> Result<(), Broken> {
        let number = match value {
            #[expect(clippy::cast_precision_loss, reason = "limits are declared as floating-point numbers")]
            Value::Integer(number) => *number as f64,
            Value::Number(number) => *number,
            _ => return Ok(()),
        };
        match (self.min, self.max) {
            (Some(min), _) if number < min => Err(("min", format!("found {number}, expected at least {min}"))),
            (_, Some(max)) if number > max => Err(("max", format!("found {number}, expected at most {max}"))),
            _ => Ok(()),
        }
    }

    fn wrong_type(&self, text: &str) -> Broken {
        let expected = match self.kind {
            ColumnType::Text => "a text".to_owned(),
            ColumnType::Integer => "a whole number".to_owned(),
            ColumnType::Number => "a number".to_owned(),
            ColumnType::Boolean => "`true` or `false`".to_owned(),
            ColumnType::Date if self.date_formats.is_empty() => "a date such as `2023-04-01`".to_owned(),
            ColumnType::Date => format!("a date in the format `{}`", self.date_formats.join("` or `")),
            ColumnType::Timestamp => "a timestamp such as `2023-04-01T23:00:00Z`".to_owned(),
        };
        ("type", format!("found {}, expected {expected}", quoted(text)))
    }
}

/// The pattern, asked to match a whole text.
pub(crate) fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}

/// Whether a day or instant, if the value is one, lies in the years 0001 to 9999, which every reader of a text can read.
fn in_calendar(value: &Value<'_>) -> bool {
    match value {
        Value::Date(days) => DAYS.contains(days),
        Value::Timestamp(micros) => MICROS.contains(micros),
        _ => true,
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// The text in backticks, cut to a length that fits a message.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("`{}...`", &text[..cut]),
        None => format!("`{text}`"),
    }
}
