//! *Connectors*: all of them, worst first.

use askama::Template;

use crate::amount;
use crate::frame::{Frame, FrameView, Section};
use crate::load::{LoadPoint, SparkView};
use crate::locations::SingleConnector;
use crate::texts::Texts;
use crate::texts::connectors::ConnectorTexts;
use crate::texts::locations::LocationTexts;
use crate::time;
use crate::tone::Tone;

/// How a connector is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectorState {
    /// It answers.
    InContact,
    /// An update is under way.
    Updating,
    /// It has fallen silent.
    NotInContact,
    /// It answers and reports a failure of its own.
    Error,
    /// It is registered and has not connected yet.
    Waiting,
    /// Its certificate was revoked.
    Revoked,
}

impl ConnectorState {
    /// Every state, worst first.
    pub const ALL: [Self; 6] = [
        Self::NotInContact,
        Self::Error,
        Self::Revoked,
        Self::Waiting,
        Self::Updating,
        Self::InContact,
    ];

    /// The value of the field `state`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InContact => "in-contact",
            Self::Updating => "updating",
            Self::NotInContact => "not-in-contact",
            Self::Error => "error",
            Self::Waiting => "waiting",
            Self::Revoked => "revoked",
        }
    }

    /// The state of a value of the field; `None` when it is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What kind of machine it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectorKind {
    /// A Connector Appliance.
    #[default]
    Appliance,
    /// A connector on a Windows server.
    Windows,
}

impl ConnectorKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Appliance, Self::Windows];

    /// The value of the field `served-by`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Appliance => "appliance",
            Self::Windows => "windows",
        }
    }

    /// The kind of a value of the field; `None` when it is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A connector as the list shows it.
#[derive(Clone, Debug)]
pub struct Connector {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ConnectorKind,
    /// Its own addresses; may be none.
    pub addresses: Vec<String>,
    /// ID of its resource location.
    pub location_id: String,
    /// Name of its resource location.
    pub location: String,
    /// Whether it is the only one of its location.
    pub is_single: bool,
    /// How it is.
    pub state: ConnectorState,
    /// Since when, in seconds since 1970; `None` = not known.
    pub since: Option<i64>,
    /// Version in use; empty = not known.
    pub version: String,
    /// Version that it should have; empty = not known.
    pub expected_version: String,
    /// When it was heard from last, in seconds since 1970; `None` = never.
    pub last_contact: Option<i64>,
    /// How busy it says it is, 0 to 100; `None` = not known.
    pub load_percent: Option<u8>,
    /// What it did in the last 24 hours; times may be missing, order does not matter.
    pub history: Vec<LoadPoint>,
}

impl Connector {
    pub(crate) const fn tone(&self) -> Tone {
        match self.state {
            ConnectorState::InContact if self.is_single => Tone::Attention,
            ConnectorState::InContact => Tone::Good,
            ConnectorState::Updating => Tone::Busy,
            ConnectorState::Waiting => Tone::Waiting,
            ConnectorState::NotInContact | ConnectorState::Error | ConnectorState::Revoked => {
                Tone::Failing
            }
        }
    }
}

/// What the list is narrowed down to.
#[derive(Clone, Debug, Default)]
pub struct ConnectorFilter {
    /// A part of the name or of an address; empty = all.
    pub text: String,
    /// ID of a location; empty = all.
    pub location: String,
    /// A state; `None` = all.
    pub state: Option<ConnectorState>,
}

/// What has just been done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectorsNotice {
    /// A connector was removed.
    Removed {
        /// The name it had.
        name: String,
    },
    /// A registration was cancelled before it was finished.
    RegistrationCancelled,
}

/// The page *Connectors*.
///
/// A form asks by GET for `/console/connectors` with `text`, `location` and `state`
/// ([`ConnectorState::name`]); empty = all.
#[derive(Clone, Debug, Default)]
pub struct Connectors {
    /// Common to all pages.
    pub frame: Frame,
    /// The connectors that pass the filter, in the order of the page: worst first.
    pub connectors: Vec<Connector>,
    /// How many there are in all.
    pub total: u32,
    /// How many of all are in contact, those that are being updated not counted.
    pub in_contact: u32,
    /// How many of all are being updated.
    pub updating: u32,
    /// How many of all are silent, revoked or report an error.
    pub failing: u32,
    /// Requests that all of them answered in the last hour.
    pub requests_last_hour: u64,
    /// Requests that failed in the last hour.
    pub failures_last_hour: u64,
    /// The locations to choose from: ID and name.
    pub locations: Vec<(String, String)>,
    /// What the list is narrowed down to.
    pub filter: ConnectorFilter,
    /// Locations with one connector only.
    pub singles: Vec<SingleConnector>,
    /// Whether the administrator may add, remove and update.
    pub may_change: bool,
    /// What has just been done.
    pub notice: Option<ConnectorsNotice>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "connectors.html")]
struct ConnectorsView<'a> {
    frame: FrameView<'a>,
    texts: &'static Texts,
    text: &'static ConnectorTexts,
    location_text: &'static LocationTexts,
    page: &'a Connectors,
    notice: Option<String>,
    requests: String,
    failures: String,
}

impl ConnectorsView<'_> {
    fn is_filtered(&self, state: &ConnectorState) -> bool {
        self.page.filter.state == Some(*state)
    }

    fn remark(&self, connector: &Connector) -> String {
        remark(self.text, connector, self.page.now)
    }

    fn version(&self, connector: &Connector) -> String {
        version(self.text, &connector.version)
    }

    fn behind(&self, connector: &Connector) -> Option<String> {
        behind(self.text, &connector.version, &connector.expected_version)
    }

    fn last_contact(&self, connector: &Connector) -> String {
        last_contact(self.texts, connector.last_contact, self.page.now)
    }

    fn spark(&self, connector: &Connector) -> SparkView {
        SparkView::new(self.texts, &connector.history, self.page.now)
    }
}

/// What is to be said beside a state.
pub(crate) fn remark(text: &ConnectorTexts, connector: &Connector, now: i64) -> String {
    let since = connector.since.map(|since| time::moment(since, now));
    (text.remark)(connector.state, connector.is_single, since.as_deref())
}

pub(crate) fn version(text: &ConnectorTexts, version: &str) -> String {
    if version.is_empty() { text.unknown.to_owned() } else { version.to_owned() }
}

/// Which version is expected, if another one is in use.
pub(crate) fn behind(text: &ConnectorTexts, version: &str, expected: &str) -> Option<String> {
    (!expected.is_empty() && version != expected).then(|| (text.expected)(expected))
}

pub(crate) fn last_contact(texts: &Texts, at: Option<i64>, now: i64) -> String {
    match at {
        None => texts.connectors.never.to_owned(),
        Some(at) => match u64::try_from(now - at) {
            Ok(ago) if ago < 3600 => (texts.connectors.ago)(&time::duration(texts, ago)),
            _ => time::moment(at, now),
        },
    }
}

/// Renders *Connectors*.
#[must_use]
pub fn connectors(page: &Connectors) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.connectors;
    crate::render(&ConnectorsView {
        frame: FrameView::new(&page.frame, Some(Section::Connectors), text.title),
        texts,
        text,
        location_text: &texts.locations,
        page,
        notice: page.notice.as_ref().map(text.notice),
        requests: amount::count(page.requests_last_hour),
        failures: (text.failed)(&amount::count(page.failures_last_hour)),
    })
}
