//! *Network diagnostics* and *Diagnostic report* in every state.

use std::net::{IpAddr, Ipv4Addr};

use model::capture::{
    TraceDuration, TraceField, TraceFieldProblem, TraceFilter, TraceForm, TraceOrder, TraceProblem,
    TraceTarget,
};
use model::capture_status::{
    CaptureStatus, Conversation, EndReason, EndedTrace, Endpoint, Handshake, RunningTrace, Trace,
    TraceCounts, TraceOrigin, TracePoint, TraceState, TraceSummary,
};
use model::probe::{
    ProbeField, ProbeFieldProblem, ProbeForm, ProbeKind, ProbeProblem, ProbeReport, RouteChoice,
    TargetError,
};
use webui::{
    CaptureRefusal, DeleteTrace, DiagnosticReport, DiagnosticsProblem, DiagnosticsState, Language,
    NetworkDiagnostics, ProxyChoice, ReportRefusal, TaskRefusal,
};

use super::probe_states::{failed, failures, finished, probes, report, runs};
use super::{NOW, frame};

const MIB: u64 = 1024 * 1024;
const NOW_MS: i64 = NOW * 1000;

fn order() -> TraceOrder {
    let host = TraceTarget::Host("corp.example.com".to_owned());
    let filter = TraceFilter { target: Some(host), port: Some(389) };
    TraceOrder { filter, duration: TraceDuration::TwoMinutes, packet_tracing: false }
}

fn trace(order: TraceOrder) -> Trace {
    Trace {
        id: "00f3a2b1c4d5e6f7".to_owned(),
        origin: TraceOrigin::Operator,
        order,
        addresses: vec![Ipv4Addr::new(10, 71, 0, 5)],
        started_ms: NOW_MS - 47_000,
    }
}

fn status(state: TraceState) -> CaptureStatus {
    CaptureStatus { state, free_bytes: Some(16_400_000_000), max_file_bytes: 1024 * MIB }
}

fn running(trace: Trace, elapsed_ms: u64) -> CaptureStatus {
    let counts = TraceCounts { packets: 61_204, bytes: 58_310_000, file_bytes: 5_700_000, lost: 0 };
    status(TraceState::Running(RunningTrace { trace, counts, elapsed_ms }))
}

fn conversation(server: [u8; 4], port: u16, handshake: Handshake) -> Conversation {
    Conversation {
        client: Endpoint { address: IpAddr::from([10, 71, 57, 66]), port: 49_822 },
        server: Endpoint { address: IpAddr::from(server), port },
        packets: 96_410,
        bytes: 118_200_000,
        retransmissions: 0,
        resets: 0,
        handshake,
        begin_ms: 0,
        length_ms: 119_800,
    }
}

fn summary() -> TraceSummary {
    let points = (0..120_u64)
        .map(|second| {
            let is_silent = (71..77).contains(&second);
            let wave = 900_000 + (second * 37_199) % 700_000 + (second % 30) * 40_000;
            let received = if is_silent { 0 } else { wave };
            TracePoint { received, sent: received / 4 }
        })
        .collect();
    let largest = vec![
        conversation([10, 71, 0, 5], 389, Handshake::Answered),
        Conversation {
            retransmissions: 214,
            ..conversation([10, 71, 0, 6], 389, Handshake::NotSeen)
        },
        conversation([10, 71, 0, 7], 3268, Handshake::NotSeen),
        Conversation { resets: 2, ..conversation([10, 71, 0, 8], 88, Handshake::Answered) },
        Conversation {
            packets: 6,
            bytes: 444,
            retransmissions: 5,
            length_ms: 31_000,
            ..conversation([10, 71, 0, 9], 389, Handshake::Unanswered)
        },
        Conversation {
            packets: 2,
            bytes: 114,
            resets: 1,
            length_ms: 0,
            ..conversation([203, 0, 113, 7], 8443, Handshake::Refused)
        },
        conversation([198, 51, 100, 20], 51_413, Handshake::Answered),
    ];
    TraceSummary {
        conversations: 37,
        largest,
        retransmissions: 219,
        resets: 3,
        unanswered: 6,
        unreadable: 0,
        point_ms: 1000,
        points,
    }
}

fn ended(end: EndReason) -> EndedTrace {
    EndedTrace {
        trace: trace(order()),
        counts: TraceCounts {
            packets: 158_912,
            bytes: 151_800_000,
            file_bytes: 14_900_000,
            lost: 0,
        },
        end,
        elapsed_ms: 120_000,
        ended_ms: NOW_MS - 30_000,
        deleted_ms: NOW_MS + 86_370_000,
        summary: summary(),
    }
}

fn idle() -> DiagnosticsState {
    DiagnosticsState {
        capture: Some(status(TraceState::Idle)),
        answers: true,
        probe: None,
        prechecks: None,
        now: NOW,
    }
}

fn with_trace(state: TraceState) -> DiagnosticsState {
    DiagnosticsState { capture: Some(status(state)), ..idle() }
}

fn page(language: Language, state: DiagnosticsState) -> NetworkDiagnostics {
    NetworkDiagnostics {
        frame: frame(language, true, "/network-diagnostics"),
        state,
        trace_form: TraceForm::default(),
        offers_new_trace: false,
        probe_form: ProbeForm { kind: ProbeKind::Https, ..ProbeForm::default() },
        proxies: vec![ProxyChoice {
            id: "4bc94059-f386-4411-aa80-ab2da95c8615".to_owned(),
            location: "10.71.0.80:3128".to_owned(),
        }],
        problem: None,
    }
}

fn refusals() -> Vec<CaptureRefusal> {
    let host = || "dc9.corp.example.com".to_owned();
    let reason = || "no name server answers".to_owned();
    vec![
        CaptureRefusal::Running { since: NOW - 47 },
        CaptureRefusal::Starting,
        CaptureRefusal::UnknownHost { host: host() },
        CaptureRefusal::NotResolved { host: host(), reason: reason() },
        CaptureRefusal::NoSpace { free_bytes: 12 * MIB, needed_bytes: 64 * MIB },
        CaptureRefusal::NothingRuns,
        CaptureRefusal::StillRunning,
        CaptureRefusal::Gone,
        CaptureRefusal::Failed { reason: reason() },
        CaptureRefusal::Silent,
    ]
}

fn task_refusals() -> Vec<TaskRefusal> {
    let reason = "the socket cannot be opened".to_owned();
    vec![
        TaskRefusal::Busy,
        TaskRefusal::NothingRuns,
        TaskRefusal::Silent,
        TaskRefusal::Failed { reason },
    ]
}

fn trace_problems() -> Vec<TraceProblem> {
    use TraceProblem::*;
    vec![
        NotATarget,
        Ipv6,
        Loopback,
        Network,
        Url,
        TargetWithPort,
        Several,
        Expression,
        NotAPort,
        PortOutOfRange,
        SeveralPorts,
        NotADuration,
    ]
}

fn probe_problems() -> Vec<ProbeProblem> {
    let url = |host: &str| ProbeProblem::Target(TargetError::Url { host: host.to_owned() });
    vec![
        ProbeProblem::Missing,
        url("a.example"),
        url(""),
        ProbeProblem::Target(TargetError::WithPort { port: "443".to_owned() }),
        ProbeProblem::Target(TargetError::Space),
        ProbeProblem::Target(TargetError::Ipv6),
        ProbeProblem::Target(TargetError::BrokenAddress),
        ProbeProblem::Target(TargetError::NoMachine),
        ProbeProblem::Target(TargetError::TooLong),
        ProbeProblem::Target(TargetError::NotAHost),
        ProbeProblem::NotAPort,
        ProbeProblem::NoSlash,
        ProbeProblem::PathCharacter,
        ProbeProblem::PathTooLong,
        ProbeProblem::IcmpThroughProxy,
        ProbeProblem::UnknownProxy,
    ]
}

/// Every page with its name.
pub(super) fn all(language: Language) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut add = |name: String, page: NetworkDiagnostics| {
        pages.push((name, webui::network_diagnostics(&page)));
    };
    add("diagnostics".to_owned(), page(language, idle()));
    let silent = DiagnosticsState { capture: None, answers: false, ..idle() };
    add("diagnostics-silent".to_owned(), page(language, silent));

    let all_traffic = TraceOrder { packet_tracing: true, ..TraceOrder::default() };
    let mut of_probe = trace(all_traffic.clone());
    of_probe.origin = TraceOrigin::Probe;
    for (index, (trace, elapsed_ms)) in
        [(trace(order()), 47_300), (of_probe, 120_900), (trace(all_traffic), 0)]
            .into_iter()
            .enumerate()
    {
        let state = DiagnosticsState { capture: Some(running(trace, elapsed_ms)), ..idle() };
        add(format!("trace-running-{index}"), page(language, state));
    }
    let message = "the network card is gone".to_owned();
    let reasons = [
        EndReason::TimeUp,
        EndReason::Stopped,
        EndReason::SizeLimit,
        EndReason::DiskFull,
        EndReason::Failed { message },
    ];
    for (index, reason) in reasons.into_iter().enumerate() {
        let mut ended = ended(reason);
        if index == 1 {
            ended.counts.lost = 1204;
            ended.trace.order.packet_tracing = true;
            ended.trace.order.filter = TraceFilter { target: None, port: Some(443) };
            ended.trace.origin = TraceOrigin::Probe;
        }
        if index > 2 {
            ended.counts = TraceCounts::default();
            ended.summary = TraceSummary::default();
            ended.trace.order.filter.port = None;
        }
        add(format!("trace-ended-{index}"), page(language, with_trace(TraceState::Ended(ended))));
    }
    let after = || with_trace(TraceState::Ended(ended(EndReason::TimeUp)));
    add(
        "trace-new".to_owned(),
        NetworkDiagnostics { offers_new_trace: true, ..page(language, after()) },
    );
    for (index, refusal) in refusals().into_iter().enumerate() {
        let state = match refusal {
            CaptureRefusal::Running { .. } | CaptureRefusal::StillRunning => {
                DiagnosticsState { capture: Some(running(trace(order()), 1000)), ..idle() }
            }
            CaptureRefusal::NothingRuns => after(),
            _ => idle(),
        };
        let problem = Some(DiagnosticsProblem::Trace(refusal));
        add(
            format!("trace-refused-{index:02}"),
            NetworkDiagnostics { problem, ..page(language, state) },
        );
    }
    for (index, problem) in trace_problems().into_iter().enumerate() {
        let all = [TraceField::Target, TraceField::Port, TraceField::Duration];
        let fields = if index == 0 { all.to_vec() } else { vec![TraceField::Target] };
        let fields = fields.into_iter().map(|field| TraceFieldProblem { field, problem });
        let problem = Some(DiagnosticsProblem::TraceFields(fields.collect()));
        let trace_form = TraceForm {
            target: "host <10.0.0.1> & port 80".to_owned(),
            port: "80,443".to_owned(),
            duration: "11".to_owned(),
            packet_tracing: true,
        };
        add(
            format!("trace-problem-{index:02}"),
            NetworkDiagnostics { problem, trace_form, ..page(language, idle()) },
        );
    }

    for (index, probe) in probes().into_iter().enumerate() {
        let base = if index == 3 { after() } else { idle() };
        let state = DiagnosticsState { probe: Some(probe), ..base };
        add(format!("probe-{index:02}"), page(language, state));
    }
    let gone = ProbeReport { trace: Some("1".repeat(16)), ..report(Vec::new()) };
    let state = DiagnosticsState { probe: Some(finished(gone)), ..idle() };
    add("probe-trace-gone".to_owned(), page(language, state));
    for (index, (failure, detail)) in failures().into_iter().enumerate() {
        let state = DiagnosticsState { probe: Some(failed(failure, detail)), ..idle() };
        add(format!("probe-failed-{index}"), page(language, state));
    }
    for (index, problem) in probe_problems().into_iter().enumerate() {
        let all = [ProbeField::Target, ProbeField::Port, ProbeField::Path, ProbeField::Route];
        let fields = if index == 0 { all.to_vec() } else { vec![ProbeField::Target] };
        let fields =
            fields.into_iter().map(|field| ProbeFieldProblem { field, problem: problem.clone() });
        let problem = Some(DiagnosticsProblem::ProbeFields(fields.collect()));
        let probe_form = ProbeForm {
            kind: ProbeKind::Http,
            target: "https://a.example/\"x\"".to_owned(),
            port: "99999".to_owned(),
            path: "x y".to_owned(),
            route: RouteChoice::Automatic,
            with_capture: true,
        };
        add(
            format!("probe-problem-{index:02}"),
            NetworkDiagnostics { problem, probe_form, ..page(language, idle()) },
        );
    }
    for (index, refusal) in task_refusals().into_iter().enumerate() {
        for (name, problem) in [
            ("probe", DiagnosticsProblem::Probe(refusal.clone())),
            ("prechecks", DiagnosticsProblem::Prechecks(refusal)),
        ] {
            let page = NetworkDiagnostics { problem: Some(problem), ..page(language, idle()) };
            add(format!("{name}-refused-{index}"), page);
        }
    }
    for (name, problem) in [
        ("trace", DiagnosticsProblem::TraceFormExpired),
        ("probe", DiagnosticsProblem::ProbeFormExpired),
    ] {
        let page = NetworkDiagnostics { problem: Some(problem), ..page(language, idle()) };
        add(format!("{name}-form-expired"), page);
    }
    for (index, run) in runs().into_iter().enumerate() {
        let state = DiagnosticsState { prechecks: Some(run), ..idle() };
        add(format!("prechecks-{index}"), page(language, state));
    }

    let frame_of_question = frame(language, true, "/network-diagnostics/capture/delete?id=7");
    let question =
        DeleteTrace { frame: frame_of_question, id: "7".to_owned(), started: NOW - 3600 };
    pages.push(("trace-delete".to_owned(), webui::delete_trace(&question)));
    for (index, refusal) in report_refusals().into_iter().enumerate() {
        let frame = frame(language, true, "/diagnostic-report");
        let page = DiagnosticReport { frame, masks: index == 1, refusal };
        pages.push((format!("report-{index}"), webui::diagnostic_report(&page)));
    }
    pages
}

fn report_refusals() -> Vec<Option<ReportRefusal>> {
    let reason = "no space left on device".to_owned();
    vec![
        None,
        Some(ReportRefusal::Busy),
        Some(ReportRefusal::Silent),
        Some(ReportRefusal::Failed { reason }),
    ]
}

/// The states that the script follows, with whether the page offers a new trace.
pub(crate) fn live() -> Vec<(NetworkDiagnostics, bool)> {
    let language = Language::English;
    let after = || with_trace(TraceState::Ended(ended(EndReason::TimeUp)));
    let running = DiagnosticsState { capture: Some(running(trace(order()), 5)), ..idle() };
    let busy = DiagnosticsState {
        probe: probes().into_iter().next(),
        prechecks: runs().into_iter().next(),
        ..idle()
    };
    let new = NetworkDiagnostics { offers_new_trace: true, ..page(language, after()) };
    let pages = [idle(), running, after(), busy].map(|state| (page(language, state), false));
    pages.into_iter().chain([(new, true)]).collect()
}
