//! *Restart*.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::supervision::InitResponse;
use tracing::{info, warn};
use webui::{Restart, Restarting};

use crate::pages::answer::{html, see_other};
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::Shared;

/// `GET /restart`: the question.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let page = Restart { frame: visit.frame("/restart"), is_refused: false };
    html(&visit, StatusCode::OK, webui::restart(&page))
}

/// `POST /restart`.
pub(crate) async fn submit(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let (mut visit, _) = match submission.genuine_or_forbidden() {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    match state.restart().await {
        Ok(InitResponse::Accepted) => {
            info!(source = %visit.source, "The administrator restarts the appliance");
            visit.leave_session();
            let page = Restarting { frame: visit.frame("/") };
            return html(&visit, StatusCode::OK, webui::restarting(&page));
        }
        Ok(answer) => warn!(?answer, "PID 1 does not restart the machine"),
        Err(error) => warn!(%error, "PID 1 does not restart the machine"),
    }
    let page = Restart { frame: visit.frame("/restart"), is_refused: true };
    html(&visit, StatusCode::SERVICE_UNAVAILABLE, webui::restart(&page))
}
