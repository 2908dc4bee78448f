//! `link`: one step of linking a run's two tables.

use lotline_lambda::Error;
use lotline_stages::link;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lotline_lambda::run_on_objects("link", link::run).await
}
