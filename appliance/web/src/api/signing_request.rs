//! The request for a certificate of the admin page.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use bus::StoredSigningRequest;
use model::signing_request::SigningRequestRefusal;
use serde_json::{Value, json};
use tracing::info;
use webui::{Language, request_field_name};

use crate::api::answer::{json_response, no_content};
use crate::api::body::connections as body;
use crate::api::certificate::refusal;
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::certificate::Subject;
use crate::state::Shared;

/// `GET /certificate/request`.
pub(crate) async fn read(state: &Shared) -> Result<Response, ApiError> {
    let request = state.certificates.request().await.map_err(|error| refusal(&error))?;
    Ok(json_response(StatusCode::OK, &view(&request)))
}

/// `POST /certificate/request`: replaces the one before. Names default to those of the appliance.
pub(crate) async fn make(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let mut input = body::request(&json_body(request).await?)?;
    if input.names.is_empty() {
        input.names = Subject::of(state.network.borrow().as_ref()).names();
    }
    let made = state.certificates.make_request(input).await.map_err(|error| refusal(&error))?;
    state.see_settings(|status| status.signing_request.as_ref() == Some(&made.facts)).await;
    info!("A script makes a signing request");
    Ok(json_response(StatusCode::CREATED, &view(&made)))
}

/// `DELETE /certificate/request`.
pub(crate) async fn drop(state: &Shared) -> Result<Response, ApiError> {
    state.certificates.drop_request().await.map_err(|error| refusal(&error))?;
    state.see_settings(|status| status.signing_request.is_none()).await;
    info!("A script drops a signing request");
    Ok(no_content())
}

fn view(request: &StoredSigningRequest) -> Value {
    json!({
        "subject": request.facts.subject,
        "names": request.facts.names,
        "key": request.facts.key.name(),
        "created": request.facts.created,
        "request": request.request_pem,
    })
}

impl ApiError {
    pub(crate) fn request_refused(refusal: &SigningRequestRefusal) -> Self {
        let detail = webui::request_refusal(Language::English, refusal);
        let error = Self::bad_request("connapp/signingRequestRefused", detail);
        let error = match refusal.field() {
            Some(field) => error.with("property", request_field_name(field)),
            None => error,
        };
        error.with("reason", refusal.id())
    }

    pub(crate) fn unknown_key() -> Self {
        let detail = "The property \"key\" must be \"P-256\" or \"P-384\".";
        Self::bad_request("common/invalidEnum", detail).with("property", "key")
    }

    pub(crate) fn no_base64(property: &'static str) -> Self {
        let detail = format!("The property \"{property}\" is not base64.");
        Self::bad_request("connapp/invalidBase64", detail).with("property", property)
    }
}
