//! Keeping network settings that are on trial, taking them back, and what is said afterwards.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::settings::{NetworkTrial, TrialPhase};
use tracing::{error, info};
use webui::{ErrorKind, KeepNetwork, RevertedNetwork};

use crate::changes::ChangeFailure;
use crate::pages::answer::{self, html, see_other};
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::{Shared, State as Everything, now, seconds_until};

/// Where the question stands.
pub(crate) const PATH: &str = "/network-settings/trial";
const REVERTED: &str = "/network-settings/reverted";

/// `GET /network-settings/trial`: the question, or what has become of the trial.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let Some((trial, phase)) = trial(&state) else {
        return see_other(&visit, "/");
    };
    let seconds_left = match phase {
        TrialPhase::Running { ends_at_uptime_ms } => Some(seconds_until(ends_at_uptime_ms)),
        TrialPhase::AwaitsRestart | TrialPhase::Starting => None,
    };
    let page = KeepNetwork {
        frame: visit.frame(PATH),
        trial,
        network: state.network.borrow().clone(),
        used_address: visit.host().to_owned(),
        seconds_left,
        now: now(),
    };
    html(&visit, StatusCode::OK, webui::keep_network(&page))
}

/// `POST /network-settings/keep`.
pub(crate) async fn keep(State(state): State<Shared>, request: Request) -> Response {
    let visit = match genuine(&state, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    match state.changers.confirm_network().await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator keeps the new network settings");
            state.see_settings(|status| status.network_trial.is_none()).await;
            see_other(&visit, "/")
        }
        Err(failure) => failed(&visit, &state, &failure),
    }
}

/// `POST /network-settings/revert`.
pub(crate) async fn revert(State(state): State<Shared>, request: Request) -> Response {
    let visit = match genuine(&state, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    match state.changers.revert_network().await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator takes the network settings back");
            state.see_settings(|status| status.network_trial.is_none()).await;
            see_other(&visit, REVERTED)
        }
        Err(failure) => failed(&visit, &state, &failure),
    }
}

/// `GET /network-settings/reverted`.
pub(crate) async fn reverted(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    reverted_page(&visit, &state, StatusCode::OK, IsTooLate::No)
        .unwrap_or_else(|| see_other(&visit, "/"))
}

/// `POST /changes/dismiss`.
pub(crate) async fn dismiss(State(state): State<Shared>, request: Request) -> Response {
    let visit = match genuine(&state, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    match state.changers.dismiss_reverted().await {
        Ok(()) | Err(ChangeFailure::NothingToChange) => {
            state.see_settings(|status| status.settings.network_reverted.is_none()).await;
            see_other(&visit, "/")
        }
        Err(failure) => failed(&visit, &state, &failure),
    }
}

/// Whether somebody who has signed in is to be asked at once: in a minute it is too late.
pub(crate) fn is_running(state: &Everything) -> bool {
    trial(state).is_some_and(|(_, phase)| phase != TrialPhase::AwaitsRestart)
}

fn trial(state: &Everything) -> Option<(NetworkTrial, TrialPhase)> {
    let settings = state.settings.borrow();
    let settings = settings.as_ref()?;
    Some((settings.settings.network_trial.clone()?, settings.network_trial.clone()?))
}

async fn genuine(state: &Shared, request: Request) -> Result<Visit, Response> {
    let submission = Submission::of_session(state, request).await?;
    submission.genuine_or_forbidden().map(|(visit, _)| visit)
}

fn failed(visit: &Visit, state: &Everything, failure: &ChangeFailure) -> Response {
    if let ChangeFailure::NothingToChange = failure {
        let page = reverted_page(visit, state, StatusCode::CONFLICT, IsTooLate::Yes);
        return page.unwrap_or_else(|| see_other(visit, "/"));
    }
    error!(error = %failure, "What is on trial cannot be changed");
    answer::error(visit, ErrorKind::Unavailable)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IsTooLate {
    Yes,
    No,
}

fn reverted_page(
    visit: &Visit,
    state: &Everything,
    status: StatusCode,
    is_too_late: IsTooLate,
) -> Option<Response> {
    let reverted = state.settings.borrow().as_ref()?.settings.network_reverted.clone()?;
    let page = RevertedNetwork {
        frame: visit.frame(REVERTED),
        reverted,
        is_too_late: is_too_late == IsTooLate::Yes,
    };
    Some(html(visit, status, webui::reverted_network(&page)))
}
