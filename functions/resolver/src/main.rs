//! `resolver`: answers AppSync's fields from the published files of the lake.

mod actions;

use std::sync::Arc;

use lotline_api::{Api, appsync};
use lotline_lambda::{Error, Fault};

use self::actions::AwsActions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let stores = lotline_lambda::stores().await?;
    let actions = AwsActions::from_environment(&stores).await?;
    let api = Api::new(stores, Arc::new(actions));
    lotline_lambda::run_handler("resolver", move |event| {
        appsync::answer(&api, event).map_err(|error| Fault { name: error.kind.name(), message: error.message })
    })
    .await
}
