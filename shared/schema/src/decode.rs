//! From a cell as it was found to a typed value, or the rule it breaks and why.

use std::borrow::Cow;

use regex::Regex;

use crate::{
    Cell, Column, ColumnType, Format,
    time::{formatted_date, iso_date, iso_timestamp},
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
            pattern: column.pattern.as_ref().and_then(|pattern| Regex::new(&format!("^(?:{pattern})$")).ok()),
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
            Cell::Timestamp(micros) => self.timestamp(micros)?,
            Cell::Nested(json) if self.kind == ColumnType::Text => Value::Text(Cow::Borrowed(json)),
            Cell::Nested(json) => return Err(self.wrong_type(json)),
        };
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
                integer(&self.ungrouped(&text)).map(Value::Integer).ok_or_else(|| self.wrong_type(&text))
            }
            ColumnType::Number => {
                number(&self.ungrouped(&text)).map(Value::Number).ok_or_else(|| self.wrong_type(&text))
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
            ColumnType::Text => Ok(Value::Text(Cow::Owned(flag.to_string()))),
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
        match self.kind {
            ColumnType::Number if value.is_finite() => Ok(Value::Number(value)),
            _ => self.parse(Cow::Owned(value.to_string())),
        }
    }

    fn date(&self, days: i32) -> Result<Value<'static>, Broken> {
        match self.kind {
            ColumnType::Date => Ok(Value::Date(days)),
            ColumnType::Timestamp if !self.utc_only => Ok(Value::Timestamp(i64::from(days) * 86_400_000_000)),
            _ => Err(self.wrong_type(&format!("a date ({days} days since 1970-01-01)"))),
        }
    }

    fn timestamp(&self, micros: i64) -> Result<Value<'static>, Broken> {
        match self.kind {
            ColumnType::Timestamp => Ok(Value::Timestamp(micros)),
            ColumnType::Date if micros.rem_euclid(86_400_000_000) == 0 => {
                i32::try_from(micros.div_euclid(86_400_000_000))
                    .map(Value::Date)
                    .map_err(|_| self.wrong_type("a date out of range"))
            }
            _ => Err(self.wrong_type(&format!("a timestamp ({micros} microseconds since 1970-01-01)"))),
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

    /// The number without its thousands separators; left as it is when they do not stand before three digits each.
    fn ungrouped<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.thousands {
            Some(separator) if text.contains(separator) && grouped(text, separator) => {
                Cow::Owned(text.replace(separator, ""))
            }
            _ => Cow::Borrowed(text),
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

/// Whether the separators of `1,234,567.8` stand where they belong: `1,23` and `12,34` are other things than 123.
fn grouped(text: &str, separator: char) -> bool {
    let whole = text.trim_start_matches(['-', '+']).split('.').next().unwrap_or_default();
    let mut groups = whole.split(separator);
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && groups.all(|group| group.len() == 3 && digits(group))
}

/// A whole number; `3.0` and `3e2` count, `3.5` does not.
fn integer(text: &str) -> Option<i64> {
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    let value = number(text)?;
    // Beyond 2^53 a floating-point number no longer names one whole number.
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, checked on this line")]
    (value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0).then_some(value as i64)
}

/// A finite number. Words such as `inf` and `nan`, which Rust's parser would take, are not numbers here.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let value = plain.then(|| text.parse::<f64>().ok()).flatten().filter(|value| value.is_finite())?;
    // Negative zero equals zero but has other bits, which would break equal digests.
    Some(if value == 0.0 { 0.0 } else { value })
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
