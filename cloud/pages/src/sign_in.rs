//! *Sign in*: e-mail and password, then a code, then the customer if there are several.

use askama::Template;

use crate::form::Problems;
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::sign_in::SignInTexts;
use crate::time;

/// Why signing in failed, or why it is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// The e-mail address or the password is empty.
    Missing,
    /// The two do not belong together. Says not which is wrong.
    Wrong,
    /// A try before the pause after wrong ones was over; it was not looked at.
    TooSoon {
        /// Seconds that are left.
        wait_seconds: u64,
    },
    /// The session was not used for as long as the customer allows.
    SessionIdle,
    /// The session has reached its full length of 72 hours.
    SessionTooLong,
    /// The session has ended in another way: signed out elsewhere, administrator removed.
    SessionEnded,
    /// The form was open for too long or comes from another session.
    FormExpired,
}

impl SignInError {
    /// Whether what was typed is wrong.
    const fn is_about_fields(self) -> bool {
        matches!(self, Self::Missing | Self::Wrong)
    }

    /// Whether a try has failed, in contrast to a session that has ended.
    const fn is_failure(self) -> bool {
        !matches!(self, Self::SessionIdle | Self::SessionTooLong | Self::SessionEnded)
    }
}

/// What has just succeeded and leads here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// The administrator has signed out.
    SignedOut,
    /// The password has been set or changed; every session has ended.
    PasswordChanged,
}

/// The page *Sign in*, its first step.
///
/// Posts `email`, `password`, `next` if there is one, and `csrf` to `/console/sign-in`.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Common to all pages.
    pub frame: Frame,
    /// What stands in the field for the e-mail address.
    pub email: String,
    /// Where to go afterwards: a path of the console.
    pub next: Option<String>,
    /// Why the last try failed.
    pub error: Option<SignInError>,
    /// What has just succeeded.
    pub notice: Option<SignInNotice>,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInView<'a> {
    frame: FrameView<'a>,
    text: &'static SignInTexts,
    page: &'a SignIn,
    error: Option<(&'static str, String)>,
    is_failure: bool,
    is_invalid: bool,
    notice: Option<&'static str>,
}

/// Renders the first step of *Sign in*.
#[must_use]
pub fn sign_in(page: &SignIn) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.sign_in;
    let is_failure = page.error.is_some_and(SignInError::is_failure);
    let wait = match page.error {
        Some(SignInError::TooSoon { wait_seconds }) => time::duration(texts, wait_seconds),
        _ => String::new(),
    };
    crate::render(&SignInView {
        frame: FrameView::new(&page.frame, None, text.title).with_error(is_failure),
        text,
        page,
        error: page.error.map(|error| ((text.error_heading)(error), (text.error)(error, &wait))),
        is_failure,
        is_invalid: page.error.is_some_and(SignInError::is_about_fields),
        notice: page.notice.map(text.notice),
    })
}

/// What the second step asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Factor {
    /// The six digits that the authenticator app shows.
    #[default]
    App,
    /// A backup code.
    BackupCode,
}

impl Factor {
    /// The value of the field `factor`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::BackupCode => "backup-code",
        }
    }

    /// The factor of a value of the field; `None` when it is neither.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::App, Self::BackupCode].into_iter().find(|factor| factor.name() == name)
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::App => Self::BackupCode,
            Self::BackupCode => Self::App,
        }
    }

    /// Which keys a telephone shows.
    pub(crate) const fn input_mode(self) -> &'static str {
        match self {
            Self::App => "numeric",
            Self::BackupCode => "text",
        }
    }
}

/// Why a code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// None was typed.
    Missing,
    /// It is wrong, too old or used already.
    Wrong,
    /// A try before the pause after wrong ones was over; it was not looked at.
    TooSoon {
        /// Seconds that are left.
        wait_seconds: u64,
    },
    /// The form was open for too long.
    FormExpired,
}

impl CodeProblem {
    pub(crate) const fn field(self) -> Option<&'static str> {
        match self {
            Self::Missing | Self::Wrong => Some("code"),
            Self::TooSoon { .. } | Self::FormExpired => None,
        }
    }

    pub(crate) fn problems(problem: Option<Self>, factor: &Factor, texts: &Texts) -> Problems {
        let words = |problem: Self| {
            let wait = match problem {
                Self::TooSoon { wait_seconds } => time::duration(texts, wait_seconds),
                _ => String::new(),
            };
            (problem.field(), (texts.sign_in.code_problem)(problem, factor, &wait))
        };
        Problems::new(texts.sign_in.code_problem_heading, problem.into_iter().map(words))
    }
}

/// The second step of *Sign in*.
///
/// Posts `factor` ([`Factor::name`]), `code` and `csrf` to `/console/sign-in/code`; a link asks for
/// `/console/sign-in/code?factor=` with the other one. *Start over* posts to `/console/sign-out`.
#[derive(Clone, Debug, Default)]
pub struct SecondStep {
    /// Common to all pages.
    pub frame: Frame,
    /// Who signs in.
    pub email: String,
    /// What is asked for.
    pub factor: Factor,
    /// Why the last code was not accepted.
    pub problem: Option<CodeProblem>,
}

#[derive(Template)]
#[template(path = "second_step.html")]
struct SecondStepView<'a> {
    frame: FrameView<'a>,
    text: &'static SignInTexts,
    page: &'a SecondStep,
    other: Factor,
    problems: Problems,
}

/// Renders the second step of *Sign in*.
#[must_use]
pub fn second_step(page: &SecondStep) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.sign_in;
    crate::render(&SecondStepView {
        frame: FrameView::new(&page.frame, None, text.second_title)
            .with_error(page.problem.is_some()),
        text,
        page,
        other: page.factor.other(),
        problems: CodeProblem::problems(page.problem, &page.factor, texts),
    })
}

/// A customer that the administrator may manage.
#[derive(Clone, Debug)]
pub struct CustomerChoice {
    /// The customer ID, the value of the button `customer`.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The question which customer to manage.
///
/// Posts `customer` and `csrf` to `/console/sign-in/customer`.
#[derive(Clone, Debug, Default)]
pub struct ChooseCustomer {
    /// Common to all pages.
    pub frame: Frame,
    /// The customers, in the order of the page.
    pub customers: Vec<CustomerChoice>,
}

#[derive(Template)]
#[template(path = "choose_customer.html")]
struct ChooseCustomerView<'a> {
    frame: FrameView<'a>,
    text: &'static SignInTexts,
    page: &'a ChooseCustomer,
}

/// Renders the question which customer to manage.
#[must_use]
pub fn choose_customer(page: &ChooseCustomer) -> String {
    let text = &Texts::of(page.frame.language).sign_in;
    let frame = FrameView::new(&page.frame, None, text.customer_title);
    crate::render(&ChooseCustomerView { frame, text, page })
}
