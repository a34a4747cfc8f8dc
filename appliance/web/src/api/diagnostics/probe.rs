//! The probe as the REST interface shows it.

use model::outbound::{Route, RouteTaken, TrustAnchor};
use model::probe::{
    Echoes, ProbeFailure, ProbeReport, ProbeState, ProbeStep, StepDetail, StepState, TlsFacts,
};
use serde_json::{Value, json};
use webui::Language;

/// Body of `GET /probe`.
pub(super) fn view(probe: Option<&ProbeState>) -> Value {
    json!({"probe": probe.map(state)})
}

fn state(probe: &ProbeState) -> Value {
    let ProbeReport { request, way, started, steps, trace, trace_trouble } = probe.report();
    let (name, took_us, was_stopped) = match probe {
        ProbeState::Running(_) => ("running", None, false),
        ProbeState::Finished { took_us, was_stopped, .. } => {
            ("finished", Some(*took_us), *was_stopped)
        }
    };
    let route = match &request.route {
        Route::Direct => "direct",
        Route::Automatic => "automatic",
        Route::Through { id } => id,
    };
    json!({
        "state": name,
        "kind": request.kind.id(),
        "target": request.target.to_string(),
        "port": request.port,
        "path": request.kind.has_path().then_some(&request.path),
        "route": route,
        "proxy": way.as_ref().and_then(proxy),
        "capture": request.with_capture,
        "started": started,
        "tookMicroseconds": took_us,
        "wasStopped": was_stopped,
        "steps": steps.iter().map(step).collect::<Vec<_>>(),
        "trace": trace,
        "traceTrouble": trace_trouble,
    })
}

/// The proxy on the way as `host:port`.
fn proxy(way: &RouteTaken) -> Option<String> {
    match way {
        RouteTaken::Direct { .. } => None,
        RouteTaken::Proxy { location, .. } => Some(location.to_string()),
    }
}

fn step(step: &ProbeStep) -> Value {
    let (name, took_us, found, cause) = match &step.state {
        StepState::Waiting => ("waiting", None, None, None),
        StepState::Running => ("running", None, None, None),
        StepState::Done { took_us, detail } => ("done", Some(took_us), Some(detail), None),
        StepState::Failed { took_us, failure, detail } => {
            ("failed", Some(took_us), detail.as_ref(), Some(failure))
        }
    };
    json!({
        "step": step.kind.id(),
        "state": name,
        "tookMicroseconds": took_us,
        "found": found.map(detail),
        "failure": cause.map(failure),
    })
}

fn failure(failure: &ProbeFailure) -> Value {
    let (detail, remedy) = webui::probe_failure(Language::English, failure);
    json!({"cause": failure.id(), "detail": detail, "remedy": remedy})
}

fn detail(detail: &StepDetail) -> Value {
    match detail {
        StepDetail::Chosen { way } => json!({"proxy": proxy(way)}),
        StepDetail::Resolved { addresses } => json!({"addresses": addresses}),
        StepDetail::Connected { peer, local } => json!({"peer": peer, "local": local}),
        StepDetail::Tunnelled {} => json!({}),
        StepDetail::Tls(facts) => tls(facts),
        StepDetail::Answered { status } => json!({"status": status}),
        StepDetail::Echoes(Echoes { sent, received, fastest_us, mean_us, slowest_us }) => json!({
            "sent": sent,
            "received": received,
            "fastestMicroseconds": fastest_us,
            "meanMicroseconds": mean_us,
            "slowestMicroseconds": slowest_us,
        }),
    }
}

fn tls(facts: &TlsFacts) -> Value {
    let chain: Vec<_> = facts
        .chain
        .iter()
        .map(|certificate| {
            json!({
                "subject": certificate.subject,
                "issuer": certificate.issuer,
                "names": certificate.names,
                "notBefore": certificate.not_before,
                "notAfter": certificate.not_after,
                "sha256": certificate.sha256.to_string(),
            })
        })
        .collect();
    let anchor = facts.anchor.as_ref().map(|anchor| match anchor {
        TrustAnchor::Public => json!({"kind": "public", "subject": null}),
        TrustAnchor::Added { subject, .. } => json!({"kind": "added", "subject": subject}),
    });
    json!({
        "version": facts.version,
        "cipher": facts.cipher,
        "chain": chain,
        "anchor": anchor,
        "isIntercepted": facts.is_intercepted,
    })
}
