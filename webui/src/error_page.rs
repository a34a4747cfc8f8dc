//! The page of a request that cannot be answered.

use askama::Template;

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
    /// 404: no such page.
    NotFound,
    /// 405: the page does not take this method.
    MethodNotAllowed,
    /// 413: the form is too large.
    TooLarge,
    /// 415: the body is no form.
    UnsupportedMediaType,
    /// 421: the Host header is none of the appliance's names and addresses.
    Misdirected,
    /// 429: too many requests.
    TooManyRequests {
        /// Seconds until the next request is looked at.
        wait_seconds: u64,
    },
    /// 500: a fault of ours.
    Internal,
    /// 503: the data partition is unreadable, so whether a password is stored is not known.
    StorageUnavailable,
    /// 503: a part of the appliance does not answer, or too much is asked at once.
    Unavailable,
}

impl ErrorKind {
    /// The HTTP status code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Misdirected => 421,
            Self::TooManyRequests { .. } => 429,
            Self::Internal => 500,
            Self::StorageUnavailable | Self::Unavailable => 503,
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
}

#[derive(Template)]
#[template(path = "error_page.html")]
struct ErrorPageView<'a> {
    frame: FrameView<'a>,
    text: &'static ErrorPageTexts,
    error: ErrorText,
    status: String,
    /// Whether the start page can be reached under the address in use.
    offers_home: bool,
}

/// Renders the page.
#[must_use]
pub fn error_page(page: &ErrorPage) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.error_page;
    let wait_seconds = match page.kind {
        ErrorKind::TooManyRequests { wait_seconds } => wait_seconds,
        _ => 0,
    };
    let error = (text.error)(page.kind, &time::duration(texts, wait_seconds));
    crate::render(&ErrorPageView {
        frame: FrameView::new(&page.frame, error.heading).with_error(),
        text,
        error,
        status: (text.status)(page.kind.status()),
        offers_home: page.kind != ErrorKind::Misdirected,
    })
}
