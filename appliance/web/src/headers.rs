//! What every answer carries.
//!
//! `Strict-Transport-Security` is left out on purpose: with a self-signed certificate browsers ignore
//! it, and once the certificate is trusted it would take away the button to go on when the next
//! self-signed one comes. There is no plain HTTP to protect from.

use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::random;

/// Written `Citrix-Transactionid`, as documented.
const TRANSACTION_ID: HeaderName = HeaderName::from_static("citrix-transactionid");

/// Policy of the pages: what they load is ours, and they stand in no frame.
pub(crate) const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Values of answers that do not bring their own. `same-origin` as referrer policy and not
/// `no-referrer`: browsers send `Origin: null` with forms under the latter.
const DEFAULTS: [(HeaderName, HeaderValue); 5] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("deny")),
];

/// Adds the header fields to every answer.
pub(crate) async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::try_from(random::uuid()) {
        headers.insert(TRANSACTION_ID, id);
    }
    response
}
