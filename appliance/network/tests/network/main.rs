//! The role against the real kernel and a real DHCP server. The tests need root and say so when they
//! are skipped.

#[cfg(test)]
mod cards;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod dhcp;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod site;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;

    use model::network::{NetworkSettings, NetworkState, NetworkStatus, Origin, Sourced};

    use crate::servers::Verdict;
    use crate::site::{
        FarEnd, HARDWARE_ADDRESS, RANGE, Site, address, default_route, enter_namespace, fixed, ip,
        is_configured, kernel_addresses,
    };

    #[tokio::test]
    async fn takes_everything_that_dhcp_gives() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        let _server = far_end.serve_dhcp(&[
            RANGE,
            "--dhcp-option=option:router,10.77.0.1",
            "--dhcp-option=option:dns-server,10.77.0.2,10.77.0.3",
            "--dhcp-option=option:ntp-server,10.77.0.4",
            "--dhcp-option=option:domain-name,corp.example",
            "--dhcp-option=option:mtu,1400",
            &format!("--dhcp-host={HARDWARE_ADDRESS},10.77.0.55,branch-7"),
        ]);
        let mut site = Site::start(NetworkSettings::Automatic).await;
        let status = site.status(is_configured).await;
        assert_eq!(address(&status), ("10.77.0.55/24".to_owned(), Origin::Dhcp));
        let gateway = Ipv4Addr::new(10, 77, 0, 1);
        assert_eq!(status.gateway, Some(Sourced::new(gateway, Origin::Dhcp)));
        let dns = [2, 3].map(|host| Ipv4Addr::new(10, 77, 0, host)).to_vec();
        assert_eq!(status.dns, Sourced::new(dns, Origin::Dhcp));
        assert_eq!(status.ntp, Sourced::new(vec!["10.77.0.4".to_owned()], Origin::Dhcp));
        assert_eq!(status.host_name, Sourced::new("branch-7".to_owned(), Origin::Dhcp));
        let domain = Sourced::new("corp.example".to_owned(), Origin::Dhcp);
        assert_eq!(status.domain, Some(domain));
        let lease = status.lease.expect("a lease");
        assert_eq!((lease.server, lease.duration_seconds), (gateway, Some(120)));
        assert_eq!(status.interface.as_deref(), Some("eth0"));
        assert_eq!(status.hardware_address.as_deref(), Some(HARDWARE_ADDRESS));

        assert_eq!(kernel_addresses(), ["10.77.0.55/24"]);
        assert_eq!(default_route(), "default via 10.77.0.1 dev eth0");
        assert!(ip("link show eth0").contains(" mtu 1400 "));
        let resolver = "nameserver 10.77.0.2\nnameserver 10.77.0.3\nsearch corp.example\n";
        assert_eq!(site.resolver(), resolver);
        site.host_name("branch-7").await;
    }

    #[tokio::test]
    async fn says_that_no_server_answers_until_one_does() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        let mut site = Site::start(NetworkSettings::Automatic).await;
        let is_in_vain =
            |status: &NetworkStatus| matches!(status.state, NetworkState::NoLease { .. });
        let status = site.status(is_in_vain).await;
        assert_eq!((status.address, status.lease), (None, None));
        let _server = far_end.serve_dhcp(&[RANGE]);
        let status = site.status(is_configured).await;
        assert!(address(&status).0.starts_with("10.77.0.5"));
    }

    #[tokio::test]
    async fn renews_its_lease_and_gives_it_up_when_refused() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        let server = far_end.obey();
        let mut site = Site::start(NetworkSettings::Automatic).await;
        let first = site.status(is_configured).await.lease.expect("a lease");
        let is_renewed = |status: &NetworkStatus| {
            status.lease.as_ref().is_some_and(|lease| lease.obtained > first.obtained)
        };
        assert!(is_configured(&site.status(is_renewed).await));
        assert_eq!(kernel_addresses(), ["10.77.0.50/24"]);
        let (from, renewal) = server.requests().pop().expect("requests");
        assert_eq!(from, Ipv4Addr::new(10, 77, 0, 50), "renewals go straight to the server");
        assert_eq!(renewal.client_address, from);
        let broadcast: BTreeSet<_> = server
            .requests()
            .iter()
            .filter(|(from, _)| from.is_unspecified())
            .map(|(_, message)| message.transaction)
            .collect();
        assert_eq!(broadcast.len(), 1, "the discovery is the only exchange without an address");

        server.set_verdict(Verdict::Refuse);
        let status = site.status(|status| status.address.is_none()).await;
        assert_eq!(status.lease, None);
        assert_eq!(kernel_addresses(), Vec::<String>::new());
        server.set_verdict(Verdict::Acknowledge);
        site.status(is_configured).await;
        assert_eq!(kernel_addresses(), ["10.77.0.50/24"]);
    }

    #[tokio::test]
    async fn changes_between_fixed_and_automatic_leave_nothing_behind() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        let _server = far_end.serve_dhcp(&[RANGE]);
        ip("address add 192.168.9.9/24 dev eth0");
        let mut site = Site::start(fixed(
            "static:ip=10.1.2.3;netmask=16;route=10.1.0.1;dns=10.1.0.2;ntp=time.example",
        ))
        .await;
        let status = site.status(is_configured).await;
        assert_eq!(address(&status), ("10.1.2.3/16".to_owned(), Origin::BootParameter));
        assert_eq!(status.ntp.value, ["time.example"]);
        assert_eq!(status.host_name, Sourced::new("connector".to_owned(), Origin::Default));
        assert_eq!(kernel_addresses(), ["10.1.2.3/16"]);
        assert_eq!(default_route(), "default via 10.1.0.1 dev eth0");
        assert_eq!(site.resolver(), "nameserver 10.1.0.2\n");
        site.host_name("connector").await;

        site.set(NetworkSettings::Automatic);
        let is_leased = |status: &NetworkStatus| status.lease.is_some() && is_configured(status);
        let status = site.status(is_leased).await;
        assert_eq!(kernel_addresses(), [address(&status).0]);
        assert_eq!(default_route(), "default via 10.77.0.1 dev eth0");

        site.set(fixed("static:ip=10.128.0.5;netmask=32;route=10.128.0.1"));
        let is_fixed = |status: &NetworkStatus| {
            status.address.as_ref().is_some_and(|address| address.origin == Origin::Operator)
        };
        let status = site.status(is_fixed).await;
        assert_eq!((status.lease, status.dns.origin), (None, Origin::Default));
        assert_eq!(kernel_addresses(), ["10.128.0.5/32"]);
        assert_eq!(default_route(), "default via 10.128.0.1 dev eth0");
        assert_eq!(site.resolver(), "");
    }

    #[tokio::test]
    async fn notices_a_pulled_cable_and_its_return() {
        if !enter_namespace() {
            return;
        }
        let far_end = FarEnd::connect();
        let mut server = far_end.serve_dhcp(&[RANGE]);
        let mut site = Site::start(NetworkSettings::Automatic).await;
        let before = site.status(is_configured).await;
        far_end.plug(0, false);
        site.status(|status| status.state == NetworkState::NoLink).await;
        let (discoveries, leases) = (server.count("DHCPDISCOVER"), server.count("DHCPACK"));
        far_end.plug(0, true);
        let after = site.status(is_configured).await;
        assert_eq!(after.address, before.address);
        server.logged("DHCPACK", leases + 1).await;
        assert_eq!(server.count("DHCPDISCOVER"), discoveries, "the same address is asked for");
    }

    #[tokio::test]
    async fn waits_for_a_network_card() {
        if !enter_namespace() {
            return;
        }
        let mut site = Site::start(NetworkSettings::Automatic).await;
        site.status(|status| status.state == NetworkState::NoInterface).await;
        let far_end = FarEnd::connect();
        let _server = far_end.serve_dhcp(&[RANGE]);
        let status = site.status(is_configured).await;
        assert_eq!(status.interface.as_deref(), Some("eth0"));
        ip("link delete eth0");
        let status = site.status(|status| status.state == NetworkState::NoInterface).await;
        assert_eq!((status.address, status.interface, status.lease), (None, None, None));
    }

    #[tokio::test]
    async fn says_what_the_kernel_refuses() {
        if !enter_namespace() {
            return;
        }
        let _far_end = FarEnd::connect();
        // A broadcast address of the loopback's network: no host can have the gateway.
        let mut site = Site::start(fixed("static:ip=10.1.2.3;netmask=24;route=10.1.2.255")).await;
        let is_refused =
            |status: &NetworkStatus| matches!(status.state, NetworkState::Failed { .. });
        let NetworkState::Failed { reason } = site.status(is_refused).await.state else {
            panic!("checked");
        };
        assert!(reason.starts_with("cannot set up eth0: the kernel refused to set a route"));
        site.set(fixed("static:ip=10.1.2.3;netmask=24;route=10.1.2.1"));
        site.status(is_configured).await;
    }
}
