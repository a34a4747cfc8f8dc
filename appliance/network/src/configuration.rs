//! What an interface is to have, wherever it came from, and giving it that.

use std::net::Ipv4Addr;

use model::ipv4::HostNet;
use model::network::{Origin, StaticNetwork};
use sys::netlink::{InterfaceAddress, Link, NetlinkError, Route, RouteSocket};
use tracing::warn;

use crate::dhcp::{ClasslessRoute, Lease};

/// The values for an interface and for the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configuration {
    pub(crate) origin: Origin,
    pub(crate) address: HostNet,
    pub(crate) gateway: Option<Ipv4Addr>,
    /// Further routes, those without gateway first.
    pub(crate) routes: Vec<ClasslessRoute>,
    pub(crate) dns: Vec<Ipv4Addr>,
    pub(crate) ntp: Vec<String>,
    pub(crate) host_name: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) mtu: Option<u32>,
}

impl Configuration {
    /// From fixed settings.
    pub(crate) fn of_static(fixed: &StaticNetwork, origin: Origin) -> Self {
        Self {
            origin,
            address: fixed.address,
            gateway: fixed.gateway,
            routes: Vec::new(),
            dns: fixed.dns.clone(),
            ntp: fixed.ntp.clone(),
            host_name: None,
            domain: None,
            mtu: None,
        }
    }

    /// From a lease.
    pub(crate) fn of_lease(lease: &Lease) -> Self {
        Self {
            origin: Origin::Dhcp,
            address: lease.address,
            gateway: lease.gateway,
            routes: lease.routes.clone(),
            dns: lease.dns.clone(),
            ntp: lease.ntp.iter().map(Ipv4Addr::to_string).collect(),
            host_name: lease.host_name.clone(),
            domain: lease.domain.clone(),
            mtu: lease.mtu,
        }
    }

    /// The routes to set, in the order in which the kernel takes them: each gateway after what it is
    /// reached by. A gateway outside of the network of the address gets a route on the link: Google
    /// Cloud gives a /32 address, and masks are mistyped.
    fn routes(&self) -> Vec<Route> {
        let everything = self.gateway.map(|gateway| Route {
            destination: Ipv4Addr::UNSPECIFIED,
            prefix_length: 0,
            gateway: Some(gateway),
        });
        let given = self.routes.iter().map(|route| Route {
            destination: route.destination.address,
            prefix_length: route.destination.prefix.bits(),
            gateway: route.gateway,
        });
        let (on_link, through): (Vec<_>, Vec<_>) =
            given.chain(everything).partition(|route| route.gateway.is_none());
        let is_reached = |gateway: Ipv4Addr| {
            let mut links = self.routes.iter().filter(|route| route.gateway.is_none());
            self.address.contains(gateway) || links.any(|route| route.destination.contains(gateway))
        };
        let mut routes = on_link;
        for gateway in through.iter().filter_map(|route| route.gateway) {
            let to_it = Route { destination: gateway, prefix_length: 32, gateway: None };
            if !is_reached(gateway) && !routes.contains(&to_it) {
                routes.push(to_it);
            }
        }
        routes.extend(through);
        routes
    }
}

/// Gives the interface this address and these routes and no other; `None` takes everything away.
pub(crate) fn apply(
    kernel: &mut RouteSocket,
    link: &Link,
    configuration: Option<&Configuration>,
) -> Result<(), NetlinkError> {
    let mtu = configuration.and_then(|configuration| configuration.mtu).unwrap_or(link.mtu);
    if let Err(error) = kernel.set_mtu(link.index, mtu) {
        // Some drivers take no other size; packets are only a little less well filled then.
        warn!(%error, mtu, "Cannot set the MTU");
    }
    let address = configuration.map(|configuration| InterfaceAddress {
        address: configuration.address.address,
        prefix_length: configuration.address.prefix.bits(),
    });
    kernel.replace_addresses(link.index, address)?;
    let routes = configuration.map(Configuration::routes).unwrap_or_default();
    kernel.replace_routes(link.index, &routes)
}

#[cfg(test)]
mod tests {
    use model::ipv4::PrefixLength;

    use super::*;

    const GATEWAY: [u8; 4] = [10, 128, 0, 1];

    fn network(address: [u8; 4], bits: u8) -> HostNet {
        let prefix = PrefixLength::new(bits).expect("in range");
        HostNet { address: address.into(), prefix }
    }

    fn configuration(address: HostNet, routes: Vec<ClasslessRoute>) -> Configuration {
        let fixed = StaticNetwork {
            address,
            gateway: Some(GATEWAY.into()),
            dns: Vec::new(),
            ntp: Vec::new(),
        };
        Configuration { routes, ..Configuration::of_static(&fixed, Origin::Operator) }
    }

    fn written(configuration: &Configuration) -> Vec<String> {
        let text = |route: &Route| {
            let gateway = route.gateway.map(|gateway| format!(" via {gateway}"));
            let Route { destination, prefix_length, .. } = route;
            format!("{destination}/{prefix_length}{}", gateway.unwrap_or_default())
        };
        configuration.routes().iter().map(text).collect()
    }

    #[test]
    fn a_gateway_in_the_subnet_needs_no_route() {
        let configuration = configuration(network([10, 128, 0, 5], 24), Vec::new());
        assert_eq!(written(&configuration), ["0.0.0.0/0 via 10.128.0.1"]);
    }

    #[test]
    fn a_gateway_outside_is_reached_over_the_link() {
        let configuration = configuration(network([10, 128, 0, 5], 32), Vec::new());
        assert_eq!(written(&configuration), ["10.128.0.1/32", "0.0.0.0/0 via 10.128.0.1"]);
    }

    #[test]
    fn routes_that_others_lead_through_come_first_and_once() {
        let on_link = ClasslessRoute { destination: network(GATEWAY, 32), gateway: None };
        let inner = |bits| ClasslessRoute {
            destination: network([172, 16, 0, 0], bits),
            gateway: Some([192, 168, 9, 1].into()),
        };
        let configuration =
            configuration(network([10, 128, 0, 5], 32), vec![on_link, inner(12), inner(16)]);
        let wanted = [
            "10.128.0.1/32",
            "192.168.9.1/32",
            "172.16.0.0/12 via 192.168.9.1",
            "172.16.0.0/16 via 192.168.9.1",
            "0.0.0.0/0 via 10.128.0.1",
        ];
        assert_eq!(written(&configuration), wanted);
    }
}
