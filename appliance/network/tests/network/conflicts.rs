//! Another machine with the same address.

use std::net::Ipv4Addr;

use bus::AddressCheck;
use model::network::{NetworkSettings, NetworkState, NetworkStatus};

use crate::site::{
    FarEnd, NEIGHBOUR, Site, address, enter_namespace, fixed, is_configured, kernel_addresses,
};

fn is_conflict(status: &NetworkStatus) -> bool {
    matches!(status.state, NetworkState::AddressConflict { .. })
}

fn conflict(contested: [u8; 4]) -> NetworkState {
    let contested = Ipv4Addr::from(contested);
    NetworkState::AddressConflict { contested, holder: NEIGHBOUR.to_owned() }
}

#[tokio::test]
async fn a_fixed_address_is_used_once_the_other_machine_has_left_it() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let neighbour = far_end.add_neighbour();
    neighbour.ip("address add 10.77.0.9/24 dev eth0");
    let mut site = Site::start(fixed("static:ip=10.77.0.9;netmask=24;route=10.77.0.1")).await;
    let status = site.status(is_conflict).await;
    assert_eq!(status.state, conflict([10, 77, 0, 9]));
    assert_eq!((status.address, kernel_addresses()), (None, Vec::new()));
    neighbour.ip("address delete 10.77.0.9/24 dev eth0");
    site.status(is_configured).await;
    assert_eq!(kernel_addresses(), ["10.77.0.9/24"]);
}

#[tokio::test]
async fn settings_that_are_taken_back_end_the_conflict() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let neighbour = far_end.add_neighbour();
    neighbour.ip("address add 10.77.0.9/24 dev eth0");
    let previous = fixed("static:ip=10.77.0.8;netmask=24;route=10.77.0.1");
    let mut site = Site::start(previous.clone()).await;
    site.status(is_configured).await;
    site.set(fixed("static:ip=10.77.0.9;netmask=24;route=10.77.0.1"));
    let status = site.status(is_conflict).await;
    assert_eq!((status.address, kernel_addresses()), (None, Vec::new()));
    site.set(previous);
    site.status(is_configured).await;
    assert_eq!(kernel_addresses(), ["10.77.0.8/24"]);
}

#[tokio::test]
async fn an_offered_address_that_another_machine_uses_is_declined() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let neighbour = far_end.add_neighbour();
    neighbour.ip("address add 10.77.0.50/24 dev eth0");
    let mut server = far_end.serve_dhcp(&[
        "--dhcp-range=10.77.0.50,10.77.0.51,255.255.255.0,2m",
        "--dhcp-sequential-ip",
    ]);
    let mut site = Site::start(NetworkSettings::Automatic).await;
    let status = site.status(is_conflict).await;
    assert_eq!(status.state, conflict([10, 77, 0, 50]));
    assert_eq!((status.lease, kernel_addresses()), (None, Vec::new()));
    server.logged("DHCPDECLINE", 1).await;
    let status = site.status(is_configured).await;
    assert_eq!(address(&status).0, "10.77.0.51/24");
}

#[tokio::test]
async fn an_address_in_use_is_given_up_to_a_machine_that_insists() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let neighbour = far_end.add_neighbour();
    let mut site = Site::start(fixed("static:ip=10.77.0.9;netmask=24")).await;
    site.status(is_configured).await;
    neighbour.ip("address add 10.77.0.9/24 dev eth0");
    // Nobody has these addresses, so the neighbour asks for them again and again.
    neighbour.send_to([10, 77, 0, 200]);
    neighbour.send_to([10, 77, 0, 201]);
    let status = site.status(is_conflict).await;
    assert_eq!(status.state, conflict([10, 77, 0, 9]));
    assert_eq!(kernel_addresses(), Vec::<String>::new());
    neighbour.ip("link set eth0 down");
    site.status(is_configured).await;
}

#[tokio::test]
async fn a_conflict_that_arose_while_the_cable_was_out_is_found() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let neighbour = far_end.add_neighbour();
    let mut site = Site::start(fixed("static:ip=10.77.0.9;netmask=24")).await;
    site.status(is_configured).await;
    far_end.plug(0, false);
    site.status(|status| status.state == NetworkState::NoLink).await;
    neighbour.ip("address add 10.77.0.9/24 dev eth0");
    far_end.plug(0, true);
    let status = site.status(is_conflict).await;
    assert_eq!(status.state, conflict([10, 77, 0, 9]));
}

#[tokio::test]
async fn tells_whether_an_address_is_free() {
    if !enter_namespace() {
        return;
    }
    let far_end = FarEnd::connect();
    let neighbour = far_end.add_neighbour();
    neighbour.ip("address add 10.77.0.9/24 dev eth0");
    // Neither needs to be in the network of the address in use.
    neighbour.ip("address add 192.168.4.1/24 dev eth0");
    let mut site = Site::start(fixed("static:ip=10.77.0.8;netmask=24")).await;
    site.status(is_configured).await;
    let taken = AddressCheck::Taken { holder: NEIGHBOUR.to_owned() };
    assert_eq!(site.check([10, 77, 0, 9]).await, taken);
    assert_eq!(site.check([192, 168, 4, 1]).await, taken);
    assert_eq!(site.check([10, 77, 0, 10]).await, AddressCheck::Free);
    assert_eq!(site.check([10, 77, 0, 8]).await, AddressCheck::Free, "its own");
    far_end.plug(0, false);
    site.status(|status| status.state == NetworkState::NoLink).await;
    let unknown = site.check([10, 77, 0, 9]).await;
    let reason = "the network card has no link".to_owned();
    assert_eq!(unknown, AddressCheck::Unknown { reason });
}
