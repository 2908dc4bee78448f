//! `lotline serve`: the GraphQL contract and the dashboard over HTTP.

mod actions;
mod graphql;
mod http;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use clap::Args;
use lotline_api::Api;

use self::actions::LocalActions;
use super::LakeArgument;
use crate::{error::CliError, output::Outcome};

/// Serve published tables, explanations and runs by GraphQL, with the dashboard.
///
/// The same fields as AppSync answers, from the same code: POST /graphql, an explorer at /graphiql, the dashboard at /.
/// It answers until it is stopped, and shows new versions as they are published.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  lotline serve --lake demo/lake\n  \
    curl -s localhost:8080/graphql -H 'content-type: application/json' \\\n    \
    -d '{\"query\": \"{ propertyIds(first: 3) { nodes } }\"}'")]
pub(crate) struct Serve {
    #[command(flatten)]
    lake: LakeArgument,
    /// Address to listen at; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    http: SocketAddr,
    /// Folder of job folders, for starting runs.
    #[arg(long, value_name = "DIR", default_value = "jobs")]
    jobs: PathBuf,
    /// Folder of the built dashboard.
    #[arg(long, value_name = "DIR", default_value = "dashboard/dist")]
    dashboard: PathBuf,
}

impl Serve {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let stores = self.lake.open_existing()?;
        let place = format!("--http {}", self.http);
        let wrong = |source: io::Error| CliError::Io { place: place.clone(), source };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(wrong)?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(self.http).await.map_err(wrong)?;
            let address = format!("http://{}", listener.local_addr().map_err(wrong)?);
            let lake = self.lake.lake.clone();
            let actions = Arc::new(LocalActions { lake, jobs: self.jobs, address: address.clone() });
            let uploads = http::Uploads { stores: stores.clone(), actions: Arc::clone(&actions) };
            let api = Arc::new(Api::new(stores, actions));
            let schema = graphql::schema(api).map_err(|error| wrong(io::Error::other(error.to_string())))?;
            eprintln!("dashboard {address}/  GraphQL {address}/graphql  explorer {address}/graphiql");
            if !self.dashboard.is_dir() {
                eprintln!("note: no dashboard in {}; `cargo xtask dashboard` makes it", self.dashboard.display());
            }
            let stopped = async { _ = tokio::signal::ctrl_c().await };
            let router = http::router(schema, &self.dashboard, uploads);
            axum::serve(listener, router).with_graceful_shutdown(stopped).await.map_err(wrong)
        })?;
        Ok(Outcome::Done)
    }
}
