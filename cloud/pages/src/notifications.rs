//! *Notifications*: what administrators should know without asking.

use askama::Template;

use crate::Language;
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::notifications::NotificationTexts;
use crate::time;
use crate::tone::Tone;

/// How serious it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Information,
    /// Something needs attention.
    Warning,
    /// Something does not work.
    Error,
}

impl Severity {
    const fn class(self) -> &'static str {
        match self {
            Self::Information => "is-info",
            Self::Warning => Tone::Attention.class(),
            Self::Error => Tone::Failing.class(),
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Information => "info",
            Self::Warning => Tone::Attention.icon(),
            Self::Error => Tone::Failing.icon(),
        }
    }
}

/// A notification in the language that the sender had for the reader.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Its ID.
    pub id: String,
    /// How serious it is.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What it means and what to do.
    pub description: String,
    /// Language of the two.
    pub language: Language,
    /// The part of the platform that it is about.
    pub component: String,
    /// When, in seconds since 1970.
    pub created: i64,
}

/// The page *Notifications*.
///
/// A button posts `id` and `csrf` to `/console/notifications/dismiss`; another posts `csrf` to
/// `/console/notifications/dismiss-all`.
#[derive(Clone, Debug, Default)]
pub struct Notifications {
    /// Common to all pages.
    pub frame: Frame,
    /// Those that nobody has dismissed, in the order of the page.
    pub notifications: Vec<Notification>,
    /// How many were dismissed just now; `None` = nobody asked.
    pub dismissed: Option<u32>,
    /// Whether the last request could not be met because the page was open for too long.
    pub is_form_expired: bool,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "notifications.html")]
struct NotificationsView<'a> {
    frame: FrameView<'a>,
    text: &'static NotificationTexts,
    page: &'a Notifications,
    notice: Option<String>,
}

impl NotificationsView<'_> {
    fn created(&self, notification: &Notification) -> String {
        time::moment(notification.created, self.page.now)
    }
}

/// Renders *Notifications*.
#[must_use]
pub fn notifications(page: &Notifications) -> String {
    let text = &Texts::of(page.frame.language).notifications;
    crate::render(&NotificationsView {
        frame: FrameView::new(&page.frame, Some(Section::Notifications), text.title)
            .with_error(page.is_form_expired),
        text,
        page,
        notice: page.dismissed.map(text.dismissed),
    })
}
