//! Answers of pages.

use axum::body::Body;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use webui::{ErrorKind, ErrorPage, error_page};

use crate::headers::PAGE_POLICY;
use crate::pages::cookie;
use crate::pages::visit::Visit;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page.
pub(crate) fn html(visit: &Visit, status: StatusCode, page: String) -> Response {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HTML);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, PAGE_POLICY);
    set_cookies(&mut response, visit);
    response
}

/// A page that says after how many seconds the next try is looked at.
pub(crate) fn html_with_pause(
    visit: &Visit,
    status: StatusCode,
    page: String,
    wait_seconds: u64,
) -> Response {
    let mut response = html(visit, status, page);
    if wait_seconds > 0 {
        response.headers_mut().insert(RETRY_AFTER, wait_seconds.into());
    }
    response
}

/// Sends the browser to another page with GET, so that reloading sends no form again.
pub(crate) fn see_other(visit: &Visit, path: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static(path));
    set_cookies(&mut response, visit);
    response
}

/// The same to a path that is made of what was asked; it must be one of ours.
pub(crate) fn see_other_at(visit: &Visit, path: &str) -> Response {
    let mut response = see_other(visit, "/");
    if let Ok(path) = HeaderValue::try_from(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}

/// Sends the browser to the front page, which says what has succeeded.
pub(crate) fn front_with_notice(visit: &mut Visit, notice: &str) -> Response {
    visit.cookies.push(cookie::set(cookie::NOTICE, notice, Some(cookie::NOTICE_AGE)));
    see_other(visit, "/")
}

/// The page of a request that cannot be answered.
pub(crate) fn error(visit: &Visit, kind: ErrorKind) -> Response {
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    html(visit, status, error_page(&ErrorPage { frame: visit.frame("/"), kind }))
}

fn set_cookies(response: &mut Response, visit: &Visit) {
    for cookie in &visit.cookies {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}
