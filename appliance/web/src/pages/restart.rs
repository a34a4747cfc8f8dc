//! *Restart*.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::supervision::InitResponse;
use tracing::{info, warn};
use webui::{ErrorKind, Restart, Restarting};

use crate::origin::Sender;
use crate::pages::answer::{self, html, see_other};
use crate::pages::form::Form;
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
    let mut visit = Visit::of(&state, &request);
    if visit.sender == Sender::OtherSite {
        return answer::error(&visit, ErrorKind::Forbidden);
    }
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(kind) => return answer::error(&visit, kind),
    };
    if !visit.has_token(&form) {
        return answer::error(&visit, ErrorKind::Forbidden);
    }
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
