//! The question before a domain is left.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::domain::DomainName;
use model::domain::status::DomainStatus;
use webui::{Dangerous, DomainProblem, LeaveDomain, LeftDomain};

use super::{SECTION, named, status_of, value};
use crate::directory::credentials;
use crate::pages::answer::{html, see_other};
use crate::pages::reenter;
use crate::pages::visit::Visit;
use crate::state::Shared;

const PATH: &str = "/active-directory/leave";

/// `GET /active-directory/leave?name=`: the question.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    match named(&state, &request) {
        Some(status) => question(&visit, StatusCode::OK, status, (String::new(), Vec::new())),
        None => see_other(&visit, SECTION),
    }
}

/// `POST /active-directory/leave`.
pub(crate) async fn leave(State(state): State<Shared>, request: Request) -> Response {
    let proven = reenter::form(&state, PATH, Dangerous::LeaveDomain, request).await;
    let (visit, form) = match proven {
        Ok(proven) => proven,
        Err(response) => return response,
    };
    let name = DomainName::parse(form.text("domain").unwrap_or_default()).ok();
    let Some(status) = name.and_then(|name| state.domain(&name)) else {
        return see_other(&visit, SECTION);
    };
    let (user, password) = (value(&form, "user"), form.secret("password"));
    let credentials = match (user.trim(), password.expose()) {
        ("", "") => Ok(None),
        (user, _) => credentials(user, password).map(Some),
    };
    let (code, problems) = match credentials {
        Err(problems) => (StatusCode::UNPROCESSABLE_ENTITY, problems),
        Ok(credentials) => {
            match state.leave_domain(status.domain.clone(), credentials, visit.source).await {
                Ok(left) => {
                    let frame = visit.frame("/");
                    let (machine, is_deleted) = (left.machine, left.is_deleted);
                    let page = LeftDomain { frame, domain: status.domain, machine, is_deleted };
                    return html(&visit, StatusCode::OK, webui::left_domain(&page));
                }
                Err(refusal) => (status_of(&refusal), vec![DomainProblem::Refused(refusal)]),
            }
        }
    };
    question(&visit, code, status, (user, problems))
}

fn question(
    visit: &Visit,
    code: StatusCode,
    status: DomainStatus,
    (user, problems): (String, Vec<DomainProblem>),
) -> Response {
    let frame = visit.frame(&format!("{PATH}?name={}", status.domain));
    let page = LeaveDomain { frame, status, user, problems };
    html(visit, code, webui::leave_domain(&page))
}
