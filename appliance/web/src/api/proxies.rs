//! Proxy servers and their exceptions.

use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::Response;
use model::bypass::{BypassListError, BypassRule, BypassRuleError, parse_list};
use model::outbound::ProxyState;
use model::proxy::{ProxyCredentialError, ProxyLocationError, ProxyServer};
use model::settings::SettingsRefusal;
use serde_json::{Value, json};
use tracing::info;
use webui::{Language, ProxyProblem};

use crate::api::answer::{json_response, no_content};
use crate::api::body::connections::{self as body, ProxyBody};
use crate::api::error::ApiError;
use crate::api::{json_body, last_segment};
use crate::connection_changes::InputProblem;
use crate::state::{Shared, State};

/// How long an answer waits for the first check of a proxy.
const CHECK_LIMIT: Duration = Duration::from_secs(5);

/// `GET /proxies`.
pub(crate) fn read_all(state: &Shared) -> Result<Response, ApiError> {
    let proxies = state.proxies().ok_or_else(ApiError::unavailable)?;
    let items: Vec<_> = proxies.iter().map(|proxy| view(state, proxy)).collect();
    Ok(json_response(StatusCode::OK, &json!({"items": items})))
}

/// `POST /proxies`.
pub(crate) async fn add(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let ProxyBody { input, .. } = ProxyBody::parse(&body)?;
    let location = input.check().map_err(|problems| refused(&problems))?;
    let id = state.changers.add_proxy(location, &input).await?;
    info!("A script adds a proxy server");
    state.see_settings(|status| status.settings.proxies.iter().any(|it| it.id == id)).await;
    state.see_proxy_checked(&id, CHECK_LIMIT).await;
    let proxy = state.proxy(&id).ok_or_else(ApiError::unavailable)?;
    let mut response = json_response(StatusCode::CREATED, &view(state, &proxy));
    if let Ok(location) = format!("/proxies/{id}").try_into() {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// `GET /proxies/{id}`.
pub(crate) fn read(state: &Shared, id: &str) -> Result<Response, ApiError> {
    let proxy = known(state, id)?;
    Ok(json_response(StatusCode::OK, &details(state, &proxy)))
}

/// `PUT /proxies/{id}`.
pub(crate) async fn update(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let id = known(state, last_segment(&request))?.id;
    let body = json_body(request).await?;
    let ProxyBody { input, password } = ProxyBody::parse(&body)?;
    let location = input.check().map_err(|problems| refused(&problems))?;
    let seen = state.settings_generation();
    state.changers.update_proxy(id, location, &input, password).await?;
    info!("A script changes a proxy server");
    state.see_settings(|status| Some(status.generation) != seen).await;
    Ok(no_content())
}

/// `DELETE /proxies/{id}`.
pub(crate) async fn delete(state: &Shared, id: String) -> Result<Response, ApiError> {
    known(state, &id)?;
    state.changers.delete_proxy(id.clone()).await?;
    info!("A script deletes a proxy server");
    state.see_settings(|status| status.settings.proxies.iter().all(|it| it.id != id)).await;
    Ok(no_content())
}

/// `POST /proxies/$order`.
pub(crate) async fn order(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let ids = body::order(&json_body(request).await?)?;
    state.changers.order_proxies(ids.clone()).await?;
    info!("A script orders the proxy servers");
    let is_ordered = |list: &[ProxyServer]| list.iter().map(|proxy| &proxy.id).eq(ids.iter());
    state.see_settings(|status| is_ordered(&status.settings.proxies)).await;
    Ok(no_content())
}

/// `GET /proxyBypass`.
pub(crate) fn read_bypass(state: &Shared) -> Result<Response, ApiError> {
    let settings = state.settings.borrow();
    let status = settings.as_ref().ok_or_else(ApiError::unavailable)?;
    Ok(json_response(StatusCode::OK, &json!({"items": status.settings.proxy_bypass})))
}

/// `PUT /proxyBypass`.
pub(crate) async fn set_bypass(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let texts = body::bypass(&json_body(request).await?)?;
    let mut rules: Vec<BypassRule> = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        // A text with a comma or a space would be several rules.
        let read = parse_list(text).map_err(|error| bypass_refused(index, &error))?;
        let [rule] = read.as_slice() else {
            let (text, reason) = (text.chars().take(60).collect(), BypassRuleError::Empty);
            return Err(bypass_refused(index, &BypassListError::Rule { text, reason }));
        };
        if !rules.contains(rule) {
            rules.push(rule.clone());
        }
    }
    state.changers.set_proxy_bypass(rules.clone(), None).await?;
    info!("A script changes the proxy exceptions");
    state.see_settings(|status| status.settings.proxy_bypass == rules).await;
    Ok(no_content())
}

fn known(state: &State, id: &str) -> Result<ProxyServer, ApiError> {
    state.proxies().ok_or_else(ApiError::unavailable)?;
    state.proxy(id).ok_or_else(|| ApiError::no_such("proxy", id))
}

fn proxy_state(state: &State, proxy: &ProxyServer) -> (ProxyState, Option<i64>) {
    let status = state.diagnostics.borrow();
    let health = status.as_ref().and_then(|status| status.proxy(&proxy.id));
    health
        .filter(|health| health.location == proxy.location)
        .map_or((ProxyState::Unknown, None), |health| (health.state.clone(), health.checked))
}

/// The documented members.
fn view(state: &State, proxy: &ProxyServer) -> Value {
    let (known, _) = proxy_state(state, proxy);
    let status = match known {
        ProxyState::Reachable { .. } => "reachable",
        ProxyState::Unreachable { .. } | ProxyState::Unknown => "unreachable",
    };
    json!({"id": proxy.id, "location": proxy.location, "status": status})
}

/// With those of our own.
fn details(state: &State, proxy: &ProxyServer) -> Value {
    let (known, checked) = proxy_state(state, proxy);
    let (milliseconds, cause) = match &known {
        ProxyState::Reachable { milliseconds, .. } => (Some(*milliseconds), None),
        ProxyState::Unreachable { cause } => {
            let (detail, remedy) = webui::outbound_failure(Language::English, cause);
            (None, Some(json!({"id": cause.id(), "detail": detail, "remedy": remedy})))
        }
        ProxyState::Unknown => (None, None),
    };
    let mut details = view(state, proxy);
    details["username"] = json!(proxy.user_name);
    details["hasPassword"] = json!(proxy.has_password);
    details["checked"] = json!(checked);
    details["milliseconds"] = json!(milliseconds);
    details["cause"] = json!(cause);
    details
}

fn refused(problems: &[InputProblem]) -> ApiError {
    let found: Vec<_> = problems
        .iter()
        .map(|problem| match problem {
            InputProblem::Location(error) => {
                ("location", location_reason(error), ProxyProblem::Location(error.clone()))
            }
            InputProblem::Credentials(error) => {
                let (property, reason) = credential_reason(*error);
                (property, reason, ProxyProblem::Credentials(*error))
            }
        })
        .collect();
    let sentences: Vec<_> = found
        .iter()
        .map(|(.., problem)| webui::proxy_problem(Language::English, problem))
        .collect();
    let error = ApiError::bad_request("connapp/proxyRefused", sentences.join(" "));
    found.iter().fold(error, |error, (property, reason, _)| {
        error.with("property", *property).with("reason", *reason)
    })
}

const fn location_reason(error: &ProxyLocationError) -> &'static str {
    match error {
        ProxyLocationError::Empty => "missing",
        ProxyLocationError::Scheme { .. } => "scheme",
        ProxyLocationError::Credentials => "credentials",
        ProxyLocationError::Path => "path",
        ProxyLocationError::Spaces => "spaces",
        ProxyLocationError::Ipv6 => "ipv6",
        ProxyLocationError::NoPort => "noPort",
        ProxyLocationError::PortNotNumber { .. } => "portNotNumber",
        ProxyLocationError::PortRange { .. } => "portRange",
        ProxyLocationError::NoHost => "noHost",
        ProxyLocationError::NotAnAddress { .. } => "notAnAddress",
        ProxyLocationError::Address { .. } => "unusableAddress",
        ProxyLocationError::NotAHost { .. } => "notAHost",
    }
}

const fn credential_reason(error: ProxyCredentialError) -> (&'static str, &'static str) {
    match error {
        ProxyCredentialError::UserNameTooLong => ("username", "tooLong"),
        ProxyCredentialError::UserNameColon => ("username", "colon"),
        ProxyCredentialError::UserNameControl => ("username", "controlCharacter"),
        ProxyCredentialError::PasswordTooLong => ("password", "tooLong"),
        ProxyCredentialError::PasswordControl => ("password", "controlCharacter"),
        ProxyCredentialError::PasswordWithoutUserName => ("username", "missing"),
    }
}

fn bypass_refused(index: usize, error: &BypassListError) -> ApiError {
    let reason = match error {
        BypassListError::TooMany => "tooMany",
        BypassListError::Rule { reason, .. } => match reason {
            BypassRuleError::Empty => "notOneRule",
            BypassRuleError::Scheme { .. } => "scheme",
            BypassRuleError::Port => "port",
            BypassRuleError::Ipv6 => "ipv6",
            BypassRuleError::Wildcard => "wildcard",
            BypassRuleError::NotAnAddress { .. } => "notAnAddress",
            BypassRuleError::Mask(_) => "notAMask",
            BypassRuleError::HostBits { .. } => "hostBits",
            BypassRuleError::NotAName { .. } => "notAName",
        },
    };
    let detail = webui::bypass_problem(Language::English, error);
    ApiError::bad_request("connapp/proxyBypassRefused", detail)
        .with("property", format!("items[{index}]"))
        .with("reason", reason)
}

impl ApiError {
    /// A change that does not fit what is stored by now.
    pub(crate) fn settings_refused(refusal: &SettingsRefusal) -> Self {
        let (status, kind, property) = match refusal {
            SettingsRefusal::UnknownProxy | SettingsRefusal::UnknownRoot => {
                (StatusCode::NOT_FOUND, "common/notFound", "id")
            }
            SettingsRefusal::DuplicateProxy { .. } => {
                (StatusCode::CONFLICT, "connapp/alreadyExists", "location")
            }
            SettingsRefusal::DuplicateRoot { .. } => {
                (StatusCode::CONFLICT, "connapp/alreadyExists", "rootCA")
            }
            SettingsRefusal::TooManyProxies { .. }
            | SettingsRefusal::TooManyRoots { .. }
            | SettingsRefusal::RootsTooLarge { .. } => {
                (StatusCode::CONFLICT, "connapp/limitReached", "items")
            }
            SettingsRefusal::TooManyBypassRules { .. } => {
                (StatusCode::BAD_REQUEST, "connapp/proxyBypassRefused", "items")
            }
            SettingsRefusal::ProxyOrder => (StatusCode::BAD_REQUEST, "connapp/proxyRefused", "ids"),
            SettingsRefusal::ProxyPasswordNeeded => {
                (StatusCode::BAD_REQUEST, "connapp/proxyRefused", "password")
            }
        };
        let detail = webui::settings_refusal(Language::English, refusal);
        Self::new(status, kind, detail).with("property", property).with("reason", refusal.id())
    }
}
