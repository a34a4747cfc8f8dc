//! Schemas of the network settings and the clock.

use model::network::MAX_SERVERS;
use serde_json::{Value, json};

use super::{Strictness, object};

/// Body of `GET /network`.
pub(super) fn in_use() -> Value {
    let text = json!({"type": ["string", "null"]});
    let sourced = json!({"type": ["object", "null"], "required": ["value", "origin"]});
    object(
        &json!({
            "state": {"type": "string"},
            "reason": text,
            "since": {"type": "integer"},
            "interface": text,
            "hardwareAddress": text,
            "interfaces": {"type": "array", "items": {"type": "object"}},
            "address": sourced,
            "netmask": sourced,
            "gateway": sourced,
            "dns": sourced,
            "ntp": sourced,
            "hostName": sourced,
            "domain": sourced,
            "lease": {"type": ["object", "null"]},
            "settings": choice(),
            "trial": {
                "type": ["object", "null"],
                "required": ["phase", "secondsLeft", "tried", "previous"],
                "properties": {
                    "phase": {"enum": ["awaitsRestart", "starting", "running"]},
                    "secondsLeft": {"type": ["integer", "null"]},
                    "tried": choice(),
                    "previous": choice(),
                },
            },
            "reverted": {
                "type": ["object", "null"],
                "required": ["reason", "at", "tried"],
                "properties": {
                    "reason": {"enum": ["notConfirmed", "operator", "restarted"]},
                    "at": {"type": "integer"},
                    "tried": choice(),
                },
            },
        }),
        Strictness::Open,
    )
}

/// Body of `PUT /network`.
pub(super) fn change() -> Value {
    let address = json!({"type": "string", "format": "ipv4"});
    let text = json!({"type": "string", "maxLength": 253});
    let list = |items: &Value| json!({"type": "array", "items": items, "maxItems": MAX_SERVERS});
    let host_name = json!({
        "type": "string",
        "maxLength": 64,
        "description": "Empty or missing: the name that DHCP gives, or the default.",
    });
    json!({
        "oneOf": [
            {
                "type": "object",
                "required": ["method"],
                "properties": {"method": {"const": "automatic"}, "hostName": host_name},
                "additionalProperties": false,
            },
            {
                "type": "object",
                "required": ["method", "address", "netmask"],
                "properties": {
                    "method": {"const": "static"},
                    "address": address,
                    "netmask": {
                        "type": "string",
                        "description": "Dotted, or a prefix length such as `24`.",
                    },
                    "gateway": address,
                    "dns": list(&address),
                    "ntp": list(&text),
                    "hostName": host_name,
                    "ignoreSilentServers": {"type": "boolean"},
                },
                "additionalProperties": false,
            },
        ],
    })
}

/// Body of `GET /clock`.
pub(super) fn clock() -> Value {
    let text = json!({"type": ["string", "null"]});
    let server = object(&json!({"name": {"type": "string"}, "trouble": text}), Strictness::Open);
    let state =
        json!({"enum": ["waiting", "synchronised", "hypervisor", "unreachable", "beforeBuild"]});
    object(
        &json!({
            "state": state,
            "isTrusted": {"type": "boolean"},
            "since": {"type": "integer"},
            "server": text,
            "reason": text,
            "offsetMilliseconds": {"type": ["integer", "null"]},
            "servers": {"type": "array", "items": server},
        }),
        Strictness::Open,
    )
}

/// Settings as they are chosen, tried and taken back.
fn choice() -> Value {
    object(
        &json!({
            "network": {"type": "object", "required": ["value", "origin"]},
            "hostName": {"type": ["object", "null"]},
        }),
        Strictness::Open,
    )
}
