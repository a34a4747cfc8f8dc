//! Certificates of servers: trusted, intercepted, untrusted, and a wrong clock.

use std::sync::Arc;

use model::outbound::{CertificateTrouble, FailureCause, Route, Step, TrustAnchor};
use model::product::RELEASED;
use outbound::{Clock, Dialer};

use crate::authority::{Authority, new_year, self_signed};
use crate::daemons::{dns, interceptor, nginx, nginx_with};
use crate::routes::{get, https};
use crate::site::{Plan, Site};

const SERVER: &str = "203.0.113.10:443";

/// A clock that stands still.
struct Stopped(i64);

impl Clock for Stopped {
    fn now(&self) -> i64 {
        self.0
    }
}

/// 1 January of a year, in seconds since 1970.
fn seconds(year: i32) -> i64 {
    new_year(year).unix_timestamp()
}

async fn cause(dialer: &Dialer, host: &str) -> FailureCause {
    let error = dialer.dial(&https(host), &Route::Automatic).await.expect_err("not trusted");
    assert_eq!(error.step, Step::Tls);
    assert!(!error.chain.is_empty(), "the chain is there to be shown");
    error.cause
}

fn trouble(cause: FailureCause) -> CertificateTrouble {
    let FailureCause::TlsUntrusted { reason, .. } = cause else { panic!("{cause:?}") };
    reason
}

#[tokio::test]
async fn says_who_intercepts_and_whether_that_is_trusted() {
    let Some(site) = Site::build() else { return };
    let identity = Authority::new("Root", "Example Corp").server("cloud.example", 2020, 2050);
    let _server = nginx(&site, SERVER, &identity);
    let _world = dns(&site, "10.77.0.54", &[("cloud.example", &["203.0.113.10"])]);
    let proxy = interceptor(&site, 8080);
    let plan = || Plan::default().proxy("10.77.0.1:8080");

    let cause = cause(&plan().dialer(), "cloud.example").await;
    let FailureCause::TlsIntercepted { issuer, is_authority, .. } = cause else {
        panic!("{cause:?}");
    };
    assert!(issuer.contains("mitmproxy"), "{issuer}");
    assert!(!is_authority, "it sends nothing but the server's certificate");

    let dialer = plan().root(&proxy.authority).dialer();
    let connection =
        dialer.dial(&https("cloud.example"), &Route::Automatic).await.expect("trusted");
    let interception = connection.interception.as_ref().expect("intercepted");
    assert!(interception.issuer.contains("mitmproxy"), "{}", interception.issuer);
    assert!(get(connection).await.ends_with("hello from 203.0.113.10"));
}

#[tokio::test]
async fn an_authority_of_the_organisation_is_nothing_special_on_its_own_servers() {
    let Some(site) = Site::build() else { return };
    Site::open_internet();
    let authority = Authority::new("Corp Root", "Example Corp");
    let internal = authority.server("10.77.0.80", 2020, 2050);
    let external = authority.server("203.0.113.10", 2020, 2050);
    let _internal = nginx(&site, "10.77.0.80:443", &internal);
    let _external = nginx(&site, SERVER, &external);
    let dialer = Plan::default().root(&authority.pem()).dialer();
    for (host, is_intercepted) in [("10.77.0.80", false), ("203.0.113.10", true)] {
        let connection = dialer.dial(&https(host), &Route::Automatic).await.expect("trusted");
        let tls = connection.tls.expect("TLS");
        assert!(matches!(tls.anchor, TrustAnchor::Added { .. }), "{host}");
        assert_eq!((tls.version, tls.chain.len()), ("1.3", 2));
        assert_eq!(connection.interception.is_some(), is_intercepted, "{host}");
    }
    let unknown = Plan::default().dialer();
    let reason = trouble(cause(&unknown, "10.77.0.80").await);
    assert_eq!(reason, CertificateTrouble::UnknownAuthority);
    let intercepted = cause(&unknown, "203.0.113.10").await;
    let FailureCause::TlsIntercepted { issuer, is_authority, .. } = intercepted else {
        panic!("{intercepted:?}");
    };
    assert!(issuer.contains("Corp Root"), "{issuer}");
    assert!(is_authority, "an administrator can compare its fingerprint");
}

#[tokio::test]
async fn says_what_is_wrong_with_a_certificate() {
    let Some(site) = Site::build() else { return };
    Site::open_internet();
    let authority = Authority::new("Root", "Example Corp");
    let dialer = Plan::default().root(&authority.pem()).dialer();
    let unknown = Authority::new("Issuing CA 7", "DigiCert Inc");
    let wrong_name = CertificateTrouble::WrongName {
        name: "203.0.113.10".to_owned(),
        names: vec!["other.example".to_owned()],
    };
    let expired = CertificateTrouble::Expired { not_after: seconds(2021) };
    let cases = [
        (authority.server("other.example", 2020, 2050), wrong_name),
        (authority.server("203.0.113.10", 2020, 2021), expired),
        (self_signed("203.0.113.10"), CertificateTrouble::SelfSigned),
        (unknown.server("203.0.113.10", 2020, 2050), CertificateTrouble::IncompleteChain),
    ];
    for (identity, expected) in cases {
        let server = nginx_with(&site, SERVER, &identity, "");
        let reason = trouble(cause(&dialer, "203.0.113.10").await);
        assert_eq!(reason, expected);
        drop(server);
    }
}

#[tokio::test]
async fn tells_a_wrong_clock_from_a_wrong_certificate() {
    let Some(site) = Site::build() else { return };
    Site::open_internet();
    let authority = Authority::new("Root", "Example Corp");
    let at = |year| {
        let dialer = Plan::default().root(&authority.pem()).dialer();
        dialer.with_clock(Arc::new(Stopped(seconds(year))))
    };
    let identity = authority.server("203.0.113.10", 2028, 2040);
    let _server = nginx(&site, SERVER, &identity);
    for year in [1971, 2027, 2045] {
        let (not_before, not_after) = (seconds(2028), seconds(2040));
        let wrong = FailureCause::ClockWrong { now: seconds(year), not_before, not_after };
        assert_eq!(cause(&at(year), "203.0.113.10").await, wrong, "{year}");
    }
    let dialed = at(2030).dial(&https("203.0.113.10"), &Route::Automatic).await;
    assert!(dialed.is_ok(), "{dialed:?}");

    // Not yet valid, and of somebody unknown as well: that is not for the clock.
    let dialer = Plan::default().dialer().with_clock(Arc::new(Stopped(seconds(2027))));
    assert_eq!(cause(&dialer, "203.0.113.10").await.id(), "outbound.tls-intercepted");
    // A clock before the release does not keep a good certificate from being taken.
    assert!(seconds(2020) < RELEASED && RELEASED < seconds(2027));
    let other = authority.server("203.0.113.11", 2020, 2050);
    let _other = nginx(&site, "203.0.113.11:443", &other);
    let dialed = at(1971).dial(&https("203.0.113.11"), &Route::Automatic).await;
    assert!(dialed.is_ok(), "{dialed:?}");
}
