//! *Updates*: when each resource location installs them, and how far each connector is.

use askama::Template;

use crate::form::Problems;
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::updates::UpdateTexts;
use crate::time;
use crate::tone::Tone;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// The days in order.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The value of the field `day`, as in the REST interface.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    /// The day of a value of the field; `None` when it is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|day| day.name() == name)
    }
}

/// Which locations come first when a version is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpdateOrder {
    /// Among the first.
    Early,
    /// With most others.
    #[default]
    Normal,
    /// Among the last.
    Late,
}

impl UpdateOrder {
    /// Every order, first to last.
    pub const ALL: [Self; 3] = [Self::Early, Self::Normal, Self::Late];

    /// The value of the field `order`, as in the REST interface.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Early => "Early",
            Self::Normal => "Normal",
            Self::Late => "Late",
        }
    }

    /// The order of a value of the field; `None` when it is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// When a resource location installs updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UpdatePolicy {
    /// As soon as they are there.
    #[default]
    Immediately,
    /// From a time of day on, in the time zone of the location.
    Window {
        /// On this day of the week; `None` = on every day.
        day: Option<Weekday>,
        /// When it begins, in seconds since midnight.
        start: u32,
        /// Which locations come first.
        order: UpdateOrder,
    },
}

/// How far the update of a connector is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateState {
    /// It has the version that it should have.
    Current,
    /// It waits for the window.
    Scheduled {
        /// When the window begins, in seconds since 1970; `None` = not known.
        at: Option<i64>,
    },
    /// It waits until another connector of its location is done.
    WaitsForSibling,
    /// It waits until the connector is in contact again.
    WaitsForContact,
    /// The image is being fetched.
    Downloading {
        /// How much is there, 0 to 100.
        percent: u8,
    },
    /// The image is being written and checked.
    Installing,
    /// The machine restarts with the new version.
    Restarting,
    /// It failed; the old version is in use.
    Failed {
        /// What the connector says.
        reason: String,
    },
    /// The new version did not work and the machine went back by itself.
    RolledBack {
        /// What the connector says.
        reason: String,
    },
    /// Updates are switched off for this connector.
    Off,
    /// The connector has not told its version.
    Unknown,
}

impl UpdateState {
    pub(crate) const fn tone(&self) -> Tone {
        match self {
            Self::Current => Tone::Good,
            Self::Scheduled { .. } | Self::WaitsForSibling => Tone::Waiting,
            Self::Downloading { .. } | Self::Installing | Self::Restarting => Tone::Busy,
            Self::WaitsForContact | Self::Off => Tone::Attention,
            Self::Failed { .. } | Self::RolledBack { .. } => Tone::Failing,
            Self::Unknown => Tone::Off,
        }
    }

    /// Whether an administrator may start it now.
    pub(crate) const fn can_start(&self) -> bool {
        matches!(self, Self::Scheduled { .. } | Self::Failed { .. } | Self::RolledBack { .. })
    }

    /// What the connector says about a failure; empty = it is none.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::Failed { reason } | Self::RolledBack { reason } => reason,
            _ => "",
        }
    }
}

/// The update of a connector.
#[derive(Clone, Debug)]
pub struct ConnectorUpdate {
    /// ID of the connector.
    pub id: String,
    /// Name of the connector.
    pub name: String,
    /// Version in use; empty = not known.
    pub version: String,
    /// Version that it should have; empty = not known.
    pub target: String,
    /// How far it is.
    pub state: UpdateState,
    /// Since when, in seconds since 1970; `None` = not known.
    pub since: Option<i64>,
}

/// The updates of a resource location.
#[derive(Clone, Debug)]
pub struct LocationUpdates {
    /// The resource location ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub time_zone: String,
    /// When it installs updates.
    pub policy: UpdatePolicy,
    /// Its connectors.
    pub connectors: Vec<ConnectorUpdate>,
}

/// What has just been done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateNotice {
    /// The policy of a location was saved.
    PolicySaved {
        /// Name of the location.
        location: String,
    },
    /// An update was ordered; it starts when no sibling is being updated.
    Ordered {
        /// Name of the connector.
        connector: String,
    },
}

/// Why an update was not ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateProblem {
    /// The connector is not in contact.
    NotInContact {
        /// Name of the connector.
        connector: String,
    },
    /// It has the newest version.
    NothingToDo {
        /// Name of the connector.
        connector: String,
    },
    /// The form was open for too long or comes from another session.
    FormExpired,
}

/// The page *Updates*.
///
/// A button posts `connector` and `csrf` to `/console/updates/now`; links lead to
/// `/console/updates/policy?location=`.
#[derive(Clone, Debug, Default)]
pub struct Updates {
    /// Common to all pages.
    pub frame: Frame,
    /// The locations, in the order of the page.
    pub locations: Vec<LocationUpdates>,
    /// Whether the administrator may change anything here.
    pub may_change: bool,
    /// Whether updates can be ordered.
    pub can_order: bool,
    /// What has just been done.
    pub notice: Option<UpdateNotice>,
    /// Why the last order was not accepted.
    pub problem: Option<UpdateProblem>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "updates.html")]
struct UpdatesView<'a> {
    frame: FrameView<'a>,
    text: &'static UpdateTexts,
    page: &'a Updates,
    notice: Option<String>,
    problem: Option<String>,
}

impl UpdatesView<'_> {
    fn policy(&self, location: &LocationUpdates) -> String {
        (self.text.policy)(&location.policy, &location.time_zone)
    }

    fn state(&self, update: &ConnectorUpdate) -> String {
        state_words(self.text, &update.state, self.page.now)
    }

    fn since(&self, update: &ConnectorUpdate) -> String {
        update.since.map(|since| time::moment(since, self.page.now)).unwrap_or_default()
    }
}

/// The state of an update in words.
pub(crate) fn state_words(text: &UpdateTexts, state: &UpdateState, now: i64) -> String {
    let at = match state {
        UpdateState::Scheduled { at: Some(at) } => time::moment(*at, now),
        _ => String::new(),
    };
    (text.state)(state, &at)
}

/// Renders *Updates*.
#[must_use]
pub fn updates(page: &Updates) -> String {
    let text = &Texts::of(page.frame.language).updates;
    crate::render(&UpdatesView {
        frame: FrameView::new(&page.frame, Some(Section::Updates), text.title)
            .with_error(page.problem.is_some()),
        text,
        page,
        notice: page.notice.as_ref().map(text.notice),
        problem: page.problem.as_ref().map(text.problem),
    })
}

/// Why an update policy was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyProblem {
    /// The beginning of the window is no time of day.
    Start,
    /// The day is none of the list.
    Day,
    /// The location was deleted meanwhile.
    Gone,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl PolicyProblem {
    const fn field(self) -> Option<&'static str> {
        match self {
            Self::Start => Some("start"),
            Self::Day => Some("day"),
            Self::Gone | Self::FormExpired | Self::NotStored => None,
        }
    }
}

/// The form of an update policy.
///
/// Posts `location`, `when` (`immediately` or `window`), `day` (empty = every day, or
/// [`Weekday::name`]), `start` (`HH:MM`), `order` ([`UpdateOrder::name`]) and `csrf` to
/// `/console/updates/policy`.
#[derive(Clone, Debug, Default)]
pub struct EditPolicy {
    /// Common to all pages.
    pub frame: Frame,
    /// The resource location ID.
    pub location: String,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub time_zone: String,
    /// What the form shows.
    pub policy: UpdatePolicy,
    /// What stands in the field for the beginning; empty = what the policy says.
    pub start: String,
    /// What was wrong with the form sent before.
    pub problem: Option<PolicyProblem>,
}

#[derive(Template)]
#[template(path = "edit_policy.html")]
struct EditPolicyView<'a> {
    frame: FrameView<'a>,
    text: &'static UpdateTexts,
    page: &'a EditPolicy,
    problems: Problems,
    is_window: bool,
    day: Option<Weekday>,
    order: UpdateOrder,
    start: String,
    zone: String,
}

impl EditPolicyView<'_> {
    fn is_on(&self, day: &Weekday) -> bool {
        self.day == Some(*day)
    }
}

/// Renders the form of an update policy.
#[must_use]
pub fn edit_policy(page: &EditPolicy) -> String {
    let text = &Texts::of(page.frame.language).updates;
    let (day, seconds, order) = match page.policy {
        UpdatePolicy::Immediately => (None, 3 * 3600, UpdateOrder::Normal),
        UpdatePolicy::Window { day, start, order } => (day, start, order),
    };
    let problem = page
        .problem
        .into_iter()
        .map(|problem| (problem.field(), (text.policy_problem)(problem).to_owned()));
    crate::render(&EditPolicyView {
        frame: FrameView::new(&page.frame, Some(Section::Updates), text.policy_title)
            .with_error(page.problem.is_some()),
        text,
        page,
        problems: Problems::new(text.policy_not_saved, problem),
        is_window: page.policy != UpdatePolicy::Immediately,
        day,
        order,
        start: if page.start.is_empty() { clock(seconds) } else { page.start.clone() },
        zone: (text.start_hint)(&page.time_zone),
    })
}

/// `03:30` for a number of seconds since midnight.
pub(crate) fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60)
}
