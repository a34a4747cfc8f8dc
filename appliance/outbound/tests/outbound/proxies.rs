//! Authentication, the order of proxies, and the check of one.

use model::outbound::{FailureCause, ProxyState, ProxyTrouble, Route, RouteTaken, Step};
use model::proxy::ProxyLocation;
use outbound::{Dialer, Target};

use crate::daemons::{USER, dns, squid, squid_with_users, squid_without_connect};
use crate::rogue::Rogue;
use crate::site::{Plan, Site};

/// A server behind a proxy, without TLS.
fn plain() -> Target {
    Target { host: "cloud.example".into(), port: 443, tls: None }
}

fn location(text: &str) -> ProxyLocation {
    ProxyLocation::parse(text).expect("valid")
}

/// The proxy that a connection went through.
async fn used(dialer: &Dialer) -> String {
    let connection = dialer.dial(&plain(), &Route::Automatic).await.expect("a tunnel");
    let RouteTaken::Proxy { id, .. } = connection.route else {
        panic!("{:?}", connection.route);
    };
    id
}

/// Names for the proxies, and a server.
fn far_side(site: &Site) -> impl Drop {
    Rogue::start(site, "203.0.113.10:443", |mut visitor| visitor.listen());
    dns(site, "10.77.0.54", &[("cloud.example", &["203.0.113.10"])])
}

#[tokio::test]
async fn basic_authentication_is_sent_with_the_first_request() {
    let Some(site) = Site::build() else { return };
    let _dns = far_side(&site);
    let proxy = squid_with_users(&site, 3128);
    let dialer = Plan::default().access("10.77.0.1:3128", Some(USER)).dialer();
    assert_eq!(used(&dialer).await, "10.77.0.1:3128");
    let request = format!("200 CONNECT cloud.example:443 {}", USER.0);
    assert_eq!(proxy.requests_to(1), [request], "no request was sent without user name");

    for (pair, credentials_sent) in [(None, false), (Some((USER.0, "wrong")), true)] {
        let dialer = Plan::default().access("10.77.0.1:3128", pair).dialer();
        let error = dialer.dial(&plain(), &Route::Automatic).await.expect_err("refused");
        let cause = FailureCause::ProxyAuthenticationRequired {
            proxy: location("10.77.0.1:3128"),
            schemes: vec!["Basic".into()],
            credentials_sent,
        };
        assert_eq!((&error.cause, error.step), (&cause, Step::Proxy));
        let state = dialer.check_proxy("10.77.0.1:3128", Some(("cloud.example", 443))).await;
        assert_eq!(state, ProxyState::Unreachable { cause });
    }
}

#[tokio::test]
async fn the_next_proxy_is_used_when_one_does_not_work() {
    let Some(site) = Site::build() else { return };
    let _dns = far_side(&site);
    let _good = squid(&site, 3128);
    let _users = squid_with_users(&site, 3129);
    let _forbidding = squid_without_connect(&site, 3130);
    Rogue::start(&site, "10.77.0.1:3131", drop);
    Rogue::saying(&site, "10.77.0.1:3132", "HTTP/1.1 503 Overloaded\r\n\r\n");
    let after = |first: &str| Plan::default().proxy(first).proxy("10.77.0.1:3128").dialer();

    // Nothing listens on 3999, and nobody has the second address.
    for first in ["10.77.0.1:3999", "10.77.0.1:3129", "10.77.0.1:3131", "10.77.0.1:3132"] {
        assert_eq!(used(&after(first)).await, "10.77.0.1:3128", "after {first}");
        let other_way = Plan::default().proxy("10.77.0.1:3128").proxy(first).dialer();
        assert_eq!(used(&other_way).await, "10.77.0.1:3128", "before {first}");
    }

    // A proxy that forbids has decided.
    let error = after("10.77.0.1:3130").dial(&plain(), &Route::Automatic).await;
    let error = error.expect_err("forbidden");
    let (status, detail) = (403, Some("ERR_ACCESS_DENIED 0".to_owned()));
    let cause = FailureCause::ProxyRefused { proxy: location("10.77.0.1:3130"), status, detail };
    assert_eq!((&error.cause, error.attempts.len()), (&cause, 1));
    let dialer = after("10.77.0.1:3130");
    let state = dialer.check_proxy("10.77.0.1:3130", Some(("cloud.example", 443))).await;
    assert_eq!(state, ProxyState::Unreachable { cause });

    // When all fail, the cause is the one that tells most, and all are told.
    let all = Plan::default()
        .proxy("10.77.0.1:3999")
        .proxy("10.77.0.1:3132")
        .proxy("10.77.0.1:3129")
        .proxy("10.77.0.1:3131")
        .dialer();
    let error = all.dial(&plain(), &Route::Automatic).await.expect_err("none works");
    assert_eq!(error.cause.id(), "outbound.proxy-authentication");
    let route =
        RouteTaken::Proxy { id: "10.77.0.1:3129".into(), location: location("10.77.0.1:3129") };
    assert_eq!((error.route, error.step), (Some(route), Step::Proxy));
    let causes: Vec<_> = error.attempts.iter().map(|attempt| attempt.cause.id()).collect();
    let expected = [
        "outbound.proxy-unreachable",
        "outbound.proxy-refused",
        "outbound.proxy-authentication",
        "outbound.proxy-unreachable",
    ];
    assert_eq!(causes, expected);
}

#[tokio::test]
async fn another_address_of_a_proxy_is_tried() {
    let Some(site) = Site::build() else { return };
    let _dns = far_side(&site);
    let _good = squid(&site, 3128);
    // Squid listens on one of them only; the other is silent, and refuses, in turn.
    for other in ["10.77.0.80", "203.0.113.99"] {
        let addresses: &[&str] = &[other, "10.77.0.1"];
        let _near = dns(&site, "10.77.0.53", &[("proxy.example", addresses)]);
        let dialer = Plan::default().proxy("proxy.example:3128").dialer();
        assert_eq!(used(&dialer).await, "proxy.example:3128", "beside {other}");
    }
}

#[tokio::test]
async fn a_check_tells_the_proxy_from_what_lies_beyond() {
    let Some(site) = Site::build() else { return };
    let _dns = far_side(&site);
    let _good = squid(&site, 3128);
    let dialer = Plan::default().proxy("10.77.0.1:3128").proxy("10.77.0.1:3999").dialer();
    let check = |server| dialer.check_proxy("10.77.0.1:3128", server);
    for server in [None, Some(("cloud.example", 443))] {
        let state = check(server).await;
        assert!(matches!(state, ProxyState::Reachable { beyond: None, .. }), "{state:?}");
    }
    let state = check(Some(("nowhere.example", 443))).await;
    let ProxyState::Reachable { beyond: Some(cause), .. } = state else { panic!("{state:?}") };
    let (status, detail) = (500, Some("ERR_CANNOT_FORWARD 0".to_owned()));
    let refused = FailureCause::ProxyRefused { proxy: location("10.77.0.1:3128"), status, detail };
    assert_eq!(cause, refused);
    let (proxy, reason) = (location("10.77.0.1:3999"), ProxyTrouble::Refused);
    let cause = FailureCause::ProxyUnreachable { proxy, reason };
    let state = dialer.check_proxy("10.77.0.1:3999", None).await;
    assert_eq!(state, ProxyState::Unreachable { cause });
    assert_eq!(dialer.check_proxy("strange", None).await, ProxyState::Unknown);

    let connection = dialer.open_proxy("10.77.0.1:3128").await.expect("a connection");
    assert_eq!(connection.peer, "10.77.0.1:3128".parse().expect("an address"));
    assert!(dialer.proxy_authorization("10.77.0.1:3128").is_none());
}
