//! What the appliance tells its platform.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use model::load::LoadFacts;
use model::network::NetworkStatus;
use model::product;
use platform::agent::{GuestFacts, Interface, SystemFacts};
use platform::kvp::KvpFacts;
use platform::xenstore::{StoreFacts, VirtualInterface};
use sys::kernel::Release;

/// Short identifier of the system.
const IDENTIFIER: &str = "connector-appliance";

/// Everything that any platform is told.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The kernel.
    pub(crate) release: Release,
    /// The network, as its role says; `None` = it does not.
    pub(crate) network: Option<NetworkStatus>,
    /// Memory, for those who want to know.
    pub(crate) load: LoadFacts,
}

impl Facts {
    fn host_name(&self) -> String {
        self.network.as_ref().map(|it| it.host_name.value.clone()).unwrap_or_default()
    }

    /// Host name with the domain, if there is one.
    fn full_name(&self) -> String {
        let domain = self.network.as_ref().and_then(|it| it.domain.as_ref());
        match domain {
            Some(domain) => format!("{}.{}", self.host_name(), domain.value),
            None => self.host_name(),
        }
    }

    fn interface(&self) -> Option<Interface> {
        let network = self.network.as_ref()?;
        let address = network.address.as_ref().map(|it| it.value);
        Some(Interface {
            name: network.interface.clone()?,
            hardware_address: network.hardware_address.clone(),
            addresses: address
                .map(|it| (IpAddr::V4(it.address), it.prefix.bits()))
                .into_iter()
                .collect(),
        })
    }

    /// For QEMU's guest agent.
    pub(crate) fn of_agent(&self) -> GuestFacts {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        GuestFacts {
            version: product::VERSION.to_owned(),
            host_name: self.host_name(),
            time_ns: i64::try_from(now.as_nanos()).unwrap_or(i64::MAX),
            interfaces: self.interface().into_iter().collect(),
            system: SystemFacts {
                kernel_release: self.release.release.clone(),
                kernel_version: self.release.version.clone(),
                machine: self.release.machine.clone(),
                id: IDENTIFIER.to_owned(),
                name: product::NAME.to_owned(),
                pretty_name: format!("{} {}", product::NAME, product::VERSION),
                version: product::VERSION.to_owned(),
                version_id: product::VERSION.to_owned(),
            },
        }
    }

    /// For Hyper-V.
    pub(crate) fn of_kvp(&self) -> KvpFacts {
        KvpFacts {
            host_name: self.full_name(),
            version: product::VERSION.to_owned(),
            addresses: self.addresses(),
            system: product::NAME.to_owned(),
            kernel: self.release.release.clone(),
        }
    }

    /// For Xen.
    pub(crate) fn of_store(&self) -> StoreFacts {
        let mut numbers = product::VERSION.split('.').map(str::to_owned);
        let number = self.interface().and_then(|it| number_of(&it.name));
        let addresses = self.addresses();
        let ipv4 = addresses.iter().filter_map(|it| match it {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        });
        StoreFacts {
            system: format!("{} {}", product::NAME, product::VERSION),
            distribution: IDENTIFIER.to_owned(),
            major_version: numbers.next().unwrap_or_default(),
            minor_version: numbers.next().unwrap_or_default(),
            kernel: self.release.release.clone(),
            interfaces: number
                .map(|number| VirtualInterface { number, ipv4: ipv4.collect(), ipv6: Vec::new() })
                .into_iter()
                .collect(),
            memory_total_kib: self.load.memory_kib,
            memory_free_kib: self.load.available_kib,
        }
    }

    /// Addresses in use.
    fn addresses(&self) -> Vec<IpAddr> {
        let interface = self.interface().into_iter();
        interface.flat_map(|it| it.addresses).map(|(address, _)| address).collect()
    }
}

/// The number of a virtual interface in the store, which is that of its name: `eth1` is 1.
fn number_of(interface: &str) -> Option<u32> {
    interface.trim_start_matches(|it: char| !it.is_ascii_digit()).parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use model::ipv4::{HostNet, PrefixLength};
    use model::network::{Origin, Sourced};

    use super::*;

    fn facts() -> Facts {
        let prefix = PrefixLength::new(24).unwrap();
        let address = HostNet { address: Ipv4Addr::new(10, 0, 2, 15), prefix };
        Facts {
            release: Release {
                release: "6.12.57".to_owned(),
                version: "#1".to_owned(),
                machine: "x86_64".to_owned(),
            },
            network: Some(NetworkStatus {
                interface: Some("eth1".to_owned()),
                hardware_address: Some("52:54:00:12:34:56".to_owned()),
                address: Some(Sourced::new(address, Origin::Dhcp)),
                host_name: Sourced::new("tokyo-1".to_owned(), Origin::Dhcp),
                domain: Some(Sourced::new("example.com".to_owned(), Origin::Dhcp)),
                ..NetworkStatus::starting(0)
            }),
            load: LoadFacts { memory_kib: 4_000_000, ..LoadFacts::default() },
        }
    }

    #[test]
    fn every_platform_is_told_name_and_address() {
        let facts = facts();
        let agent = facts.of_agent();
        assert_eq!(agent.host_name, "tokyo-1");
        assert_eq!(agent.interfaces[0].addresses, [(Ipv4Addr::new(10, 0, 2, 15).into(), 24)]);
        let kvp = facts.of_kvp();
        assert_eq!((kvp.host_name.as_str(), kvp.addresses.len()), ("tokyo-1.example.com", 1));
        let store = facts.of_store();
        assert_eq!((store.interfaces[0].number, store.memory_total_kib), (1, 4_000_000));
        assert_eq!(store.interfaces[0].ipv4, [Ipv4Addr::new(10, 0, 2, 15)]);
    }

    #[test]
    fn without_a_network_nothing_is_made_up() {
        let facts = Facts { network: None, ..facts() };
        assert!(facts.of_agent().interfaces.is_empty());
        assert!(facts.of_kvp().addresses.is_empty() && facts.of_store().interfaces.is_empty());
    }
}
