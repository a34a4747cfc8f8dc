//! The documented error object.

use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::request::{Failure, FailureKind};
use registry::{NameError, Refusal, RegistryError};
use serde::Serialize;
use tracing::{error, warn};

use crate::appliances::ApplianceError;
use crate::call::json_response;
use crate::in_flight::MAX_IN_FLIGHT;
use crate::order::Unanswered;
use crate::request_body;

/// Beginning of every `type`; it need not resolve.
pub(crate) const TYPE_PREFIX: &str = "https://errors-api.cloud.com/";
/// Seconds after which a client may ask again when a part does not answer.
const RETRY_SECONDS: u64 = 5;
/// Most characters of what an appliance says that are passed on.
const MAX_SAID: usize = 500;

/// An error as a client sees it: a status, a `type` that programs compare, a sentence for a person,
/// and named values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    kind: String,
    detail: String,
    parameters: Vec<Parameter>,
    /// One more header field. Boxed: errors are returned by value a lot.
    header: Option<Box<(HeaderName, String)>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Parameter {
    name: &'static str,
    value: String,
}

/// The body, with its members in the documented order.
#[derive(Serialize)]
struct ErrorObject<'a> {
    #[serde(rename = "type")]
    kind: String,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[Parameter]>::is_empty")]
    parameters: &'a [Parameter],
}

impl ApiError {
    fn new(status: StatusCode, kind: impl Into<String>, detail: impl Into<String>) -> Self {
        let (kind, detail) = (kind.into(), detail.into());
        Self { status, kind, detail, parameters: Vec::new(), header: None }
    }

    fn bad(kind: &str, detail: impl Into<String>, property: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, kind, detail).with("property", property)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push(Parameter { name, value: value.into() });
        self
    }

    fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.header = Some(Box::new((name, value.into())));
        self
    }

    /// The HTTP status code.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// What kind of error it is: the part of `type` behind the common beginning.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The sentence for a person.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    // --- Who asks -----------------------------------------------------------------------------

    pub(crate) fn missing_authentication() -> Self {
        Self::authentication("missing", "Missing authentication details. Get a token first.")
    }

    pub(crate) fn invalid_authentication() -> Self {
        Self::authentication("invalid", "Invalid authentication details. Get a new token.")
    }

    pub(crate) fn wrong_client() -> Self {
        Self::authentication("invalid", Refusal::WrongClient.to_string())
    }

    fn authentication(reason: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "common/authentication", detail)
            .with("reason", reason)
            .with_header(WWW_AUTHENTICATE, "CwsAuth, Bearer")
    }

    pub(crate) fn other_customer(customer: &str) -> Self {
        let detail = "Access denied. The token belongs to another customer.";
        Self::new(StatusCode::FORBIDDEN, "common/authorization", detail)
            .with("entityType", "Customer")
            .with("id", customer.chars().take(64).collect::<String>())
    }

    pub(crate) fn no_right(right: &str) -> Self {
        let detail = format!(
            "Access denied. The administrator who made the secure client needs {right} access."
        );
        Self::new(StatusCode::FORBIDDEN, "common/authorization", detail).with("right", right)
    }

    pub(crate) fn too_many_requests(wait_seconds: u64) -> Self {
        let detail = format!("Too many requests. Try again in {wait_seconds} seconds.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "common/rateLimitExceeded", detail)
            .with("retryDelay", wait_seconds.to_string())
            .with_header(RETRY_AFTER, wait_seconds.to_string())
    }

    // --- What is asked ------------------------------------------------------------------------

    pub(crate) fn no_path(path: &str) -> Self {
        let id: String = path.chars().take(256).collect();
        Self::new(StatusCode::NOT_FOUND, "common/notFound", "There is no such path.")
            .with("entityType", "path")
            .with("id", id)
    }

    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        let detail = format!("This path takes {allowed} only.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "cloud/methodNotAllowed", detail)
            .with_header(ALLOW, allowed)
    }

    pub(crate) fn not_acceptable() -> Self {
        let detail = "Must accept application/json media type";
        Self::new(StatusCode::NOT_ACCEPTABLE, "common/notAcceptable", detail)
            .with("contentType", "application/json")
    }

    pub(crate) fn unsupported_media_type(media_type: &str) -> Self {
        let detail = "The body of the request must be application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "common/unsupportedMediaType", detail)
            .with("mediaType", media_type.chars().take(64).collect::<String>())
    }

    pub(crate) fn body_too_large() -> Self {
        let limit = request_body::MAX_BYTES;
        let detail = format!("The body of the request is larger than {limit} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "cloud/bodyTooLarge", detail)
            .with("limit", limit.to_string())
    }

    pub(crate) fn body_too_slow() -> Self {
        let detail = "The body of the request did not arrive in time.";
        Self::new(StatusCode::REQUEST_TIMEOUT, "cloud/requestTimeout", detail)
    }

    // --- The body and the query ---------------------------------------------------------------

    pub(crate) fn invalid_json(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "common/invalidJson", detail)
    }

    pub(crate) fn missing(property: &str) -> Self {
        Self::bad("common/missing", format!("\"{property}\" is missing."), property)
    }

    pub(crate) fn no_string(property: &str) -> Self {
        Self::bad("common/invalidString", format!("\"{property}\" must be a string."), property)
    }

    pub(crate) fn no_boolean(property: &str) -> Self {
        Self::bad(
            "cloud/invalidBoolean",
            format!("\"{property}\" must be true or false."),
            property,
        )
    }

    pub(crate) fn no_list(property: &str) -> Self {
        Self::bad("cloud/invalidList", format!("\"{property}\" must be a list."), property)
    }

    pub(crate) fn too_long(property: &str, limit: usize) -> Self {
        let detail = format!("\"{property}\" is longer than {limit} characters.");
        Self::bad("common/tooLong", detail, property).with("limit", limit.to_string())
    }

    pub(crate) fn out_of_range(property: &str, range: &str) -> Self {
        Self::bad("common/outOfRange", format!("\"{property}\" must be {range}."), property)
    }

    pub(crate) fn invalid_enum(property: &str, allowed: &[&str]) -> Self {
        let detail = format!("\"{property}\" must be one of: {}.", allowed.join(", "));
        Self::bad("common/invalidEnum", detail, property)
    }

    pub(crate) fn invalid_value(property: &str, wanted: &str) -> Self {
        Self::bad("common/invalidString", format!("\"{property}\" must be {wanted}."), property)
    }

    pub(crate) fn unknown_property(property: &str) -> Self {
        let name: String = property.chars().take(64).collect();
        Self::bad(
            "cloud/unknownProperty",
            format!("There is no \"{name}\" in this request."),
            &name,
        )
    }

    pub(crate) fn duplicate_property(property: &str) -> Self {
        let name: String = property.chars().take(64).collect();
        Self::bad("cloud/duplicateProperty", format!("\"{name}\" stands there twice."), &name)
    }

    // --- Our side -----------------------------------------------------------------------------

    pub(crate) fn internal() -> Self {
        let detail = "An error has occurred. The log of the service says which.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "cloud/error", detail)
    }

    fn unavailable(detail: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "common/serviceUnavailable", detail)
            .with("retryDelay", RETRY_SECONDS.to_string())
            .with_header(RETRY_AFTER, RETRY_SECONDS.to_string())
    }

    pub(crate) fn stopping() -> Self {
        Self::unavailable("This node stops soon; another one takes requests.")
    }

    pub(crate) fn too_many_in_flight() -> Self {
        let detail = format!(
            "{MAX_IN_FLIGHT} requests of this customer are on their way to appliances already. Wait \
             for the answer to one of them."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "common/rateLimitExceeded", detail)
            .with("reason", "inFlight")
            .with("retryDelay", "1")
            .with_header(RETRY_AFTER, "1")
    }

    fn connectors_busy() -> Self {
        Self::unavailable("All connectors have as much to do as they can. Try again, or add one.")
            .with("reason", "busy")
    }

    fn deadline() -> Self {
        let detail = "No connector answered in time. Try again, with a longer Timeout.";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "cloud/deadline", detail)
    }

    /// A web server inside did not answer.
    pub(crate) fn server_too_slow(seconds: u32) -> Self {
        let detail = format!("The web server did not answer within {seconds} seconds.");
        Self::new(StatusCode::GATEWAY_TIMEOUT, "cloud/deadline", detail)
    }

    /// The answer of a connector cannot be read.
    pub(crate) fn strange_answer() -> Self {
        let detail = "The connector answers what this service does not understand. Update whichever \
                      of both is older.";
        Self::new(StatusCode::BAD_GATEWAY, "cloud/connectorFailed", detail)
            .with("reason", "strangeAnswer")
    }

    fn connector_failed(kind: FailureKind, detail: &str) -> Self {
        let reason = match kind {
            FailureKind::Invalid => "invalid",
            FailureKind::Unsupported => "unsupported",
            FailureKind::Busy => "busy",
            FailureKind::Unreachable => "unreachable",
            FailureKind::NotFound => "notFound",
            FailureKind::Deadline => "deadline",
            FailureKind::Unknown => "unknown",
            FailureKind::Refused => "refused",
            FailureKind::Internal => "internal",
        };
        Self::new(StatusCode::BAD_GATEWAY, "cloud/connectorFailed", detail).with("reason", reason)
    }

    pub(crate) fn no_gateway() -> Self {
        Self::unavailable("No gateway runs here that could contact the appliance. Try again.")
    }
}

/// What an appliance says is passed on within limits.
pub(crate) fn said(detail: &str) -> String {
    detail.chars().take(MAX_SAID).collect()
}

impl From<&Refusal> for ApiError {
    fn from(refusal: &Refusal) -> Self {
        let detail = refusal.to_string();
        let (status, kind) = match refusal {
            Refusal::NoSuch { kind, id } => {
                return Self::new(StatusCode::NOT_FOUND, "common/notFound", detail)
                    .with("entityType", kind.name())
                    .with("id", id.as_str());
            }
            Refusal::Name(NameError::Empty) => (StatusCode::BAD_REQUEST, "common/missing"),
            Refusal::Name(NameError::TooLong(_)) | Refusal::TooLong { .. } => {
                (StatusCode::BAD_REQUEST, "common/tooLong")
            }
            Refusal::Name(_) | Refusal::Email(_) | Refusal::Password(_) | Refusal::NoCode(_) => {
                (StatusCode::BAD_REQUEST, "common/invalidString")
            }
            Refusal::WebAddress(_) => {
                return Self::bad("common/invalidString", detail, "address")
                    .with("reason", refusal.id());
            }
            Refusal::TimeZone(_) => (StatusCode::BAD_REQUEST, "common/invalidEnum"),
            Refusal::Start | Refusal::Inactivity => (StatusCode::BAD_REQUEST, "common/outOfRange"),
            Refusal::NoRights => (StatusCode::BAD_REQUEST, "common/missing"),
            Refusal::LocationHasConnectors(_) => {
                (StatusCode::CONFLICT, "common/optimisticConcurrency")
            }
            Refusal::ReadOnlyLocation => (StatusCode::FORBIDDEN, "common/authorization"),
            Refusal::UnknownCode => (StatusCode::NOT_FOUND, "common/notFound"),
            Refusal::WrongClient | Refusal::WrongCredentials => return Self::wrong_client(),
            _ => (StatusCode::CONFLICT, "cloud/conflict"),
        };
        Self::new(status, kind, detail).with("reason", refusal.id())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::from(&refusal)
    }
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Refused(refusal) => Self::from(&refusal),
            RegistryError::Unavailable(cause) => {
                warn!(%cause, "The database does not answer");
                Self::unavailable("The database does not answer. Try again.")
            }
            RegistryError::DiskFull(cause) => {
                error!(%cause, "The disk of the database is full");
                Self::unavailable(
                    "The disk of the database is full. The operator of the service has to make room.",
                )
                .with("reason", "diskFull")
            }
            error => {
                error!(%error, "A request failed");
                Self::internal()
            }
        }
    }
}

impl From<ApplianceError> for ApiError {
    fn from(error: ApplianceError) -> Self {
        match error {
            ApplianceError::Registry(error) => Self::from(error),
            ApplianceError::Unreachable => {
                let detail = error.to_string();
                Self::new(StatusCode::CONFLICT, "cloud/conflict", detail)
                    .with("reason", "unreachable")
            }
            ApplianceError::Unavailable(cause) => {
                warn!(cause, "No gateway does what it was asked");
                Self::no_gateway()
            }
        }
    }
}

impl From<Unanswered> for ApiError {
    fn from(cause: Unanswered) -> Self {
        match cause {
            Unanswered::NobodyThere => Self::unavailable(
                "No connector is connected that could answer. See in the console whether connectors \
                 run and reach the cloud, and try again.",
            )
            .with("reason", "noConnector"),
            Unanswered::Busy => Self::connectors_busy(),
            Unanswered::Deadline => Self::deadline(),
            Unanswered::Failed(failure) => Self::from(failure),
            Unanswered::InDoubt => {
                let detail = "The connector was lost. Nobody knows whether it carried the request out.";
                Self::connector_failed(FailureKind::Unknown, detail)
            }
            Unanswered::Broken => Self::invalid_json("The body of the request breaks off."),
            Unanswered::Unavailable(cause) => {
                warn!(cause, "No gateway takes a request");
                Self::no_gateway()
            }
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        let said = said(&failure.detail);
        match failure.kind {
            FailureKind::Busy => Self::connectors_busy(),
            FailureKind::Deadline => Self::deadline(),
            FailureKind::Unsupported => {
                let detail = format!("The connector cannot do it: {said}. Update the appliance.");
                Self::new(StatusCode::NOT_IMPLEMENTED, "common/notImplemented", detail)
            }
            kind => Self::connector_failed(kind, &format!("The connector cannot do it: {said}.")),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let object = ErrorObject {
            kind: format!("{TYPE_PREFIX}{}", self.kind),
            detail: &self.detail,
            parameters: &self.parameters,
        };
        let mut response = json_response(self.status, &object);
        if let Some((name, value)) = self.header.map(|field| *field)
            && let Ok(value) = HeaderValue::try_from(value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
