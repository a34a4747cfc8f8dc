//! The pages *Create new password* and *Change password*.
//!
//! The browser's own checks are switched off (`novalidate`): they speak the browser's language, not
//! the page's, and know only one rule at a time.

use askama::Template;
use model::fingerprint::CertificateFacts;
use model::password::PasswordError;

use crate::certificate::FingerprintView;
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::password::PasswordTexts;
use crate::time;

/// A field of the two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordField {
    /// The password in use: `current`.
    Current,
    /// The new password: `password`.
    New,
    /// The new password once more: `confirmation`.
    Confirmation,
}

impl PasswordField {
    /// Name of the form field.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::New => "password",
            Self::Confirmation => "confirmation",
        }
    }
}

/// Why a form was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// A field is empty.
    Missing(PasswordField),
    /// The new password breaks a rule; one entry for each broken rule.
    Rule(PasswordError),
    /// The confirmation is not the same as the new password.
    Mismatch,
    /// The current password is wrong; the next try is looked at after `wait_seconds`.
    WrongCurrent {
        /// Seconds until the next try; 0 = at once.
        wait_seconds: u64,
    },
    /// The new password is the current one.
    SameAsCurrent,
    /// A try before the pause after a wrong password was over; it was not looked at.
    TooSoon {
        /// Seconds that are left.
        wait_seconds: u64,
    },
    /// The form was open for too long or comes from another session; nothing has been changed.
    FormExpired,
    /// The settings could not be written; nothing has been changed.
    NotStored,
}

impl PasswordProblem {
    /// The field to correct; `None` when it is none of them.
    pub(crate) const fn field(&self) -> Option<PasswordField> {
        match self {
            Self::Missing(field) => Some(*field),
            Self::Rule(_) | Self::SameAsCurrent => Some(PasswordField::New),
            Self::Mismatch => Some(PasswordField::Confirmation),
            Self::WrongCurrent { .. } => Some(PasswordField::Current),
            Self::TooSoon { .. } | Self::FormExpired | Self::NotStored => None,
        }
    }

    /// Seconds until the next try is looked at.
    #[must_use]
    pub const fn wait_seconds(&self) -> u64 {
        match self {
            Self::WrongCurrent { wait_seconds } | Self::TooSoon { wait_seconds } => *wait_seconds,
            _ => 0,
        }
    }
}

/// The page of the first visit: sets the administrator's password.
///
/// The form posts `username` (always `admin`, for password managers), `password`, `confirmation`,
/// `deployment` and `csrf` to `/create-password`.
#[derive(Clone, Debug, Default)]
pub struct CreatePassword {
    /// Common to all pages.
    pub frame: Frame,
    /// Address or name under which the browser reached the appliance.
    pub address: String,
    /// The deployment that the link named.
    pub deployment: Option<String>,
    /// The certificate of this page, to compare its fingerprints.
    pub certificate: Option<CertificateFacts>,
    /// What was wrong with the form sent before.
    pub problems: Vec<PasswordProblem>,
}

/// The page to change the password. Posts `username`, `current`, `password`, `confirmation` and
/// `csrf` to `/change-password`.
#[derive(Clone, Debug, Default)]
pub struct ChangePassword {
    /// Common to all pages.
    pub frame: Frame,
    /// What was wrong with the form sent before.
    pub problems: Vec<PasswordProblem>,
}

/// A password field as the templates see it.
#[derive(Debug)]
pub(crate) struct FieldView {
    pub(crate) id: &'static str,
    pub(crate) label: &'static str,
    pub(crate) autocomplete: &'static str,
    pub(crate) hint: Option<&'static str>,
    pub(crate) errors: Vec<String>,
    pub(crate) has_focus: bool,
}

impl FieldView {
    /// Ids of the texts that describe the field; empty without any.
    pub(crate) fn described_by(&self) -> String {
        let hint = self.hint.map(|_| format!("{}-hint", self.id));
        let error = (!self.errors.is_empty()).then(|| format!("{}-error", self.id));
        [error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// A line of the list of errors on top of a form.
#[derive(Debug)]
struct ProblemView {
    field: Option<&'static str>,
    text: String,
}

#[derive(Template)]
#[template(path = "create_password.html")]
struct CreatePasswordView<'a> {
    frame: FrameView<'a>,
    text: &'static PasswordTexts,
    origin: String,
    deployment: Option<&'a str>,
    problems: Vec<ProblemView>,
    problems_heading: &'static str,
    new: FieldView,
    confirmation: FieldView,
    fingerprints: Vec<FingerprintView>,
}

#[derive(Template)]
#[template(path = "change_password.html")]
struct ChangePasswordView<'a> {
    frame: FrameView<'a>,
    text: &'static PasswordTexts,
    problems: Vec<ProblemView>,
    problems_heading: &'static str,
    current: FieldView,
    new: FieldView,
    confirmation: FieldView,
    wait_seconds: u64,
}

/// Renders *Create new password*.
#[must_use]
pub fn create_password(page: &CreatePassword) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.password;
    let deployment = page.deployment.as_deref();
    let origin = deployment.map_or_else(
        || (text.first_start)(&page.address),
        |deployment| (text.first_start_for)(&page.address, deployment),
    );
    crate::render(&CreatePasswordView {
        frame: frame(&page.frame, text.create_title, &page.problems),
        text,
        origin,
        deployment,
        problems: problem_views(texts, &page.problems),
        problems_heading: text.not_created,
        new: field(texts, &page.problems, PasswordField::New, PasswordField::New),
        confirmation: field(texts, &page.problems, PasswordField::Confirmation, PasswordField::New),
        fingerprints: page.certificate.as_ref().map(FingerprintView::both).unwrap_or_default(),
    })
}

/// Renders *Change password*.
#[must_use]
pub fn change_password(page: &ChangePassword) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.password;
    let field = |which| field(texts, &page.problems, which, PasswordField::Current);
    crate::render(&ChangePasswordView {
        frame: frame(&page.frame, text.change_title, &page.problems),
        text,
        problems: problem_views(texts, &page.problems),
        problems_heading: text.not_changed,
        current: field(PasswordField::Current),
        new: field(PasswordField::New),
        confirmation: field(PasswordField::Confirmation),
        wait_seconds: page.problems.iter().map(PasswordProblem::wait_seconds).max().unwrap_or(0),
    })
}

fn frame<'a>(frame: &'a Frame, title: &str, problems: &[PasswordProblem]) -> FrameView<'a> {
    let view = FrameView::new(frame, title);
    if problems.is_empty() { view } else { view.with_error() }
}

fn words(texts: &Texts, problem: &PasswordProblem) -> String {
    (texts.password.problem)(problem, &time::duration(texts, problem.wait_seconds()))
}

fn problem_views(texts: &Texts, problems: &[PasswordProblem]) -> Vec<ProblemView> {
    problems
        .iter()
        .map(|problem| ProblemView {
            field: problem.field().map(PasswordField::name),
            text: words(texts, problem),
        })
        .collect()
}

/// One field; `first` is the field that gets the focus unless there are problems to read first.
fn field(
    texts: &Texts,
    problems: &[PasswordProblem],
    which: PasswordField,
    first: PasswordField,
) -> FieldView {
    let text = &texts.password;
    let (label, autocomplete, hint) = match which {
        PasswordField::Current => (text.current, "current-password", None),
        PasswordField::New => (text.new, "new-password", Some(text.rules)),
        PasswordField::Confirmation => (text.confirmation, "new-password", None),
    };
    FieldView {
        id: which.name(),
        label,
        autocomplete,
        hint,
        errors: problems
            .iter()
            .filter(|problem| problem.field() == Some(which))
            .map(|problem| words(texts, problem))
            .collect(),
        has_focus: which == first && problems.is_empty(),
    }
}
