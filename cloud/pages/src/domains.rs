//! *Domains*: which there are, where they can be reached, who serves them, whether they are enabled.

use askama::Template;

use crate::connectors::ConnectorKind;
use crate::form::Problems;
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::domains::DomainTexts;
use crate::tone::Tone;

/// A resource location from which a domain can be reached.
#[derive(Clone, Debug)]
pub struct DomainLocation {
    /// The resource location ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Connectors there that are joined to the domain and in contact.
    pub healthy_connectors: u32,
    /// Connectors there that are joined to the domain.
    pub connectors: u32,
}

/// A domain as the list shows it.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its DNS name, which names it in requests too.
    pub name: String,
    /// Its forest.
    pub forest: String,
    /// Where it can be reached.
    pub locations: Vec<DomainLocation>,
    /// ID of the location that is asked first; empty = any.
    pub primary_location: String,
    /// Which kind of connector serves it.
    pub served_by: ConnectorKind,
    /// Whether new identities of the domain may be used.
    pub is_enabled: bool,
}

impl Domain {
    fn tone(&self) -> Tone {
        let healthy: u32 = self.locations.iter().map(|location| location.healthy_connectors).sum();
        match (self.is_enabled, healthy) {
            (false, _) => Tone::Off,
            (true, 0) => Tone::Failing,
            (true, 1) => Tone::Attention,
            _ => Tone::Good,
        }
    }

    fn healthy(&self) -> u32 {
        self.locations.iter().map(|location| location.healthy_connectors).sum()
    }
}

/// The page *Domains*. Links lead to `/console/domains/edit?domain=`.
#[derive(Clone, Debug, Default)]
pub struct Domains {
    /// Common to all pages.
    pub frame: Frame,
    /// The domains, in the order of the page.
    pub domains: Vec<Domain>,
    /// Whether the administrator may change anything here.
    pub may_change: bool,
    /// Name of the domain that was saved just now.
    pub saved: Option<String>,
}

#[derive(Template)]
#[template(path = "domains.html")]
struct DomainsView<'a> {
    frame: FrameView<'a>,
    texts: &'static Texts,
    text: &'static DomainTexts,
    page: &'a Domains,
    notice: Option<String>,
}

impl DomainsView<'_> {
    fn state(&self, domain: &Domain) -> String {
        (self.text.state)(domain.is_enabled, domain.healthy())
    }

    fn location_state(&self, location: &DomainLocation) -> String {
        (self.text.location_state)(location.healthy_connectors, location.connectors)
    }
}

/// Renders *Domains*.
#[must_use]
pub fn domains(page: &Domains) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.domains;
    crate::render(&DomainsView {
        frame: FrameView::new(&page.frame, Some(Section::Domains), text.title),
        texts,
        text,
        page,
        notice: page.saved.as_deref().map(text.saved),
    })
}

/// Why the form of a domain was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainProblem {
    /// The primary location is none of those that reach the domain.
    PrimaryLocation,
    /// No connector of the kind is joined to the domain.
    ServedBy,
    /// The domain is gone.
    Gone,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl DomainProblem {
    const fn field(self) -> Option<&'static str> {
        match self {
            Self::PrimaryLocation => Some("primary"),
            Self::ServedBy => Some("served-by"),
            Self::Gone | Self::FormExpired | Self::NotStored => None,
        }
    }
}

/// The form of a domain.
///
/// Posts `domain`, `enabled` (`1` when checked), `served-by` ([`ConnectorKind::name`]), `primary`
/// (a resource location ID; empty = any) and `csrf` to `/console/domains/edit`.
#[derive(Clone, Debug)]
pub struct EditDomain {
    /// Common to all pages.
    pub frame: Frame,
    /// What the form shows.
    pub domain: Domain,
    /// Why it was not saved the last time.
    pub problem: Option<DomainProblem>,
}

#[derive(Template)]
#[template(path = "edit_domain.html")]
struct EditDomainView<'a> {
    frame: FrameView<'a>,
    texts: &'static Texts,
    text: &'static DomainTexts,
    page: &'a EditDomain,
    problems: Problems,
}

/// Renders the form of a domain.
#[must_use]
pub fn edit_domain(page: &EditDomain) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.domains;
    let problem = page.problem.into_iter();
    let problem = problem.map(|problem| (problem.field(), (text.problem)(problem).to_owned()));
    crate::render(&EditDomainView {
        frame: FrameView::new(&page.frame, Some(Section::Domains), &page.domain.name)
            .with_error(page.problem.is_some()),
        texts,
        text,
        page,
        problems: Problems::new(text.not_saved, problem),
    })
}
