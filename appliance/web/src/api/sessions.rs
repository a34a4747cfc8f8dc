//! Answers of the operations on sessions, sign-ins, logs and metrics.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::info;

use crate::api::answer::{json_response, no_content};
use crate::api::error::ApiError;
use crate::api::operation::sessions::Action;
use crate::api::{bearer, last_segment, logs};
use crate::metrics::{self, Facts};
use crate::session::{Kind, Listed};
use crate::sign_in_history::SignInTry;
use crate::state::{Shared, now};

/// Does what the action says.
pub(crate) async fn answer(
    action: Action,
    state: &Shared,
    request: Request,
) -> Result<Response, ApiError> {
    match action {
        Action::ReadSessions => read_sessions(state, request.headers()),
        Action::EndSession => end_session(state, last_segment(&request)),
        Action::ReadSignIns => Ok(read_sign_ins(state)),
        Action::ReadLogs => logs::read(state, request.uri().query()).await,
        Action::ReadSyslog => Ok(json_response(StatusCode::OK, &logs::syslog_view(state))),
        Action::SetSyslog => logs::set_syslog(state, request).await,
        Action::DeleteSyslog => logs::delete_syslog(state).await,
        Action::MakeMetricsToken => make_metrics_token(state).await,
        Action::DeleteMetricsToken => delete_metrics_token(state).await,
        Action::ReadMetrics => Ok(read_metrics(state)),
    }
}

fn read_sessions(state: &Shared, headers: &HeaderMap) -> Result<Response, ApiError> {
    let own = bearer::id(headers, state)?;
    let listed = state.administrator.sessions().list(Instant::now());
    let items: Vec<_> = listed.iter().map(|listed| session_view(listed, &own, now())).collect();
    Ok(json_response(StatusCode::OK, &json!({"items": items})))
}

fn session_view(listed: &Listed, own: &str, now: i64) -> Value {
    let Listed { id, kind, client, age, idle, ends_in } = listed;
    let kind = match kind {
        Kind::Page => "browser",
        Kind::Token => "token",
    };
    json!({
        "id": id,
        "isOwn": id == own,
        "kind": kind,
        "source": client.source,
        "agent": client.agent,
        "started": now.saturating_sub_unsigned(age.as_secs()),
        "lastUsed": now.saturating_sub_unsigned(idle.as_secs()),
        "ends": now.saturating_add_unsigned(ends_in.as_secs()),
    })
}

fn end_session(state: &Shared, id: &str) -> Result<Response, ApiError> {
    if !state.administrator.sessions().end(id, Instant::now()) {
        return Err(ApiError::no_such("session", id));
    }
    info!(session = id, "A script has ended a session");
    Ok(no_content())
}

fn read_sign_ins(state: &Shared) -> Response {
    let tries = state.administrator.history().newest_first();
    let items: Vec<_> = tries.iter().map(sign_in_view).collect();
    json_response(StatusCode::OK, &json!({"items": items}))
}

fn sign_in_view(tried: &SignInTry) -> Value {
    let SignInTry { source, agent, way, outcome, count, first, last } = tried;
    json!({
        "source": source,
        "agent": agent,
        "way": way.name(),
        "result": outcome.name(),
        "count": count,
        "first": first,
        "last": last,
    })
}

async fn make_metrics_token(state: &Shared) -> Result<Response, ApiError> {
    let token = state.make_metrics_token().await?;
    info!("A script has made a token for metrics");
    Ok(json_response(StatusCode::CREATED, &json!({"token": token.expose()})))
}

async fn delete_metrics_token(state: &Shared) -> Result<Response, ApiError> {
    state.delete_metrics_token().await?;
    info!("A script has removed the token for metrics");
    Ok(no_content())
}

fn read_metrics(state: &Shared) -> Response {
    let facts = Facts {
        snapshot: state.snapshot(),
        diagnostics: state.diagnostics.borrow().clone(),
        capture: state.capture.borrow().clone(),
        journal: state.journal.borrow().clone(),
        certificate_not_after: state.certificates.facts().not_after,
        sessions: state.administrator.sessions().count(Instant::now()),
        sign_ins: state.administrator.history().totals(),
    };
    let mut response = Response::new(Body::from(metrics::render(&facts)));
    let media_type = HeaderValue::from_static(metrics::MEDIA_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
