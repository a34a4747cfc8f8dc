//! Several network cards.

use model::network::{InterfaceFacts, NetworkSettings, NetworkStatus};

use crate::site::{
    FarEnd, RANGE, Site, addresses_of, default_route, enter_namespace, is_configured,
};

const OTHER_RANGE: &str = "--dhcp-range=10.78.0.50,10.78.0.60,255.255.255.0,2m";

fn uses(card: &'static str) -> impl Fn(&NetworkStatus) -> bool {
    move |status| is_configured(status) && status.interface.as_deref() == Some(card)
}

fn fact(number: u8, has_link: bool, is_in_use: bool) -> InterfaceFacts {
    InterfaceFacts {
        name: format!("eth{number}"),
        hardware_address: format!("02:00:00:00:00:{:02x}", 5 + number),
        has_link,
        is_in_use,
    }
}

#[tokio::test]
async fn the_second_card_takes_over_and_hands_back() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.lay_cable(1);
    let _server = far_end.serve_dhcp(&[RANGE, "--interface=far1", OTHER_RANGE]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let status = site.status(uses("eth0")).await;
    assert_eq!(status.interfaces, [fact(0, true, true), fact(1, true, false)]);
    assert!(default_route().starts_with("default via 10.77.0.1 dev eth0"));

    far_end.plug(0, false);
    let status = site.status(uses("eth1")).await;
    assert_eq!(status.interfaces, [fact(0, false, false), fact(1, true, true)]);
    assert!(addresses_of("eth0").is_empty());
    assert!(addresses_of("eth1")[0].starts_with("10.78.0."));
    assert_eq!(default_route(), "default via 10.78.0.1 dev eth1");

    far_end.plug(0, true);
    site.status(uses("eth0")).await;
    assert!(addresses_of("eth1").is_empty());
    assert_eq!(default_route(), "default via 10.77.0.1 dev eth0");

    // The role is older than a few seconds now: the link has to last before it is trusted again.
    far_end.plug(0, false);
    site.status(uses("eth1")).await;
    far_end.plug(0, true);
    site.status(uses("eth0")).await;
}

#[tokio::test]
async fn a_card_without_link_is_passed_over_and_one_added_is_shown() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.plug(0, false);
    far_end.lay_cable(1);
    let _server = far_end.serve_dhcp(&[RANGE, "--interface=far1", OTHER_RANGE]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    site.status(uses("eth1")).await;
    far_end.lay_cable(2);
    let status = site.status(|status| status.interfaces.len() == 3).await;
    assert_eq!(status.interface.as_deref(), Some("eth1"));
    let is_seen = |status: &NetworkStatus| status.interfaces[2].has_link;
    let status = site.status(is_seen).await;
    let wanted = [fact(0, false, false), fact(1, true, true), fact(2, true, false)];
    assert_eq!(status.interfaces, wanted);
}

#[tokio::test]
async fn a_short_flap_moves_nothing() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    far_end.lay_cable(1);
    let mut server = far_end.serve_dhcp(&[RANGE, "--interface=far1", OTHER_RANGE]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let before = site.status(uses("eth0")).await;
    let leases = server.count("DHCPACK");
    for _ in 0..3 {
        far_end.plug(0, false);
        far_end.plug(0, true);
    }
    server.logged("DHCPACK", leases + 1).await;
    assert_eq!((server.count("DHCPACK(far1)"), server.count("DHCPDISCOVER")), (0, 1));
    let after = site.now();
    assert_eq!((after.interface, after.address), (before.interface, before.address));
}
