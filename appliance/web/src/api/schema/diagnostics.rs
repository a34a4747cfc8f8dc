//! Schemas of capture, probe, prechecks and report.

use model::capture::TraceDuration;
use model::probe::{MAX_PATH_BYTES, MAX_TARGET_BYTES, ProbeKind};
use serde_json::{Value, json};

use super::{Strictness, object};

/// A named schema of this group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    Capture,
    TraceStart,
    Trace,
    Probe,
    ProbeStart,
    Prechecks,
    Report,
}

impl Schema {
    /// Every schema of this group.
    pub(crate) const ALL: &[Self] = &[
        Self::Capture,
        Self::TraceStart,
        Self::Trace,
        Self::Probe,
        Self::ProbeStart,
        Self::Prechecks,
        Self::Report,
    ];

    /// Name in the document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Capture => "Capture",
            Self::TraceStart => "TraceStart",
            Self::Trace => "Trace",
            Self::Probe => "Probe",
            Self::ProbeStart => "ProbeStart",
            Self::Prechecks => "Prechecks",
            Self::Report => "Report",
        }
    }

    /// Media type of a body with this schema.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Trace => crate::diagnosis::TRACE_TYPE,
            Self::Report => crate::diagnosis::REPORT_TYPE,
            _ => "application/json",
        }
    }

    /// The schema itself.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Capture => capture(),
            Self::TraceStart => trace_start(),
            Self::Trace | Self::Report => json!({"type": "string", "format": "binary"}),
            Self::Probe => probe(),
            Self::ProbeStart => probe_start(),
            Self::Prechecks => prechecks(),
        }
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn list(item: &Value) -> Value {
    json!({"type": "array", "items": item})
}

fn open(properties: &Value) -> Value {
    object(properties, Strictness::Open)
}

/// The same, or `null`.
fn optional(mut schema: Value) -> Value {
    let kind = schema["type"].clone();
    schema["type"] = json!([kind, "null"]);
    schema
}

fn capture() -> Value {
    let conversation = json!({
        "client": endpoint(),
        "server": endpoint(),
        "packets": count(),
        "bytes": count(),
        "retransmissions": count(),
        "resets": count(),
        "handshake": {"enum": ["notSeen", "answered", "refused", "unanswered"]},
        "beginMilliseconds": count(),
        "lengthMilliseconds": count(),
    });
    let summary = json!({
        "conversations": count(),
        "largest": list(&open(&conversation)),
        "retransmissions": count(),
        "resets": count(),
        "unanswered": count(),
        "unreadable": count(),
        "pointMilliseconds": count(),
        "points": list(&open(&json!({"received": count(), "sent": count()}))),
    });
    let end = json!({
        "reason": {"enum": ["timeUp", "stopped", "sizeLimit", "diskFull", "failed"]},
        "message": optional(text()),
    });
    let trace = json!({
        "id": text(),
        "origin": {"enum": ["operator", "probe"]},
        "target": optional(text()),
        "addresses": list(&text()),
        "port": optional(count()),
        "duration": count(),
        "packetTracing": {"type": "boolean"},
        "started": {"type": "integer"},
        "elapsedMilliseconds": count(),
        "packets": count(),
        "bytes": count(),
        "fileBytes": count(),
        "lost": count(),
        "end": optional(open(&end)),
        "ended": optional(json!({"type": "integer"})),
        "deleted": optional(json!({"type": "integer"})),
        "summary": optional(open(&summary)),
    });
    open(&json!({
        "state": {"enum": ["idle", "running", "ended"]},
        "freeBytes": optional(count()),
        "maxFileBytes": count(),
        "trace": optional(open(&trace)),
    }))
}

fn endpoint() -> Value {
    open(&json!({"address": text(), "port": count()}))
}

fn port() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": 65535})
}

fn trace_start() -> Value {
    let mut schema = object(
        &json!({
            "target": {
                "type": "string",
                "description": "IPv4 address or host name; empty or left out: every machine.",
            },
            "port": port(),
            "duration": {
                "enum": TraceDuration::ALL.map(TraceDuration::seconds),
                "description": "In seconds; 120 if it is left out.",
            },
            "packetTracing": {"type": "boolean"},
        }),
        Strictness::Closed,
    );
    schema["required"] = json!([]);
    schema
}

fn probe() -> Value {
    let failure = json!({"cause": text(), "detail": text(), "remedy": text()});
    let step = json!({
        "step": {"enum": ["way", "resolve", "connect", "tunnel", "tls", "firstByte", "echo"]},
        "state": {"enum": ["waiting", "running", "done", "failed"]},
        "tookMicroseconds": optional(count()),
        "found": {"type": ["object", "null"]},
        "failure": optional(open(&failure)),
    });
    let probe = json!({
        "state": {"enum": ["running", "finished"]},
        "kind": {"enum": ProbeKind::ALL.map(ProbeKind::id)},
        "target": text(),
        "port": optional(count()),
        "path": optional(text()),
        "route": text(),
        "proxy": optional(text()),
        "capture": {"type": "boolean"},
        "started": {"type": "integer"},
        "tookMicroseconds": optional(count()),
        "wasStopped": {"type": "boolean"},
        "steps": list(&open(&step)),
        "trace": optional(text()),
        "traceTrouble": optional(text()),
    });
    open(&json!({"probe": optional(open(&probe))}))
}

fn probe_start() -> Value {
    let mut schema = object(
        &json!({
            "kind": {"enum": ProbeKind::ALL.map(ProbeKind::id)},
            "target": {
                "type": "string",
                "maxLength": MAX_TARGET_BYTES,
                "description": "Host name or IPv4 address.",
            },
            "port": port(),
            "path": {"type": "string", "maxLength": MAX_PATH_BYTES},
            "route": {"type": "string", "description": "`direct`, `automatic`, or the id of a proxy."},
            "capture": {"type": "boolean"},
        }),
        Strictness::Closed,
    );
    schema["required"] = json!(["kind", "target"]);
    schema
}

fn prechecks() -> Value {
    let failure = json!({"cause": text(), "detail": text(), "remedy": text()});
    let check = json!({
        "check": {
            "enum": ["link", "address", "gateway", "dns", "timeServer", "clock", "proxy", "cloud"],
        },
        "subject": optional(text()),
        "result": {"enum": ["waiting", "running", "good", "attention", "failing", "skipped"]},
        "tookMicroseconds": optional(count()),
        "found": {"type": ["object", "null"]},
        "failure": optional(open(&failure)),
        "skipped": optional(text()),
    });
    let run = json!({
        "isRunning": {"type": "boolean"},
        "started": {"type": "integer"},
        "tookMicroseconds": optional(count()),
        "severity": {"enum": ["good", "attention", "failing"]},
        "checks": list(&open(&check)),
    });
    open(&json!({"prechecks": optional(open(&run))}))
}
