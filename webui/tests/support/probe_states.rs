//! Probes and prechecks in every state.

use std::net::Ipv4Addr;

use model::fingerprint::Fingerprint;
use model::ipv4::{HostNet, PrefixLength};
use model::outbound::{DirectReason, FailureCause, ProxyTrouble, Route, RouteTaken, TrustAnchor};
use model::precheck::{
    Check, CheckCause, CheckDetail, CheckReport, CheckResult, PrecheckRun, SkipReason,
};
use model::probe::{
    ChainCertificate, Echoes, ProbeFailure, ProbeKind, ProbeReport, ProbeRequest, ProbeState,
    ProbeStep, ProbeTarget, StepDetail, StepKind, StepState, TlsFacts,
};
use model::proxy::ProxyLocation;

use super::NOW;

pub(super) fn location() -> ProxyLocation {
    ProxyLocation::parse("10.71.0.80:3128").expect("a location")
}

fn chain() -> Vec<ChainCertificate> {
    let certificate = |subject: &str, issuer: &str, names: &[&str], days: i64| ChainCertificate {
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        names: names.iter().map(|&name| name.to_owned()).collect(),
        not_before: NOW - 86_400,
        not_after: NOW + days * 86_400,
        sha256: Fingerprint::new(&(0..32).map(|byte| byte * 7).collect::<Vec<u8>>()),
    };
    let names = ["gateway-1.cloud.example", "*.cloud.example"];
    vec![
        certificate("CN=gateway-1.cloud.example", "CN=Inspection CA", &names, -1),
        certificate("CN=Inspection CA", "CN=Root CA,O=Example Corp", &[], 300),
        certificate("CN=Root CA,O=Example Corp", "CN=Root CA,O=Example Corp", &[], 3000),
    ]
}

pub(super) fn request(kind: ProbeKind, route: Route) -> ProbeRequest {
    ProbeRequest {
        kind,
        target: ProbeTarget::Name("gateway-1.cloud.example".to_owned()),
        port: kind.default_port(),
        path: "/health".to_owned(),
        route,
        with_capture: true,
    }
}

fn through() -> (Route, Option<RouteTaken>) {
    let id = "4bc94059-f386-4411-aa80-ab2da95c8615".to_owned();
    (Route::Through { id: id.clone() }, Some(RouteTaken::Proxy { id, location: location() }))
}

fn done(kind: StepKind, took_us: u64, detail: StepDetail) -> ProbeStep {
    ProbeStep { kind, state: StepState::Done { took_us, detail } }
}

fn connected() -> StepDetail {
    StepDetail::Connected {
        peer: "10.71.0.80:3128".parse().expect("an address"),
        local: "10.71.57.66:50208".parse().expect("an address"),
    }
}

fn tls(anchor: Option<TrustAnchor>, is_intercepted: bool) -> TlsFacts {
    TlsFacts {
        version: Some("TLS 1.3".to_owned()),
        cipher: Some("TLS_AES_256_GCM_SHA384".to_owned()),
        chain: chain(),
        anchor,
        is_intercepted,
    }
}

pub(super) fn finished(report: ProbeReport) -> ProbeState {
    ProbeState::Finished { report, took_us: 61_300, was_stopped: false }
}

pub(super) fn report(steps: Vec<ProbeStep>) -> ProbeReport {
    let (route, way) = through();
    ProbeReport {
        request: request(ProbeKind::Https, route),
        way,
        started: NOW - 12,
        steps,
        trace: None,
        trace_trouble: None,
    }
}

/// A probe that ends at its third step.
pub(super) fn failed(failure: ProbeFailure, detail: Option<StepDetail>) -> ProbeState {
    finished(report(vec![
        done(StepKind::Connect, 1800, connected()),
        done(StepKind::Tunnel, 22_400, StepDetail::Tunnelled {}),
        ProbeStep {
            kind: StepKind::Tls,
            state: StepState::Failed { took_us: 36_300, failure, detail },
        },
        ProbeStep { kind: StepKind::FirstByte, state: StepState::Waiting },
    ]))
}

pub(super) fn probes() -> Vec<ProbeState> {
    let waiting = |kind| ProbeStep { kind, state: StepState::Waiting };
    let running = ProbeStep { kind: StepKind::Tunnel, state: StepState::Running };
    let under_way = report(vec![
        done(StepKind::Connect, 1800, connected()),
        running.clone(),
        waiting(StepKind::Tls),
        waiting(StepKind::FirstByte),
    ]);
    let stopped =
        ProbeState::Finished { report: under_way.clone(), took_us: 3_000_000, was_stopped: true };
    let choosing = ProbeReport {
        way: None,
        request: request(ProbeKind::Tls, Route::Automatic),
        steps: vec![ProbeStep { kind: StepKind::Way, state: StepState::Running }],
        ..under_way.clone()
    };
    let added = TrustAnchor::Added {
        subject: "CN=Root CA,O=Example Corp".to_owned(),
        fingerprint: Fingerprint::new(&[7; 32]),
    };
    let good = |way: RouteTaken, facts: TlsFacts| {
        let addresses = vec![[203, 0, 113, 20].into(), [203, 0, 113, 21].into()];
        let steps = vec![
            done(StepKind::Way, 100, StepDetail::Chosen { way: way.clone() }),
            done(StepKind::Resolve, 2400, StepDetail::Resolved { addresses }),
            done(StepKind::Connect, 8000, connected()),
            done(StepKind::Tls, 31_000, StepDetail::Tls(facts)),
            done(StepKind::FirstByte, 19_900, StepDetail::Answered { status: 204 }),
        ];
        let request = request(ProbeKind::Https, Route::Automatic);
        ProbeReport { request, way: Some(way), ..report(steps) }
    };
    let direct = |reason| RouteTaken::Direct { reason };
    let proxied = through().1.expect("a way");
    let mut traced = good(proxied, tls(Some(added.clone()), true));
    traced.trace = Some("00f3a2b1c4d5e6f7".to_owned());
    let mut troubled = good(direct(DirectReason::NoProxies), tls(Some(added), false));
    troubled.trace_trouble = Some("another trace is running".to_owned());
    let echoes = |received| {
        StepDetail::Echoes(Echoes {
            sent: 4,
            received,
            fastest_us: 400,
            mean_us: 612,
            slowest_us: 1204,
        })
    };
    let ping = |received| {
        finished(ProbeReport {
            request: request(ProbeKind::Icmp, Route::Direct),
            way: Some(direct(DirectReason::Chosen)),
            ..report(vec![done(StepKind::Echo, 3_004_000, echoes(received))])
        })
    };
    vec![
        ProbeState::Running(under_way),
        ProbeState::Running(choosing),
        stopped,
        finished(traced),
        finished(troubled),
        finished(good(direct(DirectReason::Private), tls(Some(TrustAnchor::Public), false))),
        finished(good(direct(DirectReason::LinkLocal), TlsFacts::default())),
        finished(good(direct(DirectReason::Loopback), TlsFacts::default())),
        ping(4),
        ping(0),
    ]
}

pub(super) fn failures() -> Vec<(ProbeFailure, Option<StepDetail>)> {
    let words = || "connection reset by peer (os error 104)".to_owned();
    let intercepted = FailureCause::TlsIntercepted {
        issuer: "CN=Root CA,O=Example Corp".to_owned(),
        fingerprint: Fingerprint::new(&[7; 32]),
        is_authority: true,
    };
    let silent = FailureCause::ProxyUnreachable { proxy: location(), reason: ProxyTrouble::Slow };
    vec![
        (ProbeFailure::Connection { cause: intercepted }, Some(StepDetail::Tls(tls(None, false)))),
        (ProbeFailure::Connection { cause: silent }, None),
        (ProbeFailure::NoEcho { limit_seconds: 5 }, None),
        (ProbeFailure::Unreachable { reason: words() }, None),
        (ProbeFailure::NoAnswer { reason: words() }, None),
        (ProbeFailure::SlowAnswer { limit_seconds: 10 }, None),
        (ProbeFailure::NotHttp { beginning: "SSH-2.0-server <b>".to_owned() }, None),
        (ProbeFailure::TimedOut { limit_seconds: 60 }, None),
        (ProbeFailure::Internal { reason: words() }, None),
    ]
}

fn check(check: Check, outcome: CheckResult) -> CheckReport {
    let took_us = outcome.is_final().then_some(4200);
    CheckReport { check, outcome, took_us }
}

fn good_checks() -> Vec<CheckReport> {
    let good = |detail| CheckResult::Good { found: Some(detail) };
    let address = [10, 71, 57, 66].into();
    let prefix = PrefixLength::new(24).expect("a prefix");
    let resolved =
        |addresses| CheckDetail::Resolved { name: "console.cloud.example".to_owned(), addresses };
    let server = "ntp1.corp.example.com".to_owned();
    let follows = |server, offset_ms| CheckDetail::ClockFollows { server, offset_ms };
    let way = |intercepted_by: Option<&str>, proxy: Option<&str>| CheckDetail::Way {
        proxy: proxy.map(|_| location()),
        intercepted_by: intercepted_by.map(str::to_owned),
    };
    let cloud = |name: &str| Check::Cloud { address: format!("{name}.cloud.example:443") };
    vec![
        check(Check::Link, good(CheckDetail::Interface { name: "eth0".to_owned() })),
        check(Check::Address, good(CheckDetail::Address { address: HostNet { address, prefix } })),
        check(
            Check::Gateway,
            good(CheckDetail::Gateway {
                address: [10, 71, 57, 1].into(),
                hardware_address: "52:54:00:12:34:56".to_owned(),
            }),
        ),
        check(
            Check::Dns { server: Some([10, 0, 0, 2].into()) },
            good(resolved(vec![[203, 0, 113, 20].into()])),
        ),
        check(Check::Dns { server: Some([10, 0, 0, 3].into()) }, good(resolved(Vec::new()))),
        check(Check::TimeServer { server: server.clone() }, CheckResult::Good { found: None }),
        check(Check::Clock, good(follows(Some(server), Some(-3)))),
        check(Check::Clock, good(follows(None, None))),
        check(
            Check::Proxy { id: "1".to_owned(), location: location() },
            CheckResult::Good { found: None },
        ),
        check(cloud("console"), good(way(None, Some("10.71.0.80:3128")))),
        check(cloud("gateway-1"), good(way(Some("CN=Root CA,O=Example Corp"), None))),
    ]
}

fn bad_checks() -> Vec<CheckReport> {
    let reason = || "it did not answer within 3 s".to_owned();
    let address = Ipv4Addr::new(10, 71, 57, 66);
    let cause = FailureCause::ProxyRefused { proxy: location(), status: 403, detail: None };
    let mut checks: Vec<_> = [
        CheckCause::NoInterface,
        CheckCause::NoLink,
        CheckCause::NoAddress,
        CheckCause::AddressConflict { address, holder: "52:54:00:12:34:57".to_owned() },
        CheckCause::NoGateway,
        CheckCause::GatewaySilent { address },
        CheckCause::NoDnsServer,
        CheckCause::DnsSilent { limit_seconds: 3 },
        CheckCause::DnsRefuses { code: "REFUSED".to_owned() },
        CheckCause::NoTime { reason: reason() },
        CheckCause::ClockWaiting,
        CheckCause::ClockUnreachable { reason: reason() },
        CheckCause::ClockWrong,
        CheckCause::Connection { cause },
        CheckCause::TimedOut,
        CheckCause::Unknown { reason: reason() },
    ]
    .into_iter()
    .map(|cause| check(Check::Dns { server: None }, CheckResult::bad(cause)))
    .collect();
    let reasons = [SkipReason::NoAddress, SkipReason::NoDnsServer, SkipReason::NoGateway];
    let skipped = |reason| check(Check::Gateway, CheckResult::Skipped { reason });
    checks.extend(reasons.map(skipped));
    checks
}

pub(super) fn runs() -> Vec<PrecheckRun> {
    let run = |took_us, checks| PrecheckRun { started: NOW - 5, took_us, checks };
    let mut half = good_checks();
    half.truncate(2);
    half.push(check(Check::Gateway, CheckResult::Running));
    half.push(check(Check::Clock, CheckResult::Waiting));
    let attention = vec![check(Check::Clock, CheckResult::bad(CheckCause::ClockWaiting)); 2];
    vec![
        run(None, half),
        run(None, Vec::new()),
        run(Some(1_412_000), good_checks()),
        run(Some(1_412_000), attention),
        run(Some(60_000_000), bad_checks()),
    ]
}
