//! The REST interface, as documented for the appliance; where the documents are silent, as the
//! OpenAPI document says that is made from the same table as the router.
//!
//! [`body`] turns bytes into typed requests and has no I/O: fuzz it.

mod answer;
mod bearer;
pub mod body;
mod certificate;
mod connections;
mod diagnostics;
mod directory;
mod error;
mod logs;
mod machine;
mod network;
mod openapi;
mod operation;
mod proxies;
mod registration;
mod roots;
mod schema;
mod sessions;
mod signing_request;
mod status;

use axum::Router;
use axum::extract::{Request, State as FromState};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
pub use error::ApiError;
pub use openapi::document;

use crate::api::operation::{Access, Operation, operations};
use crate::origin::Sender;
use crate::pages;
use crate::request_body::{self, BodyFailure};
use crate::route::{self, Route};
use crate::state::Shared;

/// Routes of every path in the table; those where a page stands as well are the pages' business.
pub(crate) fn router() -> Router<Shared> {
    let mut router = Router::new();
    let mut paths: Vec<_> = operations().map(|operation| operation.path).collect();
    paths.dedup();
    for path in paths.into_iter().filter(|path| !pages::has_path(path)) {
        let handler = async move |FromState(state): FromState<Shared>, request: Request| {
            serve_path(path, &state, request).await
        };
        router = router.route(path, any(handler));
    }
    router
}

/// Whether the table has this path.
pub(crate) fn has_path(path: &str) -> bool {
    operations().any(|operation| operation.path == path)
}

/// Every operation as a route.
pub(crate) fn routes() -> Vec<Route> {
    let route = |operation: &'static Operation| Route {
        method: operation.method.as_str(),
        path: operation.path,
        access: match operation.access {
            Access::Public => route::Access::Anybody,
            Access::Bearer => route::Access::Bearer,
            Access::Metrics => route::Access::Metrics,
        },
        is_page: false,
    };
    operations().map(route).collect()
}

/// Answers a request for a path of the table.
pub(crate) async fn serve_path(path: &str, state: &Shared, request: Request) -> Response {
    serve(path, state, request).await.unwrap_or_else(IntoResponse::into_response)
}

/// The value of the part in braces at the end of a path of the table.
pub(crate) fn last_segment(request: &Request) -> &str {
    request.uri().path().rsplit('/').next().unwrap_or_default()
}

/// The answer to a request that names another host.
pub(crate) fn misdirected() -> Response {
    ApiError::misdirected().into_response()
}

/// The answer for a path that does not exist.
pub(crate) fn not_found(path: &str) -> Response {
    ApiError::not_found(path).into_response()
}

/// First who asks, then what, then the body: nobody learns about a protected path, and no body is
/// read, before the token has been checked.
async fn serve(path: &str, state: &Shared, request: Request) -> Result<Response, ApiError> {
    let operations: Vec<_> = operations().filter(|operation| operation.path == path).collect();
    match operations.first().map(|operation| operation.access) {
        Some(Access::Bearer) => bearer::check(request.headers(), state)?,
        Some(Access::Metrics) => bearer::check_metrics(request.headers(), state).await?,
        Some(Access::Public) | None => {}
    }
    let method = match *request.method() {
        Method::HEAD => Method::GET,
        ref other => other.clone(),
    };
    let operation = operations
        .iter()
        .find(|operation| operation.method == method)
        .ok_or_else(|| ApiError::method_not_allowed(&allowed(&operations)))?;
    if method != Method::GET && Sender::of(request.headers()) == Sender::OtherSite {
        return Err(ApiError::other_site());
    }
    answer::answer(operation, state, request).await
}

fn allowed(operations: &[&Operation]) -> String {
    let mut methods = Vec::new();
    for operation in operations {
        methods.push(operation.method.as_str());
        if operation.method == Method::GET {
            methods.push("HEAD");
        }
    }
    methods.join(", ")
}

/// The body of a request that must be JSON. A missing media type is taken for JSON: an example of
/// the documents leaves it out.
async fn json_body(request: Request) -> Result<zeroize::Zeroizing<Vec<u8>>, ApiError> {
    if let Some(value) = request.headers().get(CONTENT_TYPE) {
        let text = value.to_str().unwrap_or_default();
        let media_type = text.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(ApiError::unsupported_media_type(media_type));
        }
    }
    request_body::read(request.into_body()).await.map_err(|failure| match failure {
        BodyFailure::TooLarge => ApiError::body_too_large(),
        BodyFailure::TooSlow => ApiError::body_too_slow(),
        BodyFailure::Broken => ApiError::body_broken(),
    })
}
