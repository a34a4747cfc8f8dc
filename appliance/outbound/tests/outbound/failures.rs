//! Failures before TLS, and servers that refuse: no route, DNS, and refusals.

use model::outbound::{
    DnsTrouble, FailureCause, PLATFORM_SERVICES, Refusal, Route, RouteTrouble, Step,
};
use outbound::{Dialer, Target, TlsPlan};

use crate::authority::Authority;
use crate::daemons::{dns, nginx_with};
use crate::rogue::{Rogue, Visitor};
use crate::routes::https;
use crate::site::{Plan, Site, ip};

async fn failure(dialer: &Dialer, target: &Target) -> (Step, FailureCause) {
    let error = dialer.dial(target, &Route::Automatic).await.expect_err("no connection");
    (error.step, error.cause)
}

#[tokio::test]
async fn says_why_no_packet_gets_there() {
    let Some(site) = Site::build() else { return };
    let dialer = Plan::default().dialer();
    let to = |address: [u8; 4], reason| {
        (Step::Connect, FailureCause::NoRoute { address: address.into(), reason })
    };
    let no_route = failure(&dialer, &https("203.0.113.10")).await;
    assert_eq!(no_route, to([203, 0, 113, 10], RouteTrouble::NoRoute));
    // Nobody has the address.
    let unreachable = failure(&dialer, &https("10.77.0.99")).await;
    assert_eq!(unreachable, to([10, 77, 0, 99], RouteTrouble::Unreachable));
    // A firewall drops.
    Site::open_internet();
    site.run(|| ip("route add blackhole 203.0.113.66"));
    let silent = failure(&dialer, &https("203.0.113.66")).await;
    assert_eq!(silent, to([203, 0, 113, 66], RouteTrouble::NoAnswer));
    let route = Route::Through { id: "gone".into() };
    let error = dialer.dial(&https("203.0.113.10"), &route).await.expect_err("no such proxy");
    let unknown =
        FailureCause::NoRoute { address: [0; 4].into(), reason: RouteTrouble::UnknownProxy };
    assert_eq!(error.cause, unknown);
}

#[tokio::test]
async fn services_of_the_platform_are_asked_for_nobody() {
    let Some(site) = Site::build() else { return };
    let dialer = Plan::default().dialer();
    for address in PLATFORM_SERVICES {
        let reason = RouteTrouble::PlatformService;
        let refused = (Step::Connect, FailureCause::NoRoute { address, reason });
        assert_eq!(failure(&dialer, &https(&address.to_string())).await, refused);
    }
    // Nor is one behind a name.
    let _names = dns(&site, "10.77.0.53", &[("metadata.example", &["169.254.169.254"])]);
    let (_, cause) = failure(&dialer, &https("metadata.example")).await;
    let reason = RouteTrouble::PlatformService;
    assert_eq!(cause, FailureCause::NoRoute { address: PLATFORM_SERVICES[0], reason });
}

#[tokio::test]
async fn says_why_a_name_does_not_resolve() {
    let Some(site) = Site::build() else { return };
    let dialer = Plan::default().dialer();
    let failed =
        |name: &str, reason| (Step::Resolve, FailureCause::DnsFailed { name: name.into(), reason });
    let near = dns(&site, "10.77.0.53", &[]);
    let name = "nowhere.example";
    assert_eq!(failure(&dialer, &https(name)).await, failed(name, DnsTrouble::NotFound));
    drop(near);
    // The server's machine says that nothing listens.
    assert_eq!(failure(&dialer, &https(name)).await, failed(name, DnsTrouble::NoAnswer));
    let unfit = "a b\r\nHost: evil";
    assert_eq!(failure(&dialer, &https(unfit)).await, failed(unfit, DnsTrouble::NotFound));
}

#[tokio::test]
async fn says_how_a_server_refuses() {
    let Some(site) = Site::build() else { return };
    Site::open_internet();
    let dialer = Plan::default().dialer();
    let identity = Authority::new("Root", "Example Corp").server("203.0.113.10", 2020, 2050);
    let old = "ssl_protocols TLSv1;\nssl_ciphers DEFAULT@SECLEVEL=0;";
    let _old = nginx_with(&site, "203.0.113.10:1001", &identity, old);
    let _rejecting = nginx_with(&site, "203.0.113.10:1002", &identity, "ssl_reject_handshake on;");
    Rogue::start(&site, "203.0.113.10:1003", Visitor::reset);
    Rogue::start(&site, "203.0.113.10:1004", |mut visitor| {
        visitor.say("HTTP/1.1 400 Bad Request\r\n\r\n");
        visitor.listen();
    });
    let alert = "unrecognised_name".to_owned();
    for (port, reason) in [
        (1001, Refusal::OldTls),
        (1002, Refusal::Alert { alert }),
        (1003, Refusal::Reset),
        (1004, Refusal::NotTls),
    ] {
        let target = Target { host: "203.0.113.10".into(), port, tls: Some(TlsPlan::default()) };
        let refused = (Step::Tls, FailureCause::ServerRefused { reason });
        assert_eq!(failure(&dialer, &target).await, refused, "{port}");
    }
    let nobody = Target { port: 1999, ..https("203.0.113.10") };
    let refused = FailureCause::ServerRefused { reason: Refusal::Refused };
    assert_eq!(failure(&dialer, &nobody).await, (Step::Connect, refused));
}
