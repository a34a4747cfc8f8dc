//! Probes of good and bad servers, direct and through proxies.

use bus::{DiagnosticsRequest, DiagnosticsResponse};
use model::outbound::{CertificateTrouble, FailureCause, Refusal, Route, TrustAnchor};
use model::probe::{
    ProbeFailure, ProbeKind, ProbeReport, ProbeState, StepDetail, StepKind, StepState,
};

use crate::authority::Authority;
use crate::daemons::{
    USER, dns, nginx, nginx_with, squid, squid_with_users, squid_without_connect,
};
use crate::rogue::Rogue;
use crate::roles::{CLOUD, Outbound, Role, block_on, probe, told};
use crate::site::Site;

fn connection_cause(report: &ProbeReport) -> &FailureCause {
    let failed = report.steps.iter().find_map(|step| match &step.state {
        StepState::Failed { failure: ProbeFailure::Connection { cause }, .. } => Some(cause),
        _ => None,
    });
    failed.unwrap_or_else(|| panic!("{}", told(report)))
}

#[test]
fn follows_https_to_an_internal_server_and_shows_its_chain() {
    let Some(site) = Site::build() else { return };
    let _dns = dns(&site, "10.77.0.53", &[("intranet.test", &["10.77.0.80"])]);
    let authority = Authority::new("Corp Root", "Corp");
    let _server = nginx(&site, "10.77.0.80:443", &authority.server("intranet.test", 2020, 2050));
    block_on(async {
        let mut role =
            Role::start(Outbound::default().proxy("10.77.0.1:9", None).root(&authority.pem()))
                .await;
        let report = role.probe(probe(ProbeKind::Https, "intranet.test", 443, None)).await;
        assert_eq!(told(&report), "resolve done, connect done, tls done, firstByte done");
        let tls = report.tls().expect("made");
        assert_eq!(tls.version.as_deref(), Some("TLS 1.3"));
        assert_eq!(tls.chain[0].names, ["intranet.test"]);
        assert_eq!(tls.chain[0].issuer, tls.chain[1].subject);
        assert!(matches!(tls.anchor, Some(TrustAnchor::Added { .. })));
        assert!(!tls.is_intercepted, "an internal server has its organisation's authority");
        let StepState::Done { detail: StepDetail::Answered { status }, .. } = report.steps[3].state
        else {
            panic!("{report:?}");
        };
        assert_eq!(status, 200);
    });
}

#[test]
fn shows_the_chain_of_a_server_that_is_not_trusted() {
    let Some(site) = Site::build() else { return };
    let authority = Authority::new("Corp Root", "Corp");
    let _server = nginx(&site, "10.77.0.80:443", &authority.server("other.test", 2020, 2050));
    block_on(async {
        let mut role = Role::start(Outbound::default()).await;
        let request = probe(ProbeKind::Tls, "10.77.0.80", 443, None);
        let report = role.probe(request.clone()).await;
        assert_eq!(told(&report), "connect done, tls failed outbound.tls-untrusted");
        assert_eq!(report.tls().expect("shown").chain.len(), 2);
        // Once its authority is added, the name is what is wrong, though nobody has told the role yet.
        role.set_silently(Outbound::default().root(&authority.pem()));
        let report = role.probe(request).await;
        let cause = connection_cause(&report);
        let FailureCause::TlsUntrusted { reason, .. } = cause else { panic!("{cause:?}") };
        assert!(
            matches!(reason, CertificateTrouble::WrongName { names, .. } if names == &["other.test"]),
            "{reason:?}"
        );
    });
}

#[test]
fn tells_apart_what_servers_do_to_a_connection() {
    let Some(site) = Site::build() else { return };
    let authority = Authority::new("Corp Root", "Corp");
    let identity = authority.server("10.77.0.80", 2020, 2050);
    let old = "ssl_protocols TLSv1;\nssl_ciphers ALL:@SECLEVEL=0;";
    let _old = nginx_with(&site, "10.77.0.80:4431", &identity, old);
    let _reset = Rogue::start(&site, "10.77.0.80:4432", |visitor| visitor.reset());
    let _ssh = Rogue::start(&site, "10.77.0.80:22", |mut visitor| {
        visitor.say("SSH-2.0-OpenSSH_9.2\r\n");
        visitor.listen();
    });
    block_on(async {
        let mut role = Role::start(Outbound::default()).await;
        let mut cause = async |kind, port| {
            let report = role.probe(probe(kind, "10.77.0.80", port, None)).await;
            connection_cause(&report).clone()
        };
        let refused = |reason| FailureCause::ServerRefused { reason };
        assert_eq!(cause(ProbeKind::Tls, 4431).await, refused(Refusal::OldTls));
        assert_eq!(cause(ProbeKind::Tls, 4432).await, refused(Refusal::Reset));
        assert_eq!(cause(ProbeKind::Tls, 22).await, refused(Refusal::NotTls));
        assert_eq!(cause(ProbeKind::Tcp, 81).await, refused(Refusal::Refused));
        let report = role.probe(probe(ProbeKind::Http, "10.77.0.80", 22, None)).await;
        assert_eq!(told(&report), "connect done, firstByte failed probe.not-http");
        let report = role.probe(probe(ProbeKind::Tcp, "198.51.100.9", 80, None)).await;
        assert_eq!(told(&report), "connect failed outbound.no-route");
        let report = role.probe(probe(ProbeKind::Tcp, "nothing.test", 80, None)).await;
        assert_eq!(told(&report), "resolve failed outbound.dns-failed, connect waiting");
    });
}

#[test]
fn goes_through_a_proxy_by_tunnel_and_http_without_one() {
    let Some(site) = Site::build() else { return };
    let names: [(&str, &[&str]); 2] =
        [(CLOUD, &["203.0.113.10"]), ("plain.test", &["203.0.113.11"])];
    let _dns = dns(&site, "10.77.0.54", &names);
    let authority = Authority::new("Inspection", "Example Corp");
    let _server = nginx(&site, "203.0.113.10:443", &authority.server(CLOUD, 2020, 2050));
    let _plain = Rogue::saying(&site, "203.0.113.11:80", "HTTP/1.1 204 No Content\r\n\r\n");
    let open = squid(&site, 3128);
    let closed = squid_without_connect(&site, 3129);
    let known = squid_with_users(&site, 3130);
    let (one, two, three) = ("10.77.0.1:3128", "10.77.0.1:3129", "10.77.0.1:3130");
    block_on(async {
        let outbound =
            || Outbound::default().proxy(one, None).proxy(two, None).root(&authority.pem());
        let mut role = Role::start(outbound().proxy(three, Some(USER))).await;
        let report = role.probe(probe(ProbeKind::Https, CLOUD, 443, Some(one))).await;
        assert_eq!(told(&report), "connect done, tunnel done, tls done, firstByte done");
        assert!(report.tls().expect("made").is_intercepted, "a public server with an added root");
        assert!(open.requests().iter().any(|line| line.contains("cloud.test:443")));
        let seen = role.until(|status| status.interception.is_some()).await.interception;
        assert!(seen.expect("seen").is_trusted);

        let report = role.probe(probe(ProbeKind::Tls, CLOUD, 443, Some(two))).await;
        assert_eq!(
            told(&report),
            "connect done, tunnel failed outbound.proxy-refused, tls waiting"
        );
        // It forbids tunnels, and HTTP needs none.
        let report = role.probe(probe(ProbeKind::Http, "plain.test", 80, Some(two))).await;
        assert_eq!(told(&report), "connect done, firstByte done");
        assert!(closed.requests().iter().all(|line| !line.contains("plain.test")));
        let report = role.probe(probe(ProbeKind::Http, "plain.test", 80, Some(three))).await;
        assert_eq!(told(&report), "connect done, firstByte done", "{:?}", known.requests());

        // As the settings say: the first proxy that works.
        let automatic = probe(ProbeKind::Tls, CLOUD, 443, None);
        let report =
            role.probe(model::probe::ProbeRequest { route: Route::Automatic, ..automatic }).await;
        assert_eq!(told(&report), "way done, connect done, tunnel done, tls done");

        role.set(outbound().proxy(three, None));
        role.until(|status| {
            let state = status.proxy(three).map(|proxy| &proxy.state);
            matches!(state, Some(model::outbound::ProxyState::Unreachable { .. }))
        })
        .await;
        let report = role.probe(probe(ProbeKind::Http, "plain.test", 80, Some(three))).await;
        assert_eq!(told(&report), "connect done, firstByte failed outbound.proxy-authentication");
        let FailureCause::ProxyAuthenticationRequired { schemes, .. } = connection_cause(&report)
        else {
            panic!("{report:?}");
        };
        assert_eq!(schemes, &["Basic"]);
    });
}

#[test]
fn one_probe_at_a_time_and_it_can_be_stopped() {
    let Some(site) = Site::build() else { return };
    let _silent = Rogue::start(&site, "10.77.0.80:80", |mut visitor| visitor.listen());
    block_on(async {
        let mut role = Role::start(Outbound::default()).await;
        assert_eq!(role.ask(DiagnosticsRequest::StopProbe).await, DiagnosticsResponse::Conflict);
        let mut request = probe(ProbeKind::Http, "10.77.0.80", 80, None);
        request.with_capture = true;
        let start = || DiagnosticsRequest::StartProbe { probe: request.clone() };
        let begun = DiagnosticsResponse::Begun { number: 1 };
        assert_eq!(role.ask(start()).await, begun);
        assert_eq!(role.ask(start()).await, DiagnosticsResponse::Conflict);
        let waits = |state: &ProbeState| {
            let step = state.report().steps.iter().find(|step| step.kind == StepKind::FirstByte);
            step.is_some_and(|step| step.state == StepState::Running)
        };
        role.until(|status| status.probe.as_ref().is_some_and(waits)).await;
        assert_eq!(role.ask(DiagnosticsRequest::StopProbe).await, DiagnosticsResponse::Done);
        let status =
            role.until(|status| status.probe.as_ref().is_some_and(|it| !it.is_running())).await;
        let Some(ProbeState::Finished { report, was_stopped: true, .. }) = status.probe else {
            panic!("{status:?}");
        };
        // Somebody else records; the probe goes on without.
        assert_eq!(report.trace, None);
        assert_eq!(report.trace_trouble.as_deref(), Some("another trace is being recorded"));
        assert_eq!(role.traces.lock().expect("no panic").len(), 1);
        let mut gone = request.clone();
        gone.route = Route::Through { id: "gone".to_owned() };
        let answer = role.ask(DiagnosticsRequest::StartProbe { probe: gone }).await;
        assert_eq!(answer, DiagnosticsResponse::UnknownProxy);
    });
}
