//! `ingest`: plans and claims a run, and cuts its files into chunks.

use lotline_lambda::Error;
use lotline_stages::ingest;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lotline_lambda::run("ingest", ingest::run).await
}
