//! What an interface is to have, wherever it came from, and giving it that.

use std::net::Ipv4Addr;

use model::ipv4::HostNet;
use model::network::{Origin, StaticNetwork};
use sys::netlink::{GatewayReach, InterfaceAddress, Link, NetlinkError, RouteSocket};
use tracing::warn;

use crate::dhcp::Lease;

/// The values for an interface and for the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configuration {
    pub(crate) origin: Origin,
    pub(crate) address: HostNet,
    pub(crate) gateway: Option<Ipv4Addr>,
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
            dns: lease.dns.clone(),
            ntp: lease.ntp.iter().map(Ipv4Addr::to_string).collect(),
            host_name: lease.host_name.clone(),
            domain: lease.domain.clone(),
            mtu: lease.mtu,
        }
    }
}

/// Gives the interface this address and gateway and no other; `None` takes everything away.
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
    match configuration.and_then(|configuration| configuration.gateway.zip(Some(configuration))) {
        None => kernel.delete_default_routes(),
        Some((gateway, configuration)) => {
            // Google Cloud gives a /32 address, and masks are mistyped.
            let reach = if configuration.address.contains(gateway) {
                GatewayReach::Subnet
            } else {
                GatewayReach::OnLink
            };
            kernel.replace_default_route(link.index, gateway, reach)
        }
    }
}
