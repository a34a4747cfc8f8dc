//! *Register connector*: the form, the code, the connection with the cloud, and the end of it.

mod questions;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bus::Application;
use model::channel::{ChannelStatus, CloudAddress, RegistrationState};
use protocol::name::Name;
use tokio::time::Instant;
use webui::{RegistrationForm, RegistrationPage, RegistrationProblem};

pub(crate) use self::questions::{show_unregister, show_withdraw, unregister, withdraw};
use crate::pages::answer::{html, see_other};
use crate::pages::cookie;
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::{Visit, known_language};
use crate::registration::RegistrationFailure;
use crate::state::{Shared, State as Everything, now};

const PATH: &str = "/register-connector";
/// Longest value of a field that is kept, in characters: longer than any that is right.
const MAX_VALUE_CHARACTERS: usize = 400;

/// `GET /register-connector`: the form, the code or the registration.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let status = state.channel_now().await.ok();
    let form = suggestion(&state, status.as_ref());
    page(&visit, StatusCode::OK, status, (form, Vec::new()))
}

/// `GET /register-connector/live`: what the script refreshes. Does not keep the session alive.
pub(crate) async fn live(State(state): State<Shared>, request: Request) -> Response {
    let cookie = cookie::read(request.headers(), cookie::SESSION).unwrap_or_default();
    let is_signed_in = state.administrator.sessions().has_page(cookie, Instant::now());
    let mut response = Response::new(Body::empty());
    if !is_signed_in {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return response;
    }
    let language = known_language(request.headers());
    let status = state.channel_now().await.ok();
    *response.body_mut() = Body::from(webui::registration_live(language, status.as_ref(), now()));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// `POST /register-connector`: begins a registration by code.
pub(crate) async fn submit(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let status = state.channel_now().await.ok();
    let expired_status = status.clone();
    let genuine = submission.genuine(|visit, form| {
        let draft = (read(form), vec![RegistrationProblem::FormExpired]);
        page(visit, StatusCode::FORBIDDEN, expired_status, draft)
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let form = read(&form);
    let application = match application(&form) {
        Ok(application) => application,
        Err(problems) => {
            return page(&visit, StatusCode::UNPROCESSABLE_ENTITY, status, (form, problems));
        }
    };
    match state.begin_registration(application, visit.source).await {
        // The page shows what the appliance is, or is becoming.
        Ok(()) | Err(RegistrationFailure::Conflict) => see_other(&visit, PATH),
        Err(failure) => {
            let (code, problem) = told(failure);
            page(&visit, code, status, (form, vec![problem]))
        }
    }
}

/// `POST /register-connector/code`: asks for another code.
pub(crate) async fn new_code(State(state): State<Shared>, request: Request) -> Response {
    let genuine = match Submission::of_session(&state, request).await {
        Ok(submission) => submission.genuine_or_forbidden(),
        Err(response) => return response,
    };
    let visit = match genuine {
        Ok((visit, _)) => visit,
        Err(response) => return response,
    };
    match state.ask_new_code(visit.source).await {
        // The registration has come to its end meanwhile.
        Ok(()) | Err(RegistrationFailure::Conflict) => see_other(&visit, PATH),
        Err(failure) => {
            let (code, problem) = told(failure);
            let status = state.channel_now().await.ok();
            let form = suggestion(&state, status.as_ref());
            page(&visit, code, status, (form, vec![problem]))
        }
    }
}

/// The application in a form.
fn application(form: &RegistrationForm) -> Result<Application, Vec<RegistrationProblem>> {
    let name = Name::parse(&form.name).map_err(RegistrationProblem::Name);
    let cloud = match form.cloud.trim() {
        "" => Err(RegistrationProblem::CloudMissing),
        text => CloudAddress::parse(text).map_err(RegistrationProblem::Cloud),
    };
    match (name, cloud) {
        (Ok(name), Ok(cloud)) => Ok(Application {
            name: name.into(),
            cloud: Some(cloud),
            deployment: None,
            location: None,
        }),
        (name, cloud) => Err(name.err().into_iter().chain(cloud.err()).collect()),
    }
}

/// What the form suggests: what was asked for last, or else the name of the host and the cloud of the
/// deployment.
fn suggestion(state: &Everything, status: Option<&ChannelStatus>) -> RegistrationForm {
    let last = match status.map(|status| &status.registration) {
        Some(RegistrationState::NotRegistered { last }) => last.as_ref(),
        _ => None,
    };
    last.map_or_else(
        || RegistrationForm { name: state.host_name(), cloud: state.suggested_cloud() },
        |last| RegistrationForm { name: last.name.clone(), cloud: last.cloud.to_string() },
    )
}

fn read(form: &Form) -> RegistrationForm {
    let value = |name| {
        let text = form.text(name).unwrap_or_default();
        text.chars().take(MAX_VALUE_CHARACTERS).collect()
    };
    RegistrationForm { name: value("name"), cloud: value("cloud") }
}

fn page(
    visit: &Visit,
    code: StatusCode,
    status: Option<ChannelStatus>,
    (form, problems): (RegistrationForm, Vec<RegistrationProblem>),
) -> Response {
    let page = RegistrationPage { frame: visit.frame(PATH), status, form, problems, now: now() };
    html(visit, code, webui::registration(&page))
}

/// What the browser is told about a failure.
fn told(failure: RegistrationFailure) -> (StatusCode, RegistrationProblem) {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    match failure {
        RegistrationFailure::Conflict => (StatusCode::CONFLICT, RegistrationProblem::Conflict),
        RegistrationFailure::Refused(reason) => (refused, RegistrationProblem::Refused(reason)),
        // Name and address were read by the same rules before, so the role is of another version.
        RegistrationFailure::Invalid(_) | RegistrationFailure::Failed => {
            (StatusCode::INTERNAL_SERVER_ERROR, RegistrationProblem::Failed)
        }
        RegistrationFailure::Silent => {
            (StatusCode::SERVICE_UNAVAILABLE, RegistrationProblem::Silent)
        }
    }
}
