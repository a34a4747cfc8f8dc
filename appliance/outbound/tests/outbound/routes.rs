//! Which connections go through a proxy, and who resolves names.

use std::io;
use std::time::{Duration, Instant};

use model::bypass::BypassRule;
use model::outbound::{DirectReason, Route, RouteTaken};
use outbound::{Connection, Dialer, Target, TlsPlan};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::authority::Authority;
use crate::daemons::{dns, nginx, squid};
use crate::site::{Plan, Site};

/// An HTTPS server.
pub(crate) fn https(host: &str) -> Target {
    Target { host: host.into(), port: 443, tls: Some(TlsPlan::default()) }
}

/// The answer to a request over a connection.
pub(crate) async fn get(mut connection: Connection) -> String {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    connection.stream.write_all(request).await.expect("sent");
    let mut answer = Vec::new();
    if let Err(error) = connection.stream.read_to_end(&mut answer).await {
        // mitmproxy ends a connection without saying so in TLS.
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{error}");
    }
    String::from_utf8(answer).expect("text")
}

async fn route_to(dialer: &Dialer, host: &str) -> RouteTaken {
    let connection = dialer.dial(&https(host), &Route::Automatic).await;
    connection.unwrap_or_else(|error| panic!("{host}: {error:?}")).route
}

fn direct(reason: DirectReason) -> RouteTaken {
    RouteTaken::Direct { reason }
}

fn bypass(rule: &str) -> RouteTaken {
    direct(DirectReason::Bypass { rule: BypassRule::parse(rule).expect("valid") })
}

#[tokio::test]
async fn external_servers_go_through_the_proxy_which_resolves_their_names() {
    let Some(site) = Site::build() else { return };
    let authority = Authority::new("Root", "Example Corp");
    let _server = nginx(&site, "203.0.113.10:443", &authority.server("cloud.example", 2020, 2050));
    let _world = dns(&site, "10.77.0.54", &[("cloud.example", &["203.0.113.10"])]);
    let proxy = squid(&site, 3128);
    let dialer = Plan::default().proxy("10.77.0.1:3128").root(&authority.pem()).dialer();

    // The appliance's own DNS knows nothing of the Internet.
    let near = dns(&site, "10.77.0.53", &[("elsewhere.example", &["203.0.113.99"])]);
    let connection =
        dialer.dial(&https("cloud.example"), &Route::Automatic).await.expect("a tunnel");
    let through = RouteTaken::Proxy {
        id: "10.77.0.1:3128".into(),
        location: model::proxy::ProxyLocation::parse("10.77.0.1:3128").expect("valid"),
    };
    assert_eq!(connection.route, through);
    assert_eq!(connection.times.resolve, None, "nothing was resolved here");
    assert!(connection.times.proxy.is_some() && connection.times.tls.is_some());
    let answer = get(connection).await;
    assert!(answer.ends_with("hello from 203.0.113.10"), "{answer}");
    assert_eq!(proxy.requests_to(1), ["200 CONNECT cloud.example:443 -"]);

    // It would have another address by the appliance's DNS; the proxy gets the name all the same.
    drop(near);
    let near = dns(&site, "10.77.0.53", &[("cloud.example", &["203.0.113.99"])]);
    assert_eq!(route_to(&dialer, "cloud.example").await, through);

    // Silent DNS costs no more than the limit for looking.
    drop(near);
    site.set_resolver("nameserver 10.77.0.99\n");
    let started = Instant::now();
    assert_eq!(route_to(&dialer, "cloud.example").await, through);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let asked = proxy.requests_to(3);
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|line| line == "200 CONNECT cloud.example:443 -"), "{asked:?}");
}

#[tokio::test]
async fn private_ranges_never_go_through_a_proxy() {
    let Some(site) = Site::build() else { return };
    let authority = Authority::new("Root", "Example Corp");
    let identity = authority.server("intranet.example", 2020, 2050);
    let server = nginx(&site, "10.77.0.80:443", &identity);
    let by_address = authority.server("10.77.0.80", 2020, 2050);
    let _other = nginx(&site, "10.77.0.80:444", &by_address);
    let _near = dns(&site, "10.77.0.53", &[("intranet.example", &["10.77.0.80"])]);
    let proxy = squid(&site, 3128);
    let dialer = Plan::default().proxy("10.77.0.1:3128").root(&authority.pem()).dialer();

    let connection =
        dialer.dial(&https("intranet.example"), &Route::Automatic).await.expect("direct");
    assert_eq!(connection.route, direct(DirectReason::Private));
    assert!(connection.times.resolve.is_some() && connection.times.proxy.is_none());
    assert!(get(connection).await.ends_with("hello from 10.77.0.80"));
    assert_eq!(server.clients(), ["10.77.0.2"], "the appliance itself has asked");
    let target = Target { port: 444, ..https("10.77.0.80") };
    let connection = dialer.dial(&target, &Route::Automatic).await.expect("direct");
    assert_eq!(connection.route, direct(DirectReason::Private));
    assert_eq!(proxy.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_bypass_list_and_a_chosen_route_decide() {
    let Some(site) = Site::build() else { return };
    Site::open_internet();
    let authority = Authority::new("Root", "Example Corp");
    let identity = authority.server("cloud.example listed.example other.example", 2020, 2050);
    let _server = nginx(&site, "203.0.113.10:443", &identity);
    let names: &[(&str, &[&str])] = &[
        ("cloud.example", &["203.0.113.10"]),
        ("listed.example", &["203.0.113.10"]),
        ("other.example", &["203.0.113.10"]),
    ];
    let _near = dns(&site, "10.77.0.53", names);
    let _world = dns(&site, "10.77.0.54", names);
    let proxy = squid(&site, 3128);
    let plan = || Plan::default().proxy("10.77.0.1:3128").root(&authority.pem());

    let exact = plan().bypass("cloud.example").dialer();
    assert_eq!(route_to(&exact, "Cloud.example").await, bypass("cloud.example"));
    let through = route_to(&exact, "other.example").await;
    assert!(matches!(through, RouteTaken::Proxy { .. }));
    let suffix = plan().bypass("*.example").dialer();
    assert_eq!(route_to(&suffix, "listed.example").await, bypass(".example"));
    let network = plan().bypass("203.0.113.0/24").dialer();
    assert_eq!(route_to(&network, "listed.example").await, bypass("203.0.113.0/24"));
    let everything = plan().bypass("*").dialer();
    assert_eq!(route_to(&everything, "other.example").await, bypass("*"));
    assert_eq!(proxy.requests_to(1), ["200 CONNECT other.example:443 -"]);

    // Whoever asks for a route gets it.
    let chosen = plan().bypass("*").dialer();
    let route = Route::Through { id: "10.77.0.1:3128".into() };
    let connection = chosen.dial(&https("cloud.example"), &route).await.expect("a tunnel");
    assert!(matches!(connection.route, RouteTaken::Proxy { .. }));
    let connection = exact.dial(&https("other.example"), &Route::Direct).await.expect("direct");
    assert_eq!(connection.route, direct(DirectReason::Chosen));
    let without = Plan::default().root(&authority.pem()).dialer();
    assert_eq!(route_to(&without, "other.example").await, direct(DirectReason::NoProxies));
}

#[tokio::test]
async fn connections_with_different_places_go_to_different_addresses() {
    let Some(site) = Site::build() else { return };
    Site::open_internet();
    let authority = Authority::new("Root", "Example Corp");
    let identity = authority.server("cloud.example", 2020, 2050);
    let _one = nginx(&site, "203.0.113.10:443", &identity);
    let two = nginx(&site, "203.0.113.11:443", &identity);
    let both: &[&str] = &["203.0.113.11", "203.0.113.10"];
    let _dns = dns(&site, "10.77.0.53", &[("cloud.example", both)]);
    let dialer = Plan::default().root(&authority.pem()).dialer();
    let peer = async |place| {
        let dialled = dialer.dial_from(&https("cloud.example"), &Route::Automatic, place).await;
        dialled.expect("connected").peer.to_string()
    };
    for _ in 0..3 {
        assert_eq!(peer(0).await, "203.0.113.10:443");
        assert_eq!(peer(1).await, "203.0.113.11:443");
        assert_eq!(peer(2).await, "203.0.113.10:443");
    }
    // One that does not answer is no reason to go without.
    drop(two);
    assert_eq!(peer(1).await, "203.0.113.10:443");
}
