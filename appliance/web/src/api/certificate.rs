//! Replacing the certificate of the admin page.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use tracing::{error, info};

use crate::api::answer::json_response;
use crate::api::body::CertificateReplacement;
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::certificate::{ChangeError, Commitment};
use crate::state::Shared;

/// `POST /$replaceSslCert`: for good and at once.
pub(crate) async fn replace(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let body = json_body(request).await?;
    let CertificateReplacement(input) = CertificateReplacement::parse(&body)?;
    let active = state
        .certificates
        .replace(input, Commitment::Final)
        .await
        .map_err(|error| refusal(&error))?;
    info!(sha1 = %active.facts.sha1, "A script has replaced the certificate");
    Ok(json_response(StatusCode::ACCEPTED, &json!({"status": "accepted"})))
}

fn refusal(failure: &ChangeError) -> ApiError {
    if let ChangeError::Refused(refusal) = failure {
        return ApiError::certificate_refused(refusal);
    }
    error!(error = %failure, "The certificate cannot be replaced");
    match failure {
        ChangeError::Settings(_) => ApiError::unavailable(),
        _ => ApiError::internal(),
    }
}
