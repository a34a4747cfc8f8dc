//! Schemas of sessions, sign-ins, logs and metrics.

use model::journal::{Severity, Source};
use model::syslog::SyslogTransport;
use serde_json::{Value, json};

use super::{Strictness, object};

/// A named schema of this group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    Sessions,
    SignIns,
    Logs,
    Syslog,
    SyslogChange,
    MetricsToken,
    Metrics,
}

impl Schema {
    /// Every schema of this group.
    pub(crate) const ALL: &[Self] = &[
        Self::Sessions,
        Self::SignIns,
        Self::Logs,
        Self::Syslog,
        Self::SyslogChange,
        Self::MetricsToken,
        Self::Metrics,
    ];

    /// Name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sessions => "Sessions",
            Self::SignIns => "SignIns",
            Self::Logs => "Logs",
            Self::Syslog => "Syslog",
            Self::SyslogChange => "SyslogChange",
            Self::MetricsToken => "MetricsToken",
            Self::Metrics => "Metrics",
        }
    }

    /// The schema itself.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Sessions => items(&json!({
                "id": text(),
                "isOwn": {"type": "boolean"},
                "kind": {"enum": ["browser", "token"]},
                "source": text(),
                "agent": text(),
                "started": time(),
                "lastUsed": time(),
                "ends": time(),
            })),
            Self::SignIns => items(&json!({
                "source": text(),
                "agent": text(),
                "way": {"enum": ["page", "api", "confirmation"]},
                "result": {"enum": ["accepted", "refused", "delayed"]},
                "count": {"type": "integer", "minimum": 1},
                "first": time(),
                "last": time(),
            })),
            Self::Logs => logs(),
            Self::Syslog => object(
                &json!({
                    "setting": {"type": ["object", "null"]},
                    "status": {"type": ["object", "null"]},
                    "storage": {"type": ["object", "null"]},
                }),
                Strictness::Open,
            ),
            Self::SyslogChange => syslog_change(),
            Self::MetricsToken => object(&json!({"token": text()}), Strictness::Open),
            Self::Metrics => json!({"type": "string"}),
        }
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

fn time() -> Value {
    json!({"type": "integer", "description": "Seconds since 1970."})
}

fn items(properties: &Value) -> Value {
    let item = object(properties, Strictness::Open);
    object(&json!({"items": {"type": "array", "items": item}}), Strictness::Open)
}

fn severities() -> Value {
    json!({"enum": Severity::ALL.map(Severity::name)})
}

fn logs() -> Value {
    let mut schema = items(&json!({
        "id": {"type": "integer"},
        "timeMilliseconds": {"type": "integer", "description": "Milliseconds since 1970."},
        "boot": {"type": "string", "description": "The start of the machine that it belongs to."},
        "severity": severities(),
        "source": {"enum": Source::all().map(Source::name).collect::<Vec<_>>()},
        "message": text(),
        "fields": {"type": "object", "additionalProperties": text()},
    }));
    schema["properties"]["next"] = json!({"type": ["object", "null"]});
    schema["required"] = json!(["items", "next"]);
    schema
}

fn syslog_change() -> Value {
    let mut schema = object(
        &json!({
            "server": {"type": "string", "description": "Host name or IPv4 address."},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "transport": {"enum": SyslogTransport::ALL.map(SyslogTransport::name)},
            "severity": severities(),
        }),
        Strictness::Closed,
    );
    schema["required"] = json!(["server"]);
    schema
}
