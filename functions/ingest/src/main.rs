//! `ingest`: takes one file of a source into the lake and cuts it into chunks.

use lotline_lambda::Error;
use lotline_stages::ingest;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lotline_lambda::run("ingest", ingest::run).await
}
