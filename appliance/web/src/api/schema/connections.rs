//! Schemas of proxy servers, authorities and the certificate of the page.

use model::bypass::MAX_BYPASS_RULES;
use model::proxy::MAX_PROXIES;
use model::signing_request::{MAX_REQUEST_NAMES, RequestKey};
use serde_json::{Value, json};

use super::{Strictness, object};

/// A named schema of this group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    Proxies,
    Proxy,
    ProxyDetails,
    ProxyChange,
    ProxyOrder,
    Bypass,
    BypassChange,
    Roots,
    Root,
    RootAddition,
    Certificate,
    Pkcs12,
    SignedCertificate,
    Installed,
    SigningRequest,
    SigningRequestInput,
}

impl Schema {
    /// Every schema of this group.
    pub(crate) const ALL: &[Self] = &[
        Self::Proxies,
        Self::Proxy,
        Self::ProxyDetails,
        Self::ProxyChange,
        Self::ProxyOrder,
        Self::Bypass,
        Self::BypassChange,
        Self::Roots,
        Self::Root,
        Self::RootAddition,
        Self::Certificate,
        Self::Pkcs12,
        Self::SignedCertificate,
        Self::Installed,
        Self::SigningRequest,
        Self::SigningRequestInput,
    ];

    /// Name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Proxies => "Proxies",
            Self::Proxy => "Proxy",
            Self::ProxyDetails => "ProxyDetails",
            Self::ProxyChange => "ProxyChange",
            Self::ProxyOrder => "ProxyOrder",
            Self::Bypass => "ProxyBypass",
            Self::BypassChange => "ProxyBypassChange",
            Self::Roots => "RootCAs",
            Self::Root => "RootCA",
            Self::RootAddition => "RootCAAddition",
            Self::Certificate => "Certificate",
            Self::Pkcs12 => "Pkcs12",
            Self::SignedCertificate => "SignedCertificate",
            Self::Installed => "CertificateInstalled",
            Self::SigningRequest => "SigningRequest",
            Self::SigningRequestInput => "SigningRequestInput",
        }
    }

    /// The schema itself.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Proxies => items(&object(&proxy(), Strictness::Open)),
            Self::Proxy => object(&proxy(), Strictness::Open),
            Self::ProxyDetails => proxy_details(),
            Self::ProxyChange => optional(
                &json!({
                    "location": {"type": "string", "description": "`host:port`."},
                    "username": text(),
                    "password": {"type": "string", "format": "password"},
                }),
                &["location"],
            ),
            Self::ProxyOrder => object(
                &json!({"ids": {"type": "array", "items": text(), "maxItems": MAX_PROXIES}}),
                Strictness::Closed,
            ),
            Self::Bypass => items(&text()),
            Self::BypassChange => object(
                &json!({"items": {"type": "array", "items": text(), "maxItems": MAX_BYPASS_RULES}}),
                Strictness::Closed,
            ),
            Self::Roots => items(&object(&root(), Strictness::Open)),
            Self::Root => object(&root(), Strictness::Open),
            Self::RootAddition => {
                object(&json!({"rootCA": pem("One certificate")}), Strictness::Closed)
            }
            Self::Certificate => certificate(),
            Self::Pkcs12 => optional(
                &json!({
                    "pkcs12": {"type": "string", "contentEncoding": "base64"},
                    "passphrase": {"type": "string", "format": "password"},
                }),
                &["pkcs12"],
            ),
            Self::SignedCertificate => object(
                &json!({"certBytes": pem("The certificate and those of its issuers")}),
                Strictness::Closed,
            ),
            Self::Installed => object(&json!({"status": {"const": "accepted"}}), Strictness::Open),
            Self::SigningRequest => object(
                &json!({
                    "subject": text(),
                    "names": texts(),
                    "key": keys(),
                    "created": time(),
                    "request": pem("PKCS #10"),
                }),
                Strictness::Open,
            ),
            Self::SigningRequestInput => optional(
                &json!({
                    "commonName": text(),
                    "organization": text(),
                    "organizationalUnit": text(),
                    "locality": text(),
                    "state": text(),
                    "country": {"type": "string", "description": "Two letters."},
                    "names": {"type": "array", "items": text(), "maxItems": MAX_REQUEST_NAMES},
                    "key": keys(),
                }),
                &[],
            ),
        }
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

fn texts() -> Value {
    json!({"type": "array", "items": text()})
}

fn time() -> Value {
    json!({"type": "integer", "description": "Seconds since 1970."})
}

fn pem(what: &str) -> Value {
    json!({"type": "string", "description": format!("{what}, PEM.")})
}

fn keys() -> Value {
    json!({"enum": RequestKey::ALL.map(RequestKey::name)})
}

fn items(item: &Value) -> Value {
    object(&json!({"items": {"type": "array", "items": item}}), Strictness::Open)
}

/// A body of which only these properties are required.
fn optional(properties: &Value, required: &[&str]) -> Value {
    let mut schema = object(properties, Strictness::Closed);
    schema["required"] = json!(required);
    schema
}

fn proxy() -> Value {
    json!({
        "id": text(),
        "location": {"type": "string", "description": "`host:port`."},
        "status": {"enum": ["reachable", "unreachable"]},
    })
}

fn proxy_details() -> Value {
    let mut properties = proxy();
    properties["username"] = json!({"type": ["string", "null"]});
    properties["hasPassword"] = json!({"type": "boolean"});
    properties["checked"] = json!({"type": ["integer", "null"]});
    properties["milliseconds"] = json!({"type": ["integer", "null"]});
    let mut cause =
        object(&json!({"id": text(), "detail": text(), "remedy": text()}), Strictness::Open);
    cause["type"] = json!(["object", "null"]);
    properties["cause"] = cause;
    object(&properties, Strictness::Open)
}

fn root() -> Value {
    json!({
        "id": text(),
        "subject": text(),
        "issuer": text(),
        "serialNumber": text(),
        "notBefore": time(),
        "notAfter": time(),
        "validity": validity(),
        "key": text(),
        "sha1": text(),
        "sha256": text(),
    })
}

fn validity() -> Value {
    json!({"enum": ["valid", "expiresSoon", "expired", "notYetValid"]})
}

fn certificate() -> Value {
    let mut one = root();
    if let Some(properties) = one.as_object_mut() {
        properties.remove("id");
    }
    one["names"] = texts();
    one["signature"] = text();
    object(
        &json!({
            "isSelfSigned": {"type": "boolean"},
            "madeHere": {"type": "boolean", "description": "By the appliance, for itself."},
            "onTrial": {"type": "boolean"},
            "requested": {"type": ["integer", "null"]},
            "chain": {"type": "array", "items": object(&one, Strictness::Open)},
        }),
        Strictness::Open,
    )
}
