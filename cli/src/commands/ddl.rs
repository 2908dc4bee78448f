//! `lotline ddl`: the tables of a job as a warehouse makes them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lotline_stages::ddl;

use crate::{
    error::CliError,
    job_folder,
    output::{Outcome, print},
};

/// Print `CREATE TABLE` for a job's tables: columns, types, nulls, keys and comments of their structures.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline ddl jobs/users user_activity --dialect redshift")]
pub(crate) struct Ddl {
    /// Folder of the job, with `job.toml`, `tables/` and `derived/`.
    job: PathBuf,
    /// One table; the default is every one that a run publishes, but for quarantined rows.
    table: Option<String>,
    /// Whose SQL.
    #[arg(long, value_enum, default_value_t = Dialect::Redshift)]
    dialect: Dialect,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Dialect {
    Redshift,
    Postgres,
    Mysql,
}

impl From<Dialect> for ddl::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Redshift => Self::Redshift,
            Dialect::Postgres => Self::Postgres,
            Dialect::Mysql => Self::Mysql,
        }
    }
}

impl Ddl {
    /// Prints the statements.
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let (_, job) = job_folder::read(&self.job)?;
        let tables = ddl::tables(&job)?;
        let wanted: Vec<_> =
            tables.iter().filter(|table| self.table.as_ref().is_none_or(|name| *name == table.name)).collect();
        if wanted.is_empty() {
            let names = tables.iter().map(|table| format!("`{}`", table.name)).collect::<Vec<_>>().join(", ");
            return Err(CliError::argument("TABLE", "no such table", format!("one of {names}")));
        }
        let dialect = ddl::Dialect::from(self.dialect);
        let statements = wanted.into_iter().map(|table| dialect.create(table)).collect::<Result<Vec<_>, _>>()?;
        print(&statements.join("\n"))?;
        Ok(Outcome::Done)
    }
}
