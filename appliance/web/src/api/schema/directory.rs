//! Schemas of Active Directory domains.

use model::domain::lookup::MAX_TEXT;
use model::domain::{MAX_DNS_SERVERS, MAX_MACHINE_NAME, MAX_PASSWORD_BYTES};
use serde_json::{Value, json};
use webui::LookupForm;

use super::{Strictness, object};

/// A named schema of this group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    Domains,
    Join,
    Check,
    CheckStart,
    Domain,
    Leave,
    LookupStart,
    Lookup,
    Validation,
    Trusts,
}

impl Schema {
    /// Every schema of this group.
    pub(crate) const ALL: &[Self] = &[
        Self::Domains,
        Self::Join,
        Self::Check,
        Self::CheckStart,
        Self::Domain,
        Self::Leave,
        Self::LookupStart,
        Self::Lookup,
        Self::Validation,
        Self::Trusts,
    ];

    /// Name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Domains => "Domains",
            Self::Join => "DomainJoin",
            Self::Check => "DomainCheck",
            Self::CheckStart => "DomainCheckStart",
            Self::Domain => "Domain",
            Self::Leave => "DomainLeave",
            Self::LookupStart => "LookupStart",
            Self::Lookup => "Lookup",
            Self::Validation => "KerberosValidation",
            Self::Trusts => "Trusts",
        }
    }

    /// The schema itself.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Domains => items(&object(&documented(), Strictness::Open)),
            Self::Join => join(),
            Self::Check => object(&json!({"check": check()}), Strictness::Open),
            Self::CheckStart => closed(
                &json!({"domain_name": domain_name(), "dns_servers": dns_servers()}),
                &["domain_name"],
            ),
            Self::Domain => domain(),
            Self::Leave => leave(),
            Self::LookupStart => closed(
                &json!({
                    "kind": {"enum": LookupForm::KINDS.map(LookupForm::kind_id)},
                    "key": {"enum": LookupForm::KEYS.map(LookupForm::key_id)},
                    "value": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
                    "groups": {"type": "boolean"},
                    "cursor": text(),
                }),
                &["kind", "key", "value"],
            ),
            Self::Lookup => lookup(),
            Self::Validation => object(&validation(), Strictness::Open),
            Self::Trusts => items(&object(
                &json!({
                    "name": text(),
                    "direction": {"enum": ["disabled", "inbound", "outbound", "bidirectional"]},
                    "kind": {"enum": ["within_forest", "forest", "external", "realm"]},
                    "is_reachable": {"type": ["boolean", "null"], "description": "null = not tried."},
                }),
                Strictness::Open,
            )),
        }
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

fn maybe_text() -> Value {
    json!({"type": ["string", "null"]})
}

fn integer() -> Value {
    json!({"type": "integer"})
}

/// Labels of a name (RFC 1035, section 2.3.1, and the underscore that some domains have).
fn domain_name() -> Value {
    json!({"type": "string", "pattern": r"^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})+\.?$"})
}

fn user_name() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "description": r"`user`, `user@domain` or `DOMAIN\user`.",
    })
}

fn leave() -> Value {
    let mut schema = closed(&json!({"user_name": user_name(), "password": password()}), &[]);
    schema["dependentRequired"] = json!({"user_name": ["password"], "password": ["user_name"]});
    schema
}

fn password() -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "format": "password",
        "description": format!("At most {MAX_PASSWORD_BYTES} bytes in UTF-8."),
    })
}

fn dns_servers() -> Value {
    json!({"type": "array", "items": {"type": "string", "format": "ipv4"}, "maxItems": MAX_DNS_SERVERS})
}

fn items(item: &Value) -> Value {
    object(&json!({"items": {"type": "array", "items": item}}), Strictness::Open)
}

/// An object of which only these properties are required, and no others are allowed.
fn closed(properties: &Value, required: &[&str]) -> Value {
    let mut schema = object(properties, Strictness::Closed);
    schema["required"] = json!(required);
    schema
}

/// The same object, or nothing.
fn or_null(mut schema: Value) -> Value {
    schema["type"] = json!(["object", "null"]);
    schema
}

fn documented() -> Value {
    json!({"domain_name": text(), "forest": text(), "machine_account": text()})
}

fn join() -> Value {
    closed(
        &json!({
            "domain_name": domain_name(),
            "user_name": user_name(),
            "password": password(),
            "machine_account": {
                "type": "string",
                "pattern": "^[A-Za-z0-9-]+$",
                "maxLength": MAX_MACHINE_NAME,
            },
            "organizational_unit": {
                "type": "string",
                "description": "Distinguished name; left out, the domain's own place for computers.",
            },
            "dns_servers": dns_servers(),
            "take_over": {"type": "boolean"},
        }),
        &["domain_name", "user_name", "password", "machine_account"],
    )
}

fn cause() -> Value {
    let cause = json!({"id": text(), "detail": text(), "remedy": text()});
    or_null(object(&cause, Strictness::Open))
}

fn check() -> Value {
    let item = object(
        &json!({
            "item": {"enum": [
                "dns", "controllers", "kerberos", "ldap", "password_change", "global_catalog",
                "clock", "functional_level",
            ]},
            "result": {"enum": ["waiting", "passed", "warned", "failed"]},
            "found": {
                "type": ["object", "null"],
                "description": "`controllers` names in `silent` those that do not answer, at most ten.",
            },
            "cause": cause(),
        }),
        Strictness::Open,
    );
    or_null(object(
        &json!({
            "domain_name": text(),
            "dns_servers": dns_servers(),
            "state": {"enum": ["running", "passed", "failed"]},
            "forest": maybe_text(),
            "netbios_name": maybe_text(),
            "items": {"type": "array", "items": item},
        }),
        Strictness::Open,
    ))
}

fn validation() -> Value {
    json!({
        "passed": {"type": "boolean"},
        "at": integer(),
        "host": maybe_text(),
        "milliseconds": integer(),
        "cause": cause(),
    })
}

fn domain() -> Value {
    let controller = object(
        &json!({
            "host": text(),
            "address": text(),
            "site": text(),
            "client_site": text(),
            "latency_microseconds": integer(),
        }),
        Strictness::Open,
    );
    let health = object(
        &json!({"checked": integer(), "since": integer(), "cause": cause()}),
        Strictness::Open,
    );
    object(
        &json!({
            "domain_name": text(),
            "forest": text(),
            "machine_account": text(),
            "netbios_name": text(),
            "account_place": maybe_text(),
            "joined": integer(),
            "password_changed": integer(),
            "dns_servers": dns_servers(),
            "controller": or_null(controller),
            "health": or_null(health),
            "validation": or_null(object(&validation(), Strictness::Open)),
            "password_cause": cause(),
            "forest_cause": cause(),
        }),
        Strictness::Open,
    )
}

fn lookup() -> Value {
    let groups = |of: &str| json!({"type": ["array", "null"], "items": text(), "description": of});
    let found = object(
        &json!({
            "sid": text(),
            "guid": text(),
            "distinguished_name": text(),
            "account_name": text(),
            "user_principal_name": maybe_text(),
            "display_name": maybe_text(),
            "mail": maybe_text(),
            "is_enabled": {"type": "boolean"},
            "groups": groups("Security identifiers."),
            "members": groups("Distinguished names."),
        }),
        Strictness::Open,
    );
    object(
        &json!({
            "objects": {"type": "array", "items": found},
            "cursor": maybe_text(),
            "host": text(),
            "milliseconds": integer(),
        }),
        Strictness::Open,
    )
}
