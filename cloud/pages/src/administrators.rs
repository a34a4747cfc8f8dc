//! *Administrators*: who they are, inviting one, what one may do, removing one, the time-out.

use std::fmt;

use askama::Template;

use crate::form::{Confirmation, Problems, confirmation};
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::administrators::AdministratorTexts;
use crate::time;
use crate::tone::Tone;

/// A right of custom access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// See the overview.
    Dashboard,
    /// See domains, choose who serves them, enable and disable them.
    Domains,
    /// See and dismiss notifications.
    Notifications,
    /// See and change resource locations, connectors and their updates.
    ResourceLocations,
    /// Make and delete secure clients of one's own.
    SecureClients,
    /// Read the system log.
    SystemLog,
    /// Ask directories and web servers through the connectors.
    Requests,
}

impl Right {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 7] = [
        Self::Dashboard,
        Self::Domains,
        Self::Notifications,
        Self::ResourceLocations,
        Self::SecureClients,
        Self::SystemLog,
        Self::Requests,
    ];

    /// The value of the field `right`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dashboard => "Dashboard",
            Self::Domains => "Domains",
            Self::Notifications => "Notifications",
            Self::ResourceLocations => "ResourceLocations",
            Self::SecureClients => "SecureClients",
            Self::SystemLog => "SystemLog",
            Self::Requests => "Requests",
        }
    }

    /// The right of a value of the field; `None` when it is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }
}

/// What an administrator may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    Full,
    /// What the rights say.
    Custom(Vec<Right>),
}

impl Access {
    pub(crate) const fn is_full(&self) -> bool {
        matches!(self, Self::Full)
    }

    pub(crate) fn has(&self, right: &Right) -> bool {
        matches!(self, Self::Custom(rights) if rights.contains(right))
    }
}

/// Whether an administrator can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdministratorStatus {
    /// The invitation was accepted.
    Active,
    /// The invitation can be accepted.
    InviteSent,
    /// The invitation was not accepted in time.
    Expired,
}

impl AdministratorStatus {
    const fn tone(self) -> Tone {
        match self {
            Self::Active => Tone::Good,
            Self::InviteSent => Tone::Waiting,
            Self::Expired => Tone::Attention,
        }
    }
}

/// An administrator as the list shows one.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// The ID.
    pub id: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Whether the administrator can sign in.
    pub status: AdministratorStatus,
    /// What is allowed.
    pub access: Access,
    /// When the invitation ends, in seconds since 1970; for those who have not accepted it.
    pub invitation_expires: i64,
    /// Whether it is the reader.
    pub is_self: bool,
}

/// An invitation link, which is shown once.
#[derive(Clone)]
pub struct InvitationLink {
    /// E-mail address of who is invited.
    pub email: String,
    /// The whole address that accepts the invitation.
    pub url: String,
    /// When it ends, in seconds since 1970.
    pub expires: i64,
    /// Whether it was sent by mail too.
    pub is_mailed: bool,
}

impl fmt::Debug for InvitationLink {
    /// Leaves the address out, for it is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InvitationLink").field("email", &self.email).finish_non_exhaustive()
    }
}

/// What has just been done.
#[derive(Clone, Debug)]
pub enum AdministratorsNotice {
    /// Somebody was invited, or the invitation was sent again. Send the page with
    /// `Cache-Control: no-store`.
    Invited(InvitationLink),
    /// What an administrator may do was changed.
    AccessChanged {
        /// Display name.
        name: String,
    },
    /// An administrator was deleted.
    Deleted {
        /// Display name.
        name: String,
    },
    /// The time-out was changed.
    TimeoutSaved,
}

/// Why a change of the list was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdministratorsProblem {
    /// The time-out is not between 10 minutes and 12 hours.
    Timeout,
    /// The invitation has been accepted already, so it was not sent again.
    Accepted,
    /// The invitation has expired; it can be deleted and made anew.
    InvitationExpired,
    /// The administrator was deleted meanwhile.
    Gone,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

/// The page *Administrators*.
///
/// Posts `id` and `csrf` to `/console/administrators/resend`; `on` (`1` when checked), `minutes` and
/// `csrf` to `/console/administrators/timeout`. Links lead to `/console/administrators/invite`, and
/// with `?id=` to `/console/administrators/access` and `/console/administrators/delete`.
#[derive(Clone, Debug, Default)]
pub struct Administrators {
    /// Common to all pages.
    pub frame: Frame,
    /// The administrators, in the order of the page.
    pub administrators: Vec<Administrator>,
    /// Whether the reader has full access and may change anything here.
    pub may_change: bool,
    /// Minutes after which an idle session ends; `None` = only its full length ends it.
    pub timeout_minutes: Option<u32>,
    /// What stands in the field for the minutes; empty = what is stored, or 60.
    pub timeout_text: String,
    /// What has just been done.
    pub notice: Option<AdministratorsNotice>,
    /// Why the last change was not accepted.
    pub problem: Option<AdministratorsProblem>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "administrators.html")]
struct AdministratorsView<'a> {
    frame: FrameView<'a>,
    text: &'static AdministratorTexts,
    page: &'a Administrators,
    problems: Problems,
    notice: Option<&'static str>,
    notice_name: &'a str,
    link: Option<&'a InvitationLink>,
    link_words: String,
    minutes: String,
}

impl AdministratorsView<'_> {
    fn access(&self, administrator: &Administrator) -> &'static str {
        (self.text.access)(&administrator.access)
    }

    fn rights(&self, administrator: &Administrator) -> String {
        match &administrator.access {
            Access::Full => String::new(),
            Access::Custom(rights) => {
                let names: Vec<_> = rights.iter().map(|right| (self.text.right)(right)).collect();
                names.join(", ")
            }
        }
    }

    fn invitation(&self, administrator: &Administrator) -> Option<String> {
        let ends = time::moment(administrator.invitation_expires, self.page.now);
        match administrator.status {
            AdministratorStatus::Active => None,
            AdministratorStatus::InviteSent => Some((self.text.valid_until)(&ends)),
            AdministratorStatus::Expired => Some(self.text.invite_again.to_owned()),
        }
    }
}

/// Renders *Administrators*.
#[must_use]
pub fn administrators(page: &Administrators) -> String {
    let text = &Texts::of(page.frame.language).administrators;
    let link = match &page.notice {
        Some(AdministratorsNotice::Invited(link)) => Some(link),
        _ => None,
    };
    let (notice, notice_name) = match &page.notice {
        None | Some(AdministratorsNotice::Invited(_)) => (None, ""),
        Some(AdministratorsNotice::AccessChanged { name }) => {
            (Some(text.access_changed), name.as_str())
        }
        Some(AdministratorsNotice::Deleted { name }) => (Some(text.deleted), name.as_str()),
        Some(AdministratorsNotice::TimeoutSaved) => (Some(text.timeout_saved), ""),
    };
    let problem = page.problem.into_iter().map(|problem| {
        let field = (problem == AdministratorsProblem::Timeout).then_some("minutes");
        (field, (text.list_problem)(problem).to_owned())
    });
    crate::render(&AdministratorsView {
        frame: FrameView::new(&page.frame, Some(Section::Administrators), text.title)
            .with_error(page.problem.is_some()),
        text,
        page,
        problems: Problems::new(text.not_done, problem),
        notice,
        notice_name,
        link,
        link_words: link
            .map(|link| {
                let ends = time::moment(link.expires, page.now);
                (text.link)(&link.email, &ends, link.is_mailed)
            })
            .unwrap_or_default(),
        minutes: match page.timeout_text.is_empty() {
            true => page.timeout_minutes.unwrap_or(60).to_string(),
            false => page.timeout_text.clone(),
        },
    })
}

/// Why an invitation, or a change of what somebody may do, was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessProblem {
    /// The e-mail address is none.
    Email,
    /// An administrator has the e-mail address already.
    EmailTaken,
    /// The name is too long or has a character that is not allowed.
    Name,
    /// Custom access without any right.
    NoRights,
    /// Nobody would be left who may do everything.
    LastFull,
    /// The administrator was deleted meanwhile.
    Gone,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl AccessProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Email | Self::EmailTaken => Some("email"),
            Self::Name => Some("name"),
            Self::NoRights | Self::LastFull => Some("full"),
            Self::Gone | Self::FormExpired | Self::NotStored => None,
        }
    }
}

/// Whose access is set.
#[derive(Clone, Debug)]
pub enum AccessSubject {
    /// Somebody to invite: what stands in the fields.
    Invited {
        /// E-mail address.
        email: String,
        /// Display name.
        name: String,
    },
    /// An administrator.
    Administrator {
        /// The ID.
        id: String,
        /// Display name.
        name: String,
        /// E-mail address.
        email: String,
    },
}

/// The form of an invitation, or of what an administrator may do.
///
/// Posts `access` (`full` or `custom`), `right` for each right that is checked ([`Right::name`]) and
/// `csrf`: with `email` and `name` to `/console/administrators/invite`, with `id` to
/// `/console/administrators/access`.
#[derive(Clone, Debug)]
pub struct SetAccess {
    /// Common to all pages.
    pub frame: Frame,
    /// Whose access is set.
    pub subject: AccessSubject,
    /// What the form shows.
    pub access: Access,
    /// What was wrong with the form sent before.
    pub problems: Vec<AccessProblem>,
}

#[derive(Template)]
#[template(path = "set_access.html")]
struct SetAccessView<'a> {
    frame: FrameView<'a>,
    text: &'static AdministratorTexts,
    page: &'a SetAccess,
    problems: Problems,
    title: &'static str,
    action: &'static str,
    button: &'static str,
    id: Option<&'a str>,
    email: &'a str,
    name: &'a str,
}

/// Renders the form of an invitation, or of what an administrator may do.
#[must_use]
pub fn set_access(page: &SetAccess) -> String {
    let text = &Texts::of(page.frame.language).administrators;
    let (id, email, name) = match &page.subject {
        AccessSubject::Invited { email, name } => (None, email, name),
        AccessSubject::Administrator { id, name, email } => (Some(id.as_str()), email, name),
    };
    let (title, action, button) = match id {
        None => (text.invite_title, "/console/administrators/invite", text.invite_button),
        Some(_) => (text.access_title, "/console/administrators/access", text.save),
    };
    let problems = page.problems.iter();
    let problems =
        problems.map(|problem| (problem.field(), (text.access_problem)(*problem).to_owned()));
    crate::render(&SetAccessView {
        frame: FrameView::new(&page.frame, Some(Section::Administrators), title)
            .with_error(!page.problems.is_empty()),
        text,
        page,
        problems: Problems::new(text.not_saved, problems),
        title,
        action,
        button,
        id,
        email,
        name,
    })
}

/// The question before an administrator is deleted. The last one with full access cannot be.
///
/// Posts `id` and `csrf` to `/console/administrators/delete`.
#[derive(Clone, Debug, Default)]
pub struct DeleteAdministrator {
    /// Common to all pages.
    pub frame: Frame,
    /// The ID.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Whether nobody with full access would be left.
    pub is_last_full: bool,
    /// Whether it is the reader.
    pub is_self: bool,
    /// Whether it could not be done the last time.
    pub is_refused: bool,
}

/// Renders the question before an administrator is deleted.
#[must_use]
pub fn delete_administrator(page: &DeleteAdministrator) -> String {
    let text = &Texts::of(page.frame.language).administrators;
    let refused = if page.is_last_full {
        Some((text.access_problem)(AccessProblem::LastFull).to_owned())
    } else {
        page.is_refused.then(|| (text.access_problem)(AccessProblem::NotStored).to_owned())
    };
    let consequence = if page.is_self { text.delete_self } else { text.delete_consequence };
    confirmation(&Confirmation {
        frame: &page.frame,
        section: Section::Administrators,
        title: text.delete_title,
        question: (text.delete_question)(&page.name),
        consequences: match page.is_last_full {
            true => Vec::new(),
            false => vec![consequence.to_owned()],
        },
        refused,
        is_possible: !page.is_last_full,
        action: "/console/administrators/delete",
        fields: vec![("id", &page.id)],
        button: text.delete,
        back: "/console/administrators".to_owned(),
    })
}
