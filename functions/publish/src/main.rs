//! `publish`: switches readers to the tables of a run.

use lotline_lambda::Error;
use lotline_stages::publish;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lotline_lambda::run("publish", publish::run).await
}
