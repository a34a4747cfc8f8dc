//! Answers of the operations on the registration with the cloud.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use bus::ApplicationProblem;
use model::channel::{
    Applicant, ChannelStatus, ConnectionState, ConnectionTrouble, EndingReason, Registration,
    RegistrationRefusal, RegistrationState, RegistrationStep, ShownCode,
};
use model::product::DEPLOYMENTS;
use model::utc::date_time;
use protocol::code::VERIFICATION_PATH;
use serde_json::{Value, json};

use crate::api::answer::json_response;
use crate::api::body::registration::{Unattended, by_code};
use crate::api::error::ApiError;
use crate::api::json_body;
use crate::api::operation::registration::Action;
use crate::listener::Source;
use crate::registration::RegistrationFailure;
use crate::state::Shared;

/// How often a script should ask whether the code has been entered, in seconds; as documented.
const POLLING_SECONDS: u64 = 30;

/// Does what the action says.
pub(crate) async fn answer(
    action: Action,
    state: &Shared,
    request: Request,
) -> Result<Response, ApiError> {
    let source = request.extensions().get::<Source>().map(|source| source.0);
    let source = source.ok_or_else(ApiError::internal)?;
    match action {
        Action::Read => {
            let status = state.channel_now().await?;
            Ok(json_response(StatusCode::OK, &view(&status)))
        }
        Action::Register => {
            let application = by_code(&json_body(request).await?)?;
            let status = state.register(application, source).await?;
            Ok(json_response(StatusCode::CREATED, &view(&status)))
        }
        Action::Unattended => {
            let Unattended { application, client, secret } =
                Unattended::parse(&json_body(request).await?)?;
            state.register_unattended(application, client, secret, source).await?;
            Ok(json_response(StatusCode::OK, &json!({"status": "Registered"})))
        }
        Action::End => {
            let is_told = state.unregister(source).await.map_err(|failure| match failure {
                RegistrationFailure::Conflict => ApiError::nothing_to_do(),
                failure => failure.into(),
            })?;
            Ok(json_response(StatusCode::OK, &json!({"cloudTold": is_told})))
        }
    }
}

/// The documented members, and those of our own.
fn view(status: &ChannelStatus) -> Value {
    let mut view = match &status.registration {
        RegistrationState::NotRegistered { last } => {
            let cause = last.as_ref().map(|last| match &last.reason {
                EndingReason::Refused { reason } => {
                    json!({"id": reason.id(), "detail": reason.to_string()})
                }
                EndingReason::Removed => json!({
                    "id": "registration.removed",
                    "detail": "the appliance was removed in the cloud",
                }),
                EndingReason::Sealed { trouble } => {
                    json!({"id": "registration.sealed", "detail": trouble.to_string()})
                }
            });
            json!({"status": "Unregistered", "state": "notRegistered", "cause": cause})
        }
        RegistrationState::Registering { applicant, step, trouble } => {
            registering(applicant, step, trouble.as_ref())
        }
        RegistrationState::Registered { registration } => {
            let mut view = registered(registration);
            view["keySealed"] = status.key_is_sealed.into();
            view
        }
    };
    view["connections"] = status.connections.iter().map(|it| connection(&it.state)).collect();
    view
}

fn registering(
    applicant: &Applicant,
    step: &RegistrationStep,
    trouble: Option<&ConnectionTrouble>,
) -> Value {
    let state = match step {
        RegistrationStep::Connecting => "connecting",
        RegistrationStep::CodeShown { .. } => "codeShown",
        RegistrationStep::Confirming { .. } => "confirming",
        RegistrationStep::CodeExpired { .. } => "codeExpired",
        RegistrationStep::Proving => "proving",
    };
    let mut view = json!({
        "status": "Unregistered",
        "state": state,
        "name": applicant.name,
        "cloud": applicant.cloud,
        "cause": trouble.map(cause),
    });
    if let RegistrationStep::CodeShown { code, security_number, expires_at }
    | RegistrationStep::Confirming { code, security_number, expires_at } = step
    {
        let ShownCode(code) = code;
        view["code"] = json!(code);
        view["pollingInterval"] = json!(POLLING_SECONDS);
        view["verificationUrl"] = json!(format!("https://{}{VERIFICATION_PATH}", applicant.cloud));
        view["expiryTimestamp"] = json!(date_time(expires_at.saturating_mul(1000)));
        view["securityNumber"] = json!(security_number);
    }
    view
}

fn registered(registration: &Registration) -> Value {
    json!({
        "status": "Registered",
        "state": "registered",
        "name": registration.name,
        "cloud": registration.cloud,
        "connectorId": registration.connector,
        "customerId": registration.customer,
        "customerName": registration.customer_name,
        "resourceLocationId": registration.location,
        "resourceLocationName": registration.location_name,
        "certificateExpiry": date_time(registration.certificate_ends_at.saturating_mul(1000)),
        "cause": null,
    })
}

fn connection(state: &ConnectionState) -> Value {
    match state {
        ConnectionState::Connecting => json!({"state": "connecting", "cause": null}),
        ConnectionState::Connected => json!({"state": "connected", "cause": null}),
        ConnectionState::Failed { trouble } => {
            json!({"state": "failed", "cause": cause(trouble)})
        }
    }
}

fn cause(trouble: &ConnectionTrouble) -> Value {
    json!({"id": trouble.id(), "detail": trouble.to_string()})
}

impl ApiError {
    /// There is no such deployment.
    pub(crate) fn unknown_deployment() -> Self {
        let names = DEPLOYMENTS.map(|(name, _)| name).join(", ");
        let detail = format!("The property \"deployment\" must be one of {names}.");
        Self::bad_request("common/invalidEnum", detail).with("property", "deployment")
    }

    /// A property of an application cannot be used.
    pub(crate) fn refused_property(property: &'static str, detail: String) -> Self {
        Self::bad_request("connapp/registrationRefused", detail).with("property", property)
    }
}

impl From<RegistrationFailure> for ApiError {
    fn from(failure: RegistrationFailure) -> Self {
        match failure {
            RegistrationFailure::Invalid(problem) => match problem {
                ApplicationProblem::Name { detail } => Self::refused_property("name", detail),
                ApplicationProblem::Deployment => Self::unknown_deployment(),
                ApplicationProblem::Identifier => {
                    let detail = "An identifier has 1 to 128 letters, digits and signs, as the \
                                  cloud gave it.";
                    Self::refused_property("identifier", detail.to_owned())
                }
            },
            // As documented for a second registration; the sentence is ours.
            RegistrationFailure::Conflict => {
                let detail = "The appliance is registered already, or is being registered. \
                              GET /registration shows as what; DELETE /registration ends it.";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "connapp/error", detail)
            }
            RegistrationFailure::Refused(reason) => refused(&reason),
            RegistrationFailure::Failed => Self::internal(),
            RegistrationFailure::Silent => Self::unavailable(),
        }
    }
}

fn refused(reason: &RegistrationRefusal) -> ApiError {
    let (status, kind) = match reason {
        RegistrationRefusal::NameTaken => (StatusCode::CONFLICT, "connapp/alreadyExists"),
        RegistrationRefusal::Rejected
        | RegistrationRefusal::UnknownLocation
        | RegistrationRefusal::ClientRefused
        | RegistrationRefusal::CloudNotProven => {
            (StatusCode::BAD_REQUEST, "connapp/registrationRefused")
        }
        RegistrationRefusal::NotStored { .. } => {
            (StatusCode::INTERNAL_SERVER_ERROR, "connapp/error")
        }
        // The appliance asks the cloud for the client, as a gateway.
        RegistrationRefusal::TooMany
        | RegistrationRefusal::Malformed
        | RegistrationRefusal::Unavailable
        | RegistrationRefusal::WrongCertificate { .. }
        | RegistrationRefusal::Unreached { .. } => (StatusCode::BAD_GATEWAY, "connapp/cloudFailed"),
    };
    let error = ApiError::new(status, kind, format!("The appliance is not registered: {reason}."));
    let error = error.with("reason", reason.id());
    match reason {
        RegistrationRefusal::Unreached { trouble } => error.with("cause", trouble.id()),
        _ => error,
    }
}
