//! Every page of the console, with the right that it needs.

use registry::Right;

use crate::console::route::{PageNeeds, PageRoute};
use crate::console::{
    account, add_connector, administrators, api_access, connectors, domains, inspection,
    invitation, locations, notifications, password, registrations, second_factor, sign_in,
    system_log, updates, web_servers,
};

const SESSION: PageNeeds = PageNeeds::Session;
const OVERVIEW: PageNeeds = PageNeeds::Overview;
const LOCATIONS: PageNeeds = PageNeeds::Right(Right::ResourceLocations);
const DOMAINS: PageNeeds = PageNeeds::Right(Right::Domains);
const CLIENTS: PageNeeds = PageNeeds::Right(Right::SecureClients);
const LOG: PageNeeds = PageNeeds::Right(Right::SystemLog);
const NOTIFICATIONS: PageNeeds = PageNeeds::Right(Right::Notifications);
const FULL: PageNeeds = PageNeeds::FullAccess;

/// Every page and form of the console.
pub fn page_routes() -> impl Iterator<Item = &'static PageRoute> {
    PAGES.iter()
}

static PAGES: &[PageRoute] = &[
    PageRoute::open("", |visit| Box::pin(sign_in::lead_on(visit))),
    PageRoute::open("/sign-in", |visit| Box::pin(sign_in::show(visit))),
    PageRoute::open_form("/sign-in", |visit, form| Box::pin(sign_in::enter(visit, form))),
    PageRoute::open("/sign-in/code", |visit| Box::pin(second_factor::show(visit))),
    PageRoute::open_form("/sign-in/code", |visit, form| {
        Box::pin(second_factor::enter(visit, form))
    }),
    PageRoute::open("/sign-in/customer", |visit| Box::pin(sign_in::show_customers(visit))),
    PageRoute::open_form("/sign-in/customer", |visit, form| Box::pin(sign_in::choose(visit, form))),
    PageRoute::open("/set-up-totp", |visit| Box::pin(second_factor::show_set_up(visit))),
    PageRoute::open_form("/set-up-totp", |visit, form| {
        Box::pin(second_factor::set_up(visit, form))
    }),
    PageRoute::open_form("/sign-out", |visit, form| Box::pin(sign_in::sign_out(visit, form))),
    PageRoute::open("/invitation", |visit| Box::pin(invitation::show(visit))),
    PageRoute::open_form("/invitation", |visit, form| Box::pin(invitation::accept(visit, form))),
    // Also a step of the sign-in, where the password is due to be changed.
    PageRoute::open("/account/password", |visit| Box::pin(password::show(visit))),
    PageRoute::open_form("/account/password", |visit, form| {
        Box::pin(password::change(visit, form))
    }),
    PageRoute::page("/account", SESSION, |visit, who| Box::pin(account::show(visit, who))),
    PageRoute::form("/account/second-step", SESSION, |visit, who, form| {
        Box::pin(account::renew(visit, who, form))
    }),
    PageRoute::page("/resource-locations", OVERVIEW, |visit, who| {
        Box::pin(locations::show(visit, who))
    }),
    PageRoute::page("/resource-locations/add", LOCATIONS, |visit, who| {
        Box::pin(locations::show_form(visit, who))
    }),
    PageRoute::page("/resource-locations/edit", LOCATIONS, |visit, who| {
        Box::pin(locations::show_form(visit, who))
    }),
    PageRoute::form("/resource-locations/add", LOCATIONS, |visit, who, form| {
        Box::pin(locations::store(visit, who, form))
    }),
    PageRoute::form("/resource-locations/edit", LOCATIONS, |visit, who, form| {
        Box::pin(locations::store(visit, who, form))
    }),
    PageRoute::page("/resource-locations/delete", LOCATIONS, |visit, who| {
        Box::pin(locations::show_delete(visit, who))
    }),
    PageRoute::form("/resource-locations/delete", LOCATIONS, |visit, who, form| {
        Box::pin(locations::delete(visit, who, form))
    }),
    PageRoute::page("/resource-locations/web-servers", LOCATIONS, |visit, who| {
        Box::pin(web_servers::show(visit, who))
    }),
    PageRoute::form("/resource-locations/web-servers/add", LOCATIONS, |visit, who, form| {
        Box::pin(web_servers::add(visit, who, form))
    }),
    PageRoute::page("/resource-locations/web-servers/remove", LOCATIONS, |visit, who| {
        Box::pin(web_servers::show_remove(visit, who))
    }),
    PageRoute::form("/resource-locations/web-servers/remove", LOCATIONS, |visit, who, form| {
        Box::pin(web_servers::remove(visit, who, form))
    }),
    PageRoute::page("/connectors", OVERVIEW, |visit, who| Box::pin(connectors::show(visit, who))),
    PageRoute::page("/connectors/details", OVERVIEW, |visit, who| {
        Box::pin(connectors::show_one(visit, who))
    }),
    PageRoute::form("/connectors/prechecks", LOCATIONS, |visit, who, form| {
        Box::pin(inspection::run_prechecks(visit, who, form))
    }),
    PageRoute::form("/connectors/report", LOCATIONS, |visit, who, form| {
        Box::pin(inspection::download_report(visit, who, form))
    }),
    PageRoute::page("/connectors/remove", LOCATIONS, |visit, who| {
        Box::pin(connectors::show_remove(visit, who))
    }),
    PageRoute::form("/connectors/remove", LOCATIONS, |visit, who, form| {
        Box::pin(connectors::remove(visit, who, form))
    }),
    PageRoute::page("/connectors/add", LOCATIONS, |visit, who| {
        Box::pin(add_connector::show(visit, who))
    }),
    PageRoute::form("/connectors/add", LOCATIONS, |visit, who, form| {
        Box::pin(add_connector::confirm(visit, who, form))
    }),
    PageRoute::form("/connectors/add/register", LOCATIONS, |visit, who, form| {
        Box::pin(add_connector::register(visit, who, form))
    }),
    PageRoute::form("/connectors/add/cancel", LOCATIONS, |visit, who, form| {
        Box::pin(add_connector::cancel(visit, who, form))
    }),
    PageRoute::page("/updates", OVERVIEW, |visit, who| Box::pin(updates::show(visit, who))),
    PageRoute::page("/updates/policy", LOCATIONS, |visit, who| {
        Box::pin(updates::show_policy(visit, who))
    }),
    PageRoute::form("/updates/policy", LOCATIONS, |visit, who, form| {
        Box::pin(updates::store_policy(visit, who, form))
    }),
    PageRoute::page("/domains", DOMAINS, |visit, who| Box::pin(domains::show(visit, who))),
    PageRoute::page("/domains/edit", DOMAINS, |visit, who| {
        Box::pin(domains::show_form(visit, who))
    }),
    PageRoute::form("/domains/edit", DOMAINS, |visit, who, form| {
        Box::pin(domains::store(visit, who, form))
    }),
    PageRoute::page("/api-access", CLIENTS, |visit, who| Box::pin(api_access::show(visit, who))),
    PageRoute::form("/api-access/create", CLIENTS, |visit, who, form| {
        Box::pin(api_access::create(visit, who, form))
    }),
    PageRoute::page("/api-access/delete", CLIENTS, |visit, who| {
        Box::pin(api_access::show_delete(visit, who))
    }),
    PageRoute::form("/api-access/delete", CLIENTS, |visit, who, form| {
        Box::pin(api_access::delete(visit, who, form))
    }),
    PageRoute::page("/api-access/product-registrations", FULL, |visit, who| {
        Box::pin(registrations::show(visit, who))
    }),
    PageRoute::page("/api-access/product-registrations/remove", FULL, |visit, who| {
        Box::pin(registrations::show_remove(visit, who))
    }),
    PageRoute::form("/api-access/product-registrations/remove", FULL, |visit, who, form| {
        Box::pin(registrations::remove(visit, who, form))
    }),
    PageRoute::page("/administrators", FULL, |visit, who| {
        Box::pin(administrators::show(visit, who))
    }),
    PageRoute::page("/administrators/invite", FULL, |visit, who| {
        Box::pin(administrators::show_invite(visit, who))
    }),
    PageRoute::form("/administrators/invite", FULL, |visit, who, form| {
        Box::pin(administrators::invite(visit, who, form))
    }),
    PageRoute::page("/administrators/access", FULL, |visit, who| {
        Box::pin(administrators::show_access(visit, who))
    }),
    PageRoute::form("/administrators/access", FULL, |visit, who, form| {
        Box::pin(administrators::store_access(visit, who, form))
    }),
    PageRoute::form("/administrators/resend", FULL, |visit, who, form| {
        Box::pin(administrators::resend(visit, who, form))
    }),
    PageRoute::page("/administrators/delete", FULL, |visit, who| {
        Box::pin(administrators::show_delete(visit, who))
    }),
    PageRoute::form("/administrators/delete", FULL, |visit, who, form| {
        Box::pin(administrators::delete(visit, who, form))
    }),
    PageRoute::form("/administrators/timeout", FULL, |visit, who, form| {
        Box::pin(administrators::store_timeout(visit, who, form))
    }),
    PageRoute::page("/system-log", LOG, |visit, who| Box::pin(system_log::show(visit, who))),
    PageRoute::page("/system-log/export", LOG, |visit, who| {
        Box::pin(system_log::export(visit, who))
    }),
    PageRoute::page("/notifications", NOTIFICATIONS, |visit, who| {
        Box::pin(notifications::show(visit, who))
    }),
    PageRoute::form("/notifications/dismiss", NOTIFICATIONS, |visit, who, form| {
        Box::pin(notifications::dismiss(visit, who, form))
    }),
    PageRoute::form("/notifications/dismiss-all", NOTIFICATIONS, |visit, who, form| {
        Box::pin(notifications::dismiss_all(visit, who, form))
    }),
];
