//! `validate`: one step of checking a source against its table structure.

use lotline_lambda::Error;
use lotline_stages::validate;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lotline_lambda::run_on_objects("validate", validate::run).await
}
