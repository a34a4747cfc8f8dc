//! Schemas of the registration with the cloud.

use serde_json::{Value, json};

use super::{Strictness, object};

/// A named schema of this group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    State,
    ByCode,
    Unattended,
    Registered,
    Ended,
}

impl Schema {
    /// Every schema of this group.
    pub(crate) const ALL: &[Self] =
        &[Self::State, Self::ByCode, Self::Unattended, Self::Registered, Self::Ended];

    /// Name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::State => "Registration",
            Self::ByCode => "RegistrationStart",
            Self::Unattended => "UnattendedRegistration",
            Self::Registered => "Registered",
            Self::Ended => "RegistrationEnd",
        }
    }

    /// The schema itself.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::State => state(),
            Self::ByCode => closed(
                &json!({
                    "name": name(),
                    "deployment": text(),
                    "resource_location_id": text(),
                    "cloud": cloud(),
                }),
                &["name"],
            ),
            Self::Unattended => closed(
                &json!({
                    "applianceName": name(),
                    "clientId": {"type": "string", "minLength": 1},
                    "clientSecret": {"type": "string", "format": "password"},
                    "deployment": text(),
                    "resourceLocationId": text(),
                    "cloud": cloud(),
                }),
                &["applianceName", "clientId", "clientSecret"],
            ),
            Self::Registered => {
                object(&json!({"status": {"enum": ["Registered"]}}), Strictness::Open)
            }
            Self::Ended => object(
                &json!({"cloudTold": {
                    "type": "boolean",
                    "description": "false = the cloud may still list the appliance.",
                }}),
                Strictness::Open,
            ),
        }
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

fn name() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "description": "At most 64 letters, digits, spaces and . - _ ( ); fixed once registered.",
    })
}

fn cloud() -> Value {
    json!({"type": "string", "description": "`host` or `host:port` of a cloud of your own."})
}

fn cause() -> Value {
    let mut cause = object(&json!({"id": text(), "detail": text()}), Strictness::Open);
    cause["type"] = json!(["object", "null"]);
    cause
}

/// What depends on the state is not required.
fn state() -> Value {
    let connection = object(
        &json!({"state": {"enum": ["connecting", "connected", "failed"]}, "cause": cause()}),
        Strictness::Open,
    );
    let mut state = object(
        &json!({
            "status": {"enum": ["Registered", "Unregistered"]},
            "state": {"enum": [
                "notRegistered", "connecting", "codeShown", "confirming", "codeExpired", "proving",
                "registered",
            ]},
            "cause": cause(),
            "connections": {"type": "array", "items": connection},
            "code": text(),
            "pollingInterval": {"type": "integer", "description": "In seconds."},
            "verificationUrl": {"type": "string", "format": "uri"},
            "expiryTimestamp": {"type": "string", "format": "date-time"},
            "securityNumber": text(),
            "name": text(),
            "cloud": cloud(),
            "connectorId": text(),
            "customerId": text(),
            "customerName": text(),
            "resourceLocationId": text(),
            "resourceLocationName": text(),
            "certificateExpiry": {"type": "string", "format": "date-time"},
            "keySealed": {
                "type": "boolean",
                "description": "Whether the TPM of the machine has sealed the private key.",
            },
        }),
        Strictness::Open,
    );
    state["required"] = json!(["status", "state", "cause", "connections"]);
    state
}

/// An object of which only these properties are required, and no others are allowed.
fn closed(properties: &Value, required: &[&str]) -> Value {
    let mut schema = object(properties, Strictness::Closed);
    schema["required"] = json!(required);
    schema
}
