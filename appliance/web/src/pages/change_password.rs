//! *Change password*.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::password;
use tracing::error;
use webui::{ChangePassword, PasswordField, PasswordProblem};

use crate::administrator::{Refusal, User};
use crate::pages::answer::{front_with_notice, html_with_pause, see_other};
use crate::pages::create_password::problems_of_new;
use crate::pages::form::Form;
use crate::pages::sign_in::PASSWORD_CHANGED;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::Shared;
use crate::throttle::whole_seconds;

/// `GET /change-password`.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    page(&visit, StatusCode::OK, Vec::new())
}

/// `POST /change-password`.
pub(crate) async fn submit(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission
        .genuine(|visit, _| page(visit, StatusCode::FORBIDDEN, vec![PasswordProblem::FormExpired]));
    let (mut visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let problems = problems(&form);
    if !problems.is_empty() {
        return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, problems);
    }
    let (current, new) = (form.secret("current"), form.secret("password"));
    match state.administrator.change(visit.client(), User::Administrator, current, new).await {
        Ok(()) => {
            visit.leave_session();
            front_with_notice(&mut visit, PASSWORD_CHANGED)
        }
        Err(refusal) => refused(&visit, refusal),
    }
}

fn problems(form: &Form) -> Vec<PasswordProblem> {
    let current = form.secret("current");
    let mut problems = Vec::new();
    if current.expose().is_empty() {
        problems.push(PasswordProblem::Missing(PasswordField::Current));
    }
    problems.extend(problems_of_new(form));
    let is_same = current.expose() == form.secret("password").expose();
    if is_same && !current.expose().is_empty() {
        problems.push(PasswordProblem::SameAsCurrent);
    }
    // Nothing so long can be the current one, and it is not worth hashing.
    if current.expose().len() > password::MAX_BYTES {
        problems.push(PasswordProblem::WrongCurrent { wait_seconds: 0 });
    }
    problems
}

fn refused(visit: &Visit, refusal: Refusal) -> Response {
    let (status, problem) = match refusal {
        Refusal::Wrong(failure) => {
            let wait_seconds = whole_seconds(failure.wait);
            (StatusCode::UNPROCESSABLE_ENTITY, PasswordProblem::WrongCurrent { wait_seconds })
        }
        Refusal::TooSoon(wait) => {
            let wait_seconds = whole_seconds(wait);
            (StatusCode::TOO_MANY_REQUESTS, PasswordProblem::TooSoon { wait_seconds })
        }
        Refusal::Unavailable(error) => {
            error!(%error, "The password cannot be changed");
            (StatusCode::SERVICE_UNAVAILABLE, PasswordProblem::NotStored)
        }
    };
    page(visit, status, vec![problem])
}

fn page(visit: &Visit, status: StatusCode, problems: Vec<PasswordProblem>) -> Response {
    let wait_seconds = problems.iter().find_map(|problem| match problem {
        PasswordProblem::WrongCurrent { wait_seconds }
        | PasswordProblem::TooSoon { wait_seconds } => Some(*wait_seconds),
        _ => None,
    });
    let page = ChangePassword { frame: visit.frame("/change-password"), problems };
    let html = webui::change_password(&page);
    html_with_pause(visit, status, html, wait_seconds.unwrap_or_default())
}
