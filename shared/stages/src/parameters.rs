//! Parameters of a job: typed values that a run may set, written `:name` in the job's SQL.

use std::collections::BTreeMap;

use lotline_schema::parse_settings;
use lotline_store::SettingsFiles;
use serde::Deserialize;
use toml::Value;

use crate::{
    StageError,
    job::{choices, impossible},
};

/// The file of a job folder with values in place of the defaults of `job.toml`, one `name = value` a line. A run that
/// sets parameters has it among its files, so that its id and its manifest say by what values it ran.
pub const PARAMETERS_FILE: &str = "parameters.toml";

/// Values by name. The type of the default is the type of the parameter: text, whole number, number, boolean, or a date
/// written without quotes (`as_of = 2017-02-02`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<String, Value>);

impl Parameters {
    /// Checks the defaults of `job.toml` and puts the values of [`PARAMETERS_FILE`] in their place.
    pub(crate) fn read(self, place: &str, files: &SettingsFiles) -> Result<Self, StageError> {
        let wrong = |file: &str, key: &str, found: &str, expected: &str| {
            impossible(&format!("{place}/{file}"), key, format!("found {found}, expected {expected}"))
        };
        for (name, value) in &self.0 {
            if literal(value).is_none() {
                let found = format!("`{value}`");
                let expected = "a text, number, boolean or date without a time";
                return Err(wrong("job.toml", &format!("parameters.{name}"), &found, expected).into());
            }
        }
        let mut read = self;
        let Some(text) = files.get(PARAMETERS_FILE) else { return Ok(read) };
        let set: BTreeMap<String, Value> = parse_settings(&format!("{place}/{PARAMETERS_FILE}"), text)?;
        for (name, value) in set {
            match read.0.get_mut(&name) {
                None => return Err(wrong(PARAMETERS_FILE, &name, "no such parameter", &choices(read.0.keys())).into()),
                Some(default) if kind(default) != kind(&value) => {
                    return Err(wrong(PARAMETERS_FILE, &name, &format!("`{value}`"), kind(default)).into());
                }
                Some(default) => *default = value,
            }
        }
        Ok(read)
    }

    /// The job's files with values that a run sets, each as a person writes it: a text without quotes. A value that the
    /// job has anyway leaves no trace.
    ///
    /// # Errors
    /// [`StageError::BadRequest`] for a name that the job does not have, with those that it has, and for a value of
    /// another type.
    pub fn set(&self, mut files: SettingsFiles, assignments: &[(String, String)]) -> Result<SettingsFiles, StageError> {
        let mut values = self.0.clone();
        for (name, text) in assignments {
            let wrong =
                |found: String, expected: String| StageError::BadRequest { subject: "parameter", found, expected };
            let value = values.get_mut(name).ok_or_else(|| wrong(name.clone(), choices(self.0.keys())))?;
            *value = typed(value, text).ok_or_else(|| wrong(format!("{name}={text}"), kind(value).to_owned()))?;
        }
        if values != self.0 {
            let text = values.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
            files.insert(PARAMETERS_FILE.to_owned(), text);
        }
        Ok(files)
    }

    /// The values as [`Parameters::set`] takes them.
    pub fn assignments(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.0.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// SQL with a literal in place of every `:name` outside of quotes and comments; a date is `date('2017-02-02')`, which
    /// both SQLite and Athena take. Answers what was found and expected for a name that is no parameter.
    pub(crate) fn fill(&self, sql: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(sql.len());
        let mut rest = sql;
        while let Some(at) = rest.find([':', '\'', '"', '-', '/']) {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            let length = opaque(from);
            let (taken, behind) = from.split_at(length);
            let name =
                &behind[..behind.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()];
            rest = behind;
            if taken == ":" && !name.is_empty() {
                let value = self.0.get(name).and_then(literal);
                let unknown = || format!("found no parameter `{name}`, expected one of {}", choices(self.0.keys()));
                filled.push_str(&value.ok_or_else(unknown)?);
                rest = &behind[name.len()..];
            } else {
                filled.push_str(taken);
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// Bytes of the quoted text or comment that SQL begins with; 1 where it is none.
fn opaque(sql: &str) -> usize {
    let until = |end: &str, from: usize| sql[from..].find(end).map_or(sql.len(), |at| from + at + end.len());
    match sql.as_bytes() {
        [b'\'', ..] => until("'", 1),
        [b'"', ..] => until("\"", 1),
        [b'-', b'-', ..] => until("\n", 2),
        [b'/', b'*', ..] => until("*/", 2),
        _ => 1,
    }
}

/// What a value is called in messages.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "`true` or `false`",
        Value::Datetime(_) => "a date such as `2017-02-02`",
        Value::Array(_) | Value::Table(_) => "one value",
    }
}

/// A text as a value of another value's type.
fn typed(like: &Value, text: &str) -> Option<Value> {
    let value = match like {
        Value::String(_) => Value::String(text.to_owned()),
        Value::Integer(_) => Value::Integer(text.parse().ok()?),
        Value::Float(_) => Value::Float(text.parse().ok()?),
        Value::Boolean(_) => Value::Boolean(text.parse().ok()?),
        Value::Datetime(_) => Value::Datetime(text.parse().ok()?),
        Value::Array(_) | Value::Table(_) => return None,
    };
    literal(&value).map(|_| value)
}

/// A value in SQL; none for what is no parameter.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) if number.is_finite() => Some(format!("{number:?}")),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Datetime(moment) if moment.time.is_none() => Some(format!("date('{moment}')")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Parameters;
    use lotline_store::SettingsFiles;

    fn parameters(text: &str, set: &str) -> Result<Parameters, String> {
        let files: SettingsFiles = [("parameters.toml".to_owned(), set.to_owned())].into();
        let defaults: Parameters = toml::from_str(text).unwrap();
        defaults.read("j", &files).map_err(|error| error.to_string())
    }

    const ALL: &str = "as_of = 2017-02-02\ndays = 30\nshare = 0.5\nwho = \"O'Neil\"\nall = true\n";

    #[test]
    fn names_become_literals_outside_of_quotes_and_comments() {
        let all = parameters(ALL, "days = 7").unwrap();
        for (sql, expected) in [
            ("x > :as_of AND :days", "x > date('2017-02-02') AND 7"),
            (":share,:who,:all", "0.5,'O''Neil',true"),
            ("':days' \":days\" -- :days\n/* :days */ a-b/c", "':days' \":days\" -- :days\n/* :days */ a-b/c"),
            ("'it''s :days' || :days", "'it''s :days' || 7"),
            ("ends ':days", "ends ':days"),
        ] {
            assert_eq!(all.fill(sql).as_deref(), Ok(expected), "{sql}");
        }
        assert!(all.fill("SELECT :day").unwrap_err().starts_with("found no parameter `day`, expected one of `all`"));
    }

    #[test]
    fn values_are_of_the_defaults_type() {
        for (set, expected) in [
            ("days = 'x'", "j/parameters.toml: `days`: found `\"x\"`, expected a whole number"),
            ("day = 1", "found no such parameter, expected `all`, `as_of`, `days`, `share`, `who`"),
        ] {
            let found = parameters(ALL, set).unwrap_err();
            assert!(found.ends_with(expected), "{found}");
        }
        let found = parameters("list = [1]", "").unwrap_err();
        assert!(found.contains("`parameters.list`: found `[1]`"), "{found}");
    }

    #[test]
    fn what_a_run_sets_is_among_its_files_and_what_it_repeats_is_not() {
        let all = parameters(ALL, "").unwrap();
        let set = |name: &str, value: &str| all.set(SettingsFiles::new(), &[(name.to_owned(), value.to_owned())]);
        assert_eq!(set("as_of", "2017-02-02").unwrap(), SettingsFiles::new());
        let files = set("as_of", "2017-03-01").unwrap();
        let read = parameters(ALL, &files["parameters.toml"]).unwrap();
        assert_eq!(read.fill(":as_of").unwrap(), "date('2017-03-01')");
        let found = set("as_of", "2017-02-30").unwrap_err().to_string();
        assert_eq!(found, "parameter: found `as_of=2017-02-30`, expected a date such as `2017-02-02`");
        assert!(set("asof", "2017-02-03").is_err());
    }
}
