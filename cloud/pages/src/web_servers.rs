//! *Web servers* of a resource location: those to which requests may be relayed, the form of a new one,
//! and the question before one is removed.

use askama::Template;
use protocol::web::WebAddressError;

use crate::form::{Confirmation, Problems, confirmation};
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::web_servers::WebServerTexts;
use crate::time;

/// A web server as the list shows it.
#[derive(Clone, Debug, Default)]
pub struct WebServer {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is, such as `https://wiki.corp.example.com:443`.
    pub address: String,
    /// When it was added, in seconds since 1970.
    pub added: i64,
}

/// What has just been done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebServersNotice {
    /// A web server was added.
    Added {
        /// Its name.
        name: String,
    },
    /// A web server was removed.
    Removed {
        /// The name it had.
        name: String,
    },
}

/// Why a web server was not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebServerProblem {
    /// The name is empty.
    NameMissing,
    /// The name has more than 64 characters.
    NameTooLong,
    /// The name has a character that is not allowed.
    NameCharacter {
        /// The character.
        character: char,
    },
    /// Another web server of the location has the name, perhaps in another case.
    NameTaken,
    /// The address is none of a web server, or no appliance connects to it.
    Address(WebAddressError),
    /// The location has as many as it may.
    TooMany,
}

impl WebServerProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameMissing
            | Self::NameTooLong
            | Self::NameCharacter { .. }
            | Self::NameTaken => Some("name"),
            Self::Address(_) => Some("address"),
            Self::TooMany => None,
        }
    }
}

/// The page *Web servers* of a location. Links lead to the question before one is removed.
///
/// Posts `id` (of the location), `name`, `address` and `csrf` to
/// `/console/resource-locations/web-servers/add`.
#[derive(Clone, Debug, Default)]
pub struct WebServers {
    /// Common to all pages.
    pub frame: Frame,
    /// The resource location ID.
    pub location_id: String,
    /// Name of the location.
    pub location: String,
    /// Its web servers, in the order of the page.
    pub servers: Vec<WebServer>,
    /// Most web servers that a location may have.
    pub limit: usize,
    /// What stands in the field for the name.
    pub name: String,
    /// What stands in the field for the address.
    pub address: String,
    /// Why the one sent before was not added.
    pub problem: Option<WebServerProblem>,
    /// What has just been done.
    pub notice: Option<WebServersNotice>,
}

#[derive(Template)]
#[template(path = "web_servers.html")]
struct WebServersView<'a> {
    frame: FrameView<'a>,
    locations: &'static str,
    text: &'static WebServerTexts,
    page: &'a WebServers,
    notice: Option<String>,
    problems: Problems,
}

impl WebServersView<'_> {
    /// The id of the element that holds a path.
    fn path_key(&self, index: &usize) -> String {
        format!("path-{index}")
    }

    /// Where requests for a server go, below the address of the cloud.
    fn path(&self, server: &WebServer) -> String {
        format!("/resourcelocations/{}/web/{}/", self.page.location_id, server.id)
    }

    fn added(&self, server: &WebServer) -> String {
        (self.text.added)(&time::date(server.added))
    }

    fn full(&self) -> String {
        (self.text.full)(self.page.limit)
    }

    /// Whether one more may be added.
    const fn has_room(&self) -> bool {
        self.page.servers.len() < self.page.limit
    }
}

/// Renders *Web servers*.
#[must_use]
pub fn web_servers(page: &WebServers) -> String {
    let texts = Texts::of(page.frame.language);
    let text = &texts.web_servers;
    let problems = page.problem.iter();
    let problems = problems.map(|problem| (problem.field(), (text.problem)(problem, page.limit)));
    crate::render(&WebServersView {
        frame: FrameView::new(&page.frame, Some(Section::Locations), text.title)
            .with_error(page.problem.is_some()),
        locations: texts.locations.title,
        text,
        page,
        notice: page.notice.as_ref().map(text.notice),
        problems: Problems::new(text.not_added, problems),
    })
}

/// The question before a web server is removed.
///
/// Posts `id` (of the location), `server` and `csrf` to
/// `/console/resource-locations/web-servers/remove`.
#[derive(Clone, Debug, Default)]
pub struct RemoveWebServer {
    /// Common to all pages.
    pub frame: Frame,
    /// The resource location ID.
    pub location_id: String,
    /// Name of the location.
    pub location: String,
    /// The web server.
    pub server: WebServer,
}

/// Renders the question before a web server is removed.
#[must_use]
pub fn remove_web_server(page: &RemoveWebServer) -> String {
    let text = &Texts::of(page.frame.language).web_servers;
    let id = &page.location_id;
    confirmation(&Confirmation {
        frame: &page.frame,
        section: Section::Locations,
        title: text.remove_title,
        question: (text.remove_question)(&page.server.name, &page.location),
        consequences: vec![(text.remove_consequence)(&page.server.address)],
        refused: None,
        is_possible: true,
        action: "/console/resource-locations/web-servers/remove",
        fields: vec![("id", id), ("server", &page.server.id)],
        button: text.remove,
        back: format!("/console/resource-locations/web-servers?id={id}"),
    })
}
