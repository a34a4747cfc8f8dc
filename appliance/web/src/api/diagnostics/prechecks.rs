//! The prechecks as the REST interface shows them.

use model::health::Severity;
use model::precheck::{
    Check, CheckCause, CheckDetail, CheckReport, CheckResult, PrecheckRun, SkipReason,
};
use serde_json::{Value, json};
use webui::Language;

/// Body of `GET /prechecks`.
pub(super) fn view(run: Option<&PrecheckRun>) -> Value {
    let run = run.map(|run| {
        let severity = match run.severity() {
            Severity::Good => "good",
            Severity::Attention => "attention",
            Severity::Failing => "failing",
        };
        json!({
            "isRunning": run.is_running(),
            "started": run.started,
            "tookMicroseconds": run.took_us,
            "severity": severity,
            "checks": run.checks.iter().map(report).collect::<Vec<_>>(),
        })
    });
    json!({"prechecks": run})
}

fn report(report: &CheckReport) -> Value {
    let subject = match &report.check {
        Check::Dns { server } => server.map(|server| server.to_string()),
        Check::TimeServer { server } => Some(server.clone()),
        Check::Proxy { location, .. } => Some(location.to_string()),
        Check::Cloud { address } => Some(address.clone()),
        Check::Link | Check::Address | Check::Gateway | Check::Clock => None,
    };
    let (found, cause, skipped) = match &report.outcome {
        CheckResult::Waiting | CheckResult::Running => (None, None, None),
        CheckResult::Good { found } => (found.as_ref(), None, None),
        CheckResult::Attention { problem } | CheckResult::Failing { problem } => {
            (None, Some(problem), None)
        }
        CheckResult::Skipped { reason } => (None, None, Some(*reason)),
    };
    json!({
        "check": report.check.id(),
        "subject": subject,
        "result": report.outcome.id(),
        "tookMicroseconds": report.took_us,
        "found": found.map(detail),
        "failure": cause.map(failure),
        "skipped": skipped.map(reason),
    })
}

fn failure(cause: &CheckCause) -> Value {
    let (detail, remedy) = webui::precheck_cause(Language::English, cause);
    json!({"cause": cause.id(), "detail": detail, "remedy": remedy})
}

const fn reason(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::NoAddress => "noAddress",
        SkipReason::NoDnsServer => "noDnsServer",
        SkipReason::NoGateway => "noGateway",
    }
}

fn detail(detail: &CheckDetail) -> Value {
    match detail {
        CheckDetail::Interface { name } => json!({"interface": name}),
        CheckDetail::Address { address } => json!({"address": address.to_string()}),
        CheckDetail::Gateway { address, hardware_address } => {
            json!({"address": address, "hardwareAddress": hardware_address})
        }
        CheckDetail::Resolved { name, addresses } => json!({"name": name, "addresses": addresses}),
        CheckDetail::ClockFollows { server, offset_ms } => {
            json!({"server": server, "offsetMilliseconds": offset_ms})
        }
        CheckDetail::Way { proxy, intercepted_by } => json!({
            "proxy": proxy.as_ref().map(ToString::to_string),
            "interceptedBy": intercepted_by,
        }),
    }
}
