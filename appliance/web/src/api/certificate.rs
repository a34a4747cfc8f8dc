//! The certificate of the admin page: reading and replacing it.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use certificate::CertificateDetails;
use model::certificate::CertificateRefusal;
use model::pkcs12::Pkcs12Refusal;
use serde_json::{Value, json};
use tracing::{error, info};
use webui::Language;

use crate::api::answer::json_response;
use crate::api::body::{self, CertificateReplacement};
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::api::roots::validity;
use crate::certificate::{ChangeError, Commitment, is_own};
use crate::pages::certificate::is_on_trial;
use crate::state::{Shared, now};

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

/// `GET /certificate`.
pub(crate) fn read(state: &Shared) -> Response {
    let active = state.certificates.active();
    let details = certificate::details(&active.stored.chain_pem);
    let chain: Vec<_> = details.iter().map(view).collect();
    let requested = state.signing_request().map(|request| request.created);
    let body = json!({
        "isSelfSigned": active.description.is_self_signed,
        "madeHere": is_own(&active.description),
        "onTrial": is_on_trial(state),
        "requested": requested,
        "chain": chain,
    });
    json_response(StatusCode::OK, &body)
}

/// `POST /certificate/$importPkcs12`: for good and at once.
pub(crate) async fn import(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let (file, passphrase) = body::connections::pkcs12(&json_body(request).await?)?;
    let imported = state.certificates.import(file, passphrase, Commitment::Final).await;
    let active = imported.map_err(|error| refusal(&error))?;
    info!(sha1 = %active.facts.sha1, "A script has imported a certificate");
    Ok(json_response(StatusCode::ACCEPTED, &json!({"status": "accepted"})))
}

/// `POST /certificate/$install`: what was signed for the request that waits, for good and at once.
pub(crate) async fn install(state: &Shared, request: Request) -> Result<Response, ApiError> {
    let certificate = body::connections::signed(&json_body(request).await?)?;
    let installed = state.certificates.install(certificate, Commitment::Final).await;
    let active = installed.map_err(|error| match &error {
        ChangeError::Refused(refused @ CertificateRefusal::KeyMismatch { .. }) => {
            let detail = webui::signed_refusal(Language::English, refused);
            ApiError::bad_request("connapp/certificateRefused", detail)
                .with("property", "certBytes")
                .with("reason", refused.id())
        }
        error => refusal(error),
    })?;
    info!(sha1 = %active.facts.sha1, "A script has installed a signed certificate");
    Ok(json_response(StatusCode::ACCEPTED, &json!({"status": "accepted"})))
}

fn view(details: &CertificateDetails) -> Value {
    let (facts, description) = (&details.facts, &details.description);
    json!({
        "subject": description.subject,
        "issuer": description.issuer,
        "serialNumber": details.serial,
        "names": facts.names,
        "notBefore": facts.not_before,
        "notAfter": facts.not_after,
        "validity": validity(facts.expiry(now())),
        "key": details.key,
        "signature": details.signature,
        "sha1": facts.sha1.to_string(),
        "sha256": facts.sha256.to_string(),
    })
}

/// The error for a change that was not made.
pub(crate) fn refusal(failure: &ChangeError) -> ApiError {
    match failure {
        ChangeError::Refused(refusal) => return ApiError::certificate_refused(refusal),
        ChangeError::File(refusal) => return pkcs12_refused(refusal),
        ChangeError::Request(refusal) => return ApiError::request_refused(refusal),
        ChangeError::NoRequest => return ApiError::no_such("signingRequest", "request"),
        _ => {}
    }
    error!(error = %failure, "The certificate cannot be replaced");
    match failure {
        ChangeError::Settings(_) => ApiError::unavailable(),
        _ => ApiError::internal(),
    }
}

fn pkcs12_refused(refusal: &Pkcs12Refusal) -> ApiError {
    let (kind, property) = match refusal {
        Pkcs12Refusal::Missing => ("common/missing", "pkcs12"),
        Pkcs12Refusal::TooLarge { .. } => ("common/tooLong", "pkcs12"),
        Pkcs12Refusal::PassphraseTooLong { .. } => ("common/tooLong", "passphrase"),
        Pkcs12Refusal::PassphraseMissing | Pkcs12Refusal::WrongPassphrase => {
            ("connapp/certificateRefused", "passphrase")
        }
        _ => ("connapp/certificateRefused", "pkcs12"),
    };
    ApiError::bad_request(kind, webui::pkcs12_refusal(Language::English, refusal))
        .with("property", property)
        .with("reason", refusal.id())
}
