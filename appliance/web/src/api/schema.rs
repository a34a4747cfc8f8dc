//! Schemas of the bodies (JSON Schema 2020-12, as OpenAPI 3.1 uses it).

pub(crate) mod connections;
pub(crate) mod diagnostics;
pub(crate) mod directory;
mod network;
pub(crate) mod registration;
pub(crate) mod sessions;

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
    CertificateReplacement,
    Accepted,
    CertificateAccepted,
    Status,
    Network,
    NetworkChange,
    Clock,
    Processes,
    Reset,
    Kept,
    Document,
    Error,
    Connections(connections::Schema),
    Diagnostics(diagnostics::Schema),
    Directory(directory::Schema),
    Registration(registration::Schema),
    Sessions(sessions::Schema),
}

impl Schema {
    /// Every schema.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::MACHINE
            .into_iter()
            .chain(connections::Schema::ALL.iter().copied().map(Self::Connections))
            .chain(diagnostics::Schema::ALL.iter().copied().map(Self::Diagnostics))
            .chain(directory::Schema::ALL.iter().copied().map(Self::Directory))
            .chain(registration::Schema::ALL.iter().copied().map(Self::Registration))
            .chain(sessions::Schema::ALL.iter().copied().map(Self::Sessions))
    }

    /// Those of the appliance as a whole.
    const MACHINE: [Self; 16] = [
        Self::CredentialsState,
        Self::Credentials,
        Self::Token,
        Self::PasswordChange,
        Self::CertificateReplacement,
        Self::Accepted,
        Self::CertificateAccepted,
        Self::Status,
        Self::Network,
        Self::NetworkChange,
        Self::Clock,
        Self::Processes,
        Self::Reset,
        Self::Kept,
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
            Self::CertificateReplacement => "CertificateReplacement",
            Self::Accepted => "Accepted",
            Self::CertificateAccepted => "CertificateAccepted",
            Self::Status => "Status",
            Self::Network => "Network",
            Self::NetworkChange => "NetworkChange",
            Self::Clock => "Clock",
            Self::Processes => "Processes",
            Self::Reset => "Reset",
            Self::Kept => "Kept",
            Self::Document => "Document",
            Self::Error => "Error",
            Self::Connections(schema) => schema.name(),
            Self::Diagnostics(schema) => schema.name(),
            Self::Directory(schema) => schema.name(),
            Self::Registration(schema) => schema.name(),
            Self::Sessions(schema) => schema.name(),
        }
    }

    /// Media type of a body with this schema.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Sessions(sessions::Schema::Metrics) => "text/plain",
            Self::Diagnostics(schema) => schema.media_type(),
            _ => "application/json",
        }
    }

    /// Whether a body with this schema may be left out.
    pub(crate) const fn is_optional(self) -> bool {
        matches!(self, Self::Directory(directory::Schema::Leave))
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
            Self::CertificateReplacement => certificate_replacement(),
            Self::CertificateAccepted => {
                object(&json!({"status": {"const": "accepted"}}), Strictness::Open)
            }
            Self::Accepted => object(&json!({"status": {"const": "Accepted"}}), Strictness::Open),
            Self::Status => status(),
            Self::Network => network::in_use(),
            Self::NetworkChange => network::change(),
            Self::Clock => network::clock(),
            Self::Processes => processes(),
            Self::Reset => object(
                &json!({
                    "confirm": {"type": "string", "description": "The host name in use."},
                    "keepNetwork": {"type": "boolean"},
                }),
                Strictness::Closed,
            ),
            Self::Kept => object(&json!({"status": {"const": "Kept"}}), Strictness::Open),
            Self::Document => json!({"type": "object"}),
            Self::Error => error(),
            Self::Connections(schema) => schema.value(),
            Self::Diagnostics(schema) => schema.value(),
            Self::Directory(schema) => schema.value(),
            Self::Registration(schema) => schema.value(),
            Self::Sessions(schema) => schema.value(),
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

fn certificate_replacement() -> Value {
    let mut schema = object(
        &json!({
            "certBytes": {
                "type": "string",
                "description": format!(
                    "PEM, at most {} bytes: the certificate and those of its issuers, in any order.",
                    certificate::MAX_CERTIFICATE_BYTES,
                ),
            },
            "key": {
                "type": "string",
                "description": format!(
                    "PEM, at most {} bytes: PKCS #8, PKCS #1 or SEC 1, encrypted or not; RSA of \
                     2048 bits or more, or EC on P-256, P-384 or P-521.",
                    certificate::MAX_KEY_BYTES,
                ),
            },
            "passphrase": {
                "type": "string",
                "format": "password",
                "description": format!(
                    "Of the key, at most {} bytes; empty or left out for a key that is not encrypted.",
                    certificate::MAX_PASSPHRASE_BYTES,
                ),
            },
        }),
        Strictness::Closed,
    );
    schema["required"] = json!(["certBytes", "key"]);
    schema
}

fn processes() -> Value {
    let count = || json!({"type": "integer", "minimum": 0});
    let limit = || json!({"type": ["integer", "null"], "description": "null = unlimited."});
    let names = || json!({"type": "array", "items": {"type": "string"}});
    let list = |item: &Value| json!({"type": "array", "items": item});
    let sets = json!({
        "effective": names(),
        "permitted": names(),
        "inheritable": names(),
        "bounding": names(),
        "ambient": names(),
    });
    let resource = json!({"name": {"type": "string"}, "soft": limit(), "hard": limit()});
    let mount = json!({
        "target": {"type": "string"},
        "fileSystem": {"type": "string"},
        "options": names(),
    });
    let mut group = object(
        &json!({
            "memoryMaxBytes": limit(),
            "memoryBytes": count(),
            "memoryPeakBytes": count(),
            "threadsMax": limit(),
        }),
        Strictness::Open,
    );
    group["type"] = json!(["object", "null"]);
    let process = json!({
        "name": {"type": "string"},
        "pid": count(),
        "uid": count(),
        "gid": count(),
        "groups": list(&count()),
        "capabilities": object(&sets, Strictness::Open),
        "noNewPrivileges": {"type": "boolean"},
        "seccomp": {"enum": ["disabled", "strict", "filter"]},
        "seccompFilters": count(),
        "threads": count(),
        "residentKib": count(),
        "limits": list(&object(&resource, Strictness::Open)),
        "mounts": list(&object(&mount, Strictness::Open)),
        "group": group,
    });
    object(&json!({"processes": list(&object(&process, Strictness::Open))}), Strictness::Open)
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
