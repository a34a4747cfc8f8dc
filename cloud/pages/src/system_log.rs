//! *System log*: who has changed what, newest first.

use askama::Template;

use crate::Language;
use crate::amount;
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::system_log::SystemLogTexts;
use crate::time;

/// Choices of the filter, in days.
pub const LOG_DAYS: [u32; 3] = [30, 60, 90];

/// Who has done something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogActor {
    /// The control plane itself.
    System,
    /// An administrator, by display name.
    Administrator {
        /// Display name.
        name: String,
    },
    /// A secure client, by its name.
    Client {
        /// Its name.
        name: String,
    },
    /// A connector, by its name.
    Connector {
        /// Its name.
        name: String,
    },
}

impl LogActor {
    /// The name as the log shows it.
    fn name(&self) -> &str {
        match self {
            Self::System => "CwcSystem",
            Self::Administrator { name } | Self::Client { name } | Self::Connector { name } => name,
        }
    }
}

/// A record.
#[derive(Clone, Debug)]
pub struct LogRecord {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Who did it.
    pub actor: LogActor,
    /// What has happened, by its name in the REST interface such as `secureclient/create`.
    pub event: String,
    /// What has changed, such as `'Full' -> 'Custom'`; may be empty.
    pub change: String,
    /// Name of what it was done to.
    pub target: String,
    /// ID of what it was done to.
    pub target_id: String,
}

/// The page *System log*.
///
/// A form asks by GET for `/console/system-log` with `days` (30, 60 or 90) and `text`; links of the
/// pager add `after` and `first`. *Export CSV* leads to `/console/system-log/export` with `days` and
/// `text`.
#[derive(Clone, Debug)]
pub struct SystemLog {
    /// Common to all pages.
    pub frame: Frame,
    /// The records of this page, newest first.
    pub records: Vec<LogRecord>,
    /// How far back the log is shown, in days.
    pub days: u32,
    /// What the records contain; empty = all.
    pub text: String,
    /// Number of the first record of this page, from 1.
    pub first: u64,
    /// Records in all that pass the filter.
    pub total: u64,
    /// Value of `after` for the next older page; `None` = this is the last.
    pub older: Option<String>,
}

#[derive(Template)]
#[template(path = "system_log.html")]
struct SystemLogView<'a> {
    frame: FrameView<'a>,
    text: &'static SystemLogTexts,
    page: &'a SystemLog,
    language: Language,
    pager: String,
    next_first: u64,
}

impl SystemLogView<'_> {
    fn at(&self, record: &LogRecord) -> String {
        match self.language {
            Language::English => time::american(record.at),
            Language::Japanese => time::date_time(record.at),
        }
    }

    fn event<'r>(&self, record: &'r LogRecord) -> &'r str {
        (self.text.event)(&record.event).unwrap_or(&record.event)
    }
}

/// What an event is called, by its name in the REST interface; `None` when it is not known.
#[must_use]
pub fn log_event(language: Language, event: &str) -> Option<&'static str> {
    (Texts::of(language).system_log.event)(event)
}

/// Renders *System log*.
#[must_use]
pub fn system_log(page: &SystemLog) -> String {
    let text = &Texts::of(page.frame.language).system_log;
    let shown = u64::try_from(page.records.len()).unwrap_or_default();
    let first = if shown == 0 { 0 } else { page.first };
    let last = first + shown.saturating_sub(1);
    crate::render(&SystemLogView {
        frame: FrameView::new(&page.frame, Some(Section::SystemLog), text.title),
        text,
        page,
        language: page.frame.language,
        pager: (text.pager)(
            &amount::count(first),
            &amount::count(last),
            &amount::count(page.total),
        ),
        next_first: last + 1,
    })
}
