//! *Proxy servers*: adding, changing, deleting and ordering them, and their exceptions.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use bus::PasswordChange;
use model::bypass::{BypassRule, parse_list};
use model::settings::SettingsRefusal;
use tracing::{error, info};
use webui::{BypassProblem, DeleteProxy, EditBypass, EditProxy, ErrorKind, ProxyProblem};

use crate::changes::ChangeFailure;
use crate::connection_changes::{InputProblem, ProxyInput};
use crate::pages::answer::{self, html, see_other};
use crate::pages::form::Form;
use crate::pages::submission::Submission;
use crate::pages::visit::{Visit, query_value};
use crate::state::{Shared, State as Everything};

const ADD: &str = "/proxy-servers/add";
const EDIT: &str = "/proxy-servers/edit";
const DELETE: &str = "/proxy-servers/delete";
const BYPASS: &str = "/proxy-bypass";
/// The section on the front page.
const SECTION: &str = "/#proxies";
/// How long an answer waits for the first check of a proxy; longer, and the page says that it is
/// under way.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

/// `GET /proxy-servers/add`.
pub(crate) async fn show_add(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    Draft::default().page(&visit, StatusCode::OK, Vec::new())
}

/// `POST /proxy-servers/add`.
pub(crate) async fn add(State(state): State<Shared>, request: Request) -> Response {
    let (visit, draft, input) = match submitted(&state, request).await {
        Ok(submitted) => submitted,
        Err(response) => return response,
    };
    let location = match input.check() {
        Ok(location) => location,
        Err(problems) => return draft.refused(&visit, problems),
    };
    match state.changers.add_proxy(location, &input).await {
        Ok(id) => {
            info!(source = %visit.source, "The administrator adds a proxy server");
            state.see_settings(|status| status.settings.proxies.iter().any(|it| it.id == id)).await;
            state.see_proxy_checked(&id, CHECK_LIMIT).await;
            see_other(&visit, SECTION)
        }
        Err(failure) => draft.failed(&visit, failure),
    }
}

/// `GET /proxy-servers/edit?id=`.
pub(crate) async fn show_edit(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let Some(proxy) = query_value(&request, "id").and_then(|id| state.proxy(&id)) else {
        return see_other(&visit, SECTION);
    };
    let draft = Draft {
        id: Some(proxy.id),
        location: proxy.location.to_string(),
        user_name: proxy.user_name.unwrap_or_default(),
        has_password: proxy.has_password,
    };
    draft.page(&visit, StatusCode::OK, Vec::new())
}

/// `POST /proxy-servers/edit`.
pub(crate) async fn edit(State(state): State<Shared>, request: Request) -> Response {
    let (visit, draft, input) = match submitted(&state, request).await {
        Ok(submitted) => submitted,
        Err(response) => return response,
    };
    let location = match input.check() {
        Ok(location) => location,
        Err(problems) => return draft.refused(&visit, problems),
    };
    let id = draft.id.clone().unwrap_or_default();
    let password = match input.password.expose() {
        "" => PasswordChange::Keep,
        _ => PasswordChange::Set { secret: input.password.clone() },
    };
    let seen = state.settings_generation();
    match state.changers.update_proxy(id.clone(), location, &input, password).await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator changes a proxy server");
            state.see_settings(|status| Some(status.generation) != seen).await;
            see_other(&visit, SECTION)
        }
        Err(failure) => draft.failed(&visit, failure),
    }
}

/// `GET /proxy-servers/delete?id=`: the question.
pub(crate) async fn show_delete(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let id = query_value(&request, "id").unwrap_or_default();
    question(&visit, &state, &id, StatusCode::OK)
}

/// `POST /proxy-servers/delete`.
pub(crate) async fn delete(State(state): State<Shared>, request: Request) -> Response {
    let (visit, form) = match genuine(&state, request).await {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let id = form.text("id").unwrap_or_default().to_owned();
    match state.changers.delete_proxy(id.clone()).await {
        Ok(()) | Err(ChangeFailure::Refused(SettingsRefusal::UnknownProxy)) => {
            info!(source = %visit.source, "The administrator deletes a proxy server");
            state.see_settings(|status| status.settings.proxies.iter().all(|it| it.id != id)).await;
            see_other(&visit, SECTION)
        }
        Err(failure) => {
            error!(error = %failure, "A proxy server cannot be deleted");
            question(&visit, &state, &id, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// `POST /proxy-servers/order`: moves one up or down.
pub(crate) async fn order(State(state): State<Shared>, request: Request) -> Response {
    let (visit, form) = match genuine(&state, request).await {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let Some(proxies) = state.proxies() else {
        return answer::error(&visit, ErrorKind::Unavailable);
    };
    let mut ids: Vec<_> = proxies.into_iter().map(|proxy| proxy.id).collect();
    let position = |id: Option<&str>| ids.iter().position(|known| Some(known.as_str()) == id);
    let swap = match (position(form.text("up")), position(form.text("down"))) {
        (Some(place), None) => place.checked_sub(1).map(|before| (before, place)),
        (None, Some(place)) if place + 1 < ids.len() => Some((place, place + 1)),
        // It was deleted meanwhile, or stands where it is to go.
        _ => None,
    };
    let Some((one, other)) = swap else {
        return see_other(&visit, SECTION);
    };
    ids.swap(one, other);
    match state.changers.order_proxies(ids.clone()).await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator orders the proxy servers");
            let is_ordered = |list: &[model::proxy::ProxyServer]| {
                list.iter().map(|proxy| &proxy.id).eq(ids.iter())
            };
            state.see_settings(|status| is_ordered(&status.settings.proxies)).await;
            see_other(&visit, SECTION)
        }
        // Somebody else was faster: the list as it is now says more than an error.
        Err(ChangeFailure::Refused(_)) => see_other(&visit, SECTION),
        Err(failure) => {
            error!(error = %failure, "The proxy servers cannot be ordered");
            answer::error(&visit, ErrorKind::Unavailable)
        }
    }
}

/// `GET /proxy-bypass`.
pub(crate) async fn show_bypass(State(state): State<Shared>, request: Request) -> Response {
    let visit = Visit::of(&state, &request);
    if visit.session.is_none() {
        return see_other(&visit, "/");
    }
    let Some(rules) = bypass_rules(&state) else {
        return answer::error(&visit, ErrorKind::Unavailable);
    };
    bypass_page(&visit, &state, StatusCode::OK, lines(&rules), None)
}

/// `POST /proxy-bypass`.
pub(crate) async fn bypass(State(state): State<Shared>, request: Request) -> Response {
    let submission = match Submission::of_session(&state, request).await {
        Ok(submission) => submission,
        Err(response) => return response,
    };
    let genuine = submission.genuine(|visit, form| {
        let problem = Some(BypassProblem::FormExpired);
        bypass_page(visit, &state, StatusCode::FORBIDDEN, typed(form), problem)
    });
    let (visit, form) = match genuine {
        Ok(genuine) => genuine,
        Err(response) => return response,
    };
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    let rules = match parse_list(&typed(&form)) {
        Ok(rules) => rules,
        Err(error) => {
            let problem = Some(BypassProblem::List(error));
            return bypass_page(&visit, &state, wrong, typed(&form), problem);
        }
    };
    let seen = parse_list(form.text("seen").unwrap_or_default()).ok();
    match state.changers.set_proxy_bypass(rules.clone(), seen).await {
        Ok(()) => {
            info!(source = %visit.source, "The administrator changes the proxy exceptions");
            state.see_settings(|status| status.settings.proxy_bypass == rules).await;
            see_other(&visit, SECTION)
        }
        Err(ChangeFailure::NothingToChange) => {
            let now = bypass_rules(&state).unwrap_or_default();
            let problem = Some(BypassProblem::Changed { now });
            bypass_page(&visit, &state, StatusCode::CONFLICT, typed(&form), problem)
        }
        Err(failure) => {
            error!(error = %failure, "The proxy exceptions cannot be changed");
            let problem = Some(BypassProblem::NotStored);
            bypass_page(&visit, &state, StatusCode::SERVICE_UNAVAILABLE, typed(&form), problem)
        }
    }
}

/// What stands in the form of one proxy server, without the password.
#[derive(Default)]
struct Draft {
    id: Option<String>,
    location: String,
    user_name: String,
    has_password: bool,
}

impl Draft {
    fn read(state: &Everything, form: &Form) -> Self {
        let id = form.text("id").map(str::to_owned);
        Self {
            has_password: id
                .as_ref()
                .and_then(|id| state.proxy(id))
                .is_some_and(|proxy| proxy.has_password),
            id,
            location: form.text("location").unwrap_or_default().to_owned(),
            user_name: form.text("username").unwrap_or_default().to_owned(),
        }
    }

    fn refused(self, visit: &Visit, problems: Vec<InputProblem>) -> Response {
        let problems = problems.into_iter().map(|problem| match problem {
            InputProblem::Location(problem) => ProxyProblem::Location(problem),
            InputProblem::Credentials(problem) => ProxyProblem::Credentials(problem),
        });
        self.page(visit, StatusCode::UNPROCESSABLE_ENTITY, problems.collect())
    }

    fn failed(self, visit: &Visit, failure: ChangeFailure) -> Response {
        match failure {
            ChangeFailure::Refused(refusal) => {
                let problem = ProxyProblem::Refused(refusal);
                self.page(visit, StatusCode::UNPROCESSABLE_ENTITY, vec![problem])
            }
            failure => {
                error!(error = %failure, "A proxy server cannot be stored");
                let status = StatusCode::SERVICE_UNAVAILABLE;
                self.page(visit, status, vec![ProxyProblem::NotStored])
            }
        }
    }

    fn page(self, visit: &Visit, status: StatusCode, problems: Vec<ProxyProblem>) -> Response {
        let path = match &self.id {
            Some(id) => format!("{EDIT}?id={id}"),
            None => ADD.to_owned(),
        };
        let page = EditProxy {
            frame: visit.frame(&path),
            id: self.id,
            location: self.location,
            user_name: self.user_name,
            has_password: self.has_password,
            problems,
        };
        html(visit, status, webui::edit_proxy(&page))
    }
}

/// The form of one proxy server, when it has passed the checks of every form.
async fn submitted(
    state: &Shared,
    request: Request,
) -> Result<(Visit, Draft, ProxyInput), Response> {
    let submission = Submission::of_session(state, request).await?;
    let (visit, form) = submission.genuine(|visit, form| {
        let draft = Draft::read(state, form);
        draft.page(visit, StatusCode::FORBIDDEN, vec![ProxyProblem::FormExpired])
    })?;
    let draft = Draft::read(state, &form);
    let input = ProxyInput {
        location: draft.location.clone(),
        user_name: draft.user_name.trim().to_owned(),
        password: form.secret("password"),
    };
    Ok((visit, draft, input))
}

async fn genuine(state: &Shared, request: Request) -> Result<(Visit, Form), Response> {
    Submission::of_session(state, request).await?.genuine_or_forbidden()
}

fn question(visit: &Visit, state: &Everything, id: &str, status: StatusCode) -> Response {
    let Some(proxy) = state.proxy(id) else {
        return see_other(visit, SECTION);
    };
    let page = DeleteProxy {
        frame: visit.frame(&format!("{DELETE}?id={id}")),
        is_only: state.proxies().is_some_and(|proxies| proxies.len() == 1),
        proxy,
        is_refused: status != StatusCode::OK,
    };
    html(visit, status, webui::delete_proxy(&page))
}

fn bypass_rules(state: &Everything) -> Option<Vec<BypassRule>> {
    state.settings.borrow().as_ref().map(|status| status.settings.proxy_bypass.clone())
}

fn lines(rules: &[BypassRule]) -> String {
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn typed(form: &Form) -> String {
    form.text("rules").unwrap_or_default().to_owned()
}

fn bypass_page(
    visit: &Visit,
    state: &Everything,
    status: StatusCode,
    rules: String,
    problem: Option<BypassProblem>,
) -> Response {
    let page = EditBypass {
        frame: visit.frame(BYPASS),
        rules,
        seen: lines(&bypass_rules(state).unwrap_or_default()),
        problem,
    };
    html(visit, status, webui::edit_bypass(&page))
}
