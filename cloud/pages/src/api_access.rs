//! *API access*: the customer ID, secure clients, product registrations.

use std::fmt;

use askama::Template;

use crate::download::{csv_field, data_url};
use crate::form::{Confirmation, Problems, confirmation};
use crate::frame::{Frame, FrameView, Section};
use crate::texts::Texts;
use crate::texts::api_access::ApiAccessTexts;
use crate::time;

/// A secure client.
#[derive(Clone, Debug)]
pub struct SecureClient {
    /// The client ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who made it; the client has the rights of that administrator.
    pub maker: String,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// When it was used last, in seconds since 1970; `None` = never.
    pub last_used: Option<i64>,
    /// Whether the administrator may delete it.
    pub may_delete: bool,
}

/// Why a secure client was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientProblem {
    /// The name is empty.
    NameMissing,
    /// The name has more than 64 characters.
    NameTooLong,
    /// The name has a character that is not allowed.
    NameCharacter {
        /// The character.
        character: char,
    },
    /// Another client has the name.
    NameTaken,
    /// There are as many as there may be.
    TooMany,
    /// The form was open for too long or comes from another session.
    FormExpired,
    /// It could not be stored.
    NotStored,
}

impl ClientProblem {
    /// Id of the field to correct; `None` when it is none of them.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::TooMany | Self::FormExpired | Self::NotStored => None,
            _ => Some("name"),
        }
    }
}

/// A secret that is shown once.
#[derive(Clone)]
pub struct NewSecret {
    /// Name of the client.
    pub name: String,
    /// The client ID.
    pub id: String,
    /// The secret.
    pub secret: String,
}

impl fmt::Debug for NewSecret {
    /// Leaves the secret out.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NewSecret").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The tab *Secure clients* of *API access*.
///
/// Posts `name` and `csrf` to `/console/api-access/create`; the answer shows the same page with
/// [`SecureClients::created`] and `Cache-Control: no-store`. A link leads to
/// `/console/api-access/delete?id=`.
#[derive(Clone, Debug, Default)]
pub struct SecureClients {
    /// Common to all pages.
    pub frame: Frame,
    /// The customer ID.
    pub customer_id: String,
    /// The clients, in the order of the page.
    pub clients: Vec<SecureClient>,
    /// Whether the tab *Product registrations* may be opened.
    pub shows_registrations: bool,
    /// What stands in the field for the name.
    pub name: String,
    /// The client that was made just now: shown this once.
    pub created: Option<NewSecret>,
    /// Name of the client that was deleted just now.
    pub deleted: Option<String>,
    /// Why the last one was not made.
    pub problem: Option<ClientProblem>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "secure_clients.html")]
struct SecureClientsView<'a> {
    frame: FrameView<'a>,
    text: &'static ApiAccessTexts,
    page: &'a SecureClients,
    problems: Problems,
    notice: Option<String>,
    download: String,
}

impl SecureClientsView<'_> {
    fn last_used(&self, client: &SecureClient) -> String {
        let used = client.last_used.map(|at| time::moment(at, self.page.now));
        used.unwrap_or_else(|| self.text.never.to_owned())
    }

    fn created(&self, client: &SecureClient) -> String {
        time::date(client.created)
    }
}

/// Renders the tab *Secure clients*.
#[must_use]
pub fn secure_clients(page: &SecureClients) -> String {
    let text = &Texts::of(page.frame.language).api_access;
    let problem = page.problem.into_iter();
    let problem = problem.map(|problem| (problem.field(), (text.problem)(problem)));
    let csv = page.created.as_ref().map(|made| {
        let row = [&made.id, &made.secret].map(|field| csv_field(field)).join(",");
        data_url("text/csv", &format!("ID,Secret\r\n{row}\r\n"))
    });
    crate::render(&SecureClientsView {
        frame: FrameView::new(&page.frame, Some(Section::ApiAccess), text.title)
            .with_error(page.problem.is_some()),
        text,
        page,
        problems: Problems::new(text.not_created, problem),
        notice: page.deleted.as_deref().map(text.deleted),
        download: csv.unwrap_or_default(),
    })
}

/// The question before a secure client is deleted.
///
/// Posts `id` and `csrf` to `/console/api-access/delete`.
#[derive(Clone, Debug, Default)]
pub struct DeleteClient {
    /// Common to all pages.
    pub frame: Frame,
    /// The client ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it could not be deleted the last time.
    pub is_refused: bool,
}

/// Renders the question before a secure client is deleted.
#[must_use]
pub fn delete_client(page: &DeleteClient) -> String {
    let text = &Texts::of(page.frame.language).api_access;
    confirmation(&Confirmation {
        frame: &page.frame,
        section: Section::ApiAccess,
        title: text.delete_title,
        question: (text.delete_question)(&page.name),
        consequences: vec![text.delete_consequence.to_owned()],
        refused: page.is_refused.then(|| text.not_done.to_owned()),
        is_possible: true,
        action: "/console/api-access/delete",
        fields: vec![("id", &page.id)],
        button: text.delete_button,
        back: "/console/api-access".to_owned(),
    })
}

/// A product registration: an appliance that was registered with a code or by a program.
#[derive(Clone, Debug)]
pub struct ProductRegistration {
    /// Its ID.
    pub id: String,
    /// Name of the product, such as that of the connector.
    pub name: String,
    /// Kind of the product, such as `Connector Appliance`.
    pub product: String,
    /// Name of the resource location.
    pub location: String,
    /// Who registered it.
    pub registered_by: String,
    /// When, in seconds since 1970.
    pub registered: i64,
    /// Whether the connector still exists.
    pub is_in_use: bool,
}

/// The tab *Product registrations* of *API access*. Links lead to
/// `/console/api-access/product-registrations/remove?id=`.
#[derive(Clone, Debug, Default)]
pub struct ProductRegistrations {
    /// Common to all pages.
    pub frame: Frame,
    /// The customer ID.
    pub customer_id: String,
    /// The registrations, in the order of the page.
    pub registrations: Vec<ProductRegistration>,
    /// Name of the registration that was removed just now.
    pub removed: Option<String>,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

#[derive(Template)]
#[template(path = "product_registrations.html")]
struct ProductRegistrationsView<'a> {
    frame: FrameView<'a>,
    text: &'static ApiAccessTexts,
    page: &'a ProductRegistrations,
    notice: Option<String>,
}

impl ProductRegistrationsView<'_> {
    fn registered(&self, registration: &ProductRegistration) -> String {
        time::moment(registration.registered, self.page.now)
    }
}

/// Renders the tab *Product registrations*.
#[must_use]
pub fn product_registrations(page: &ProductRegistrations) -> String {
    let text = &Texts::of(page.frame.language).api_access;
    crate::render(&ProductRegistrationsView {
        frame: FrameView::new(&page.frame, Some(Section::ApiAccess), text.registrations),
        text,
        page,
        notice: page.removed.as_deref().map(text.registration_removed),
    })
}

/// The question before a product registration is removed.
///
/// Posts `id` and `csrf` to `/console/api-access/product-registrations/remove`.
#[derive(Clone, Debug, Default)]
pub struct RemoveRegistration {
    /// Common to all pages.
    pub frame: Frame,
    /// Its ID.
    pub id: String,
    /// Name of the product.
    pub name: String,
    /// Whether the connector still exists.
    pub is_in_use: bool,
    /// Whether it could not be removed the last time.
    pub is_refused: bool,
}

/// Renders the question before a product registration is removed.
#[must_use]
pub fn remove_registration(page: &RemoveRegistration) -> String {
    let text = &Texts::of(page.frame.language).api_access;
    confirmation(&Confirmation {
        frame: &page.frame,
        section: Section::ApiAccess,
        title: text.remove_title,
        question: (text.remove_question)(&page.name),
        consequences: vec![(text.remove_consequence)(page.is_in_use).to_owned()],
        refused: page.is_refused.then(|| text.not_done.to_owned()),
        is_possible: true,
        action: "/console/api-access/product-registrations/remove",
        fields: vec![("id", &page.id)],
        button: text.remove_button,
        back: "/console/api-access/product-registrations".to_owned(),
    })
}
