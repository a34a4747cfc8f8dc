//! *Signing request*: making one, handing it out, installing what is returned, dropping it.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::secret::Secret;
use model::signing_request::{RequestKey, SigningRequestInput};
use tokio::time::Instant;
use tracing::{error, info};
use webui::{Dangerous, DropRequest, ErrorKind, RequestProblem, RequestStep, SigningRequestPage};

use crate::certificate::{ChangeError, Commitment, Subject};
use crate::pages::answer::{self, html, see_other};
use crate::pages::certificate::{come_back, shown_again};
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::pages::{cookie, reenter};
use crate::state::{Shared, State as Everything};

const PATH: &str = "/certificate/request";
const INSTALL: &str = "/certificate/request/install";
const DROP: &str = "/certificate/request/drop";
/// Media type of PKCS #10 (RFC 5967).
const PKCS10: HeaderValue = HeaderValue::from_static("application/pkcs10");
const FILE_NAME: HeaderValue =
    HeaderValue::from_static("attachment; filename=\"connector-appliance.csr\"");

/// `GET /certificate/request`.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    present(&visit, &state, StatusCode::OK, None, String::new()).await
}

/// `POST /certificate/request`: makes one.
pub(crate) async fn make(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        let step = RequestStep::Make { input: input(form) };
        page(visit, StatusCode::FORBIDDEN, step, Some(RequestProblem::FormExpired))
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let input = input(&form);
    let (status, problem) = match state.certificates.make_request(input.clone()).await {
        Ok(_) => {
            info!(source = %visit.source, "The administrator makes a signing request");
            state.see_settings(|status| status.signing_request.is_some()).await;
            return see_other(&visit, PATH);
        }
        Err(ChangeError::Request(refusal)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, RequestProblem::Refused(refusal))
        }
        Err(failure) => {
            error!(error = %failure, "A signing request cannot be made");
            (StatusCode::SERVICE_UNAVAILABLE, RequestProblem::NotStored)
        }
    };
    page(&visit, status, RequestStep::Make { input }, Some(problem))
}

/// `GET /certificate/request.csr`: the request as a file.
pub(crate) async fn download(State(state): State<Shared>, request: Request) -> Response {
    let mut response = Response::new(Body::empty());
    if !is_signed_in(&state, &request) {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        return response;
    }
    match state.certificates.request().await {
        Ok(request) => {
            *response.body_mut() = Body::from(request.request_pem);
            response.headers_mut().insert(CONTENT_TYPE, PKCS10);
            response.headers_mut().insert(CONTENT_DISPOSITION, FILE_NAME);
            response
        }
        Err(ChangeError::NoRequest) => see_other(&Visit::of(&state, &request), PATH),
        Err(failure) => {
            error!(error = %failure, "The signing request cannot be read");
            answer::error(&Visit::of(&state, &request), ErrorKind::Unavailable)
        }
    }
}

/// `POST /certificate/request/install`: the signed certificate.
pub(crate) async fn install(State(state): State<Shared>, request: Request) -> Response {
    // For the page that says that what was sent is too large; nobody else learns about it.
    let pending = match is_signed_in(&state, &request) {
        true => state.certificates.request().await.ok(),
        false => None,
    };
    let too_large = |visit: &Visit| match pending {
        Some(request) => {
            let (facts, pem) = (request.facts, request.request_pem);
            let step = RequestStep::Pending { facts, pem, sent: String::new() };
            page(visit, StatusCode::PAYLOAD_TOO_LARGE, step, Some(RequestProblem::TooLarge))
        }
        None => answer::error(visit, ErrorKind::TooLarge),
    };
    let submission = match Submission::with_file(&state, request, too_large).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let (visit, form) = match submission.genuine_or_forbidden() {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let change = Dangerous::ReplaceCertificate;
    let (visit, form) = match reenter::password(&state, INSTALL, change, visit, form).await {
        Ok(proven) => proven,
        Err(response) => return response,
    };
    let text = form.secret("certificate");
    let sent = shown_again(&text);
    let certificate = match form.file("file") {
        Some(_) if !text.expose().trim().is_empty() => {
            let problem = Some(RequestProblem::TextAndFile);
            let wrong = StatusCode::UNPROCESSABLE_ENTITY;
            return present(&visit, &state, wrong, problem, sent).await;
        }
        // A file that is no text is no PEM either: the check says so.
        Some(file) => Secret::new(String::from_utf8_lossy(file).into_owned()),
        None => text,
    };
    match state.certificates.install(certificate, Commitment::Trial).await {
        Ok(active) => {
            let sha1 = &active.facts.sha1;
            info!(source = %visit.source, %sha1, "The administrator tries a signed certificate");
            come_back(&visit, &state, &active).await
        }
        Err(failure) => {
            let (status, problem) = match failure {
                ChangeError::Refused(refusal) => {
                    (StatusCode::UNPROCESSABLE_ENTITY, RequestProblem::Certificate(refusal))
                }
                ChangeError::NoRequest => (StatusCode::CONFLICT, RequestProblem::NothingPending),
                failure => {
                    error!(error = %failure, "A signed certificate cannot be installed");
                    (StatusCode::SERVICE_UNAVAILABLE, RequestProblem::NotStored)
                }
            };
            present(&visit, &state, status, Some(problem), sent).await
        }
    }
}

/// `GET /certificate/request/drop`: the question.
pub(crate) async fn show_drop(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    if state.signing_request().is_none() {
        return see_other(&visit, PATH);
    }
    question(&visit, StatusCode::OK)
}

/// `POST /certificate/request/drop`.
pub(crate) async fn drop(State(state): State<Shared>, request: Request) -> Response {
    let genuine = match Submission::of_session(&state, request).await {
        Ok(submission) => submission.genuine_or_forbidden(),
        Err(response) => return response,
    };
    let (visit, _) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    match state.certificates.drop_request().await {
        Ok(()) | Err(ChangeError::NoRequest) => {
            info!(source = %visit.source, "The administrator drops a signing request");
            state.see_settings(|status| status.signing_request.is_none()).await;
            see_other(&visit, "/certificate")
        }
        Err(failure) => {
            error!(error = %failure, "A signing request cannot be dropped");
            question(&visit, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn is_signed_in(state: &Everything, request: &Request) -> bool {
    let cookie = cookie::read(request.headers(), cookie::SESSION).unwrap_or_default();
    state.administrator.sessions().has_page(cookie, Instant::now())
}

fn question(visit: &Visit, status: StatusCode) -> Response {
    let page = DropRequest { frame: visit.frame(DROP), is_refused: status != StatusCode::OK };
    html(visit, status, webui::drop_request(&page))
}

/// The request that waits, or the form that makes one.
async fn present(
    visit: &Visit,
    state: &Everything,
    status: StatusCode,
    problem: Option<RequestProblem>,
    sent: String,
) -> Response {
    let step = match state.certificates.request().await {
        Ok(request) => {
            RequestStep::Pending { facts: request.facts, pem: request.request_pem, sent }
        }
        Err(ChangeError::NoRequest) => {
            let names = Subject::of(state.network.borrow().as_ref()).names();
            let common_name = names.last().cloned().unwrap_or_default();
            let input = SigningRequestInput { common_name, names, ..Default::default() };
            RequestStep::Make { input }
        }
        Err(failure) => {
            error!(error = %failure, "The signing request cannot be read");
            return answer::error(visit, ErrorKind::Unavailable);
        }
    };
    page(visit, status, step, problem)
}

fn page(
    visit: &Visit,
    status: StatusCode,
    step: RequestStep,
    problem: Option<RequestProblem>,
) -> Response {
    let page = SigningRequestPage { frame: visit.frame(PATH), step, problem };
    html(visit, status, webui::signing_request(&page))
}

fn input(form: &Form) -> SigningRequestInput {
    let text = |name: &str| form.text(name).unwrap_or_default().trim().to_owned();
    let is_separator =
        |character: char| character.is_whitespace() || matches!(character, ',' | ';');
    SigningRequestInput {
        common_name: text("commonName"),
        organization: text("organization"),
        organizational_unit: text("organizationalUnit"),
        locality: text("locality"),
        state: text("state"),
        country: text("country"),
        names: text("names")
            .split(is_separator)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        key: RequestKey::from_name(&text("key")).unwrap_or_default(),
    }
}
