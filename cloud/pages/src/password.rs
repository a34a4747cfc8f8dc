//! Setting a password: by invitation, because it must be changed, or because its owner wants to.

use askama::Template;

use crate::form::Problems;
use crate::frame::{Frame, FrameView};
use crate::texts::Texts;
use crate::texts::password::PasswordTexts;

/// Why a password is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordOccasion {
    /// Somebody accepts an invitation and has no password yet.
    Invitation {
        /// Secret of the link, sent back as the field `invitation`.
        token: String,
        /// Name of the customer.
        customer: String,
    },
    /// The password has not been used for more than 60 days.
    Unused,
    /// The password stands in a list of leaked ones.
    Leaked,
    /// The administrator wants to.
    Wish,
}

/// Why a password was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// The name is empty, too long or has a character that is not allowed.
    Name,
    /// Fewer than 8 characters.
    TooShort,
    /// More than 128 characters.
    TooLong,
    /// No upper-case letter.
    NoUpperCase,
    /// No lower-case letter.
    NoLowerCase,
    /// No digit.
    NoDigit,
    /// None of `! @ # $ % ^ * ? + = -`.
    NoSymbol,
    /// It is the current one.
    IsCurrent,
    /// It is one of the five before.
    IsRecent,
    /// It is similar to the user name.
    LikeUserName,
    /// It stands in a list of leaked passwords.
    IsLeaked,
    /// The two fields differ.
    Mismatch,
    /// The current password is wrong.
    WrongCurrent,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl PasswordProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Name => Some("name"),
            Self::Mismatch => Some("confirmation"),
            Self::WrongCurrent => Some("current"),
            Self::FormExpired | Self::NotStored => None,
            _ => Some("password"),
        }
    }
}

/// The form of a new password.
///
/// Posts `username`, `password`, `confirmation` and `csrf`: by invitation with `invitation` and
/// `name` to `/console/invitation`; on any other occasion with `current` to
/// `/console/account/password`.
#[derive(Clone, Debug)]
pub struct SetPassword {
    /// Common to all pages.
    pub frame: Frame,
    /// Whose password.
    pub email: String,
    /// What stands in the field for the name; by invitation only.
    pub name: String,
    /// Why.
    pub occasion: PasswordOccasion,
    /// What was wrong with the form sent before.
    pub problems: Vec<PasswordProblem>,
}

#[derive(Template)]
#[template(path = "set_password.html")]
struct SetPasswordView<'a> {
    frame: FrameView<'a>,
    text: &'static PasswordTexts,
    page: &'a SetPassword,
    problems: Problems,
    title: &'static str,
    heading: &'static str,
    explanation: String,
    button: &'static str,
    action: &'static str,
    invitation: Option<&'a str>,
    asks_name: bool,
    asks_current: bool,
    can_cancel: bool,
}

/// Renders the form of a new password.
#[must_use]
pub fn set_password(page: &SetPassword) -> String {
    let text = &Texts::of(page.frame.language).password;
    let invitation = match &page.occasion {
        PasswordOccasion::Invitation { token, .. } => Some(token.as_str()),
        _ => None,
    };
    let title = if invitation.is_some() { text.invited_title } else { text.change_title };
    let problems = page.problems.iter().map(|problem| (problem.field(), (text.problem)(*problem)));
    crate::render(&SetPasswordView {
        frame: FrameView::new(&page.frame, None, title).with_error(!page.problems.is_empty()),
        text,
        page,
        problems: Problems::new(text.not_set, problems),
        title,
        heading: text.heading,
        explanation: (text.explanation)(&page.occasion),
        button: if invitation.is_some() { text.set } else { text.change },
        action: match invitation {
            Some(_) => "/console/invitation",
            None => "/console/account/password",
        },
        invitation,
        asks_name: invitation.is_some(),
        asks_current: invitation.is_none(),
        can_cancel: page.occasion == PasswordOccasion::Wish,
    })
}
