//! The roles Capture and Diagnostics, played by the test.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use bus::{
    CaptureRequest, CaptureResponse, DiagnosticsRequest, DiagnosticsResponse, Peer, Service,
    StartRefusal,
};
use model::capture::{TraceOrder, TraceTarget};
use model::capture_status::{
    CaptureStatus, EndReason, EndedTrace, RunningTrace, Trace, TraceCounts, TraceOrigin,
    TraceState, TraceSummary,
};
use model::diagnostics::DiagnosticsStatus;
use model::outbound::Route;
use model::precheck::{Check, CheckCause, CheckReport, CheckResult, PrecheckRun};
use model::probe::{ProbeFailure, ProbeReport, ProbeState, ProbeStep, StepKind, StepState};
use tokio::sync::watch;

/// A name that does not exist.
pub(crate) const UNKNOWN_HOST: &str = "nowhere.example";
/// Identifier of every trace.
pub(crate) const TRACE_ID: &str = "00f3a2b1c4d5e6f7";
/// 2026-11-20 10:04:18 UTC.
const STARTED_MS: i64 = 1_795_169_058_000;

/// A file of ASCII letters with this many bytes, open for reading.
pub(crate) fn file(bytes: usize) -> OwnedFd {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(&vec![b'x'; bytes]).unwrap();
    file.into()
}

/// The capture role.
pub(crate) struct FakeCapture {
    status: watch::Sender<(u64, CaptureStatus)>,
    /// Bytes of the file of the trace.
    pub(crate) file_bytes: usize,
    /// An answer to give instead of starting.
    pub(crate) refuses: Mutex<Option<StartRefusal>>,
}

impl FakeCapture {
    pub(crate) fn new() -> Arc<Self> {
        let max_file_bytes = 1 << 30;
        let status =
            CaptureStatus { state: TraceState::Idle, free_bytes: Some(1 << 31), max_file_bytes };
        let refuses = Mutex::default();
        Arc::new(Self { status: watch::Sender::new((1, status)), file_bytes: 300_000, refuses })
    }

    fn set(&self, state: TraceState) {
        self.status.send_modify(|(generation, status)| {
            *generation += 1;
            status.state = state;
        });
    }

    pub(crate) fn state(&self) -> TraceState {
        self.status.borrow().1.state.clone()
    }

    pub(crate) fn order(&self) -> TraceOrder {
        self.state().trace().unwrap().order.clone()
    }

    /// Ends the trace that runs.
    pub(crate) fn end(&self, end: EndReason) {
        let TraceState::Running(RunningTrace { trace, counts, elapsed_ms }) = self.state() else {
            panic!("no trace runs");
        };
        self.set(TraceState::Ended(EndedTrace {
            trace,
            counts,
            end,
            elapsed_ms,
            ended_ms: STARTED_MS + 5000,
            deleted_ms: STARTED_MS + 86_405_000,
            summary: TraceSummary { conversations: 1, ..TraceSummary::default() },
        }));
    }

    fn start(&self, order: TraceOrder) -> CaptureResponse {
        if let Some(refusal) = self.refuses.lock().unwrap().clone() {
            return CaptureResponse::Refused(refusal);
        }
        if let TraceState::Running(running) = self.state() {
            return CaptureResponse::Refused(StartRefusal::Running(running));
        }
        if order.filter.target == Some(TraceTarget::Host(UNKNOWN_HOST.to_owned())) {
            let host = UNKNOWN_HOST.to_owned();
            return CaptureResponse::Refused(StartRefusal::UnknownHost { host });
        }
        let trace = Trace {
            id: TRACE_ID.to_owned(),
            origin: TraceOrigin::Operator,
            order,
            addresses: Vec::new(),
            started_ms: STARTED_MS,
        };
        let counts =
            TraceCounts { packets: 61_204, bytes: 58_310_000, file_bytes: 5_700_000, lost: 3 };
        let running = RunningTrace { trace, counts, elapsed_ms: 4000 };
        self.set(TraceState::Running(running.clone()));
        CaptureResponse::Started(running)
    }
}

impl Service for FakeCapture {
    type Request = CaptureRequest;
    type Response = CaptureResponse;

    async fn call(&self, _: Peer, request: CaptureRequest) -> CaptureResponse {
        match request {
            CaptureRequest::Status { newer_than } => {
                let mut status = self.status.subscribe();
                let newer = status.wait_for(|(generation, _)| Some(*generation) != newer_than);
                let (generation, status) = newer.await.unwrap().clone();
                CaptureResponse::Status { generation, status }
            }
            CaptureRequest::Start { order } => self.start(order),
            CaptureRequest::Stop { .. } => match self.state() {
                TraceState::Running(_) => {
                    self.end(EndReason::Stopped);
                    let TraceState::Ended(ended) = self.state() else { unreachable!("just ended") };
                    CaptureResponse::Stopped(ended)
                }
                TraceState::Ended(ended) => CaptureResponse::AlreadyEnded(ended),
                TraceState::Idle => CaptureResponse::NoSuchTrace,
            },
            CaptureRequest::Delete { id } | CaptureRequest::File { id } => match self.state() {
                TraceState::Running(running) => CaptureResponse::StillRunning(running),
                TraceState::Ended(ended) if ended.trace.id == id => {
                    self.set(TraceState::Idle);
                    CaptureResponse::Deleted
                }
                _ => CaptureResponse::NoSuchTrace,
            },
        }
    }

    async fn call_with_file(
        &self,
        peer: Peer,
        request: CaptureRequest,
    ) -> (CaptureResponse, Option<OwnedFd>) {
        match (&request, self.state()) {
            (CaptureRequest::File { id }, TraceState::Ended(ended)) if ended.trace.id == *id => {
                let bytes = self.file_bytes as u64;
                (CaptureResponse::File { bytes }, Some(file(self.file_bytes)))
            }
            _ => (self.call(peer, request).await, None),
        }
    }
}

/// The diagnostics role.
pub(crate) struct FakeDiagnostics {
    status: watch::Sender<(u64, DiagnosticsStatus)>,
    /// What the next report is: a file of so many bytes, or an answer without one.
    pub(crate) report: Mutex<Result<usize, DiagnosticsResponse>>,
    /// Whether the last report was asked to be masked.
    pub(crate) masked: Mutex<Option<bool>>,
}

impl FakeDiagnostics {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            status: watch::Sender::new((1, DiagnosticsStatus::default())),
            report: Mutex::new(Ok(100_000)),
            masked: Mutex::default(),
        })
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut DiagnosticsStatus)) {
        self.status.send_modify(|(generation, status)| {
            *generation += 1;
            change(status);
        });
    }

    /// Ends the probe that runs, at its only step.
    pub(crate) fn end_probe(&self) {
        self.change(|status| {
            let Some(ProbeState::Running(mut report)) = status.probe.take() else {
                panic!("no probe runs");
            };
            let failure = ProbeFailure::SlowAnswer { limit_seconds: 10 };
            report.steps = vec![ProbeStep {
                kind: StepKind::FirstByte,
                state: StepState::Failed { took_us: 10_000_000, failure, detail: None },
            }];
            let (took_us, was_stopped) = (10_001_000, false);
            status.probe = Some(ProbeState::Finished { report, took_us, was_stopped });
        });
    }

    /// Ends the prechecks that run, with one that fails.
    pub(crate) fn end_prechecks(&self) {
        self.change(|status| {
            let outcome = CheckResult::bad(CheckCause::DnsSilent { limit_seconds: 3 });
            let check = Check::Dns { server: Some([10, 0, 0, 2].into()) };
            let checks = vec![CheckReport { check, outcome, took_us: Some(3_000_000) }];
            status.prechecks = Some(PrecheckRun { started: 1, took_us: Some(3_100_000), checks });
        });
    }
}

impl FakeDiagnostics {
    /// Begins something: the status shows it, with its number.
    fn begin(&self, change: impl FnOnce(&mut DiagnosticsStatus)) -> DiagnosticsResponse {
        self.change(|status| {
            status.begun += 1;
            change(status);
        });
        DiagnosticsResponse::Begun { number: self.status.borrow().1.begun }
    }
}

impl Service for FakeDiagnostics {
    type Request = DiagnosticsRequest;
    type Response = DiagnosticsResponse;

    async fn call(&self, _: Peer, request: DiagnosticsRequest) -> DiagnosticsResponse {
        let now = || self.status.borrow().1.clone();
        match request {
            DiagnosticsRequest::Status { newer_than } => {
                let mut status = self.status.subscribe();
                let newer = status.wait_for(|(generation, _)| Some(*generation) != newer_than);
                let (generation, status) = newer.await.unwrap().clone();
                DiagnosticsResponse::Status { generation, status }
            }
            DiagnosticsRequest::StartProbe { probe } => {
                if now().probe.is_some_and(|probe| probe.is_running()) {
                    return DiagnosticsResponse::Conflict;
                }
                if matches!(probe.route, Route::Through { .. }) {
                    return DiagnosticsResponse::UnknownProxy;
                }
                let report = ProbeReport {
                    request: probe,
                    way: None,
                    started: 1,
                    steps: vec![ProbeStep { kind: StepKind::Connect, state: StepState::Running }],
                    trace: None,
                    trace_trouble: None,
                };
                self.begin(|status| status.probe = Some(ProbeState::Running(report)))
            }
            DiagnosticsRequest::StopProbe => {
                let Some(ProbeState::Running(report)) = now().probe else {
                    return DiagnosticsResponse::Conflict;
                };
                let (took_us, was_stopped) = (2_000_000, true);
                let probe = ProbeState::Finished { report, took_us, was_stopped };
                self.change(|status| status.probe = Some(probe));
                DiagnosticsResponse::Done
            }
            DiagnosticsRequest::RunPrechecks => {
                if now().prechecks.is_some_and(|run| run.is_running()) {
                    return DiagnosticsResponse::Conflict;
                }
                let run = PrecheckRun { started: 1, took_us: None, checks: Vec::new() };
                self.begin(|status| status.prechecks = Some(run))
            }
            _ => DiagnosticsResponse::Forbidden,
        }
    }

    async fn call_with_file(
        &self,
        peer: Peer,
        request: DiagnosticsRequest,
    ) -> (DiagnosticsResponse, Option<OwnedFd>) {
        let DiagnosticsRequest::Report { mask } = request else {
            return (self.call(peer, request).await, None);
        };
        *self.masked.lock().unwrap() = Some(mask);
        match self.report.lock().unwrap().clone() {
            Ok(bytes) => (DiagnosticsResponse::Report { bytes: bytes as u64 }, Some(file(bytes))),
            Err(answer) => (answer, None),
        }
    }
}
