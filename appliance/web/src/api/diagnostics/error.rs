//! Why capture, probe, prechecks or report are refused.

use axum::http::StatusCode;
use model::capture::{TraceField, TraceFieldProblem};
use model::probe::{ProbeField, ProbeFieldProblem, ProbeKind, ProbeProblem};
use webui::{CaptureRefusal, Language, ReportRefusal, TaskRefusal};

use crate::api::error::ApiError;
use crate::diagnosis::ProbeRefusal;

impl ApiError {
    /// Every property of a trace that is wrong, with the reason.
    pub(crate) fn trace_refused(problems: &[TraceFieldProblem]) -> Self {
        let found = problems.iter().map(|TraceFieldProblem { field, problem }| {
            let property = match field {
                TraceField::Target => "target",
                TraceField::Port => "port",
                TraceField::Duration => "duration",
            };
            (property, problem.id(), problem.to_string())
        });
        Self::properties_refused("connapp/captureRefused", found)
    }

    /// Every property of a probe that is wrong, with the reason.
    pub(crate) fn probe_refused(problems: &[ProbeFieldProblem]) -> Self {
        let found = problems.iter().map(|ProbeFieldProblem { field, problem }| {
            let property = match field {
                ProbeField::Target => "target",
                ProbeField::Port => "port",
                ProbeField::Path => "path",
                ProbeField::Route => "route",
            };
            (property, problem.id(), problem.to_string())
        });
        Self::properties_refused("connapp/probeRefused", found)
    }

    fn properties_refused(
        kind: &'static str,
        found: impl Iterator<Item = (&'static str, &'static str, String)>,
    ) -> Self {
        let found: Vec<_> = found.collect();
        let sentences: Vec<_> =
            found.iter().map(|(property, _, problem)| format!("{property} {problem}.")).collect();
        let error = Self::bad_request(kind, sentences.join(" "));
        found.into_iter().fold(error, |error, (property, reason, _)| {
            error.with("property", property).with("reason", reason)
        })
    }

    /// There is no such kind of probe.
    pub(crate) fn unknown_probe() -> Self {
        let kinds = ProbeKind::ALL.map(ProbeKind::id).join(", ");
        Self::bad_request(
            "common/invalidEnum",
            format!("The property \"kind\" must be one of {kinds}."),
        )
        .with("property", "kind")
    }

    /// There is no trace to download or to delete.
    pub(crate) fn no_trace() -> Self {
        Self::from(CaptureRefusal::Gone)
    }

    /// There is no trace to stop.
    pub(crate) fn no_trace_runs() -> Self {
        Self::from(CaptureRefusal::NothingRuns)
    }

    /// The prechecks were not started.
    pub(crate) fn prechecks_refused(refusal: TaskRefusal) -> Self {
        let detail = "The prechecks are under way already; GET /prechecks shows them.";
        Self::task_refused(refusal, "connapp/prechecksRunning", detail)
    }

    /// The probe was not stopped.
    pub(crate) fn probe_not_stopped(refusal: TaskRefusal) -> Self {
        let detail = "No probe is under way; GET /probe shows the last one.";
        Self::task_refused(refusal, "connapp/probeNotRunning", detail)
    }

    fn task_refused(refusal: TaskRefusal, kind: &'static str, detail: &'static str) -> Self {
        match refusal {
            TaskRefusal::Busy | TaskRefusal::NothingRuns => Self::conflict(kind, detail),
            TaskRefusal::Silent => Self::unavailable(),
            TaskRefusal::Failed { reason } => Self::failed("connapp/error", reason),
        }
    }

    fn conflict(kind: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, kind, detail)
    }

    fn failed(kind: &'static str, reason: String) -> Self {
        let detail = format!("The appliance could not do it: {reason}.");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, kind, detail).with("reason", reason)
    }
}

impl From<CaptureRefusal> for ApiError {
    fn from(refusal: CaptureRefusal) -> Self {
        let sentence = refusal.sentence(Language::English);
        let target = |reason| {
            Self::bad_request("connapp/captureRefused", sentence.clone())
                .with("property", "target")
                .with("reason", reason)
        };
        match refusal {
            CaptureRefusal::Running { since } => {
                Self::conflict("connapp/captureRunning", sentence).with("since", since.to_string())
            }
            CaptureRefusal::Starting => Self::conflict("connapp/captureStarting", sentence),
            CaptureRefusal::NothingRuns => Self::conflict("connapp/captureNotRunning", sentence),
            CaptureRefusal::StillRunning => Self::conflict("connapp/captureRunning", sentence),
            CaptureRefusal::UnknownHost { .. } => target("unknownHost"),
            CaptureRefusal::NotResolved { .. } => target("notResolved"),
            CaptureRefusal::NoSpace { free_bytes, needed_bytes } => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, "connapp/noSpace", sentence)
                    .with("freeBytes", free_bytes.to_string())
                    .with("neededBytes", needed_bytes.to_string())
            }
            CaptureRefusal::Gone => Self::new(StatusCode::NOT_FOUND, "common/notFound", sentence)
                .with("entityType", "trace"),
            CaptureRefusal::Failed { reason } => Self::failed("connapp/error", reason),
            CaptureRefusal::Silent => Self::unavailable(),
        }
    }
}

impl From<ProbeRefusal> for ApiError {
    fn from(refusal: ProbeRefusal) -> Self {
        match refusal {
            ProbeRefusal::UnknownProxy => {
                let (field, problem) = (ProbeField::Route, ProbeProblem::UnknownProxy);
                Self::probe_refused(&[ProbeFieldProblem { field, problem }])
            }
            ProbeRefusal::Task(refusal) => {
                let detail = "Another probe is under way; GET /probe shows it.";
                Self::task_refused(refusal, "connapp/probeRunning", detail)
            }
        }
    }
}

impl From<ReportRefusal> for ApiError {
    fn from(refusal: ReportRefusal) -> Self {
        match refusal {
            ReportRefusal::Busy => {
                let detail = "Another report is being made. Try again in half a minute.";
                Self::conflict("connapp/reportRunning", detail)
            }
            ReportRefusal::Silent => Self::unavailable(),
            ReportRefusal::Failed { reason } => Self::failed("connapp/reportFailed", reason),
        }
    }
}
