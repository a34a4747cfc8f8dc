//! The table of routes, by resource.

mod administrators;
mod checks;
mod clients;
mod connectors;
mod domains;
mod locations;
mod lookup;
mod maintenance;
mod notifications;
mod registrations;
mod relay;
mod service;
mod system_log;
mod tokens;
mod web_servers;

use crate::route::Route;

/// The media type of the documented call for a token.
pub(crate) const TOKEN_FORM: &str = "application/x-www-form-urlencoded";

/// Every route.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    let groups: [&'static [Route]; 15] = [
        tokens::ROUTES,
        locations::ROUTES,
        lookup::ROUTES,
        web_servers::ROUTES,
        relay::ROUTES,
        connectors::ROUTES,
        checks::ROUTES,
        maintenance::ROUTES,
        system_log::ROUTES,
        clients::ROUTES,
        administrators::ROUTES,
        domains::ROUTES,
        registrations::ROUTES,
        notifications::ROUTES,
        service::ROUTES,
    ];
    groups.into_iter().flatten()
}
