//! Paths of the server.

use std::{
    io,
    path::{Path, PathBuf},
};

use async_graphql::{Request, dynamic::Schema, http::GraphiQLSource};
use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Path as Segments, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post, put},
};
use lotline_api::{ErrorKind, drop_key};
use serde_json::{Value, json};
use tokio::{fs, io::AsyncWriteExt};
use tower_http::{compression::CompressionLayer, services::ServeDir};

/// Bytes of a query, at most.
const MOST_QUERY_BYTES: usize = 1 << 20;
/// Only what this server itself hands out may run in the dashboard.
const POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/// The server's router.
pub(super) fn router(schema: Schema, dashboard: &Path, lake: &Path) -> Router {
    let graphql = Router::new()
        .route("/graphql", post(answer))
        .route("/graphiql", get(|| async { Html(GraphiQLSource::build().endpoint("/graphql").finish()) }))
        .layer(DefaultBodyLimit::max(MOST_QUERY_BYTES))
        .with_state(schema);
    let uploads = Router::new()
        .route("/drop/{job}/{source}/{file}", put(upload))
        .layer(DefaultBodyLimit::disable())
        .with_state(lake.to_owned());
    let pages = Router::new().fallback_service(ServeDir::new(dashboard)).layer(axum::middleware::map_response(
        |mut response: Response| async {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            response
        },
    ));
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
    State(lake): State<PathBuf>,
    Segments((job, source, file)): Segments<(String, String, String)>,
    body: Body,
) -> Response {
    let key = match drop_key(&job, &source, &file) {
        Ok(key) => key,
        Err(error) => return (StatusCode::BAD_REQUEST, Json(error.to_json())).into_response(),
    };
    match keep(&lake, &key, body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn keep(lake: &Path, key: &str, body: Body) -> io::Result<()> {
    let path = lake.join(key);
    let folder = path.parent().unwrap_or(lake);
    fs::create_dir_all(folder).await?;
    let unfinished = lake.join(".tmp").join(format!("upload-{}", std::process::id())).join(key.replace('/', "-"));
    fs::create_dir_all(unfinished.parent().unwrap_or(lake)).await?;
    let mut file = fs::File::create(&unfinished).await?;
    let mut body = body;
    while let Some(frame) = next(&mut body).await? {
        file.write_all(&frame).await?;
    }
    file.sync_all().await?;
    fs::rename(&unfinished, &path).await
}

/// The next bytes of a body.
async fn next(body: &mut Body) -> io::Result<Option<axum::body::Bytes>> {
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
