//! The page *Sign in*.

use askama::Template;

use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::sign_in::SignInTexts;
use crate::time;

/// Seconds without a request from the administrator after which a session ends. The page says so,
/// and the server keeps to it.
pub const SESSION_IDLE_SECONDS: u64 = 15 * 60;

/// Why signing in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// No password was typed.
    MissingPassword,
    /// The password is wrong.
    WrongPassword {
        /// Seconds until the next try is looked at; 0 = at once.
        wait_seconds: u64,
        /// Failed tries from the reader's address.
        failures: u32,
        /// When the first of them failed, in seconds since 1970.
        since: i64,
    },
    /// A try before the pause after a wrong password was over; it was not looked at.
    TooSoon {
        /// Seconds that are left.
        wait_seconds: u64,
    },
    /// The session has ended: not used for too long, or the password was changed.
    SessionEnded,
    /// The form was open for too long or comes from another session.
    FormExpired,
}

impl SignInError {
    const fn wait_seconds(self) -> u64 {
        match self {
            Self::WrongPassword { wait_seconds, .. } | Self::TooSoon { wait_seconds } => {
                wait_seconds
            }
            Self::MissingPassword | Self::SessionEnded | Self::FormExpired => 0,
        }
    }

    /// Whether what was typed is wrong, in contrast to time that has passed.
    const fn is_about_password(self) -> bool {
        matches!(self, Self::MissingPassword | Self::WrongPassword { .. })
    }

    /// Whether a try has failed, in contrast to a session that has ended.
    const fn is_failure(self) -> bool {
        !matches!(self, Self::SessionEnded)
    }
}

/// What has just succeeded and leads here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// The first password has been set.
    PasswordSet,
    /// The password has been changed; every session has ended.
    PasswordChanged,
    /// The administrator has signed out.
    SignedOut,
}

/// The page *Sign in*. Reveals neither health nor version.
///
/// The form posts `username` (always `admin`), `password` and `csrf` to `/sign-in`.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Common to all pages.
    pub frame: Frame,
    /// Address or name under which the browser reached the appliance.
    pub address: String,
    /// Why the last try failed.
    pub error: Option<SignInError>,
    /// What has just succeeded.
    pub notice: Option<SignInNotice>,
}

/// A heading and what follows from it.
struct Message {
    heading: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInView<'a> {
    frame: FrameView<'a>,
    text: &'static SignInTexts,
    heading: &'a str,
    administration: String,
    error: Option<Message>,
    is_failure: bool,
    is_invalid: bool,
    notice: Option<Message>,
    wait_seconds: u64,
    ends_after: String,
}

/// Renders *Sign in*.
#[must_use]
pub fn sign_in(page: &SignIn) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.sign_in;
    let mut frame = FrameView::new(&page.frame, text.title);
    let is_failure = page.error.is_some_and(SignInError::is_failure);
    if is_failure {
        frame = frame.with_error();
    }
    let wait_seconds = page.error.map_or(0, SignInError::wait_seconds);
    let error = page.error.map(|error| {
        let since = match error {
            SignInError::WrongPassword { since, .. } => time::date_time(since),
            _ => String::new(),
        };
        Message {
            heading: (text.error_heading)(error),
            text: (text.error)(error, &time::duration(texts, wait_seconds), &since),
        }
    });
    let notice = page.notice.map(|notice| Message {
        heading: (text.notice_heading)(notice),
        text: (text.notice)(notice).to_owned(),
    });
    crate::render(&SignInView {
        heading: if page.frame.host_name.is_empty() {
            frame.product
        } else {
            &page.frame.host_name
        },
        frame,
        text,
        administration: (text.administration_at)(&page.address),
        error,
        is_failure,
        is_invalid: page.error.is_some_and(SignInError::is_about_password),
        notice,
        wait_seconds,
        ends_after: (text.ends_after)(&time::duration(texts, SESSION_IDLE_SECONDS)),
    })
}
