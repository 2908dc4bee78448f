//! Paths of the server.

use std::{
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use async_graphql::{Request, dynamic::Schema};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path as Segments, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{post, put},
};
use lotline_api::ErrorKind;
use lotline_store::Stores;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
};

use super::actions::LocalActions;

/// Bytes of a query, at most.
const MOST_QUERY_BYTES: usize = 1 << 20;
/// Nobody frames the pages, each of which has a policy of its own for the rest: it may ask another endpoint.
const POLICY: &str = "frame-ancestors 'none'";

/// What takes uploads.
#[derive(Clone)]
pub(super) struct Uploads {
    /// Where they go.
    pub(super) stores: Stores,
    /// What knows the jobs and their sources.
    pub(super) actions: Arc<LocalActions>,
}

/// The server's router.
pub(super) fn router(schema: Schema, dashboard: &Path, uploads: Uploads) -> Router {
    let graphql =
        Router::new().route("/graphql", post(answer)).layer(DefaultBodyLimit::max(MOST_QUERY_BYTES)).with_state(schema);
    let uploads = Router::new()
        .route("/drop/{job}/{source}/{file}", put(upload))
        .layer(DefaultBodyLimit::disable())
        .with_state(uploads);
    let pages = Router::new()
        .route_service("/graphiql", ServeFile::new(dashboard.join("graphiql.html")))
        .fallback_service(ServeDir::new(dashboard))
        .layer(axum::middleware::map_response(|mut response: Response| async {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            response
        }));
    graphql.merge(uploads).merge(pages).layer(CompressionLayer::new())
}

/// Executes a query; types of errors stand where AppSync has them.
async fn answer(State(schema): State<Schema>, Json(request): Json<Request>) -> Json<Value> {
    let mut answer = json!(schema.execute(request).await);
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        let kind = error["extensions"]["errorType"].as_str().unwrap_or(ErrorKind::BadRequest.name());
        error["errorType"] = json!(kind);
    }
    Json(answer)
}

/// Keeps a file that is sent; nothing of it is visible before it is whole.
async fn upload(
    State(uploads): State<Uploads>,
    Segments((job, source, file)): Segments<(String, String, String)>,
    mut body: Body,
) -> Response {
    let key = match uploads.actions.key(&job, &source, &file) {
        Ok(key) => key,
        Err(error) => return (StatusCode::BAD_REQUEST, Json(error.to_json())).into_response(),
    };
    let (sender, receiver) = mpsc::channel::<Option<Bytes>>(4);
    let written = tokio::task::spawn_blocking(move || keep(&uploads.stores, &key, receiver));
    // A body that breaks off is never told to end, so that its file is given up.
    while let Ok(piece) = next(&mut body).await {
        let is_end = piece.is_none();
        if sender.send(piece).await.is_err() || is_end {
            break;
        }
    }
    drop(sender);
    match written.await.map_err(io::Error::other).flatten() {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// Writes what is sent and makes it visible once its end was sent too.
fn keep(stores: &Stores, key: &str, mut pieces: mpsc::Receiver<Option<Bytes>>) -> io::Result<()> {
    let mut object = stores.objects.create(key).map_err(io::Error::other)?;
    loop {
        match pieces.blocking_recv() {
            Some(Some(piece)) => object.write_all(&piece)?,
            Some(None) => return object.commit().map_err(io::Error::other),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// The next bytes of a body.
async fn next(body: &mut Body) -> io::Result<Option<Bytes>> {
    use axum::body::HttpBody as _;
    loop {
        let frame = std::future::poll_fn(|context| std::pin::Pin::new(&mut *body).poll_frame(context)).await;
        match frame.transpose().map_err(io::Error::other)? {
            None => return Ok(None),
            Some(frame) => {
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}
