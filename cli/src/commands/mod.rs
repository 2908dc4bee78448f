//! One file a command.

mod ddl;
mod demo;
#[cfg(feature = "aws")]
mod doctor;
mod evaluate;
mod explain;
mod generate;
mod link;
mod pull;
mod replay;
mod rollback;
mod run;
#[cfg(feature = "aws")]
mod runs;
mod serve;
#[cfg(feature = "aws")]
mod settings;
mod sql;
mod tables;

use std::path::{Path, PathBuf, absolute};

use clap::{Args, Subcommand};
use lotline_insights::Engine;
use lotline_stages::summarize::sql_table;
use lotline_store::Stores;

#[cfg(feature = "aws")]
use crate::stack::Stack;
use crate::{
    error::CliError,
    output::{Outcome, quoted},
};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(demo::Demo),
    Run(run::Run),
    Pull(pull::Pull),
    Link(Box<link::Link>),
    Evaluate(evaluate::Evaluate),
    Explain(explain::Explain),
    Sql(sql::Sql),
    Tables(tables::Tables),
    Replay(replay::Replay),
    Ddl(ddl::Ddl),
    Rollback(rollback::Rollback),
    Generate(generate::Generate),
    Serve(serve::Serve),
    #[cfg(feature = "aws")]
    #[command(subcommand)]
    Settings(settings::Settings),
    #[cfg(feature = "aws")]
    #[command(subcommand)]
    Runs(runs::Runs),
    #[cfg(feature = "aws")]
    Doctor(doctor::Doctor),
}

impl Command {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        match self {
            Self::Demo(command) => command.run(),
            Self::Run(command) => command.run(),
            Self::Pull(command) => command.run(),
            Self::Link(command) => command.run(),
            Self::Evaluate(command) => command.run(),
            Self::Explain(command) => command.run(),
            Self::Sql(command) => command.run(),
            Self::Tables(command) => command.run(),
            Self::Replay(command) => command.run(),
            Self::Ddl(command) => command.run(),
            Self::Rollback(command) => command.run(),
            Self::Generate(command) => command.run(),
            Self::Serve(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Settings(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Runs(command) => command.run(),
            #[cfg(feature = "aws")]
            Self::Doctor(command) => command.run(),
        }
    }
}

const USUAL_LAKE: &str = "lake";

/// Where the lake is.
#[derive(Debug, Clone, Args)]
pub(crate) struct LakeArgument {
    /// Folder of the lake; made when absent.
    #[arg(long, value_name = "DIR", default_value = USUAL_LAKE)]
    pub(crate) lake: PathBuf,
    /// A deployed lake in place of a folder: the name of its CloudFormation stack.
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "NAME", conflicts_with = "lake")]
    pub(crate) stack: Option<String>,
}

impl LakeArgument {
    pub(crate) fn at(lake: &Path) -> Self {
        Self {
            lake: lake.to_owned(),
            #[cfg(feature = "aws")]
            stack: None,
        }
    }

    /// The arguments that name this lake again, each behind a blank; none for the usual folder.
    pub(crate) fn arguments(&self) -> String {
        #[cfg(feature = "aws")]
        if let Some(name) = &self.stack {
            return format!(" --stack {}", quoted(name));
        }
        let folder = self.lake.display().to_string();
        if folder == USUAL_LAKE { String::new() } else { format!(" --lake {}", quoted(&folder)) }
    }

    /// Opens a lake to read from: one that is there.
    pub(crate) fn open_existing(&self) -> Result<Stores, CliError> {
        #[cfg(feature = "aws")]
        if let Some(name) = &self.stack {
            return Ok(Stack::open(name)?.stores);
        }
        if Stores::is_local_lake(&self.lake) {
            return self.open();
        }
        let place = format!("--lake {}", self.lake.display());
        let found = if self.lake.is_dir() { "a folder that is no lake" } else { "no such folder" };
        Err(CliError::argument(&place, found, "the folder of a lake that `lotline run` has made"))
    }

    /// Where a location lies, as other programs name it.
    pub(crate) fn place(&self) -> Result<Place, CliError> {
        #[cfg(feature = "aws")]
        if let Some(name) = &self.stack {
            return Ok(Place(Stack::open(name)?.lake.url("")));
        }
        let lake = absolute(&self.lake).map_err(|error| CliError::io(&self.lake, error))?;
        Ok(Place(format!("{}/", lake.display())))
    }

    /// Opens a lake to write to, made when absent.
    pub(crate) fn open(&self) -> Result<Stores, CliError> {
        #[cfg(feature = "aws")]
        if let Some(name) = &self.stack {
            let expected = "a folder by `--lake`; a deployed lake runs jobs by `lotline runs start`";
            return Err(CliError::argument(&format!("--stack {name}"), "a deployed lake", expected));
        }
        Ok(Stores::local(&self.lake)?)
    }
}

/// The address of a lake.
pub(crate) struct Place(String);

impl Place {
    /// The Parquet files of a location.
    pub(crate) fn files(&self, location: &str) -> String {
        format!("{}/{location}/*.parquet", self.0.trim_end_matches('/'))
    }
}

/// SQL over every published table.
pub(crate) fn engine(stores: &Stores) -> Result<Engine, CliError> {
    let versions = stores.catalog.tables()?;
    let tables = versions.iter().filter_map(|version| sql_table(stores, version).transpose());
    Ok(Engine::open(tables.collect::<Result<_, _>>()?)?)
}
