//! Netlink and packet sockets against the real kernel, in a network namespace of their own.
//!
//! They need root and say so when they are skipped.

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::Ipv4Addr;
    use std::os::fd::AsFd;
    use std::process::Command;
    use std::time::Duration;

    use nix::sched::{CloneFlags, unshare};
    use sys::netlink::{
        InterfaceAddress, LOOPBACK_INDEX, Link, LinkChanges, NetlinkError, Route, RouteSocket,
    };
    use sys::packet::{BROADCAST, PacketSocket, bind_to_interface};
    use sys::poll::{self, Interest};

    const LIMIT: Option<Duration> = Some(Duration::from_secs(10));

    #[test]
    fn lists_switches_on_and_follows_ethernet_links() {
        if !in_namespace() {
            return;
        }
        let mut kernel = RouteSocket::open().expect("socket");
        let changes = LinkChanges::open().expect("subscribes");
        let nothing = changes.read_changes().expect_err("nothing has changed");
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);

        ip("link add eth0 type veth peer name eth1");
        await_change(&changes);
        let names: Vec<_> = links(&mut kernel).into_iter().map(|link| link.name).collect();
        assert_eq!(names, ["eth0", "eth1"]);
        assert!(!link(&mut kernel, "eth0").is_up);

        kernel.set_up(LOOPBACK_INDEX).expect("loopback");
        for name in ["eth0", "eth1"] {
            let index = link(&mut kernel, name).index;
            kernel.set_up(index).expect("up");
        }
        while !link(&mut kernel, "eth0").is_running {
            await_change(&changes);
        }
        let eth0 = link(&mut kernel, "eth0");
        assert!(eth0.is_up && eth0.has_carrier);
        kernel.set_mtu(eth0.index, 1400).expect("mtu");
        assert_eq!(link(&mut kernel, "eth0").mtu, 1400);

        ip("link set eth1 down");
        while link(&mut kernel, "eth0").has_carrier {
            await_change(&changes);
        }
    }

    #[test]
    fn replaces_addresses_and_routes() {
        if !in_namespace() {
            return;
        }
        let mut kernel = RouteSocket::open().expect("socket");
        let eth0 = connected_pair(&mut kernel).0.index;
        let first = address([10, 1, 0, 5], 24);
        kernel.replace_addresses(eth0, Some(first)).expect("first");
        ip("address add 10.1.0.6/24 dev eth0");
        ip("address add 10.1.0.7/24 dev eth0");
        kernel.replace_addresses(eth0, Some(first)).expect("again");
        assert_eq!(kernel.addresses(eth0).expect("list"), [first]);
        ip("route add default via 10.1.0.9 dev eth0 metric 100");
        ip("route add 192.168.7.0/24 dev eth0");
        let by_default = route([0, 0, 0, 0], 0, Some([10, 1, 0, 1]));
        let inner = route([172, 16, 0, 0], 12, Some([10, 1, 0, 2]));
        kernel.replace_routes(eth0, &[by_default, inner]).expect("routes");
        let through_subnet =
            ["default via 10.1.0.1 dev eth0", "172.16.0.0/12 via 10.1.0.2 dev eth0"];
        assert_eq!(routes(), through_subnet);
        kernel.replace_routes(eth0, &[by_default, inner]).expect("again");
        assert_eq!(routes(), through_subnet);

        ip("address add 10.1.0.8/24 dev eth0");
        let single = address([10, 2, 0, 5], 32);
        kernel.replace_addresses(eth0, Some(single)).expect("second");
        assert_eq!(kernel.addresses(eth0).expect("list"), [single]);
        let by_default = route([0, 0, 0, 0], 0, Some([10, 2, 0, 1]));
        let refused = kernel.replace_routes(eth0, &[by_default]);
        assert!(matches!(refused, Err(NetlinkError::Refused { .. })), "{refused:?}");
        let to_gateway = route([10, 2, 0, 1], 32, None);
        kernel.replace_routes(eth0, &[to_gateway, by_default]).expect("by way of the link");
        assert_eq!(routes(), ["default via 10.2.0.1 dev eth0", "10.2.0.1 dev eth0 scope link"]);

        kernel.replace_routes(eth0, &[]).expect("delete");
        assert_eq!(routes(), Vec::<String>::new());
        kernel.replace_addresses(eth0, None).expect("flush");
        assert_eq!(kernel.addresses(eth0).expect("list"), []);
    }

    #[test]
    fn packet_socket_receives_only_what_is_for_a_dhcp_client() {
        if !in_namespace() {
            return;
        }
        let mut kernel = RouteSocket::open().expect("socket");
        let (eth0, eth1) = connected_pair(&mut kernel);
        let client = PacketSocket::open_dhcp(eth0.index).expect("client");
        let server = PacketSocket::open_dhcp(eth1.index).expect("server");
        let mut buffer = [0; 1500];
        let nothing = client.receive(&mut buffer).expect_err("nothing was sent");
        assert_eq!(nothing.kind(), io::ErrorKind::WouldBlock);

        let wanted = udp(68, b"offer");
        server.send(&udp(69, b"other"), BROADCAST).expect("other port");
        server.send(&wanted, eth0.hardware_address).expect("unicast");
        server.send(&wanted, BROADCAST).expect("broadcast");
        for _ in 0..2 {
            let ready = poll::wait(&[(client.as_fd(), Interest::Read)], LIMIT).expect("poll");
            assert!(ready[0].readable);
            let (length, from) = client.receive(&mut buffer).expect("packet");
            assert_eq!(buffer[..length], wanted);
            assert_eq!(from, eth1.hardware_address);
        }
        assert!(client.receive(&mut buffer).is_err());
    }

    #[test]
    fn packet_socket_receives_arp_of_one_address_only() {
        if !in_namespace() {
            return;
        }
        let mut kernel = RouteSocket::open().expect("socket");
        let (eth0, eth1) = connected_pair(&mut kernel);
        let [own, other] = [[10, 0, 2, 15], [10, 0, 2, 99]];
        let watcher = PacketSocket::open_arp(eth0.index, own.into()).expect("watcher");
        let sender = PacketSocket::open_arp(eth1.index, other.into()).expect("sender");
        let packet = |from: [u8; 4], to: [u8; 4]| {
            let head = [0, 1, 8, 0, 6, 4, 0, 1];
            [&head[..], &eth1.hardware_address, &from, &[0; 6], &to].concat()
        };
        let mut buffer = [0; 100];
        for (from, to) in [(other, other), (own, other), (other, other), (other, own)] {
            sender.send(&packet(from, to), BROADCAST).expect("sent");
        }
        for wanted in [packet(own, other), packet(other, own)] {
            let ready = poll::wait(&[(watcher.as_fd(), Interest::Read)], LIMIT).expect("poll");
            assert!(ready[0].readable);
            let (length, from) = watcher.receive(&mut buffer).expect("packet");
            assert_eq!(buffer[..length], wanted);
            assert_eq!(from, eth1.hardware_address);
        }
        assert!(watcher.receive(&mut buffer).is_err());
    }

    #[test]
    fn a_socket_is_tied_to_an_interface_that_exists() {
        if !in_namespace() {
            return;
        }
        let socket = std::net::UdpSocket::bind("0.0.0.0:0").expect("socket");
        bind_to_interface(&socket, "lo").expect("there is always one");
        assert!(bind_to_interface(&socket, "eth9").is_err());
    }

    /// Moves this test into a network namespace of its own.
    fn in_namespace() -> bool {
        let moved = unshare(CloneFlags::CLONE_NEWNET).is_ok();
        if !moved {
            println!("skipped: only root can make a network namespace");
        }
        moved
    }

    fn ip(arguments: &str) -> String {
        let output = Command::new("ip").args(arguments.split(' ')).output().expect("iproute2");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The routes that the kernel did not make by itself.
    fn routes() -> Vec<String> {
        ip("route show")
            .lines()
            .filter(|line| !line.contains("proto kernel"))
            .map(|line| line.replace(" proto boot", "").trim_end().to_owned())
            .collect()
    }

    fn links(kernel: &mut RouteSocket) -> Vec<Link> {
        let mut links = kernel.links().expect("list");
        links.sort_by(|one, other| one.name.cmp(&other.name));
        links
    }

    fn link(kernel: &mut RouteSocket, name: &str) -> Link {
        links(kernel).into_iter().find(|link| link.name == name).expect("there")
    }

    fn await_change(changes: &LinkChanges) {
        let ready = poll::wait(&[(changes.as_fd(), Interest::Read)], LIMIT).expect("poll");
        assert!(ready[0].readable, "no change in time");
        changes.read_changes().expect("changes");
    }

    /// Two interfaces that are joined by a cable.
    fn connected_pair(kernel: &mut RouteSocket) -> (Link, Link) {
        let changes = LinkChanges::open().expect("subscribes");
        ip("link add eth0 type veth peer name eth1");
        for name in ["eth0", "eth1"] {
            let index = link(kernel, name).index;
            kernel.set_up(index).expect("up");
        }
        while !links(kernel).iter().all(|link| link.is_running) {
            await_change(&changes);
        }
        (link(kernel, "eth0"), link(kernel, "eth1"))
    }

    fn address(octets: [u8; 4], prefix_length: u8) -> InterfaceAddress {
        InterfaceAddress { address: octets.into(), prefix_length }
    }

    fn route(destination: [u8; 4], prefix_length: u8, gateway: Option<[u8; 4]>) -> Route {
        let gateway = gateway.map(Ipv4Addr::from);
        Route { destination: destination.into(), prefix_length, gateway }
    }

    /// A UDP packet to this port, with its IPv4 header.
    fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
        let mut packet =
            vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 255, 255, 255, 255];
        packet.extend([0, 67]);
        packet.extend(port.to_be_bytes());
        packet.extend([0, 0, 0, 0]);
        packet.extend(payload);
        packet
    }
}
