//! Style sheet, script and icon.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::Response;
use webui::{Asset, ErrorKind, asset};

use crate::pages::answer::error;
use crate::pages::visit::Visit;
use crate::state::Shared;

/// The name holds a hash of the content: another content has another name.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /assets/<name>`.
pub(crate) async fn serve(
    State(state): State<Shared>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let Some(Asset { content_type, bytes }) = asset(&name) else {
        return error(&Visit::of(&state, &request), ErrorKind::NotFound);
    };
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, FOR_EVER);
    response
}
