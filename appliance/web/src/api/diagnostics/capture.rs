//! The trace as the REST interface shows it.

use model::capture_status::{
    CaptureStatus, Conversation, EndReason, EndedTrace, Endpoint, Handshake, Trace, TraceCounts,
    TraceOrigin, TraceState, TraceSummary,
};
use serde_json::{Value, json};

/// Body of `GET /capture`.
pub(super) fn view(status: &CaptureStatus) -> Value {
    let (name, trace) = match &status.state {
        TraceState::Idle => ("idle", Value::Null),
        TraceState::Running(running) => {
            ("running", trace(&running.trace, &running.counts, running.elapsed_ms, None))
        }
        TraceState::Ended(ended) => {
            ("ended", trace(&ended.trace, &ended.counts, ended.elapsed_ms, Some(ended)))
        }
    };
    json!({
        "state": name,
        "freeBytes": status.free_bytes,
        "maxFileBytes": status.max_file_bytes,
        "trace": trace,
    })
}

fn trace(
    trace: &Trace,
    counts: &TraceCounts,
    elapsed_ms: u64,
    ended: Option<&EndedTrace>,
) -> Value {
    let origin = match trace.origin {
        TraceOrigin::Operator => "operator",
        TraceOrigin::Probe => "probe",
    };
    json!({
        "id": trace.id,
        "origin": origin,
        "target": trace.order.filter.target.as_ref().map(ToString::to_string),
        "addresses": trace.addresses,
        "port": trace.order.filter.port,
        "duration": trace.order.duration.seconds(),
        "packetTracing": trace.order.packet_tracing,
        "started": trace.started_ms.div_euclid(1000),
        "elapsedMilliseconds": elapsed_ms,
        "packets": counts.packets,
        "bytes": counts.bytes,
        "fileBytes": counts.file_bytes,
        "lost": counts.lost,
        "end": ended.map(|ended| end(&ended.end)),
        "ended": ended.map(|ended| ended.ended_ms.div_euclid(1000)),
        "deleted": ended.map(|ended| ended.deleted_ms.div_euclid(1000)),
        "summary": ended.map(|ended| summary(&ended.summary)),
    })
}

fn end(reason: &EndReason) -> Value {
    let (name, message) = match reason {
        EndReason::TimeUp => ("timeUp", None),
        EndReason::Stopped => ("stopped", None),
        EndReason::SizeLimit => ("sizeLimit", None),
        EndReason::DiskFull => ("diskFull", None),
        EndReason::Failed { message } => ("failed", Some(message)),
    };
    json!({"reason": name, "message": message})
}

fn summary(summary: &TraceSummary) -> Value {
    let points: Vec<_> = summary
        .points
        .iter()
        .map(|point| json!({"received": point.received, "sent": point.sent}))
        .collect();
    json!({
        "conversations": summary.conversations,
        "largest": summary.largest.iter().map(conversation).collect::<Vec<_>>(),
        "retransmissions": summary.retransmissions,
        "resets": summary.resets,
        "unanswered": summary.unanswered,
        "unreadable": summary.unreadable,
        "pointMilliseconds": summary.point_ms,
        "points": points,
    })
}

fn conversation(conversation: &Conversation) -> Value {
    let endpoint = |of: Endpoint| json!({"address": of.address, "port": of.port});
    let handshake = match conversation.handshake {
        Handshake::NotSeen => "notSeen",
        Handshake::Answered => "answered",
        Handshake::Refused => "refused",
        Handshake::Unanswered => "unanswered",
    };
    json!({
        "client": endpoint(conversation.client),
        "server": endpoint(conversation.server),
        "packets": conversation.packets,
        "bytes": conversation.bytes,
        "retransmissions": conversation.retransmissions,
        "resets": conversation.resets,
        "handshake": handshake,
        "beginMilliseconds": conversation.begin_ms,
        "lengthMilliseconds": conversation.length_ms,
    })
}
