//! The page of a request that cannot be answered.

use askama::Template;

use crate::administrators::Right;
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::error_page::{ErrorPageTexts, ErrorText};
use crate::time;

/// Why a request cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400: the request is malformed, for example a form that is not UTF-8.
    BadRequest,
    /// 403: the request comes from another site or has no valid token.
    Forbidden,
    /// 403: the administrator lacks a right.
    MissingRight(Right),
    /// 403: only administrators with full access may do this.
    FullAccessNeeded,
    /// 404: no such page, or no such thing of this customer.
    NotFound,
    /// 405: the page does not take this method.
    MethodNotAllowed,
    /// 410: the invitation does not exist, was used, or has expired.
    InvalidInvitation,
    /// 413: the form is too large.
    TooLarge,
    /// 415: the body is no form.
    UnsupportedMediaType,
    /// 429: too many requests.
    TooManyRequests {
        /// Seconds until the next request is looked at.
        wait_seconds: u64,
    },
    /// 500: a fault of ours.
    Internal,
    /// 503: the database does not answer, or too much is asked at once.
    Unavailable,
}

impl ErrorKind {
    /// The HTTP status code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden | Self::MissingRight(_) | Self::FullAccessNeeded => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::InvalidInvitation => 410,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyRequests { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// The page of a request that cannot be answered.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// Common to all pages.
    pub frame: Frame,
    /// Why.
    pub kind: ErrorKind,
    /// ID of the request, by which its records are found; for faults of ours.
    pub transaction: Option<String>,
}

#[derive(Template)]
#[template(path = "error_page.html")]
struct ErrorPageView<'a> {
    frame: FrameView<'a>,
    text: &'static ErrorPageTexts,
    page: &'a ErrorPage,
    error: ErrorText,
    status: String,
}

/// Renders the page.
#[must_use]
pub fn error_page(page: &ErrorPage) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.error_page;
    let detail = match page.kind {
        ErrorKind::TooManyRequests { wait_seconds } => time::duration(texts, wait_seconds),
        ErrorKind::MissingRight(right) => (texts.administrators.right)(&right).to_owned(),
        _ => String::new(),
    };
    let error = (text.error)(page.kind, &detail);
    crate::render(&ErrorPageView {
        frame: FrameView::new(&page.frame, None, error.heading).with_error(true),
        text,
        page,
        error,
        status: (text.status)(page.kind.status()),
    })
}
