//! Traces, probes, prechecks and the diagnostic report: what the pages and the REST interface ask the
//! roles Capture and Diagnostics for.

use std::os::fd::OwnedFd;

use bus::{
    BusError, CaptureRequest, CaptureResponse, DiagnosticsRequest, DiagnosticsResponse,
    StartRefusal,
};
use model::capture::TraceOrder;
use model::capture_status::{CaptureStatus, TraceState};
use model::diagnostics::DiagnosticsStatus;
use model::probe::{ProbeRequest, ProbeState};
use tokio::time::timeout;
use tracing::{info, warn};
use webui::{CaptureRefusal, ReportRefusal, TaskRefusal};

use crate::state::{SETTINGS_LIMIT, State};

/// Media type of a trace.
pub(crate) const TRACE_TYPE: &str = "application/vnd.tcpdump.pcap";
/// Media type of a report.
pub(crate) const REPORT_TYPE: &str = "application/zip";

/// Why no probe was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProbeRefusal {
    /// The proxy that it was to go through is not in the list any more.
    UnknownProxy,
    /// Another reason, which prechecks may have as well.
    Task(TaskRefusal),
}

/// The file of a trace and when the trace started, in seconds since 1970.
#[derive(Debug)]
pub(crate) struct TraceFile {
    pub(crate) file: OwnedFd,
    pub(crate) started: i64,
}

impl State {
    /// Since when a trace is running, in seconds since 1970.
    pub(crate) fn trace_runs_since(&self) -> Option<i64> {
        match &self.capture.borrow().as_ref()?.state {
            TraceState::Running(running) => Some(running.trace.started_ms.div_euclid(1000)),
            TraceState::Idle | TraceState::Ended(_) => None,
        }
    }

    /// The trace that is there, running or ended.
    pub(crate) fn trace_id(&self) -> Option<String> {
        let capture = self.capture.borrow();
        capture.as_ref()?.state.trace().map(|trace| trace.id.clone())
    }

    /// Starts a trace.
    pub(crate) async fn start_trace(&self, order: TraceOrder) -> Result<(), CaptureRefusal> {
        match self.ask_capture(&CaptureRequest::Start { order }).await? {
            CaptureResponse::Started(running) => {
                info!(id = running.trace.id, "The administrator starts a trace");
                let id = running.trace.id;
                self.see_capture(|state| state.trace().is_some_and(|trace| trace.id == id)).await;
                Ok(())
            }
            CaptureResponse::Refused(refusal) => Err(refused(refusal)),
            other => Err(unexpected(&other)),
        }
    }

    /// Ends the trace with this identifier.
    pub(crate) async fn stop_trace(&self, id: String) -> Result<(), CaptureRefusal> {
        match self.ask_capture(&CaptureRequest::Stop { id: id.clone() }).await? {
            CaptureResponse::Stopped(_) => {
                info!(id, "The administrator stops a trace");
                self.see_capture(|state| !matches!(state, TraceState::Running(_))).await;
                Ok(())
            }
            CaptureResponse::AlreadyEnded(_) => Err(CaptureRefusal::NothingRuns),
            CaptureResponse::NoSuchTrace => Err(CaptureRefusal::Gone),
            other => Err(unexpected(&other)),
        }
    }

    /// Deletes the finished trace with this identifier.
    pub(crate) async fn delete_trace(&self, id: String) -> Result<(), CaptureRefusal> {
        match self.ask_capture(&CaptureRequest::Delete { id: id.clone() }).await? {
            CaptureResponse::Deleted => {
                info!(id, "The administrator deletes a trace");
                self.see_capture(|state| state.trace().is_none_or(|trace| trace.id != id)).await;
                Ok(())
            }
            CaptureResponse::StillRunning(_) => Err(CaptureRefusal::StillRunning),
            CaptureResponse::NoSuchTrace => Err(CaptureRefusal::Gone),
            other => Err(unexpected(&other)),
        }
    }

    /// The file of the finished trace with this identifier.
    pub(crate) async fn trace_file(&self, id: &str) -> Result<TraceFile, CaptureRefusal> {
        let request = CaptureRequest::File { id: id.to_owned() };
        let answer = self.changers.capture.call_for_file(&request).await.map_err(silent)?;
        match answer {
            (CaptureResponse::File { .. }, Some(file)) => {
                info!(id, "The administrator downloads a trace");
                let capture = self.capture.borrow();
                let trace = capture.as_ref().and_then(|status| status.state.trace());
                let started = trace.filter(|trace| trace.id == id).map(|trace| trace.started_ms);
                let now = crate::state::now();
                Ok(TraceFile { file, started: started.map_or(now, |ms| ms.div_euclid(1000)) })
            }
            (CaptureResponse::StillRunning(_), _) => Err(CaptureRefusal::StillRunning),
            (CaptureResponse::NoSuchTrace, _) => Err(CaptureRefusal::Gone),
            (CaptureResponse::Unreadable { reason }, _) => Err(CaptureRefusal::Failed { reason }),
            (other, _) => Err(unexpected(&other)),
        }
    }

    /// Starts a probe.
    pub(crate) async fn start_probe(&self, probe: ProbeRequest) -> Result<(), ProbeRefusal> {
        let target = probe.to_string();
        match self.ask_diagnostics(&DiagnosticsRequest::StartProbe { probe }).await {
            Ok(DiagnosticsResponse::UnknownProxy) => Err(ProbeRefusal::UnknownProxy),
            answer => {
                let number = begun(answer).map_err(ProbeRefusal::Task)?;
                info!(target, "The administrator starts a probe");
                self.see_diagnosis(number).await;
                Ok(())
            }
        }
    }

    /// Ends the probe that is under way.
    pub(crate) async fn stop_probe(&self) -> Result<(), TaskRefusal> {
        match self.ask_diagnostics(&DiagnosticsRequest::StopProbe).await {
            Ok(DiagnosticsResponse::Done) => {
                info!("The administrator stops a probe");
                let has_ended = |status: &DiagnosticsStatus| {
                    !status.probe.as_ref().is_some_and(ProbeState::is_running)
                };
                self.see_diagnostics(has_ended).await;
                Ok(())
            }
            Ok(DiagnosticsResponse::Conflict) => Err(TaskRefusal::NothingRuns),
            answer => begun(answer).map(drop),
        }
    }

    /// Runs the prechecks.
    pub(crate) async fn run_prechecks(&self) -> Result<(), TaskRefusal> {
        let number = begun(self.ask_diagnostics(&DiagnosticsRequest::RunPrechecks).await)?;
        info!("The administrator runs the prechecks");
        self.see_diagnosis(number).await;
        Ok(())
    }

    /// Makes a report.
    pub(crate) async fn report(&self, masks: bool) -> Result<OwnedFd, ReportRefusal> {
        let request = DiagnosticsRequest::Report { mask: masks };
        match self.changers.diagnostics.call_for_file(&request).await {
            Ok((DiagnosticsResponse::Report { bytes }, Some(file))) => {
                info!(bytes, masks, "The administrator downloads a diagnostic report");
                Ok(file)
            }
            Ok((DiagnosticsResponse::Conflict, _)) => Err(ReportRefusal::Busy),
            Ok((DiagnosticsResponse::Failed { reason }, _)) => {
                Err(ReportRefusal::Failed { reason })
            }
            Ok((other, _)) => {
                warn!(?other, "The diagnostics role gives another answer than a report");
                Err(ReportRefusal::Failed { reason: "the role does not hand it over".to_owned() })
            }
            Err(error) => {
                warn!(%error, "The diagnostics role makes no report");
                Err(ReportRefusal::Silent)
            }
        }
    }

    async fn ask_capture(
        &self,
        request: &CaptureRequest,
    ) -> Result<CaptureResponse, CaptureRefusal> {
        self.changers.capture.call(request).await.map_err(silent)
    }

    async fn ask_diagnostics(
        &self,
        request: &DiagnosticsRequest,
    ) -> Result<DiagnosticsResponse, BusError> {
        self.changers.diagnostics.call(request).await
    }

    /// Waits until the capture role has told everybody what has become of a trace: the next page must
    /// not show the state from before.
    async fn see_capture(&self, is_seen: impl Fn(&TraceState) -> bool) {
        let mut capture = self.capture.clone();
        let is_seen = |status: &Option<CaptureStatus>| {
            status.as_ref().is_some_and(|status| is_seen(&status.state))
        };
        if timeout(SETTINGS_LIMIT, capture.wait_for(is_seen)).await.is_err() {
            warn!("The capture role does not show what has become of a trace");
        }
    }

    /// Waits until the status shows what has begun under this number, and not the one before.
    async fn see_diagnosis(&self, number: u64) {
        self.see_diagnostics(|status| status.begun >= number).await;
    }

    /// Waits until the diagnostics role has told everybody: the next page must not show the state from
    /// before.
    async fn see_diagnostics(&self, is_seen: impl Fn(&DiagnosticsStatus) -> bool) {
        let mut diagnostics = self.diagnostics.clone();
        let seen = diagnostics.wait_for(|status| status.as_ref().is_some_and(&is_seen));
        if timeout(SETTINGS_LIMIT, seen).await.is_err() {
            warn!("The diagnostics role does not show what it has begun or ended");
        }
    }
}

fn refused(refusal: StartRefusal) -> CaptureRefusal {
    match refusal {
        StartRefusal::Running(running) => {
            CaptureRefusal::Running { since: running.trace.started_ms.div_euclid(1000) }
        }
        StartRefusal::Starting => CaptureRefusal::Starting,
        StartRefusal::UnknownHost { host } => CaptureRefusal::UnknownHost { host },
        StartRefusal::NotResolved { host, reason } => CaptureRefusal::NotResolved { host, reason },
        StartRefusal::NoSpace { free_bytes, needed_bytes } => {
            CaptureRefusal::NoSpace { free_bytes, needed_bytes }
        }
        StartRefusal::Failed { reason } => CaptureRefusal::Failed { reason },
    }
}

fn unexpected(answer: &CaptureResponse) -> CaptureRefusal {
    warn!(?answer, "The capture role does not do what it is asked for");
    CaptureRefusal::Failed { reason: "the capture service does not allow it".to_owned() }
}

fn silent(error: BusError) -> CaptureRefusal {
    warn!(%error, "The capture role does not answer");
    CaptureRefusal::Silent
}

/// The number of what has begun.
fn begun(answer: Result<DiagnosticsResponse, BusError>) -> Result<u64, TaskRefusal> {
    match answer {
        Ok(DiagnosticsResponse::Begun { number }) => Ok(number),
        Ok(DiagnosticsResponse::Conflict) => Err(TaskRefusal::Busy),
        Ok(DiagnosticsResponse::Failed { reason }) => Err(TaskRefusal::Failed { reason }),
        Ok(other) => {
            warn!(?other, "The diagnostics role does not do what it is asked for");
            let reason = "the diagnostics service does not allow it".to_owned();
            Err(TaskRefusal::Failed { reason })
        }
        Err(error) => {
            warn!(%error, "The diagnostics role does not answer");
            Err(TaskRefusal::Silent)
        }
    }
}

/// Name under which a file is stored: what it is, of which appliance, and when, in UTC.
pub(crate) fn file_name(kind: &str, host_name: &str, seconds: i64, extension: &str) -> String {
    let time = time::OffsetDateTime::from_unix_timestamp(seconds);
    let time = time.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let (date, clock) = (time.date(), time.time());
    format!(
        "{kind}-{host_name}-{:04}{:02}{:02}-{:02}{:02}{:02}Z.{extension}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_appliance_and_time() {
        assert_eq!(
            file_name("trace", "connector-hq-01", 1_795_169_058, "pcap"),
            "trace-connector-hq-01-20261120-100418Z.pcap"
        );
        assert_eq!(file_name("report", "a", i64::MAX, "zip"), "report-a-19700101-000000Z.zip");
    }
}
