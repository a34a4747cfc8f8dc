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
mod form;
mod network;
mod reset;
mod restart;
mod sign_in;
mod submission;
mod trial;
mod visit;

use axum::Router;
use axum::extract::{Request, State as FromState};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use webui::ErrorKind;

use crate::pages::answer::{error, see_other};
use crate::pages::visit::Visit;
use crate::state::{Shared, State};

/// Routes of every page.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/", page(get(administration::front)))
        .route("/create-password", page(get(front).post(create_password::submit)))
        .route("/sign-in", page(get(front).post(sign_in::submit)))
        .route("/sign-out", page(get(front).post(sign_in::sign_out)))
        .route("/change-password", page(get(change_password::show).post(change_password::submit)))
        .route("/certificate", page(get(certificate::show).post(certificate::replace)))
        .route("/certificate/self-signed", page(get(certificate::show).post(certificate::renew)))
        .route("/certificate/keep", page(get(certificate::show).post(certificate::keep)))
        .route("/certificate/revert", page(get(certificate::show).post(certificate::revert)))
        .route("/network-settings", page(get(network::show).post(network::submit)))
        .route("/network-settings/trial", page(get(trial::show)))
        .route("/network-settings/keep", page(get(trial::show).post(trial::keep)))
        .route("/network-settings/revert", page(get(trial::show).post(trial::revert)))
        .route("/network-settings/reverted", page(get(trial::reverted)))
        .route("/changes/dismiss", page(get(trial::reverted).post(trial::dismiss)))
        .route("/reset", page(get(reset::show).post(reset::submit)))
        .route("/identity", page(get(reset::identity)))
        .route("/identity/keep", page(get(reset::identity).post(reset::keep_identity)))
        .route("/restart", page(get(restart::show).post(restart::submit)))
        .route("/summary", page(get(administration::summary)))
        .route("/assets/{name}", page(get(asset::serve)))
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
