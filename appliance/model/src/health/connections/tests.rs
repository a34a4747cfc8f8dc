use super::*;
use crate::clock::ClockStatus;
use crate::diagnostics::{InterceptionSeen, ProxyHealth};
use crate::fingerprint::{CertificateFacts, Fingerprint};
use crate::health::Severity;
use crate::outbound::{FailureCause, ProxyTrouble};
use crate::proxy::ProxyLocation;
use crate::root_ca::RootCaFacts;
use crate::settings::{Settings, SettingsStatus};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 86_400;

fn proxy(number: usize, state: ProxyState) -> ProxyHealth {
    let location = ProxyLocation::parse(&format!("10.0.0.{number}:3128")).expect("right");
    ProxyHealth { id: number.to_string(), location, state, since: NOW, checked: Some(NOW) }
}

fn dead(number: usize) -> ProxyHealth {
    let mut proxy = proxy(number, ProxyState::Unknown);
    let cause = FailureCause::ProxyUnreachable {
        proxy: proxy.location.clone(),
        reason: ProxyTrouble::Refused,
    };
    proxy.state = ProxyState::Unreachable { cause };
    proxy
}

fn alive(number: usize) -> ProxyHealth {
    proxy(number, ProxyState::Reachable { milliseconds: 4, beyond: None })
}

fn ids(known: &Known<'_>) -> Vec<&'static str> {
    findings(known).iter().map(|finding| finding.cause.id()).collect()
}

fn of_proxies(proxies: Vec<ProxyHealth>) -> Vec<&'static str> {
    let diagnostics = DiagnosticsStatus { proxies, ..DiagnosticsStatus::default() };
    ids(&Known { diagnostics: Some(&diagnostics), now: NOW, ..Known::default() })
}

#[test]
fn a_dead_proxy_is_noted_and_it_is_failing_when_no_other_lives() {
    assert!(of_proxies(vec![]).is_empty());
    assert!(of_proxies(vec![alive(1), proxy(2, ProxyState::Unknown)]).is_empty());
    assert_eq!(of_proxies(vec![dead(1), alive(2), dead(3)]), ["proxies.unreachable"; 2]);
    assert_eq!(of_proxies(vec![dead(1), dead(2)]), ["proxies.none-usable"]);
    // Nobody knows yet whether the second one works.
    let unknown = proxy(2, ProxyState::Unknown);
    assert_eq!(of_proxies(vec![dead(1), unknown]), ["proxies.unreachable"]);
}

#[test]
fn interception_is_worth_attention_and_fails_without_trust() {
    let severity = |is_trusted| {
        let diagnostics = DiagnosticsStatus {
            interception: Some(InterceptionSeen {
                issuer: "CN=Inspection".to_owned(),
                fingerprint: Fingerprint::new(&[1]),
                is_trusted,
                server: "cloud.example.com:443".to_owned(),
                proxy: None,
                at: NOW,
            }),
            ..DiagnosticsStatus::default()
        };
        let known = Known { diagnostics: Some(&diagnostics), ..Known::default() };
        findings(&known)[0].cause.severity()
    };
    assert_eq!((severity(true), severity(false)), (Severity::Attention, Severity::Failing));
}

/// Settings with a root and a certificate that end so many seconds after [`NOW`].
fn settings(root: i64, certificate: i64) -> SettingsStatus {
    let fingerprint = || Fingerprint::new(&[2]);
    let roots = vec![RootCaFacts {
        id: "02".to_owned(),
        subject: "CN=Inspection".to_owned(),
        issuer: "CN=Inspection".to_owned(),
        serial: "01".to_owned(),
        not_before: 0,
        not_after: NOW + root,
        sha1: fingerprint(),
        sha256: fingerprint(),
        key: "EC P-256".to_owned(),
        is_self_signed: true,
    }];
    SettingsStatus {
        has_administrator: true,
        certificate: Some(CertificateFacts {
            sha1: fingerprint(),
            sha256: fingerprint(),
            names: Vec::new(),
            not_before: 0,
            not_after: NOW + certificate,
        }),
        ..SettingsStatus::new(1, Settings { roots, ..Settings::default() })
    }
}

#[test]
fn warns_of_what_expires_within_thirty_days() {
    let causes = |root, certificate| {
        let settings = settings(root, certificate);
        ids(&Known { settings: Some(&settings), now: NOW, ..Known::default() })
    };
    assert!(causes(31 * DAY, 31 * DAY).is_empty());
    assert_eq!(causes(30 * DAY, 31 * DAY), ["trust.root-expires-soon"]);
    assert_eq!(causes(-1, 5 * DAY), ["trust.root-expired", "certificate.expires-soon"]);
    assert_eq!(causes(90 * DAY, -1), ["certificate.expired"]);
}

#[test]
fn a_clock_that_is_wrong_judges_no_certificate() {
    let settings = settings(-1, -1);
    let clock = ClockStatus { trust: ClockTrust::BeforeBuild, ..ClockStatus::starting(0) };
    let known =
        Known { settings: Some(&settings), clock: Some(&clock), now: NOW, ..Known::default() };
    assert!(ids(&known).is_empty());
}
