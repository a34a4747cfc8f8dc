//! From a request to its route, through every check, and back.

use std::sync::Mutex;

use axum::extract::Request;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use hyper::upgrade::OnUpgrade;
use registry::TokenHolder;
use tokio::time::Instant;

use crate::authorization;
use crate::call::Call;
use crate::console;
use crate::download::ZIP;
use crate::error::ApiError;
use crate::limiter::whole_seconds;
use crate::listener::source_of;
use crate::query::Query;
use crate::random;
use crate::relay::Streamed;
use crate::request_body;
use crate::route::{Needs, Route};
use crate::routes::{TOKEN_FORM, routes};
use crate::site::Site;

/// The field with the identifier of a request.
const TRANSACTION: HeaderName = HeaderName::from_static("citrix-transactionid");
/// The field with the customer.
const CUSTOMER: HeaderName = HeaderName::from_static("citrix-customerid");
/// Most bytes of an identifier of a request that is echoed.
const MAX_TRANSACTION: usize = 64;

/// A route that has the path of a request.
struct Found {
    route: &'static Route,
    parameters: Vec<String>,
    /// The customer in the path.
    customer: Option<String>,
}

/// Answers a request.
pub(crate) async fn serve(site: &Site, request: Request) -> Response {
    let transaction_id = transaction_id(request.headers());
    let is_head = request.method() == Method::HEAD;
    let page = console::page_meant(request.uri().path());
    let mut response = if let Some(page) = page.filter(|_| request.method() != Method::POST) {
        Redirect::to(page).into_response()
    } else if console::has_path(request.uri().path()) {
        console::serve(site, request, &transaction_id).await
    } else {
        let answer = answer(site, request, &transaction_id).await;
        answer.unwrap_or_else(ApiError::into_response)
    };
    if is_head {
        // Its length stays.
        let length = axum::body::HttpBody::size_hint(response.body()).exact();
        *response.body_mut() = axum::body::Body::empty();
        if let Some(length) = length {
            response.headers_mut().insert(axum::http::header::CONTENT_LENGTH, length.into());
        }
    }
    add_headers(response.headers_mut(), &transaction_id);
    response
}

/// First who asks, then what, then the body: nobody learns about a protected path, and no body is
/// read, before the token has been checked.
async fn answer(site: &Site, request: Request, transaction_id: &str) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let found = find(parts.uri.path());
    let first = found.first().ok_or_else(|| ApiError::no_path(parts.uri.path()))?;
    let now = site.now();
    let holder = match first.route.needs {
        Needs::Nothing => None,
        Needs::Right(_) | Needs::FullAccess => {
            let token = authorization::token(&parts.headers)?;
            Some(site.tokens().holder(site.registry(), token, now).await?)
        }
    };
    let found = match found.iter().position(|found| found.route.takes(&parts.method)) {
        Some(index) => found.into_iter().nth(index).ok_or_else(ApiError::internal)?,
        None => return Err(ApiError::method_not_allowed(&allowed(&found))),
    };
    if !found.route.is_relay() {
        check_accept(&parts.headers, found.route)?;
    }
    if let Some(holder) = &holder {
        check_customer(holder, found.customer.as_deref(), &parts.headers)?;
        check_right(holder, found.route.needs)?;
        if !found.route.is_handed_on() {
            let taken = site.requests().take(holder.tenant.clone(), Instant::now());
            taken.map_err(|wait| ApiError::too_many_requests(whole_seconds(wait)))?;
        }
    }
    let (mut read, mut streamed) = (zeroize::Zeroizing::default(), None);
    if found.route.takes_body() {
        check_content_type(&parts.headers, found.route)?;
        read = request_body::read(body).await?;
    } else if found.route.is_relay() {
        let upgraded = parts.extensions.remove::<OnUpgrade>();
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        streamed = Some(Streamed { method, uri, body, upgraded });
    }
    let mut parameters = found.parameters;
    // The handlers of tokens look at the customer of the path, which is not yet anybody's.
    if holder.is_none() {
        parameters.splice(0..0, found.customer);
    }
    let call = Call {
        site,
        holder,
        parameters,
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        headers: &parts.headers,
        body: &read,
        streamed: Mutex::new(streamed),
        source: source_of(&parts.extensions),
        transaction_id,
        now,
    };
    (found.route.handler)(&call).await.map(crate::call::Reply::into_response)
}

/// The routes that have a path; those of one path need the same kind of caller.
fn find(path: &str) -> Vec<Found> {
    let all = routes().filter_map(|route| {
        let (parameters, customer) = route.matches(path)?;
        Some(Found { route, parameters, customer })
    });
    let (mut found, older): (Vec<_>, Vec<_>) = all.partition(|found| found.customer.is_none());
    if found.is_empty() {
        found = older;
    }
    // A fixed path goes before one with a name in braces.
    let fewest = found.iter().map(|found| found.parameters.len()).min().unwrap_or(0);
    found.retain(|found| found.parameters.len() == fewest);
    found
}

fn allowed(found: &[Found]) -> String {
    let mut methods = Vec::new();
    for found in found {
        methods.push(found.route.method.as_str());
        if found.route.takes(&Method::HEAD) {
            methods.push("HEAD");
        }
    }
    methods.join(", ")
}

/// The identifier that the client gave, if it is a plain one, or a new one.
fn transaction_id(headers: &HeaderMap) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    headers
        .get(TRANSACTION)
        .and_then(|value| value.to_str().ok())
        .filter(|text| !text.is_empty() && text.len() <= MAX_TRANSACTION)
        .filter(|text| text.bytes().all(is_plain))
        .map_or_else(random::uuid, str::to_owned)
}

/// Whether the client takes JSON, or the file that is asked for. A missing field takes everything.
fn check_accept(headers: &HeaderMap, route: &Route) -> Result<(), ApiError> {
    let mut fields = headers.get_all(ACCEPT).iter().peekable();
    if fields.peek().is_none() {
        return Ok(());
    }
    let takes_json = |field: &HeaderValue| {
        field.to_str().is_ok_and(|text| {
            text.split(',').any(|range| {
                let (media, parameters) = range.split_once(';').unwrap_or((range, ""));
                let is_refused = parameters
                    .split(';')
                    .any(|part| matches!(part.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
                let media = media.trim().to_ascii_lowercase();
                !is_refused
                    && (matches!(media.as_str(), "*/*" | "application/*" | "application/json")
                        || route.is_file() && media == ZIP)
            })
        })
    };
    if fields.any(takes_json) { Ok(()) } else { Err(ApiError::not_acceptable()) }
}

/// A missing media type is taken for JSON.
fn check_content_type(headers: &HeaderMap, route: &Route) -> Result<(), ApiError> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let text = value.to_str().unwrap_or_default();
    let media_type = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_form = media_type == TOKEN_FORM && route.needs == Needs::Nothing;
    match media_type.as_str() {
        "application/json" => Ok(()),
        _ if is_form => Ok(()),
        other => Err(ApiError::unsupported_media_type(other)),
    }
}

/// The customer that the request names must be the token's. Naming none, or `root`, means it.
fn check_customer(
    holder: &TokenHolder,
    in_path: Option<&str>,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let in_headers = headers.get_all(CUSTOMER).iter().map(|value| value.to_str().unwrap_or("?"));
    for customer in in_path.into_iter().chain(in_headers) {
        let is_own = customer == "root" || customer.eq_ignore_ascii_case(holder.tenant.as_str());
        if !is_own {
            return Err(ApiError::other_customer(customer));
        }
    }
    Ok(())
}

fn check_right(holder: &TokenHolder, needs: Needs) -> Result<(), ApiError> {
    match needs {
        Needs::Nothing => Ok(()),
        Needs::Right(right) if holder.access.allows(right) => Ok(()),
        Needs::Right(right) => Err(ApiError::no_right(right.name())),
        Needs::FullAccess if holder.access.is_full() => Ok(()),
        Needs::FullAccess => Err(ApiError::no_right("Full")),
    }
}

/// The documented fields of every answer.
fn add_headers(headers: &mut HeaderMap, transaction_id: &str) {
    for (name, value) in [
        (CACHE_CONTROL, "no-cache, no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "deny"),
    ] {
        // A page has a policy of its own, a file may be kept.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert(
        HeaderName::from_static("strict-transport-security"),
        HeaderValue::from_static("max-age=31536000"),
    );
    if let Ok(value) = HeaderValue::try_from(transaction_id) {
        headers.insert(TRANSACTION, value);
    }
}
