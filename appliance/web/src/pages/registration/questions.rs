//! The questions before a registration is given up or ended.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::channel::{Applicant, Registration, RegistrationState};
use webui::{Dangerous, EndRegistration, RegistrationProblem, Unregistered};

use super::{PATH, told};
use crate::pages::answer::{html, see_other};
use crate::pages::reenter;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::registration::RegistrationFailure;
use crate::state::{Shared, State as Everything};

const WITHDRAW: &str = "/register-connector/withdraw";
const UNREGISTER: &str = "/register-connector/unregister";

/// `GET /register-connector/withdraw`: the question.
pub(crate) async fn show_withdraw(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    match applicant(&state).await {
        Some(applicant) => ask_withdraw(&visit, StatusCode::OK, applicant, None),
        None => see_other(&visit, PATH),
    }
}

/// `POST /register-connector/withdraw`.
pub(crate) async fn withdraw(State(state): State<Shared>, request: Request) -> Response {
    let genuine = match Submission::of_session(&state, request).await {
        Ok(submission) => submission.genuine_or_forbidden(),
        Err(response) => return response,
    };
    let visit = match genuine {
        Ok((visit, _)) => visit,
        Err(response) => return response,
    };
    let Some(applicant) = applicant(&state).await else {
        return see_other(&visit, PATH);
    };
    match state.withdraw_registration(visit.source).await {
        // It has come to its end meanwhile: the page shows how.
        Ok(()) | Err(RegistrationFailure::Conflict) => see_other(&visit, PATH),
        Err(failure) => {
            let (code, problem) = told(failure);
            ask_withdraw(&visit, code, applicant, Some(problem))
        }
    }
}

/// `GET /register-connector/unregister`: the question.
pub(crate) async fn show_unregister(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    match registration(&state).await {
        Some(registration) => ask_unregister(&visit, StatusCode::OK, registration, None),
        None => see_other(&visit, PATH),
    }
}

/// `POST /register-connector/unregister`.
pub(crate) async fn unregister(State(state): State<Shared>, request: Request) -> Response {
    let genuine = match Submission::of_session(&state, request).await {
        Ok(submission) => submission.genuine_or_forbidden(),
        Err(response) => return response,
    };
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let proven = reenter::password(&state, UNREGISTER, Dangerous::Unregister, visit, form).await;
    let visit = match proven {
        Ok((visit, _)) => visit,
        Err(response) => return response,
    };
    // A registration that has only begun meanwhile is not what was asked about.
    let Some(registration) = registration(&state).await else {
        return see_other(&visit, PATH);
    };
    match state.unregister(visit.source).await {
        Ok(is_told) => {
            let (frame, name, cloud) = (visit.frame("/"), registration.name, registration.cloud);
            let page = Unregistered { frame, name, cloud, is_told };
            html(&visit, StatusCode::OK, webui::unregistered(&page))
        }
        Err(RegistrationFailure::Conflict) => see_other(&visit, PATH),
        Err(failure) => {
            let (code, problem) = told(failure);
            ask_unregister(&visit, code, registration, Some(problem))
        }
    }
}

async fn applicant(state: &Everything) -> Option<Applicant> {
    match state.channel_now().await.ok()?.registration {
        RegistrationState::Registering { applicant, .. } => Some(applicant),
        RegistrationState::NotRegistered { .. } | RegistrationState::Registered { .. } => None,
    }
}

async fn registration(state: &Everything) -> Option<Registration> {
    state.channel_now().await.ok()?.registered().cloned()
}

fn ask_withdraw(
    visit: &Visit,
    code: StatusCode,
    applicant: Applicant,
    refused: Option<RegistrationProblem>,
) -> Response {
    let page = EndRegistration { frame: visit.frame(WITHDRAW), name: applicant.name, refused };
    html(visit, code, webui::withdraw_registration(&page))
}

fn ask_unregister(
    visit: &Visit,
    code: StatusCode,
    registration: Registration,
    refused: Option<RegistrationProblem>,
) -> Response {
    let name = registration.name;
    let page = EndRegistration { frame: visit.frame(UNREGISTER), name, refused };
    html(visit, code, webui::unregister(&page))
}
