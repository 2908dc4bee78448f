//! `CREATE TABLE` for warehouses, from the structures of a job's tables.

use arrow_schema::{DataType, SchemaRef};

use crate::{Job, StageError, link};

/// Whose SQL is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Amazon Redshift.
    Redshift,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

/// A table that a run of a job publishes.
#[derive(Debug, Clone)]
pub struct WarehouseTable {
    /// Its name.
    pub name: String,
    description: String,
    key: Vec<String>,
    columns: Vec<WarehouseColumn>,
}

#[derive(Debug, Clone)]
struct WarehouseColumn {
    name: String,
    kind: DataType,
    required: bool,
    description: String,
}

/// The tables of a job in order of name: its sources, links and derived tables. Quarantined rows stay in the lake.
///
/// # Errors
/// As for [`Job::structure`].
pub fn tables(job: &Job) -> Result<Vec<WarehouseTable>, StageError> {
    let derived = job.derived.iter().map(|(name, derived)| (name, &derived.structure));
    let declared = job.sources.iter().chain(derived).map(|(name, structure)| {
        let column = |column: &lotline_schema::Column| WarehouseColumn {
            name: column.name.clone(),
            kind: column.kind.arrow(),
            required: column.required || structure.key.contains(&column.name),
            description: column.description.clone(),
        };
        WarehouseTable {
            name: name.clone(),
            description: structure.description.clone(),
            key: structure.key.clone(),
            columns: structure.columns.iter().map(column).collect(),
        }
    });
    let mut tables: Vec<_> = declared.collect();
    tables.extend(link::schemas(job)?.iter().map(|(name, schema)| of_schema(name, schema)));
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tables)
}

/// A table that linking makes: a pair of keys names one row, where it has them.
fn of_schema(name: &str, schema: &SchemaRef) -> WarehouseTable {
    let key: Vec<String> = ["id_l", "id_r"].map(str::to_owned).into();
    let column = |field: &arrow_schema::FieldRef| WarehouseColumn {
        name: field.name().clone(),
        kind: field.data_type().clone(),
        required: !field.is_nullable(),
        description: String::new(),
    };
    let columns: Vec<_> = schema.fields().iter().map(column).collect();
    let is_pair = key.iter().all(|name| columns.iter().any(|column| column.name == *name));
    let key = if is_pair { key } else { Vec::new() };
    WarehouseTable { name: name.to_owned(), description: String::new(), key, columns }
}

impl Dialect {
    /// The statements that make a table: its columns with types, nulls, key and comments.
    ///
    /// # Errors
    /// [`StageError::Internal`] for a type that no warehouse has.
    pub fn create(self, table: &WarehouseTable) -> Result<String, StageError> {
        let key = table.key.iter().map(|name| self.quoted(name)).collect::<Vec<_>>().join(", ");
        let mut lines = Vec::new();
        for column in &table.columns {
            let null = if column.required { " NOT NULL" } else { "" };
            let comment = match (self, column.description.as_str()) {
                (_, "") | (Self::Redshift | Self::Postgres, _) => String::new(),
                (Self::Mysql, text) => format!(" COMMENT {}", literal(text)),
            };
            let kind = self.kind(&column.kind, table.key.contains(&column.name))?;
            lines.push(format!("  {} {kind}{null}{comment}", self.quoted(&column.name)));
        }
        lines.extend((!key.is_empty()).then(|| format!("  PRIMARY KEY ({key})")));
        let end = match self {
            Self::Redshift if !key.is_empty() => format!("\nSORTKEY ({key})"),
            Self::Mysql if !table.description.is_empty() => format!(" COMMENT = {}", literal(&table.description)),
            _ => String::new(),
        };
        let name = self.quoted(&table.name);
        let create = format!("CREATE TABLE {name} (\n{}\n){end};\n", lines.join(",\n"));
        Ok(if self == Self::Mysql { create } else { create + &self.comments(&name, table) })
    }

    fn comments(self, name: &str, table: &WarehouseTable) -> String {
        let of_table = (!table.description.is_empty())
            .then(|| format!("COMMENT ON TABLE {name} IS {};\n", literal(&table.description)));
        let described = table.columns.iter().filter(|column| !column.description.is_empty());
        let of_column = |column: &WarehouseColumn| {
            format!("COMMENT ON COLUMN {name}.{} IS {};\n", self.quoted(&column.name), literal(&column.description))
        };
        of_table.into_iter().chain(described.map(of_column)).collect()
    }

    fn quoted(self, name: &str) -> String {
        if self == Self::Mysql { format!("`{name}`") } else { format!("\"{name}\"") }
    }

    fn kind(self, kind: &DataType, is_key: bool) -> Result<&'static str, StageError> {
        Ok(match (kind, self) {
            (DataType::Utf8, Self::Redshift) => "VARCHAR(65535)",
            (DataType::Utf8, Self::Postgres) => "TEXT",
            // Indexes of MySQL take no text of any length.
            (DataType::Utf8, Self::Mysql) => {
                if is_key {
                    "VARCHAR(255)"
                } else {
                    "TEXT"
                }
            }
            (DataType::Boolean, _) => "BOOLEAN",
            (DataType::Int16, _) => "SMALLINT",
            (DataType::Int64, _) => "BIGINT",
            (DataType::Float64, Self::Mysql) => "DOUBLE",
            (DataType::Float64, _) => "DOUBLE PRECISION",
            (DataType::Date32, _) => "DATE",
            (DataType::Timestamp(..), Self::Mysql) => "DATETIME(6)",
            (DataType::Timestamp(..), _) => "TIMESTAMPTZ",
            (DataType::Binary, Self::Redshift) => "VARBYTE(1000000)",
            (DataType::Binary, Self::Postgres) => "BYTEA",
            (DataType::Binary, Self::Mysql) => "LONGBLOB",
            (other, _) => return Err(StageError::Internal(format!("no published columns of type {other}"))),
        })
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
