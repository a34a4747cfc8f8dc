//! What each operation does.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use model::password;
use model::secret::Secret;
use model::supervision::InitResponse;
use serde::Serialize;
use serde_json::json;
use tracing::{error, warn};

use crate::administrator::{AdministratorError, CreationRefusal, Opening, Refusal, User};
use crate::api::body::{Credentials, PasswordChange};
use crate::api::error::ApiError;
use crate::api::operation::{Action, Operation};
use crate::api::{
    certificate, connections, diagnostics, directory, json_body, machine, network, openapi,
    registration, sessions, status,
};
use crate::listener::Source;
use crate::pages::visit::agent_of;
use crate::session::{Client, TOKEN_LIMIT};
use crate::state::Shared;
use crate::throttle::whole_seconds;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Body of the answer of `POST /$login`.
#[derive(Serialize)]
struct Token {
    token: Secret,
    /// In seconds.
    #[serde(rename = "expiresIn")]
    expires_in: u64,
}

/// Does what the operation says.
pub(crate) async fn answer(
    operation: &Operation,
    state: &Shared,
    request: Request,
) -> Result<Response, ApiError> {
    match operation.action {
        Action::ReadCredentials => read_credentials(state).await,
        Action::CreateCredentials => create_credentials(state, request).await,
        Action::LogIn => log_in(state, request).await,
        Action::ChangePassword => change_password(state, request).await,
        Action::ReplaceCertificate => certificate::replace(state, request).await,
        Action::Reboot => reboot(state).await,
        Action::ReadProcesses => machine::processes(state).await,
        Action::Reset => machine::reset(state, request).await,
        Action::ReadNetwork => network::read(state),
        Action::ChangeNetwork => network::change(state, request).await,
        Action::ConfirmNetwork => network::confirm(state).await,
        Action::RevertNetwork => network::revert(state).await,
        Action::ReadClock => network::read_clock(state),
        Action::KeepIdentity => machine::keep_identity(state).await,
        Action::ReadStatus => Ok(json_response(StatusCode::OK, &status::view(state))),
        Action::Connections(action) => connections::answer(action, state, request).await,
        Action::Diagnostics(action) => diagnostics::answer(action, state, request).await,
        Action::Directory(action) => directory::answer(action, state, request).await,
        Action::Registration(action) => registration::answer(action, state, request).await,
        Action::Sessions(action) => sessions::answer(action, state, request).await,
        Action::ReadDocument => Ok(json_response(StatusCode::OK, &openapi::document())),
    }
}

/// An answer with a JSON body.
pub(crate) fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    let body = serde_json::to_string(body).expect("bodies are plain values with text keys");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

pub(crate) fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

async fn read_credentials(state: &Shared) -> Result<Response, ApiError> {
    let is_set_up = state.has_administrator().await.ok_or_else(ApiError::unavailable)?;
    Ok(json_response(StatusCode::OK, &json!({"credentialsAreSetup": is_set_up})))
}

async fn create_credentials(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let Credentials { username, password } = Credentials::parse(&body)?;
    if state.has_administrator().await.ok_or_else(ApiError::unavailable)? {
        return Err(ApiError::credentials_exist());
    }
    if User::named(&username) == User::Unknown {
        return Err(ApiError::no_such_user());
    }
    password::check(password.expose())
        .map_err(|broken| ApiError::password_rules("password", &broken))?;
    match state.administrator.create(password, None).await {
        Ok(()) => {
            state.see_administrator().await;
            Ok(no_content())
        }
        Err(CreationRefusal::Exists) => Err(ApiError::credentials_exist()),
        Err(CreationRefusal::Unavailable(error)) => Err(failure(&error)),
    }
}

async fn log_in(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let client = client(&request)?;
    let body = json_body(request).await?;
    let Credentials { username, password } = Credentials::parse(&body)?;
    let token = state
        .administrator
        .sign_in(client, User::named(&username), password, Opening::Token)
        .await
        .map_err(refusal)?;
    Ok(json_response(StatusCode::OK, &Token { token, expires_in: TOKEN_LIMIT.as_secs() }))
}

async fn change_password(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let client = client(&request)?;
    let body = json_body(request).await?;
    let PasswordChange { username, current, new } = PasswordChange::parse(&body)?;
    password::check(new.expose())
        .map_err(|broken| ApiError::password_rules("newPassword", &broken))?;
    if new.expose() == current.expose() {
        return Err(ApiError::same_password("newPassword"));
    }
    state
        .administrator
        .change(client, User::named(&username), current, new)
        .await
        .map_err(refusal)?;
    Ok(no_content())
}

/// The answer to a restart that has begun.
pub(crate) fn accepted() -> Response {
    json_response(StatusCode::ACCEPTED, &json!({"status": "Accepted"}))
}

async fn reboot(state: &Shared) -> Result<Response, ApiError> {
    match state.restart().await {
        Ok(InitResponse::Accepted) => Ok(accepted()),
        Ok(answer) => {
            warn!(?answer, "PID 1 does not restart the machine");
            Err(ApiError::internal())
        }
        Err(error) => {
            warn!(%error, "PID 1 does not restart the machine");
            Err(ApiError::internal())
        }
    }
}

fn client(request: &Request) -> Result<Client, ApiError> {
    let source = request.extensions().get::<Source>().ok_or_else(ApiError::internal)?;
    Ok(Client { source: source.0, agent: agent_of(request.headers()) })
}

fn refusal(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Wrong(_) => ApiError::invalid_authentication(),
        Refusal::TooSoon(wait) => ApiError::too_soon(whole_seconds(wait)),
        Refusal::Unavailable(error) => failure(&error),
    }
}

fn failure(error: &AdministratorError) -> ApiError {
    error!(%error, "A request failed");
    match error {
        AdministratorError::Settings(_) => ApiError::unavailable(),
        _ => ApiError::internal(),
    }
}
