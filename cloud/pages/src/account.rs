//! The page *My account*: who is signed in, password, authenticator app, backup codes.

use askama::Template;

use crate::administrators::Access;
use crate::form::Problems;
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::account::AccountTexts;
use crate::time;

/// Why the authenticator app or the backup codes were not replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountProblem {
    /// The password is wrong.
    WrongPassword,
    /// A try before the pause after wrong ones was over; it was not looked at.
    TooSoon {
        /// Seconds that are left.
        wait_seconds: u64,
    },
    /// The form was open for too long or comes from another session.
    FormExpired,
}

impl AccountProblem {
    const fn field(self) -> Option<&'static str> {
        match self {
            Self::WrongPassword => Some("password"),
            Self::TooSoon { .. } | Self::FormExpired => None,
        }
    }
}

/// What has just been done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNotice {
    /// Another authenticator app is in use.
    DeviceChanged,
}

/// The page *My account*.
///
/// Posts `password`, `action` (`backup-codes` or `device`) and `csrf` to
/// `/console/account/second-step`; a link leads to `/console/account/password`.
#[derive(Clone, Debug)]
pub struct Account {
    /// Common to all pages.
    pub frame: Frame,
    /// Name of the administrator.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// What the administrator may do.
    pub access: Access,
    /// The customer ID that programs send.
    pub customer_id: String,
    /// The number of the organization.
    pub organization_id: String,
    /// When the password was set, in seconds since 1970.
    pub password_changed: i64,
    /// When the session ends at the latest, in seconds since 1970.
    pub session_ends: i64,
    /// Backup codes that have not been used.
    pub backup_codes_left: u32,
    /// What has just been done.
    pub notice: Option<AccountNotice>,
    /// Why the last form was not accepted.
    pub problem: Option<AccountProblem>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountView<'a> {
    frame: FrameView<'a>,
    text: &'static AccountTexts,
    page: &'a Account,
    problems: Problems,
    notice: Option<&'static str>,
    access: &'static str,
    password_changed: String,
    session_ends: String,
    backup_left: String,
}

/// Renders *My account*.
#[must_use]
pub fn account(page: &Account) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.account;
    let problem = page.problem.into_iter().map(|problem| {
        let wait = match problem {
            AccountProblem::TooSoon { wait_seconds } => time::duration(texts, wait_seconds),
            _ => String::new(),
        };
        (problem.field(), (text.problem)(problem, &wait))
    });
    crate::render(&AccountView {
        frame: FrameView::new(&page.frame, None, text.title).with_error(page.problem.is_some()),
        text,
        page,
        problems: Problems::new(text.not_done, problem),
        notice: page.notice.map(text.notice),
        access: (texts.administrators.access)(&page.access),
        password_changed: time::date(page.password_changed),
        session_ends: time::moment(page.session_ends, page.now),
        backup_left: (text.backup_left)(page.backup_codes_left),
    })
}
