//! One joined domain: its machine account, Kerberos, and a test of looking things up.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::domain::DomainName;
use model::domain::lookup::{Lookup, LookupPage};
use model::domain::status::DomainStatus;
use webui::{DirectoryRefusal, DomainPage, DomainProblem, LookupForm};

use super::{SECTION, named, status_of, value};
use crate::pages::answer::{html, see_other, see_other_at};
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::Visit;
use crate::state::{Shared, now};

const PATH: &str = "/active-directory/domain";

/// `GET /active-directory/domain?name=`, and of the forms that stand there.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    match named(&state, &request) {
        Some(status) => page(&visit, StatusCode::OK, status, Shown::default()),
        None => see_other(&visit, SECTION),
    }
}

/// `POST /active-directory/validate`.
pub(crate) async fn validate(State(state): State<Shared>, request: Request) -> Response {
    let (visit, _, status) = match of_form(&state, request).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let done = state.validate_domain(status.domain.clone()).await.map(drop);
    answer(&visit, status, done, "kerberos")
}

/// `POST /active-directory/password`.
pub(crate) async fn change_password(State(state): State<Shared>, request: Request) -> Response {
    let (visit, _, status) = match of_form(&state, request).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let done = state.change_machine_password(status.domain.clone(), visit.source).await;
    answer(&visit, status, done, "account")
}

/// `POST /active-directory/lookup`.
pub(crate) async fn look_up(State(state): State<Shared>, request: Request) -> Response {
    let (visit, form, status) = match of_form(&state, request).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let typed = read(&form);
    let lookup = Lookup {
        domain: status.domain.clone(),
        kind: typed.kind,
        key: typed.key,
        value: typed.value.clone(),
        with_groups: typed.with_groups,
        cursor: form.text("cursor").map(str::to_owned),
    };
    let outcome = match lookup.check() {
        Err(error) => Err((StatusCode::UNPROCESSABLE_ENTITY, DomainProblem::Lookup(error))),
        Ok(()) => {
            let refused = |it| (status_of(&it), DomainProblem::Refused(it));
            state.look_up(lookup).await.map_err(refused)
        }
    };
    let (code, found, problem) = match outcome {
        Ok(found) => (StatusCode::OK, Some(found), None),
        Err((code, problem)) => (code, None, Some(problem)),
    };
    page(&visit, code, status, Shown { problem, lookup: typed, found })
}

/// What a page shows beside the domain.
#[derive(Default)]
struct Shown {
    problem: Option<DomainProblem>,
    lookup: LookupForm,
    found: Option<LookupPage>,
}

/// The domain that a form names; anybody else is led back to the list.
async fn of_form(
    state: &Shared,
    request: Request,
) -> Result<(Visit, Form, DomainStatus), Response> {
    let submission = Submission::of_session(state, request).await?;
    let (visit, form) = submission.genuine_or_forbidden()?;
    let name = DomainName::parse(form.text("domain").unwrap_or_default()).ok();
    match name.and_then(|name| state.domain(&name)) {
        Some(status) => Ok((visit, form, status)),
        None => Err(see_other(&visit, SECTION)),
    }
}

fn answer(
    visit: &Visit,
    status: DomainStatus,
    done: Result<(), DirectoryRefusal>,
    anchor: &str,
) -> Response {
    match done {
        Ok(()) => see_other_at(visit, &format!("{PATH}?name={}#{anchor}", status.domain)),
        Err(refusal) => {
            let code = status_of(&refusal);
            let problem = Some(DomainProblem::Refused(refusal));
            page(visit, code, status, Shown { problem, ..Shown::default() })
        }
    }
}

fn page(visit: &Visit, code: StatusCode, status: DomainStatus, shown: Shown) -> Response {
    let Shown { problem, lookup, found } = shown;
    let frame = visit.frame(&format!("{PATH}?name={}", status.domain));
    let page = DomainPage { frame, status, problem, lookup, found, now: now() };
    html(visit, code, webui::domain_page(&page))
}

fn read(form: &Form) -> LookupForm {
    let last = LookupForm::default();
    let kind = form.text("kind").unwrap_or_default();
    let key = form.text("key").unwrap_or_default();
    LookupForm {
        kind: LookupForm::kind_of(kind).unwrap_or(last.kind),
        key: LookupForm::key_of(key).unwrap_or(last.key),
        value: value(form, "value"),
        with_groups: form.text("groups").is_some(),
    }
}
