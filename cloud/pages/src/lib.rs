//! The pages of the control plane's console: templates, view models, style sheet, and texts in
//! English and Japanese.
//!
//! Each page is a struct and a function that renders it: the server fills [`SignIn`] and sends what
//! [`sign_in()`] returns as `text/html; charset=utf-8`. Nothing here does I/O or reads a clock; times
//! are seconds since 1970, and every list stands in the order in which it is given.
//!
//! The pages work without script under this policy:
//! `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';
//! form-action 'self'; base-uri 'none'; frame-ancestors 'none'`.
//!
//! | path | method | fields | page |
//! |---|---|---|---|
//! | `/console` | GET | | leads to the first section that the administrator may open |
//! | `/console/sign-in` | GET, POST | see [`SignIn`] | [`sign_in()`] |
//! | `/console/sign-in/code` | GET, POST | see [`SecondStep`] | [`second_step`] |
//! | `/console/sign-in/customer` | GET, POST | see [`ChooseCustomer`] | [`choose_customer`] |
//! | `/console/sign-out` | POST | `csrf` | |
//! | `/console/invitation` | GET, POST | `token` in the query; see [`SetPassword`] | [`set_password`] |
//! | `/console/set-up-totp` | GET, POST | see [`SetUpTotp`] | [`set_up_totp`], then [`backup_codes`] |
//! | `/console/account` | GET | | [`account()`] |
//! | `/console/account/password` | GET, POST | see [`SetPassword`] | [`set_password`] |
//! | `/console/account/second-step` | POST | see [`Account`] | [`backup_codes`] or [`set_up_totp`] |
//! | `/console/resource-locations` | GET | | [`locations()`] |
//! | `/console/resource-locations/add`, `/edit` | GET, POST | see [`EditLocation`] | [`edit_location`] |
//! | `/console/resource-locations/delete` | GET, POST | `id`, `csrf` | [`delete_location`] |
//! | `/console/resource-locations/web-servers` | GET | `id` | [`web_servers()`] |
//! | the same with `/add` | POST | see [`WebServers`] | [`web_servers()`] |
//! | the same with `/remove` | GET, POST | `id`, `server`, `csrf` | [`remove_web_server`] |
//! | `/console/connectors` | GET | see [`Connectors`] | [`connectors()`] |
//! | `/console/connectors/details` | GET | `id` | [`connector()`] |
//! | `/console/connectors/add` and below | GET, POST | see [`AddConnector`] | [`add_connector()`] |
//! | `/console/connectors/remove` | GET, POST | `id`, `csrf` | [`remove_connector`] |
//! | `/console/connectors/prechecks` | POST | `id`, `csrf` | [`connector()`] |
//! | `/console/connectors/report` | POST | `id`, `csrf` | the file, or [`connector()`] with the reason |
//! | `/console/updates` | GET | | [`updates()`] |
//! | `/console/updates/now` | POST | `connector`, `csrf` | [`updates()`] |
//! | `/console/updates/policy` | GET, POST | see [`EditPolicy`] | [`edit_policy`] |
//! | `/console/domains` | GET | | [`domains()`] |
//! | `/console/domains/edit` | GET, POST | see [`EditDomain`] | [`edit_domain`] |
//! | `/console/api-access` and `/create` | GET, POST | see [`SecureClients`] | [`secure_clients`] |
//! | `/console/api-access/delete` | GET, POST | `id`, `csrf` | [`delete_client`] |
//! | `/console/api-access/product-registrations` | GET | | [`product_registrations`] |
//! | the same with `/remove` | GET, POST | `id`, `csrf` | [`remove_registration`] |
//! | `/console/administrators` | GET | | [`administrators()`] |
//! | `/console/administrators/resend`, `/timeout` | POST | see [`Administrators`] | [`administrators()`] |
//! | `/console/administrators/invite`, `/access` | GET, POST | see [`SetAccess`] | [`set_access`] |
//! | `/console/administrators/delete` | GET, POST | `id`, `csrf` | [`delete_administrator`] |
//! | `/console/system-log` and `/export` | GET | see [`SystemLog`] | [`system_log()`]; the export is a file |
//! | `/console/notifications` | GET | | [`notifications()`] |
//! | `/console/notifications/dismiss`, `/dismiss-all` | POST | `id`, `csrf` | [`notifications()`] |
//! | `/console/assets/<name>` | GET | | [`asset()`] |
//!
//! Pages with live parts are asked for again by the script, with the header `X-Requested-With:
//! fetch`. Such a request must not prolong the session: a page left open would stay signed in for
//! ever. Without a session the server answers with a redirect as always.
//!
//! Every page takes `lang=en` or `lang=ja` in its query ([`Language::from_tag`]); the server keeps
//! the choice in a cookie and asks [`Language::negotiate`] otherwise.
#![forbid(unsafe_code)]

mod account;
mod add_connector;
mod administrators;
mod api_access;
mod asset;
mod connector;
mod connectors;
mod domains;
mod download;
mod error_page;
mod form;
mod frame;
mod load;
mod locations;
mod notifications;
mod password;
mod prechecks;
mod qr;
mod second_factor;
mod sign_in;
mod system_log;
mod texts;
mod time;
mod tone;
mod updates;
mod web_servers;

use page::amount;

pub use account::{Account, AccountNotice, AccountProblem, account};
pub use add_connector::{
    AddConnector, AddStep, ApplianceDetails, CodeRefusal, Image, LocationChoice, Platform,
    add_connector,
};
pub use administrators::{
    Access, AccessProblem, AccessSubject, Administrator, AdministratorStatus, Administrators,
    AdministratorsNotice, AdministratorsProblem, DeleteAdministrator, InvitationLink, Right,
    SetAccess, administrators, delete_administrator, set_access,
};
pub use api_access::{
    ClientProblem, DeleteClient, NewSecret, ProductRegistration, ProductRegistrations,
    RemoveRegistration, SecureClient, SecureClients, delete_client, product_registrations,
    remove_registration, secure_clients,
};
pub use asset::{ASSET_PATH, asset};
pub use connector::{
    ChannelConnection, ConnectorCertificate, ConnectorNotice, ConnectorPage, ConnectorProblem,
    Disconnect, DisconnectCause, RemoveConnector, connector, remove_connector,
};
pub use connectors::{
    Connector, ConnectorFilter, ConnectorKind, ConnectorState, Connectors, ConnectorsNotice,
    connectors,
};
pub use domains::{
    Domain, DomainLocation, DomainProblem, Domains, EditDomain, domains, edit_domain,
};
pub use error_page::{ErrorKind, ErrorPage, error_page};
pub use frame::{Frame, Menu, Section, SignedIn};
pub use load::{LOAD_POINT_SECONDS, LOAD_SECONDS, LoadPoint};
pub use locations::{
    DeleteLocation, EditLocation, Location, LocationNotice, LocationProblem, Locations,
    SingleConnector, delete_location, edit_location, locations,
};
pub use notifications::{Notification, Notifications, Severity, notifications};
pub use page::{Asset, Language};
pub use password::{PasswordOccasion, PasswordProblem, SetPassword, set_password};
pub use second_factor::{BackupCodes, BackupOccasion, SetUpTotp, backup_codes, set_up_totp};
pub use sign_in::{
    ChooseCustomer, CodeProblem, CustomerChoice, Factor, SecondStep, SignIn, SignInError,
    SignInNotice, choose_customer, second_step, sign_in,
};
pub use system_log::{LOG_DAYS, LogActor, LogRecord, SystemLog, log_event, system_log};
pub use updates::{
    ConnectorUpdate, EditPolicy, LocationUpdates, PolicyProblem, UpdateNotice, UpdateOrder,
    UpdatePolicy, UpdateProblem, UpdateState, Updates, Weekday, edit_policy, updates,
};
pub use web_servers::{
    RemoveWebServer, WebServer, WebServerProblem, WebServers, WebServersNotice, remove_web_server,
    web_servers,
};

/// Fills a template. That can fail only when the `Display` of a value does, and none of ours does.
fn render(view: &impl askama::Template) -> String {
    view.render().unwrap_or_default()
}
