//! Schemas of the bodies (JSON Schema 2020-12, as OpenAPI 3.1 uses it).

use model::password;
use serde_json::{Value, json};

use crate::api::error::TYPE_PREFIX;
use crate::session::TOKEN_LIMIT;

/// A named schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    CredentialsState,
    Credentials,
    Token,
    PasswordChange,
    Accepted,
    Status,
    Document,
    Error,
}

impl Schema {
    /// Every schema.
    pub(crate) const ALL: [Self; 8] = [
        Self::CredentialsState,
        Self::Credentials,
        Self::Token,
        Self::PasswordChange,
        Self::Accepted,
        Self::Status,
        Self::Document,
        Self::Error,
    ];

    /// Name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CredentialsState => "CredentialsState",
            Self::Credentials => "Credentials",
            Self::Token => "Token",
            Self::PasswordChange => "PasswordChange",
            Self::Accepted => "Accepted",
            Self::Status => "Status",
            Self::Document => "Document",
            Self::Error => "Error",
        }
    }

    /// The schema itself.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::CredentialsState => {
                object(&json!({"credentialsAreSetup": {"type": "boolean"}}), Strictness::Open)
            }
            Self::Credentials => {
                object(&json!({"username": user_name(), "password": secret()}), Strictness::Closed)
            }
            Self::Token => object(
                &json!({
                    "token": {"type": "string"},
                    "expiresIn": {
                        "type": "integer",
                        "const": TOKEN_LIMIT.as_secs(),
                        "description": "Seconds that the token is valid.",
                    },
                }),
                Strictness::Open,
            ),
            Self::PasswordChange => object(
                &json!({
                    "username": user_name(),
                    "currentPassword": secret(),
                    "newPassword": secret(),
                }),
                Strictness::Closed,
            ),
            Self::Accepted => object(&json!({"status": {"const": "Accepted"}}), Strictness::Open),
            Self::Status => status(),
            Self::Document => json!({"type": "object"}),
            Self::Error => error(),
        }
    }
}

/// Whether properties that are not listed are refused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Open,
    Closed,
}

/// An object with all its properties required.
fn object(properties: &Value, strictness: Strictness) -> Value {
    let required: Vec<_> =
        properties.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let mut schema = json!({"type": "object", "required": required, "properties": properties});
    if strictness == Strictness::Closed {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn user_name() -> Value {
    json!({"type": "string", "const": password::ADMINISTRATOR})
}

fn secret() -> Value {
    json!({
        "type": "string",
        "format": "password",
        "description": format!("At most {} bytes in UTF-8.", password::MAX_BYTES),
    })
}

fn error() -> Value {
    let parameter =
        object(&json!({"name": {"type": "string"}, "value": {"type": "string"}}), Strictness::Open);
    json!({
        "type": "object",
        "required": ["type", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "description": "What kind of error it is; a URI that need not resolve.",
                "pattern": format!("^{}", TYPE_PREFIX.replace('.', "\\.")),
            },
            "detail": {"type": "string", "description": "A sentence for a person."},
            "parameters": {"type": "array", "items": parameter},
        },
    })
}

fn status() -> Value {
    let text = json!({"type": "string"});
    let integer = json!({"type": "integer"});
    let severity = json!({"enum": ["good", "attention", "failing"]});
    object(
        &json!({
            "product": text,
            "version": text,
            "time": integer,
            "uptimeSeconds": integer,
            "health": object(
                &json!({
                    "severity": severity,
                    "findings": {
                        "type": "array",
                        "items": object(
                            &json!({"subject": text, "severity": severity, "cause": text}),
                            Strictness::Open,
                        ),
                    },
                }),
                Strictness::Open,
            ),
            "network": {
                "type": ["object", "null"],
                "description": "Each value with its `origin`: `default`, `bootParameter`, `dhcp` \
                                or `operator`.",
            },
            "settings": {"type": ["object", "null"]},
            "certificate": object(
                &json!({
                    "sha1": text,
                    "sha256": text,
                    "names": {"type": "array", "items": text},
                    "notBefore": integer,
                    "notAfter": integer,
                }),
                Strictness::Open,
            ),
            "machine": {"type": ["object", "null"]},
        }),
        Strictness::Open,
    )
}
