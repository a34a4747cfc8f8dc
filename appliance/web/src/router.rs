//! Where requests go.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as FromState};
use axum::http::HeaderName;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HOST};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;

use crate::host::Host;
use crate::state::Shared;
use crate::{api, headers, pages};

/// Everything that the server answers.
pub(crate) fn router(state: Shared) -> Router {
    Router::new()
        .merge(api::router())
        .merge(pages::router(&state))
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&state), check_host))
        .layer(from_fn(headers::add))
        .with_state(state)
}

/// Whether a request comes from a person's browser rather than from a script: it accepts HTML, or it
/// sends a form, which no operation of the REST interface takes.
pub(crate) fn wants_page(request: &Request) -> bool {
    let has = |name: HeaderName, wanted: &[u8]| {
        request.headers().get(name).is_some_and(|value| {
            let mut windows = value.as_bytes().windows(wanted.len());
            windows.any(|window| window.eq_ignore_ascii_case(wanted))
        })
    };
    has(ACCEPT, b"text/html")
        || has(CONTENT_TYPE, b"application/x-www-form-urlencoded")
        || has(CONTENT_TYPE, b"multipart/form-data")
}

async fn check_host(FromState(state): FromState<Shared>, request: Request, next: Next) -> Response {
    let network = state.network.borrow().clone();
    let is_own = |host: &str| Host::parse(host).is_ok_and(|host| host.is_own(network.as_ref()));
    let mut values = request.headers().get_all(HOST).iter();
    let header = values.next().and_then(|value| value.to_str().ok());
    let is_allowed = values.next().is_none()
        && header.is_some_and(is_own)
        && request.uri().authority().is_none_or(|authority| is_own(authority.as_str()));
    if is_allowed {
        return next.run(request).await;
    }
    if wants_page(&request) { pages::misdirected(&state, &request) } else { api::misdirected() }
}

async fn not_found(FromState(state): FromState<Shared>, request: Request) -> Response {
    if wants_page(&request) {
        pages::not_found(&state, &request)
    } else {
        api::not_found(request.uri().path())
    }
}
