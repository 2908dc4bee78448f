//! Table structures: the columns of a table, its key and version, and the rules its rows must keep.

use std::{collections::HashMap, sync::Arc};

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::Deserialize;

use crate::{Format, SettingsError, decode::whole, parse_settings};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8 text, trimmed.
    Text,
    /// A whole number in 64 bits.
    Integer,
    /// A finite floating-point number in 64 bits.
    Number,
    /// `true` or `false`, also as `yes`/`no`, `y`/`n`, `t`/`f`, `1`/`0`.
    Boolean,
    /// A calendar date.
    Date,
    /// An instant in UTC, in microseconds.
    Timestamp,
}

impl ColumnType {
    /// The Arrow type that values of this type are stored as.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }
}

/// The names a column may have in the source, the first one present counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Sources {
    /// One name.
    One(String),
    /// Several spellings of the same column.
    Any(Vec<String>),
}

/// What becomes of rows that are equal in every column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicatePolicy {
    /// One stays, the others are counted as duplicates.
    #[default]
    Drop,
    /// All stay: each is a fact of its own. Only for a table without a key.
    Keep,
}

/// One column of a table structure.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name in the lake: lower case letters, digits and `_`, as SQL and Athena write names without quotes.
    pub name: String,
    /// Name in the source; absent means: the same as `name`.
    #[serde(default)]
    pub source: Option<Sources>,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// What it says, for readers: a comment in the DDL.
    #[serde(default)]
    pub description: String,
    /// Whether a null quarantines the row. Key columns are always required.
    #[serde(default)]
    pub required: bool,
    /// Least value of an integer or number.
    pub min: Option<f64>,
    /// Greatest value of an integer or number.
    pub max: Option<f64>,
    /// Regular expression that the whole text must match.
    pub pattern: Option<String>,
    /// The only texts allowed.
    pub one_of: Option<Vec<String>>,
    /// Whether a timestamp must say that it is UTC (`Z` or `+00:00`).
    #[serde(default)]
    pub utc_only: bool,
}

impl Column {
    /// The accepted names in the source, in order of preference.
    pub fn source_names(&self) -> Vec<String> {
        match &self.source {
            None => vec![self.name.clone()],
            Some(Sources::One(name)) => vec![name.clone()],
            Some(Sources::Any(names)) => names.clone(),
        }
    }
}

/// A declared table: columns, key, version and file layout. Read from `tables/<name>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableStructure {
    /// One sentence on what one row is.
    #[serde(default)]
    pub description: String,
    /// Columns that name a row; empty means that the whole row does.
    #[serde(default)]
    pub key: Vec<String>,
    /// The column that tells which of two rows with one key is later.
    pub version: Option<String>,
    /// The column that marks a deletion: `true`, or a date or time. Where the latest row of a key is one, the table has
    /// no row of that key. Columns outside the key may be null in a deletion, required or not.
    pub deleted: Option<String>,
    /// What becomes of equal rows.
    #[serde(default)]
    pub duplicates: DuplicatePolicy,
    /// Share of quarantined rows, 0 to 1, above which the run ends over its quality limit.
    #[serde(default = "default_reject_ratio")]
    pub max_reject_ratio: f64,
    /// File layout.
    #[serde(default)]
    pub format: Format,
    /// The columns, in the order of the table.
    pub columns: Vec<Column>,
}

fn default_reject_ratio() -> f64 {
    0.05
}

impl TableStructure {
    /// Parses and checks a table structure; `place` is the path that errors name.
    ///
    /// # Errors
    /// [`SettingsError`] naming the file, the key at fault and the valid choices.
    pub fn parse(place: &str, text: &str) -> Result<Self, SettingsError> {
        let structure: Self = parse_settings(place, text)?;
        structure.check().map_err(|(key, message)| SettingsError::Impossible {
            place: place.to_owned(),
            key,
            message,
        })?;
        Ok(structure)
    }

    /// Column names in order.
    pub fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// Positions of the columns that a row is ordered and recognized by: the key, or every column.
    pub fn key_positions(&self) -> Vec<usize> {
        let named: Vec<usize> = self.key.iter().filter_map(|name| self.position(name)).collect();
        if named.is_empty() { (0..self.columns.len()).collect() } else { named }
    }

    /// Position of a column.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The Arrow schema: one nullable field a column, with its Parquet field id (position from 1).
    pub fn arrow_schema(&self) -> SchemaRef {
        let fields = self.columns.iter().enumerate().map(|(position, column)| {
            Field::new(&column.name, column.kind.arrow(), true)
                .with_metadata(HashMap::from([("PARQUET:field_id".to_owned(), (position + 1).to_string())]))
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    fn check(&self) -> Result<(), (String, String)> {
        let choices = || self.column_names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let key = self.key.iter().map(|name| ("key", name));
        let version = self.version.iter().map(|name| ("version", name));
        for (key, name) in key.chain(version).chain(self.deleted.iter().map(|name| ("deleted", name))) {
            if self.position(name).is_none() {
                return Err((key.to_owned(), format!("found unknown column `{name}`, expected one of {}", choices())));
            }
        }
        for (position, column) in self.columns.iter().enumerate() {
            column.check()?;
            if self.position(&column.name) != Some(position) {
                return Err((
                    "columns.name".to_owned(),
                    format!("found `{}` twice, expected each name once", column.name),
                ));
            }
        }
        self.format.check()?;
        if self.columns.is_empty() {
            return Err(("columns".to_owned(), "found none, expected at least one".to_owned()));
        }
        if !(0.0..=1.0).contains(&self.max_reject_ratio) {
            return Err(("max_reject_ratio".to_owned(), format!("found {}, expected 0 to 1", self.max_reject_ratio)));
        }
        let marks =
            |column: &Column| matches!(column.kind, ColumnType::Boolean | ColumnType::Date | ColumnType::Timestamp);
        if let Some(name) = self.deleted.as_ref().filter(|_| self.key.is_empty()) {
            return Err(("deleted".to_owned(), format!("found `{name}` in a table without a key, expected a `key`")));
        }
        if let Some(column) =
            self.columns.iter().find(|column| Some(&column.name) == self.deleted.as_ref() && !marks(column))
        {
            let expected = "expected a boolean, date or timestamp column";
            return Err(("deleted".to_owned(), format!("found `{}`, {expected}", column.name)));
        }
        if self.duplicates == DuplicatePolicy::Keep && !self.key.is_empty() {
            return Err(("duplicates".to_owned(), "found `keep` in a table with a key, expected `drop`".to_owned()));
        }
        Ok(())
    }
}

impl Column {
    fn check(&self) -> Result<(), (String, String)> {
        if !is_plain(&self.name) {
            let expected = "lower case letters, digits and `_`, no digit first";
            return Err(("columns.name".to_owned(), format!("found `{}`, expected {expected}", self.name)));
        }
        let numeric = matches!(self.kind, ColumnType::Integer | ColumnType::Number);
        let text = self.kind == ColumnType::Text;
        let misplaced = [
            ("min", self.min.is_some() && !numeric, "an integer or number"),
            ("max", self.max.is_some() && !numeric, "an integer or number"),
            ("pattern", self.pattern.is_some() && !text, "a text"),
            ("one_of", self.one_of.is_some() && !text, "a text"),
            ("utc_only", self.utc_only && self.kind != ColumnType::Timestamp, "a timestamp"),
        ];
        for (rule, wrong, expected) in misplaced {
            if wrong {
                return Err((
                    format!("{}.{rule}", self.name),
                    format!("found on a {:?} column, expected on {expected} column", self.kind),
                ));
            }
        }
        if let Some(Err(error)) = self.pattern.as_ref().map(|pattern| whole(pattern)) {
            return Err((format!("{}.pattern", self.name), format!("found an invalid regular expression: {error}")));
        }
        Ok(())
    }
}

/// Whether names are told apart by more than their case, and need no quotes in SQL.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().all(plain) && name.starts_with(|first: char| !first.is_ascii_digit())
}
