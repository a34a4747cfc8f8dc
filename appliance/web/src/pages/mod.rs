//! The pages: forms that work without script.
//!
//! A form that changes something is checked three ways: the `SameSite` cookie, the browser's word on
//! where the request comes from, and a token in the form. Passwords that were sent never stand in an
//! answer.

mod administration;
mod answer;
mod asset;
pub(crate) mod certificate;
mod change_password;
mod confirmation;
mod cookie;
mod create_password;
pub(crate) mod diagnostics;
mod directory;
pub(crate) mod form;
mod logs;
mod network;
mod proxies;
mod reenter;
mod registration;
mod report;
mod reset;
mod restart;
mod roots;
mod route;
mod sessions;
mod sign_in;
mod signing_request;
mod submission;
mod trial;
pub(crate) mod visit;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as FromState};
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{MethodRouter, any};
use webui::ErrorKind;

use crate::api;
use crate::pages::answer::{error, see_other};
use crate::pages::route::PAGES;
use crate::pages::visit::Visit;
use crate::route::Route;
use crate::router::wants_page;
use crate::state::{Shared, State};

/// Routes of every page. At a path that the REST interface has as well, `Accept` and the kind of the
/// body tell who is meant.
pub(crate) fn router(state: &Shared) -> Router<Shared> {
    let mut router = Router::new();
    for route in PAGES {
        let methods = match route.post {
            Some(post) => (route.get)().merge(post()),
            None => (route.get)(),
        };
        let page = page(methods);
        router = if api::has_path(route.path) {
            router.route(route.path, page_or_operation(route.path, page, state))
        } else {
            router.route(route.path, page)
        };
    }
    router
}

/// A page and an operation of the REST interface at the same path: who asks decides. Each has an `Allow`
/// of its own.
fn page_or_operation(
    path: &'static str,
    page: MethodRouter<Shared>,
    state: &Shared,
) -> MethodRouter<Shared> {
    let page = page.with_state(Arc::clone(state));
    any(async move |FromState(state): FromState<Shared>, request: Request| {
        if wants_page(&request) {
            Handler::call(page.clone(), request, ()).await
        } else {
            api::serve_path(path, &state, request).await
        }
    })
}

/// Whether a page stands at a path of the REST interface, too.
pub(crate) fn has_path(path: &str) -> bool {
    PAGES.iter().any(|route| route.path == path)
}

/// Every page with its methods.
pub(crate) fn routes() -> impl Iterator<Item = Route> {
    PAGES.iter().flat_map(|page| {
        let route = |method| Route { method, path: page.path, access: page.access, is_page: true };
        std::iter::once(route("GET")).chain(page.post.map(|_| route("POST")))
    })
}

/// The page for a request that names another host.
pub(crate) fn misdirected(state: &State, request: &Request) -> Response {
    error(&Visit::of(state, request), ErrorKind::Misdirected)
}

/// The page for a path that does not exist.
pub(crate) fn not_found(state: &State, request: &Request) -> Response {
    error(&Visit::of(state, request), ErrorKind::NotFound)
}

/// Leads to the front page: the address of a form stands in the browser after an error in it, and is
/// opened there or reloaded.
async fn front(FromState(state): FromState<Shared>, request: Request) -> Response {
    see_other(&Visit::of(&state, &request), "/")
}

/// Adds the answer to methods that the page does not take; axum adds `Allow`.
fn page(methods: MethodRouter<Shared>) -> MethodRouter<Shared> {
    methods.fallback(async |FromState(state): FromState<Shared>, request: Request| {
        error(&Visit::of(&state, &request), ErrorKind::MethodNotAllowed)
    })
}
