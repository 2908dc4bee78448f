//! `summarize`: runs a job's insights over the tables of a run.

use lotline_lambda::Error;
use lotline_stages::summarize;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lotline_lambda::run_on_objects("summarize", summarize::run).await
}
