//! *Root certificate authorities*: adding and deleting them.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::root_ca::{MAX_ROOT_CA_BYTES, RootCa, RootCaRefusal};
use model::settings::SettingsRefusal;
use tokio::task::spawn_blocking;
use tracing::{error, info};
use webui::{AddRoot, Dangerous, DeleteRoot, RootProblem};

use crate::changes::ChangeFailure;
use crate::pages::answer::{html, see_other};
use crate::pages::form::Form;
use crate::pages::reenter;
use crate::pages::submission::Submission;
use crate::pages::visit::{Visit, query_value};
use crate::state::{Shared, State as Everything};

const ADD: &str = "/root-certificates/add";
const DELETE: &str = "/root-certificates/delete";
/// The section on the front page.
const SECTION: &str = "/#roots";
/// What stands in every private key in PEM form and in no certificate.
const KEY_MARK: &str = "PRIVATE KEY";

/// `GET /root-certificates/add`.
pub(crate) async fn show_add(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    page(&visit, StatusCode::OK, String::new(), None)
}

/// `POST /root-certificates/add`: a text or a file.
pub(crate) async fn add(State(state): State<Shared>, request: Request) -> Response {
    let too_large = |visit: &Visit| {
        let refusal = RootCaRefusal::TooLarge { limit_bytes: MAX_ROOT_CA_BYTES };
        let problem = Some(RootProblem::Refused(refusal));
        page(visit, StatusCode::PAYLOAD_TOO_LARGE, String::new(), problem)
    };
    let submission = match Submission::with_file(&state, request, too_large).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        let problem = Some(RootProblem::FormExpired);
        page(visit, StatusCode::FORBIDDEN, shown_again(form), problem)
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let sent = shown_again(&form);
    match added(&state, &form).await {
        Ok(root) => {
            let subject = root.facts.subject;
            info!(source = %visit.source, subject, "The administrator adds an authority");
            let id = root.facts.id;
            state.see_settings(|status| status.settings.roots.iter().any(|it| it.id == id)).await;
            see_other(&visit, SECTION)
        }
        Err(problem) => {
            let status = match problem {
                RootProblem::NotStored => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            page(&visit, status, sent, Some(problem))
        }
    }
}

/// `GET /root-certificates/delete?id=`: the question.
pub(crate) async fn show_delete(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let id = query_value(&request, "id").unwrap_or_default();
    question(&visit, &state, &id, StatusCode::OK)
}

/// `POST /root-certificates/delete`.
pub(crate) async fn delete(State(state): State<Shared>, request: Request) -> Response {
    let proven = reenter::form(&state, DELETE, Dangerous::DeleteAuthority, request).await;
    let (visit, form) = match proven {
        Ok(proven) => proven,
        Err(response) => return response,
    };
    let id = form.text("id").unwrap_or_default().to_owned();
    match state.changers.delete_root(id.clone()).await {
        Ok(()) | Err(ChangeFailure::Refused(SettingsRefusal::UnknownRoot)) => {
            info!(source = %visit.source, id, "The administrator deletes an authority");
            state.see_settings(|status| status.settings.roots.iter().all(|it| it.id != id)).await;
            see_other(&visit, SECTION)
        }
        Err(failure) => {
            error!(error = %failure, "An authority cannot be deleted");
            question(&visit, &state, &id, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Checks what was handed in and stores it.
async fn added(state: &Shared, form: &Form) -> Result<RootCa, RootProblem> {
    let text = form.text("rootCA").unwrap_or_default();
    let bytes = match form.file("file") {
        Some(_) if !text.trim().is_empty() => return Err(RootProblem::TextAndFile),
        Some(file) => file.to_vec(),
        None => text.as_bytes().to_vec(),
    };
    let checked = spawn_blocking(move || certificate::check_root(&bytes)).await;
    let root = match checked {
        Ok(checked) => checked.map_err(RootProblem::Refused)?,
        Err(error) => {
            error!(%error, "The check of an authority ended early");
            return Err(RootProblem::NotStored);
        }
    };
    match state.changers.add_root(root.clone()).await {
        Ok(()) => Ok(root),
        Err(ChangeFailure::Refused(refusal)) => Err(RootProblem::Settings(refusal)),
        Err(failure) => {
            error!(error = %failure, "An authority cannot be stored");
            Err(RootProblem::NotStored)
        }
    }
}

/// The text as it was sent, to be corrected; a key is not sent back.
fn shown_again(form: &Form) -> String {
    let text = form.text("rootCA").unwrap_or_default();
    if text.contains(KEY_MARK) { String::new() } else { text.to_owned() }
}

fn page(visit: &Visit, status: StatusCode, sent: String, problem: Option<RootProblem>) -> Response {
    html(visit, status, webui::add_root(&AddRoot { frame: visit.frame(ADD), sent, problem }))
}

fn question(visit: &Visit, state: &Everything, id: &str, status: StatusCode) -> Response {
    let Some(root) = state.root(id) else {
        return see_other(visit, SECTION);
    };
    let frame = visit.frame(&format!("{DELETE}?id={id}"));
    let page = DeleteRoot { frame, root, is_refused: status != StatusCode::OK };
    html(visit, status, webui::delete_root(&page))
}
