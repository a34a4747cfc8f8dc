//! Root certificate authorities that are trusted beside the built-in ones.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::Response;
use model::expiry::Expiry;
use model::root_ca::{RootCaFacts, RootCaRefusal};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tracing::{error, info};
use webui::Language;

use crate::api::answer::{json_response, no_content};
use crate::api::body::connections as body;
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::state::{Shared, now};

/// `GET /rootCA`.
pub(crate) fn read(state: &Shared) -> Result<Response, ApiError> {
    let roots = state.roots().ok_or_else(ApiError::unavailable)?;
    let items: Vec<_> = roots.iter().map(|root| view(root, now())).collect();
    Ok(json_response(StatusCode::OK, &json!({"items": items})))
}

/// `POST /rootCA`: effective at once.
pub(crate) async fn add(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let text = body::root(&json_body(request).await?)?;
    let checked = spawn_blocking(move || certificate::check_root(text.expose().as_bytes())).await;
    let checked = checked.map_err(|error| {
        error!(%error, "The check of an authority ended early");
        ApiError::internal()
    })?;
    let root = checked.map_err(|refusal| ApiError::root_refused(&refusal))?;
    let facts = root.facts.clone();
    state.changers.add_root(root).await?;
    info!(subject = facts.subject, "A script adds an authority");
    state.see_settings(|status| status.settings.roots.iter().any(|it| it.id == facts.id)).await;
    let mut response = json_response(StatusCode::CREATED, &view(&facts, now()));
    if let Ok(location) = format!("/rootCA/{}", facts.id).try_into() {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// `DELETE /rootCA/{id}`.
pub(crate) async fn delete(state: &Shared, id: String) -> Result<Response, ApiError> {
    state.roots().ok_or_else(ApiError::unavailable)?;
    state.root(&id).ok_or_else(|| ApiError::no_such("rootCA", &id))?;
    state.changers.delete_root(id.clone()).await?;
    info!(id, "A script deletes an authority");
    state.see_settings(|status| status.settings.roots.iter().all(|it| it.id != id)).await;
    Ok(no_content())
}

fn view(root: &RootCaFacts, now: i64) -> Value {
    json!({
        "id": root.id,
        "subject": root.subject,
        "issuer": root.issuer,
        "serialNumber": root.serial,
        "notBefore": root.not_before,
        "notAfter": root.not_after,
        "validity": validity(root.expiry(now)),
        "key": root.key,
        "sha1": root.sha1.to_string(),
        "sha256": root.sha256.to_string(),
    })
}

/// How the validity of a certificate stands, in one word.
pub(crate) const fn validity(expiry: Expiry) -> &'static str {
    match expiry {
        Expiry::Good => "valid",
        Expiry::ExpiresSoon { .. } => "expiresSoon",
        Expiry::Expired => "expired",
        Expiry::NotYetValid => "notYetValid",
    }
}

impl ApiError {
    fn root_refused(refusal: &RootCaRefusal) -> Self {
        let kind = match refusal {
            RootCaRefusal::Missing => "common/missing",
            RootCaRefusal::TooLarge { .. } => "common/tooLong",
            _ => "connapp/rootCARefused",
        };
        Self::bad_request(kind, webui::root_refusal(Language::English, refusal))
            .with("property", "rootCA")
            .with("reason", refusal.id())
    }
}
