//! The first visit: *Create new password*.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::password;
use tracing::error;
use webui::{CreatePassword, ErrorKind, PasswordField, PasswordProblem};

use crate::administrator::CreationRefusal;
use crate::pages::answer::{self, front_with_notice, html, see_other};
use crate::pages::form::Form;
use crate::pages::sign_in::PASSWORD_SET;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::Shared;

/// The page.
pub(crate) fn page(
    visit: &Visit,
    state: &Shared,
    status: StatusCode,
    problems: Vec<PasswordProblem>,
) -> Response {
    let page = CreatePassword {
        frame: visit.frame("/"),
        address: visit.address.clone(),
        deployment: visit.deployment.as_ref().map(ToString::to_string),
        certificate: Some(state.certificates.facts()),
        problems,
    };
    html(visit, status, webui::create_password(&page))
}

/// `POST /create-password`.
pub(crate) async fn submit(State(state): State<Shared>, request: Request) -> Response {
    let mut submission = match Submission::read(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    match state.has_administrator().await {
        None => return answer::error(&submission.visit, ErrorKind::Unavailable),
        Some(true) => return see_other(&submission.visit, "/"),
        Some(false) if state.is_storage_unavailable() => {
            return answer::error(&submission.visit, ErrorKind::StorageUnavailable);
        }
        Some(false) => {}
    }
    submission.visit.deployment = submission.deployment();
    let genuine = submission.genuine(|visit, _| {
        page(visit, &state, StatusCode::FORBIDDEN, vec![PasswordProblem::FormExpired])
    });
    let (mut visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let problems = problems_of_new(&form);
    if !problems.is_empty() {
        return page(&visit, &state, StatusCode::UNPROCESSABLE_ENTITY, problems);
    }
    let deployment = visit.deployment.clone();
    match state.administrator.create(form.secret("password"), deployment).await {
        Ok(()) => {
            state.see_administrator().await;
            front_with_notice(&mut visit, PASSWORD_SET)
        }
        Err(CreationRefusal::Exists) => {
            state.see_administrator().await;
            see_other(&visit, "/")
        }
        Err(CreationRefusal::Unavailable(error)) => {
            error!(%error, "The first password cannot be set");
            let problems = vec![PasswordProblem::NotStored];
            page(&visit, &state, StatusCode::SERVICE_UNAVAILABLE, problems)
        }
    }
}

/// What is wrong with `password` and `confirmation`.
pub(crate) fn problems_of_new(form: &Form) -> Vec<PasswordProblem> {
    let (new, confirmation) = (form.secret("password"), form.secret("confirmation"));
    let mut problems = Vec::new();
    if new.expose().is_empty() {
        problems.push(PasswordProblem::Missing(PasswordField::New));
    } else if let Err(broken) = password::check(new.expose()) {
        problems.extend(broken.into_iter().map(PasswordProblem::Rule));
    }
    if confirmation.expose().is_empty() {
        problems.push(PasswordProblem::Missing(PasswordField::Confirmation));
    } else if new.expose() != confirmation.expose() {
        problems.push(PasswordProblem::Mismatch);
    }
    problems
}
