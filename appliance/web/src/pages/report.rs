//! *Diagnostic report*.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use tracing::warn;
use webui::{DiagnosticReport, ReportRefusal};

use crate::diagnosis::{REPORT_TYPE, file_name};
use crate::download::attachment;
use crate::pages::answer::{html, see_other};
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::{Shared, now};

/// `GET /diagnostic-report`: the form alone.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    page(&visit, StatusCode::OK, false, None)
}

/// `POST /diagnostic-report`: the file, or why there is none.
pub(crate) async fn download(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let (visit, form) = match submission.genuine_or_forbidden() {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let masks = form.text("mask").is_some();
    let refusal = match state.report(masks).await {
        Ok(file) => {
            let name = file_name("report", &state.host_name(), now(), "zip");
            match attachment(file, REPORT_TYPE, &name) {
                Ok(response) => return response,
                Err(error) => {
                    warn!(%error, "The diagnostic report cannot be read");
                    ReportRefusal::Failed { reason: error.to_string() }
                }
            }
        }
        Err(refusal) => refusal,
    };
    let status = match refusal {
        ReportRefusal::Busy => StatusCode::CONFLICT,
        ReportRefusal::Silent => StatusCode::SERVICE_UNAVAILABLE,
        ReportRefusal::Failed { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    };
    page(&visit, status, masks, Some(refusal))
}

fn page(
    visit: &Visit,
    status: StatusCode,
    masks: bool,
    refusal: Option<ReportRefusal>,
) -> Response {
    let frame = visit.frame("/diagnostic-report");
    let page = DiagnosticReport { frame, masks, refusal };
    html(visit, status, webui::diagnostic_report(&page))
}
