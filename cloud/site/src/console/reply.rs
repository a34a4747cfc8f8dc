//! What the console answers.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use pages::{Asset, ErrorKind, ErrorPage, Frame, error_page};
use registry::{Refusal, RegistryError};

use crate::console::cookie::Cookie;
use crate::download::{Download, ZIP};

const HTML: &str = "text/html; charset=utf-8";
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page or a way to one, and cookies.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    location: Option<String>,
    body: Body,
    media_type: &'static str,
    /// The name under which the browser stores it; `None` = it shows it.
    file: Option<Cow<'static, str>>,
    cookies: Vec<HeaderValue>,
}

impl Reply {
    /// A page.
    pub(crate) fn page(page: String) -> Self {
        Self {
            status: StatusCode::OK,
            location: None,
            body: Body::from(page),
            media_type: HTML,
            file: None,
            cookies: Vec::new(),
        }
    }

    /// A file to be stored.
    pub(crate) fn file(text: String, media_type: &'static str, name: &'static str) -> Self {
        let mut reply = Self::page(text);
        reply.media_type = media_type;
        reply.file = Some(Cow::Borrowed(name));
        reply
    }

    /// A file of an appliance, handed on as it comes.
    pub(crate) fn download(download: Download) -> Self {
        let body = Body::new(download.content);
        Self {
            body,
            media_type: ZIP,
            file: Some(download.name.into()),
            ..Self::page(String::new())
        }
    }

    /// A page with a form that was refused.
    pub(crate) fn refused(page: String) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, ..Self::page(page) }
    }

    /// A page with another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Another page, by GET.
    pub(crate) fn see(path: impl Into<String>) -> Self {
        let location = Some(path.into());
        Self { status: StatusCode::SEE_OTHER, location, ..Self::page(String::new()) }
    }

    pub(crate) fn setting(mut self, cookie: Cookie, value: &str) -> Self {
        self.cookies.extend(cookie.set(value));
        self
    }

    pub(crate) fn clearing(mut self, cookie: Cookie) -> Self {
        self.cookies.extend(cookie.clear());
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if let Some(location) = self.location.and_then(|path| HeaderValue::try_from(path).ok()) {
            headers.insert(LOCATION, location);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        let disposition = self.file.map(|name| format!("attachment; filename=\"{name}\""));
        if let Some(value) = disposition.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(CONTENT_DISPOSITION, value);
        }
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            HeaderName::from_static("referrer-policy"),
            HeaderValue::from_static("no-referrer"),
        );
        for cookie in self.cookies {
            headers.append(SET_COOKIE, cookie);
        }
        response
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody has signed in.
    SignIn,
    /// A page that says why.
    Page(ErrorKind),
    /// The registry refuses, or does not answer.
    Registry(RegistryError),
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        match error.refusal() {
            Some(Refusal::SignInEnded) => Self::SignIn,
            Some(Refusal::InvalidInvitation) => Self::Page(ErrorKind::InvalidInvitation),
            _ => Self::Registry(error),
        }
    }
}

/// The page of a request that cannot be answered.
pub(crate) fn error(frame: Frame, kind: ErrorKind, transaction_id: &str) -> Reply {
    let transaction = matches!(kind, ErrorKind::Internal).then(|| transaction_id.to_owned());
    let page = error_page(&ErrorPage { frame, kind, transaction });
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Reply::page(page).with_status(status)
}

/// A file, which the browser may keep: its name changes with its content.
pub(crate) fn asset(asset: Asset) -> Response {
    let mut response = Response::new(Body::from(asset.bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, kept);
    response
}

/// The answer for a file that does not exist.
pub(crate) fn plain_not_found() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
