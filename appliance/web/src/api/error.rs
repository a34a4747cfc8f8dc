//! The documented error object.

use axum::http::header::{ALLOW, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use model::certificate::{CertificateField, CertificateRefusal};
use model::password::{ADMINISTRATOR, MAX_BYTES, PasswordError};
use serde::Serialize;
use tracing::error;
use webui::Language;

use crate::api::answer::json_response;
use crate::changes::ChangeFailure;
use crate::request_body;

/// Beginning of every `type`; it need not resolve.
pub(crate) const TYPE_PREFIX: &str = "https://errors-api.cloud.com/";

/// An error as a client sees it: a status, a `type` that programs compare, a sentence for a person,
/// and named values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    kind: &'static str,
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
    /// The body is well-formed and asks for something that cannot be.
    pub(crate) fn bad_request(kind: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, kind, detail)
    }

    pub(crate) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), parameters: Vec::new(), header: None }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
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
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    // --- Who asks -----------------------------------------------------------------------------

    pub(crate) fn missing_authentication() -> Self {
        let detail = "Missing authentication details";
        Self::new(StatusCode::UNAUTHORIZED, "common/authentication", detail)
            .with("reason", "missing")
            .with_header(WWW_AUTHENTICATE, "Bearer")
    }

    pub(crate) fn invalid_authentication() -> Self {
        let detail = "Invalid authentication details";
        Self::new(StatusCode::UNAUTHORIZED, "common/authentication", detail)
            .with("reason", "invalid")
            .with_header(WWW_AUTHENTICATE, "Bearer")
    }

    pub(crate) fn other_site() -> Self {
        let detail = "Access denied. The request was sent by a page of another site.";
        Self::new(StatusCode::FORBIDDEN, "common/authorization", detail)
    }

    pub(crate) fn misdirected() -> Self {
        let detail = "The Host header names another machine. Use the address or the host name of \
                      the appliance.";
        Self::new(StatusCode::MISDIRECTED_REQUEST, "connapp/misdirectedRequest", detail)
    }

    pub(crate) fn too_soon(wait_seconds: u64) -> Self {
        let detail = format!(
            "Too many wrong passwords. The next one is looked at in {wait_seconds} seconds."
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, "common/rateLimitExceeded", detail)
            .with("retryDelay", wait_seconds.to_string())
            .with_header(RETRY_AFTER, wait_seconds.to_string())
    }

    // --- What is asked ------------------------------------------------------------------------

    pub(crate) fn not_found(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "common/notFound", "There is no such path.")
            .with("entityType", "path")
            .with("id", path)
    }

    /// Nothing of this kind has this identifier.
    pub(crate) fn no_such(kind: &'static str, id: &str) -> Self {
        let detail = format!("There is no such {kind}.");
        Self::new(StatusCode::NOT_FOUND, "common/notFound", detail)
            .with("entityType", kind)
            .with("id", id)
    }

    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        let detail = format!("This path takes {allowed} only.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "connapp/methodNotAllowed", detail)
            .with_header(ALLOW, allowed)
    }

    pub(crate) fn unsupported_media_type(media_type: &str) -> Self {
        let detail = "The body of the request must be application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "common/unsupportedMediaType", detail)
            .with("mediaType", media_type)
    }

    pub(crate) fn body_too_large() -> Self {
        let limit = request_body::MAX_BYTES;
        let detail = format!("The body of the request is larger than {limit} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "connapp/bodyTooLarge", detail)
            .with("limit", limit.to_string())
    }

    pub(crate) fn body_too_slow() -> Self {
        let detail = "The body of the request did not arrive in time.";
        Self::new(StatusCode::REQUEST_TIMEOUT, "connapp/requestTimeout", detail)
            .with_header(CONNECTION, "close")
    }

    pub(crate) fn body_broken() -> Self {
        Self::invalid_json("The body of the request breaks off.")
    }

    // --- The body -----------------------------------------------------------------------------

    pub(crate) fn invalid_json(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "common/invalidJson", detail)
    }

    pub(crate) fn invalid_json_at(detail: impl Into<String>, line: usize, column: usize) -> Self {
        Self::invalid_json(detail).with("line", line.to_string()).with("column", column.to_string())
    }

    pub(crate) fn missing(property: &'static str) -> Self {
        let detail = format!("The property \"{property}\" is missing.");
        Self::new(StatusCode::BAD_REQUEST, "common/missing", detail).with("property", property)
    }

    pub(crate) fn no_string(property: &'static str) -> Self {
        let detail = format!("The property \"{property}\" must be a string.");
        Self::new(StatusCode::BAD_REQUEST, "common/invalidString", detail)
            .with("property", property)
    }

    pub(crate) fn no_list(property: &'static str) -> Self {
        let detail = format!("The property \"{property}\" must be a list of strings.");
        Self::new(StatusCode::BAD_REQUEST, "connapp/invalidList", detail).with("property", property)
    }

    pub(crate) fn no_number(property: &'static str) -> Self {
        let detail = format!("The property \"{property}\" must be a whole number.");
        Self::new(StatusCode::BAD_REQUEST, "connapp/invalidNumber", detail)
            .with("property", property)
    }

    pub(crate) fn unknown_method() -> Self {
        let detail = "The property \"method\" must be \"automatic\" or \"static\".";
        Self::new(StatusCode::BAD_REQUEST, "common/invalidEnum", detail).with("property", "method")
    }

    pub(crate) fn only_for_static(property: &'static str) -> Self {
        let detail = format!("The property \"{property}\" needs the method \"static\".");
        Self::new(StatusCode::BAD_REQUEST, "connapp/unknownProperty", detail)
            .with("property", property)
    }

    pub(crate) fn too_long(property: &'static str, limit: usize) -> Self {
        let detail = format!("The property \"{property}\" is longer than {limit} bytes.");
        Self::new(StatusCode::BAD_REQUEST, "common/tooLong", detail)
            .with("property", property)
            .with("limit", limit.to_string())
    }

    pub(crate) fn too_many(property: &'static str, limit: usize) -> Self {
        let detail = format!("The property \"{property}\" has more than {limit} entries.");
        Self::new(StatusCode::BAD_REQUEST, "common/tooLong", detail)
            .with("property", property)
            .with("limit", limit.to_string())
    }

    pub(crate) fn unknown_property(property: &str) -> Self {
        let detail = format!("There is no property \"{property}\" in this request.");
        Self::new(StatusCode::BAD_REQUEST, "connapp/unknownProperty", detail)
            .with("property", property)
    }

    pub(crate) fn duplicate_property(property: &str) -> Self {
        let detail = format!("The property \"{property}\" stands twice in this request.");
        Self::new(StatusCode::BAD_REQUEST, "connapp/duplicateProperty", detail)
            .with("property", property)
    }

    // --- The password -------------------------------------------------------------------------

    pub(crate) fn password_rules(property: &'static str, broken: &[PasswordError]) -> Self {
        if broken.contains(&PasswordError::TooLong) {
            return Self::too_long(property, MAX_BYTES);
        }
        let sentences: Vec<_> = broken.iter().map(ToString::to_string).collect();
        let mut detail = sentences.join("; ");
        capitalize(&mut detail);
        detail.push('.');
        let error = Self::new(StatusCode::BAD_REQUEST, "common/invalidString", detail)
            .with("property", property);
        broken.iter().fold(error, |error, rule| error.with("rule", rule_name(*rule)))
    }

    pub(crate) fn same_password(property: &'static str) -> Self {
        let detail = "The new password is the current one.";
        Self::new(StatusCode::BAD_REQUEST, "common/invalidString", detail)
            .with("property", property)
            .with("rule", "sameAsCurrent")
    }

    pub(crate) fn no_such_user() -> Self {
        let detail = format!("The only user name is \"{ADMINISTRATOR}\".");
        Self::new(StatusCode::BAD_REQUEST, "common/invalidEnum", detail)
            .with("property", "username")
    }

    pub(crate) fn credentials_exist() -> Self {
        let detail = "The credentials are set up already. Change the password with \
                      POST /$changePassword.";
        Self::new(StatusCode::CONFLICT, "connapp/credentialsAlreadySetUp", detail)
    }

    // --- The machine ------------------------------------------------------------------------

    pub(crate) fn no_boolean(property: &'static str) -> Self {
        let detail = format!("The property \"{property}\" must be true or false.");
        Self::new(StatusCode::BAD_REQUEST, "connapp/invalidBoolean", detail)
            .with("property", property)
    }

    pub(crate) fn not_confirmed() -> Self {
        let detail = "The property \"confirm\" must be the host name of the appliance, which \
                      GET /status shows. Nothing has changed.";
        Self::new(StatusCode::BAD_REQUEST, "connapp/notConfirmed", detail)
            .with("property", "confirm")
    }

    pub(crate) fn nothing_to_do() -> Self {
        let detail =
            "There is nothing of that kind to decide. GET /status shows the present state.";
        Self::new(StatusCode::CONFLICT, "connapp/nothingToDo", detail)
    }

    // --- The certificate ----------------------------------------------------------------------

    pub(crate) fn certificate_refused(refusal: &CertificateRefusal) -> Self {
        let property = match refusal.field() {
            CertificateField::Certificate => "certBytes",
            CertificateField::Key => "key",
            CertificateField::Passphrase => "passphrase",
        };
        let kind = match refusal {
            CertificateRefusal::Missing(_) => "common/missing",
            CertificateRefusal::TooLarge { .. } => "common/tooLong",
            _ => "connapp/certificateRefused",
        };
        let detail = webui::certificate_refusal(Language::English, refusal);
        Self::new(StatusCode::BAD_REQUEST, kind, detail)
            .with("property", property)
            .with("reason", refusal.id())
    }

    // --- Our side -----------------------------------------------------------------------------

    pub(crate) fn internal() -> Self {
        let detail = "An error has occurred.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "connapp/error", detail)
    }

    pub(crate) fn unavailable() -> Self {
        let detail = "A part of the appliance does not answer. Try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "common/serviceUnavailable", detail)
            .with("retryDelay", "1")
            .with_header(RETRY_AFTER, "1")
    }
}

impl From<ChangeFailure> for ApiError {
    fn from(failure: ChangeFailure) -> Self {
        match &failure {
            ChangeFailure::NothingToChange => return Self::nothing_to_do(),
            ChangeFailure::Refused(refusal) => return Self::settings_refused(refusal),
            _ => {}
        }
        error!(error = %failure, "A change cannot be made");
        match failure {
            ChangeFailure::Silent(_) => Self::unavailable(),
            _ => Self::internal(),
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

/// The name of a password rule in `parameters`.
const fn rule_name(rule: PasswordError) -> &'static str {
    match rule {
        PasswordError::TooShort => "tooShort",
        PasswordError::TooLong => "tooLong",
        PasswordError::NoUpperCase => "noUpperCase",
        PasswordError::NoLowerCase => "noLowerCase",
        PasswordError::NoNonAlphabetic => "noNonAlphabetic",
        PasswordError::ControlCharacter => "controlCharacter",
    }
}

fn capitalize(text: &mut str) {
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
}
