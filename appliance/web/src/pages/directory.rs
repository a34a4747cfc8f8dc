//! *Active Directory domains*: checking, joining and leaving them, and one domain in detail.

mod details;
mod leave;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::domain::DomainName;
use model::domain::check::DomainCheck;
use model::domain::failure::DomainFailure;
use tokio::time::Instant;
use webui::{AddDomain, DirectoryRefusal, DomainProblem, JoinDomain, JoinForm};

pub(crate) use self::details::{change_password, look_up, show as show_domain, validate};
pub(crate) use self::leave::{leave, show as show_leave};
use crate::directory::{JoinInput, dns_servers};
use crate::pages::answer::{html, see_other};
use crate::pages::cookie;
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::{Visit, known_language, query_value};
use crate::state::{Shared, State as Everything};

const ADD: &str = "/active-directory/add";
const JOIN: &str = "/active-directory/join";
/// The section on the front page.
const SECTION: &str = "/#domains";
/// Longest value of a field that is kept, in characters: longer than any that is right.
const MAX_VALUE_CHARACTERS: usize = 1100;

/// `GET /active-directory/add`.
pub(crate) async fn show_add(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    add_page(&visit, StatusCode::OK, &Form::default(), Vec::new())
}

/// `POST /active-directory/add`: starts the check.
pub(crate) async fn add(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        add_page(visit, StatusCode::FORBIDDEN, form, vec![DomainProblem::FormExpired])
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let domain = DomainName::parse(&value(&form, "domain")).map_err(DomainProblem::Name);
    let typed = value(&form, "dns");
    let servers = dns_servers(typed.split([',', ';', ' ', '\t', '\r', '\n']));
    let (domain, servers) = match (domain, servers) {
        (Ok(domain), Ok(servers)) => (domain, servers),
        (domain, servers) => {
            let problems = domain.err().into_iter().chain(servers.err()).collect();
            return add_page(&visit, StatusCode::UNPROCESSABLE_ENTITY, &form, problems);
        }
    };
    match state.check_domain(domain, servers).await {
        Ok(()) => see_other(&visit, JOIN),
        Err(refusal) => {
            let status = status_of(&refusal);
            add_page(&visit, status, &form, vec![DomainProblem::Refused(refusal)])
        }
    }
}

/// `GET /active-directory/join`: the check, and the form when it has passed.
pub(crate) async fn show_join(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let Some(check) = state.domain_check() else {
        return see_other(&visit, ADD);
    };
    if state.domain(&check.domain).is_some() {
        return see_other(&visit, SECTION);
    }
    let machine = state.suggested_machine().to_string();
    let form = JoinForm { machine, ..JoinForm::default() };
    join_page(&visit, &state, StatusCode::OK, check, (form, Vec::new()))
}

/// `GET /active-directory/join/live`: what the script refreshes. Does not keep the session alive.
pub(crate) async fn live(State(state): State<Shared>, request: Request) -> Response {
    let cookie = cookie::read(request.headers(), cookie::SESSION).unwrap_or_default();
    let is_signed_in = state.administrator.sessions().has_page(cookie, Instant::now());
    let mut response = Response::new(Body::empty());
    if !is_signed_in {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return response;
    }
    let directory = state.directory.borrow();
    let Some((check, progress)) = directory
        .as_ref()
        .and_then(|directory| Some((directory.check.as_ref()?, directory.join.as_ref())))
    else {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return response;
    };
    let language = known_language(request.headers());
    *response.body_mut() = Body::from(webui::join_domain_live(language, check, progress));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// `POST /active-directory/join`.
pub(crate) async fn join(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| match checked(&state, form) {
        Some(check) => {
            let draft = (read_join(form), vec![DomainProblem::FormExpired]);
            join_page(visit, &state, StatusCode::FORBIDDEN, check, draft)
        }
        None => add_page(visit, StatusCode::FORBIDDEN, form, vec![DomainProblem::FormExpired]),
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    // Another check has begun meanwhile, or the domain is joined by now: the page shows it.
    let Some(check) = checked(&state, &form) else {
        return see_other(&visit, JOIN);
    };
    let input = JoinInput {
        user: value(&form, "user"),
        password: form.secret("password"),
        machine: value(&form, "machine"),
        unit: value(&form, "unit"),
        take_over: value(&form, "takeOver"),
    };
    let (domain, servers) = (check.domain.clone(), check.dns_servers.clone());
    let (status, problems) = match input.check(domain, servers) {
        Err(problems) => (StatusCode::UNPROCESSABLE_ENTITY, problems),
        Ok(join) => match state.join_domain(join, visit.source).await {
            Ok(()) => return see_other(&visit, SECTION),
            Err(refusal) => (status_of(&refusal), vec![DomainProblem::Refused(refusal)]),
        },
    };
    join_page(&visit, &state, status, check, (read_join(&form), problems))
}

/// The check of the domain that a form is about, if it has passed and the domain is not joined yet.
fn checked(state: &Everything, form: &Form) -> Option<DomainCheck> {
    let check = state.domain_check()?;
    let is_of_form = form.text("domain") == Some(check.domain.as_str());
    let is_free = state.domain(&check.domain).is_none();
    (is_of_form && is_free && check.has_passed()).then_some(check)
}

fn read_join(form: &Form) -> JoinForm {
    JoinForm {
        user: value(form, "user"),
        machine: value(form, "machine"),
        unit: value(form, "unit"),
    }
}

fn value(form: &Form, name: &str) -> String {
    form.text(name).unwrap_or_default().chars().take(MAX_VALUE_CHARACTERS).collect()
}

fn add_page(
    visit: &Visit,
    status: StatusCode,
    form: &Form,
    problems: Vec<DomainProblem>,
) -> Response {
    let (name, dns) = (value(form, "domain"), value(form, "dns"));
    let page = AddDomain { frame: visit.frame(ADD), name, dns, problems };
    html(visit, status, webui::add_domain(&page))
}

fn join_page(
    visit: &Visit,
    state: &Everything,
    status: StatusCode,
    check: DomainCheck,
    (form, problems): (JoinForm, Vec<DomainProblem>),
) -> Response {
    let progress = state.directory.borrow().as_ref().and_then(|it| it.join.clone());
    let frame = visit.frame(JOIN);
    let page = JoinDomain { frame, check, progress, form, problems };
    html(visit, status, webui::join_domain(&page))
}

/// The joined domain that the query names.
fn named(state: &Everything, request: &Request) -> Option<model::domain::status::DomainStatus> {
    let name = query_value(request, "name")?;
    state.domain(&DomainName::parse(&name).ok()?)
}

/// What the browser is told about a refusal.
fn status_of(refusal: &DirectoryRefusal) -> StatusCode {
    match refusal {
        DirectoryRefusal::Failure(failure) => match **failure {
            DomainFailure::AlreadyJoined { .. }
            | DomainFailure::NameInUse { .. }
            | DomainFailure::TooManyDomains { .. } => StatusCode::CONFLICT,
            DomainFailure::NotJoined { .. } => StatusCode::NOT_FOUND,
            DomainFailure::NotStored { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        },
        DirectoryRefusal::Busy => StatusCode::CONFLICT,
        DirectoryRefusal::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        DirectoryRefusal::Silent => StatusCode::SERVICE_UNAVAILABLE,
    }
}
