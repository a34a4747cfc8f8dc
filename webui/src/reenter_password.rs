//! The page that asks for the password once more before a dangerous change.

use askama::Template;

use crate::frame::{Frame, FrameView};
use crate::password::{PasswordField, PasswordProblem};
use crate::texts::Texts;
use crate::texts::reenter_password::ReenterPasswordTexts;
use crate::time;

/// What waits for the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dangerous {
    /// Another certificate or key of the admin page.
    ReplaceCertificate,
    /// Deleting a root certificate authority.
    DeleteAuthority,
    /// Ending sessions of others.
    EndSessions,
    /// Making or removing the token for metrics.
    MetricsToken,
    /// Where the logs are sent to.
    LogDestination,
    /// Leaving an Active Directory domain.
    LeaveDomain,
    /// Ending the registration with the cloud.
    Unregister,
}

/// The page that asks for the password once more.
///
/// The form posts `username` (always `admin`, for password managers), `reentered` and `csrf` to the
/// path that it interrupts. What was entered there before waits on the server.
#[derive(Clone, Debug)]
pub struct ReenterPassword {
    /// Common to all pages.
    pub frame: Frame,
    /// Path of the form that waits.
    pub path: &'static str,
    /// What it is about to do.
    pub change: Dangerous,
    /// Why the password was not accepted.
    pub problem: Option<PasswordProblem>,
}

#[derive(Template)]
#[template(path = "reenter_password.html")]
struct ReenterPasswordView<'a> {
    frame: FrameView<'a>,
    text: &'static ReenterPasswordTexts,
    label: &'static str,
    path: &'static str,
    change: &'static str,
    problem: Option<(Option<&'static str>, String)>,
    wait_seconds: u64,
    button_wait: &'static str,
}

/// Renders the page.
#[must_use]
pub fn reenter_password(page: &ReenterPassword) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.reenter_password;
    let problem = page.problem.as_ref();
    let wait_seconds = problem.map_or(0, PasswordProblem::wait_seconds);
    let frame = FrameView::new(&page.frame, text.title);
    crate::render(&ReenterPasswordView {
        frame: if problem.is_some() { frame.with_error() } else { frame },
        text,
        label: texts.password.current,
        path: page.path,
        change: (text.change)(page.change),
        problem: problem.map(|problem| {
            let words = (texts.password.problem)(problem, &time::duration(texts, wait_seconds));
            (problem.field().map(PasswordField::name), words)
        }),
        wait_seconds,
        button_wait: text.button_wait,
    })
}
