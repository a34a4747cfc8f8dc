//! *Factory reset*, and what a copied machine is.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::settings::Identity;
use tracing::{error, info};
use webui::{CopiedMachine, FactoryReset, NetworkFate, PasswordField, PasswordProblem, Resetting};

use crate::pages::answer::{html, html_with_pause, see_other};
use crate::pages::confirmation::confirm;
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::{Shared, State as Everything};

const RESET: &str = "/reset";
const IDENTITY: &str = "/identity";

/// `GET /reset`. The link of a copied machine names `network=drop`: two machines with one fixed
/// address disturb each other.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let query = request.uri().query().and_then(|query| Form::parse(query.as_bytes()));
    let network = fate(&query.unwrap_or_default());
    let page = FactoryReset { frame: visit.frame(RESET), network, ..FactoryReset::default() };
    html(&visit, StatusCode::OK, webui::factory_reset(&page))
}

/// `POST /reset`.
pub(crate) async fn submit(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        let refusal = Some(PasswordProblem::FormExpired);
        page(visit, StatusCode::FORBIDDEN, fate(form), Confirmation::Right, refusal)
    });
    let (mut visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let network = fate(&form);
    let typed = form.text("confirmation").unwrap_or_default().trim();
    let confirmation = Confirmation::of(typed, &state.host_name());
    let current = form.secret("current");
    if confirmation == Confirmation::Wrong || current.expose().is_empty() {
        let missing = PasswordProblem::Missing(PasswordField::Current);
        let refusal = current.expose().is_empty().then_some(missing);
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, network, confirmation, refusal);
    }
    if let Err((status, refusal)) = confirm(&state, &visit, current).await {
        return page(&visit, status, network, confirmation, Some(refusal));
    }
    match state.changers.reset(network == NetworkFate::Kept).await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator resets the appliance");
            state.administrator.sessions().end_all();
            visit.leave_session();
            let page = Resetting { frame: visit.frame("/") };
            html(&visit, StatusCode::OK, webui::resetting(&page))
        }
        Err(failure) => {
            error!(error = %failure, "The appliance cannot be reset");
            let (status, refusal) = (StatusCode::SERVICE_UNAVAILABLE, PasswordProblem::NotStored);
            page(&visit, status, network, confirmation, Some(refusal))
        }
    }
}

/// `GET /identity`: what is this machine?
pub(crate) async fn identity(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let page = CopiedMachine {
        frame: visit.frame(IDENTITY),
        uuids: uuids(&state),
        ..CopiedMachine::default()
    };
    html(&visit, StatusCode::OK, webui::copied_machine(&page))
}

/// `POST /identity/keep`: it is the same appliance.
pub(crate) async fn keep_identity(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let (visit, _) = match submission.genuine_or_forbidden() {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    match state.changers.keep_identity().await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator keeps the settings on this machine");
            state.see_settings(|status| status.identity == Identity::Known).await;
            see_other(&visit, "/")
        }
        Err(failure) => {
            error!(error = %failure, "The identity of this machine cannot be stored");
            let page = CopiedMachine {
                frame: visit.frame(IDENTITY),
                uuids: uuids(&state),
                is_refused: true,
            };
            html(&visit, StatusCode::SERVICE_UNAVAILABLE, webui::copied_machine(&page))
        }
    }
}

fn uuids(state: &Everything) -> Option<(String, String)> {
    let settings = state.settings.borrow();
    match &settings.as_ref()?.identity {
        Identity::Known => None,
        Identity::Copied { original, present } => Some((original.clone(), present.clone())),
    }
}

fn fate(form: &Form) -> NetworkFate {
    match form.text("network") {
        Some("drop") => NetworkFate::Dropped,
        _ => NetworkFate::Kept,
    }
}

/// Whether the host name was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirmation {
    Right,
    Wrong,
}

impl Confirmation {
    fn of(typed: &str, host_name: &str) -> Self {
        if typed.eq_ignore_ascii_case(host_name) { Self::Right } else { Self::Wrong }
    }
}

fn page(
    visit: &Visit,
    status: StatusCode,
    network: NetworkFate,
    confirmation: Confirmation,
    refusal: Option<PasswordProblem>,
) -> Response {
    let wait_seconds = refusal.as_ref().map_or(0, PasswordProblem::wait_seconds);
    let page = FactoryReset {
        frame: visit.frame(RESET),
        network,
        is_confirmation_wrong: confirmation == Confirmation::Wrong,
        refusal,
    };
    html_with_pause(visit, status, webui::factory_reset(&page), wait_seconds)
}
