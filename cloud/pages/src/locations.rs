//! *Resource locations*: tiles, the form of one, and the question before one is deleted.

use askama::Template;

use crate::form::{Confirmation, Problems, confirmation};
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::locations::LocationTexts;
use crate::time;
use crate::tone::Tone;
use crate::updates::UpdatePolicy;

/// A resource location as its tile shows it.
#[derive(Clone, Debug, Default)]
pub struct Location {
    /// The resource location ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether requests that name no location go here.
    pub is_default: bool,
    /// Whether the platform manages it: it can be neither renamed nor deleted.
    pub is_read_only: bool,
    /// Time zone of its maintenance window, by the name that was given.
    pub time_zone: String,
    /// Connectors that are registered here.
    pub connectors: u32,
    /// Those of them that are in contact.
    pub in_contact: u32,
    /// Those of them that are being updated.
    pub updating: u32,
    /// Since when there is one connector only, in seconds since 1970; `None` = there are none or
    /// several, or it is not known.
    pub single_since: Option<i64>,
    /// The versions in use, each once.
    pub versions: Vec<String>,
    /// The domains that can be reached from here.
    pub domains: Vec<String>,
    /// When updates are installed.
    pub updates: UpdatePolicy,
    /// When it was made, in seconds since 1970.
    pub created: i64,
}

impl Location {
    /// Whether a failure of one machine would cut it off.
    pub(crate) const fn is_single(&self) -> bool {
        self.connectors == 1
    }

    const fn tone(&self) -> Tone {
        match (self.connectors, self.in_contact, self.updating) {
            (0, ..) => Tone::Off,
            (all, contact, updating) if contact + updating < all => Tone::Failing,
            (1, 1, _) => Tone::Attention,
            (.., updating) if updating > 0 => Tone::Busy,
            _ => Tone::Good,
        }
    }
}

/// A location with a single connector, for the warning on two pages.
#[derive(Clone, Debug, Default)]
pub struct SingleConnector {
    /// The resource location ID.
    pub location_id: String,
    /// Name of the location.
    pub location: String,
    /// Domains that nothing could reach without the connector.
    pub domains: Vec<String>,
}

/// What has just been done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocationNotice {
    /// A location was added.
    Added {
        /// Its name.
        name: String,
    },
    /// A location was changed.
    Changed {
        /// Its name.
        name: String,
    },
    /// A location was deleted.
    Deleted {
        /// The name it had.
        name: String,
    },
}

/// The page *Resource locations*. Links lead to the form, the question, *Connectors*, *Updates* and
/// *Add a Connector Appliance* of each location.
#[derive(Clone, Debug, Default)]
pub struct Locations {
    /// Common to all pages.
    pub frame: Frame,
    /// The locations, in the order of the page.
    pub locations: Vec<Location>,
    /// Whether the administrator may change anything here; if not, there are no buttons.
    pub may_change: bool,
    /// What has just been done.
    pub notice: Option<LocationNotice>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "locations.html")]
struct LocationsView<'a> {
    frame: FrameView<'a>,
    texts: &'static Texts,
    text: &'static LocationTexts,
    page: &'a Locations,
    notice: Option<String>,
    singles: Vec<SingleConnector>,
}

impl LocationsView<'_> {
    /// The id of the element that holds a resource location ID.
    fn id_key(&self, index: &usize) -> String {
        format!("id-text-{index}")
    }

    fn state(&self, location: &Location) -> String {
        (self.text.state)(location.connectors, location.in_contact, location.updating)
    }

    fn remark(&self, location: &Location) -> String {
        let since = location.single_since.filter(|_| location.is_single());
        match since {
            Some(since) => (self.text.single_since)(&time::date(since)),
            None => (self.text.created)(&time::date(location.created)),
        }
    }

    fn connectors(&self, location: &Location) -> String {
        (self.text.connectors)(location.connectors, &location.versions.join(", "))
    }

    fn domains(&self, location: &Location) -> String {
        match location.domains.is_empty() {
            true => self.text.none.to_owned(),
            false => location.domains.join(", "),
        }
    }

    fn updates(&self, location: &Location) -> String {
        (self.texts.updates.policy)(&location.updates, &location.time_zone)
    }
}

/// Renders *Resource locations*.
#[must_use]
pub fn locations(page: &Locations) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.locations;
    let singles = page.locations.iter().filter(|location| location.is_single());
    crate::render(&LocationsView {
        frame: FrameView::new(&page.frame, Some(Section::Locations), text.title),
        texts,
        text,
        page,
        notice: page.notice.as_ref().map(text.notice),
        singles: singles
            .map(|location| SingleConnector {
                location_id: location.id.clone(),
                location: location.name.clone(),
                domains: location.domains.clone(),
            })
            .collect(),
    })
}

/// Why the form of a location was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocationProblem {
    /// The name is empty.
    NameMissing,
    /// The name has more than 64 characters.
    NameTooLong,
    /// The name has a character that is not allowed.
    NameCharacter {
        /// The character.
        character: char,
    },
    /// Another location has the name, perhaps in another case.
    NameTaken,
    /// The time zone is not known.
    TimeZone,
    /// The platform manages the location.
    ReadOnly,
    /// The location was deleted meanwhile.
    Gone,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl LocationProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::NameMissing
            | Self::NameTooLong
            | Self::NameCharacter { .. }
            | Self::NameTaken => Some("name"),
            Self::TimeZone => Some("timezone"),
            Self::ReadOnly | Self::Gone | Self::FormExpired | Self::NotStored => None,
        }
    }
}

/// The form of a resource location.
///
/// Posts `name`, `timezone`, `default` (`1` when checked) and `csrf` to
/// `/console/resource-locations/add`, or with `id` to `/console/resource-locations/edit`.
#[derive(Clone, Debug, Default)]
pub struct EditLocation {
    /// Common to all pages.
    pub frame: Frame,
    /// ID of the location that is changed; `None` = one is added.
    pub id: Option<String>,
    /// What stands in the field for the name.
    pub name: String,
    /// The time zone that is chosen.
    pub time_zone: String,
    /// The time zones to choose from, in order.
    pub time_zones: Vec<String>,
    /// Whether the box for the default location is checked.
    pub is_default: bool,
    /// Whether it is the default location now: another one must become it, so the box is locked.
    pub is_default_now: bool,
    /// What was wrong with the form sent before.
    pub problems: Vec<LocationProblem>,
}

#[derive(Template)]
#[template(path = "edit_location.html")]
struct EditLocationView<'a> {
    frame: FrameView<'a>,
    text: &'static LocationTexts,
    page: &'a EditLocation,
    title: &'static str,
    action: &'static str,
    problems: Problems,
}

/// Renders the form of a resource location.
#[must_use]
pub fn edit_location(page: &EditLocation) -> String {
    let text = &Texts::of(page.frame.language).locations;
    let (title, action) = match page.id {
        Some(_) => (text.edit_title, "/console/resource-locations/edit"),
        None => (text.add_title, "/console/resource-locations/add"),
    };
    let problems = page.problems.iter().map(|problem| (problem.field(), (text.problem)(*problem)));
    crate::render(&EditLocationView {
        frame: FrameView::new(&page.frame, Some(Section::Locations), title)
            .with_error(!page.problems.is_empty()),
        text,
        page,
        title,
        action,
        problems: Problems::new(text.not_saved, problems),
    })
}

/// The question before a resource location is deleted. While connectors remain it says so and offers
/// no button.
///
/// Posts `id` and `csrf` to `/console/resource-locations/delete`.
#[derive(Clone, Debug, Default)]
pub struct DeleteLocation {
    /// Common to all pages.
    pub frame: Frame,
    /// The resource location ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Connectors that are left there.
    pub connectors: u32,
    /// Why it was not deleted the last time.
    pub problem: Option<LocationProblem>,
}

/// Renders the question before a resource location is deleted.
#[must_use]
pub fn delete_location(page: &DeleteLocation) -> String {
    let text = &Texts::of(page.frame.language).locations;
    let has_connectors = page.connectors > 0;
    let refused = if has_connectors {
        Some((text.has_connectors)(page.connectors))
    } else {
        page.problem.map(text.problem)
    };
    confirmation(&Confirmation {
        frame: &page.frame,
        section: Section::Locations,
        title: text.delete_title,
        question: (text.delete_question)(&page.name),
        consequences: match has_connectors {
            true => Vec::new(),
            false => vec![text.delete_consequence.to_owned()],
        },
        refused,
        is_possible: !has_connectors && page.problem != Some(LocationProblem::ReadOnly),
        action: "/console/resource-locations/delete",
        fields: vec![("id", &page.id)],
        button: text.delete_button,
        back: "/console/resource-locations".to_owned(),
    })
}
