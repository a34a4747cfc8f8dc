//! What a DHCP server gives, changes and takes away.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use model::network::{NetworkSettings, NetworkState, NetworkStatus, Origin, Sourced};

use crate::servers::Verdict;
use crate::site::{
    FarEnd, LIMIT, RANGE, Site, address, default_route, enter_namespace, ip, is_configured,
    kernel_addresses,
};

/// Times that a test can wait for; dnsmasq takes none below 3 s.
const SHORT_TIMES: [&str; 2] = ["--dhcp-option=option:T1,3", "--dhcp-option=option:T2,5"];

/// The routes that the kernel did not make by itself.
fn routes() -> Vec<String> {
    let list = ip("-json route show proto boot");
    let list: serde_json::Value = serde_json::from_str(&list).expect("JSON");
    let text = |route: &serde_json::Value| {
        let gateway = route["gateway"].as_str().map(|gateway| format!(" via {gateway}"));
        let destination = route["dst"].as_str().expect("a destination");
        format!("{destination}{}", gateway.unwrap_or_default())
    };
    list.as_array().expect("a list").iter().map(text).collect()
}

/// Whether a machine behind the gateway can be reached from here.
fn reaches(address: [u8; 4], port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((address, port)), LIMIT).is_ok()
}

fn has_server(address: [u8; 4]) -> impl Fn(&NetworkStatus) -> bool {
    move |status| status.lease.as_ref().is_some_and(|lease| lease.server == Ipv4Addr::from(address))
}

#[tokio::test]
async fn classless_routes_reach_the_kernel_in_place_of_the_router() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let _server = far_end.serve_dhcp(&[
        RANGE,
        "--dhcp-option=option:router,10.77.0.1",
        "--dhcp-option=121,172.16.0.0/12,10.77.0.9,0.0.0.0/0,10.77.0.254,192.168.50.0/24,0.0.0.0",
    ]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let status = site.status(is_configured).await;
    let gateway = Ipv4Addr::new(10, 77, 0, 254);
    assert_eq!(status.gateway, Some(Sourced::new(gateway, Origin::Dhcp)));
    let wanted = ["default via 10.77.0.254", "172.16.0.0/12 via 10.77.0.9", "192.168.50.0/24"];
    assert_eq!(routes(), wanted);
}

#[tokio::test]
async fn an_address_without_network_reaches_its_gateway_and_what_is_behind() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.ip("link set lo up");
    far_end.ip("address add 192.0.2.1/32 dev lo");
    let port = far_end.listen();
    // As Google Cloud does it.
    let _server = far_end.serve_dhcp(&[
        RANGE,
        "--dhcp-option-force=1,255.255.255.255",
        "--dhcp-option=option:router,10.77.0.1",
        "--dhcp-option=121,10.77.0.1/32,0.0.0.0,0.0.0.0/0,10.77.0.1",
    ]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let status = site.status(is_configured).await;
    assert!(address(&status).0.ends_with("/32"), "{status:?}");
    assert_eq!(routes(), ["default via 10.77.0.1", "10.77.0.1"]);
    assert!(reaches([10, 77, 0, 1], port) && reaches([192, 0, 2, 1], port));
}

#[tokio::test]
async fn an_address_without_network_and_without_classless_routes_works_too() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let port = far_end.listen();
    let _server = far_end.serve_dhcp(&[RANGE, "--dhcp-option-force=1,255.255.255.255"]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    site.status(is_configured).await;
    assert_eq!(routes(), ["default via 10.77.0.1", "10.77.0.1"]);
    assert!(reaches([10, 77, 0, 1], port));
}

#[tokio::test]
async fn renews_at_the_time_that_the_server_names() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let mut server = far_end.serve_dhcp(&[RANGE, SHORT_TIMES[0], SHORT_TIMES[1]]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let first = site.status(is_configured).await;
    server.logged("DHCPACK", 3).await;
    assert_eq!(server.count("DHCPDISCOVER"), 1);
    let obtained = |status: &NetworkStatus| status.lease.as_ref().map(|lease| lease.obtained);
    let renewed = site.status(|status| obtained(status) > obtained(&first)).await;
    assert_eq!(renewed.address, first.address);
}

#[tokio::test]
async fn another_server_extends_the_lease_when_the_first_is_gone() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let server = far_end.serve_dhcp(&[RANGE, SHORT_TIMES[0], SHORT_TIMES[1]]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let first = site.status(is_configured).await;
    server.stop();
    far_end.ip("address delete 10.77.0.1/24 dev far0");
    far_end.ip("address add 10.77.0.2/24 dev far0");
    let other = far_end.serve_dhcp(&[RANGE, SHORT_TIMES[0], SHORT_TIMES[1]]);
    let second = site.status(has_server([10, 77, 0, 2])).await;
    assert!(is_configured(&second));
    assert_eq!(second.address, first.address);
    assert_eq!(default_route(), "default via 10.77.0.2 dev eth0");
    assert_eq!(other.count("DHCPDISCOVER"), 0, "rebound, not asked for anew");
}

#[tokio::test]
async fn a_server_that_forgot_the_lease_and_moved_on_leads_to_another_address() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let server = far_end.serve_dhcp(&[RANGE, SHORT_TIMES[0], "--dhcp-option=option:mtu,1400"]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    site.status(is_configured).await;
    assert!(ip("link show eth0").contains(" mtu 1400 "));
    server.stop();
    let mut server = far_end.serve_dhcp(&[
        "--dhcp-range=10.77.0.150,10.77.0.160,255.255.255.0,2m",
        "--dhcp-option=option:dns-server,10.77.0.7",
    ]);
    server.logged("DHCPNAK", 1).await;
    let is_moved = |status: &NetworkStatus| {
        let address = status.address.as_ref().map(|address| address.value.address.octets());
        address.is_some_and(|address| address[3] >= 150)
    };
    let status = site.status(is_moved).await;
    assert_eq!(kernel_addresses(), [address(&status).0]);
    assert!(ip("link show eth0").contains(" mtu 1500 "), "the new server names none");
    assert_eq!(site.resolver(), "nameserver 10.77.0.7\n");
}

#[tokio::test]
async fn nothing_stays_of_a_lease_that_has_ended() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let server = far_end.obey();
    server.set_duration(10);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    site.status(is_configured).await;
    assert!(ip("link show eth0").contains(" mtu 1400 "));
    server.set_verdict(Verdict::Ignore);
    let status = site.status(|status| status.address.is_none()).await;
    assert_eq!((status.lease, status.gateway), (None, None));
    assert_eq!(kernel_addresses(), Vec::<String>::new());
    assert_eq!(routes(), Vec::<String>::new());
    assert!(ip("link show eth0").contains(" mtu 1500 "));
    assert_eq!(site.resolver(), "");
    let in_vain = |status: &NetworkStatus| matches!(status.state, NetworkState::NoLease { .. });
    site.status(in_vain).await;
    server.set_verdict(Verdict::Acknowledge);
    site.status(is_configured).await;
    assert_eq!(kernel_addresses(), ["10.77.0.50/24"]);
}

#[tokio::test]
async fn an_offer_from_a_reserved_network_is_explained() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.ip("address delete 10.77.0.1/24 dev far0");
    far_end.ip("address add 169.254.64.1/24 dev far0");
    let server = far_end.serve_dhcp(&["--dhcp-range=169.254.64.50,169.254.64.60,255.255.255.0,2m"]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let has_failed = |status: &NetworkStatus| matches!(status.state, NetworkState::Failed { .. });
    let NetworkState::Failed { reason } = site.status(has_failed).await.state else {
        panic!("checked");
    };
    assert!(reason.contains("169.254.64.0/18, which the appliance keeps for itself"), "{reason}");
    server.stop();
    far_end.ip("address add 10.77.0.1/24 dev far0");
    let _server = far_end.serve_dhcp(&[RANGE]);
    site.status(is_configured).await;
}

#[tokio::test]
async fn the_name_that_the_operator_gave_comes_before_that_of_dhcp() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let _server =
        far_end.serve_dhcp(&[RANGE, "--dhcp-option-force=12,branch-7", "--domain=corp.example"]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let status = site.status(is_configured).await;
    assert_eq!(status.host_name, Sourced::new("branch-7".to_owned(), Origin::Dhcp));
    site.host_name("branch-7").await;
    site.set_host_name(Some("hq-01"));
    let is_operators = |status: &NetworkStatus| status.host_name.origin == Origin::Operator;
    let status = site.status(is_operators).await;
    assert_eq!(status.host_name.value, "hq-01");
    assert_eq!(status.domain.expect("a domain").value, "corp.example");
    site.host_name("hq-01").await;
    site.set_host_name(None);
    site.host_name("branch-7").await;
}
