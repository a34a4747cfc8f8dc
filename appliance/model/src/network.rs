//! Network settings, the values in use, and where each came from.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::ipv4::HostNet;

/// Most DNS or NTP servers that are kept.
pub const MAX_SERVERS: usize = 8;

/// How the appliance gets its address: what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum NetworkSettings {
    /// From DHCP.
    #[default]
    Automatic,
    /// As given.
    Static(StaticNetwork),
}

/// A fixed address and the servers to use with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticNetwork {
    /// Address and prefix.
    pub address: HostNet,
    /// Default gateway; `None` when the network has none.
    pub gateway: Option<Ipv4Addr>,
    /// DNS servers, in order of preference.
    pub dns: Vec<Ipv4Addr>,
    /// NTP servers: addresses or host names.
    pub ntp: Vec<String>,
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody chose it.
    Default,
    /// Typed at the end of the `linux` line in GRUB.
    BootParameter,
    /// Offered by the DHCP server.
    Dhcp,
    /// Chosen by a person: on the admin page, through its API, or in the first settings of the platform.
    Operator,
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Joins a value and its origin.
    pub const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// State of the network, as the console and the page show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum NetworkState {
    /// The role has started and has not looked yet.
    Starting,
    /// The machine has no network card.
    NoInterface,
    /// The network card has no link: the virtual cable is out.
    NoLink,
    /// DHCP servers are being asked and none has answered.
    NoLease {
        /// Since when, in seconds since 1970. Its name in JSON keeps it apart from the member of
        /// [`NetworkStatus`], beside which it stands there.
        #[serde(rename = "waiting_since")]
        since: i64,
    },
    /// An address is in use.
    Configured,
    /// Another machine uses the address that this one is to have, so it is not used.
    AddressConflict {
        /// The address.
        contested: Ipv4Addr,
        /// Hardware address of the other machine, `52:54:00:12:34:56`.
        holder: String,
    },
    /// The kernel refused a setting.
    Failed {
        /// What failed and why.
        reason: String,
    },
}

/// The network values in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkStatus {
    /// State in one word.
    #[serde(flatten)]
    pub state: NetworkState,
    /// Since when this state holds, in seconds since 1970.
    pub since: i64,
    /// Name of the interface in use, such as `eth0`.
    pub interface: Option<String>,
    /// Hardware address of the interface, `52:54:00:12:34:56`.
    pub hardware_address: Option<String>,
    /// Address in use.
    pub address: Option<Sourced<HostNet>>,
    /// Default gateway in use.
    pub gateway: Option<Sourced<Ipv4Addr>>,
    /// DNS servers in use.
    pub dns: Sourced<Vec<Ipv4Addr>>,
    /// NTP servers in use.
    pub ntp: Sourced<Vec<String>>,
    /// Host name in use.
    pub host_name: Sourced<String>,
    /// Domain of the host.
    pub domain: Option<Sourced<String>>,
    /// The DHCP lease in use.
    pub lease: Option<LeaseFacts>,
    /// All network cards, in the order in which they are tried. The role of the release before names
    /// none.
    #[serde(default)]
    pub interfaces: Vec<InterfaceFacts>,
}

/// What is shown of a network card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceFacts {
    /// Its name, such as `eth0`.
    pub name: String,
    /// Its hardware address, `52:54:00:12:34:56`.
    pub hardware_address: String,
    /// Whether its cable is plugged in.
    pub has_link: bool,
    /// Whether it is the one in use. The others carry nothing.
    pub is_in_use: bool,
}

/// What is shown of a DHCP lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseFacts {
    /// The server that gave it.
    pub server: Ipv4Addr,
    /// When it was given or last renewed, in seconds since 1970.
    pub obtained: i64,
    /// How long it lasts from then on, in seconds; `None` = for ever.
    pub duration_seconds: Option<u32>,
}

/// The host name until something better is known.
pub const DEFAULT_HOST_NAME: &str = "connector";

impl NetworkStatus {
    /// The status at the start, before anything is known.
    #[must_use]
    pub fn starting(now: i64) -> Self {
        Self {
            state: NetworkState::Starting,
            since: now,
            interface: None,
            hardware_address: None,
            address: None,
            gateway: None,
            dns: Sourced::new(Vec::new(), Origin::Default),
            ntp: Sourced::new(Vec::new(), Origin::Default),
            host_name: Sourced::new(DEFAULT_HOST_NAME.to_owned(), Origin::Default),
            domain: None,
            lease: None,
            interfaces: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_survives_json() {
        for state in [
            NetworkState::Starting,
            NetworkState::NoInterface,
            NetworkState::NoLink,
            NetworkState::NoLease { since: 5 },
            NetworkState::Configured,
            NetworkState::AddressConflict {
                contested: Ipv4Addr::LOCALHOST,
                holder: "52:54:00:12:34:56".to_owned(),
            },
            NetworkState::Failed { reason: "why".to_owned() },
        ] {
            let mut status = NetworkStatus { state, ..NetworkStatus::starting(7) };
            status.interfaces.push(InterfaceFacts {
                name: "eth0".to_owned(),
                hardware_address: "52:54:00:12:34:56".to_owned(),
                has_link: true,
                is_in_use: true,
            });
            let json = serde_json::to_string(&status).expect("plain values");
            assert_eq!(serde_json::from_str::<NetworkStatus>(&json).expect("readable"), status);
        }
    }

    #[test]
    fn a_status_without_interfaces_is_readable() {
        let mut json = serde_json::to_value(NetworkStatus::starting(7)).expect("plain values");
        json.as_object_mut().expect("object").remove("interfaces");
        let status: NetworkStatus = serde_json::from_value(json).expect("readable");
        assert_eq!(status, NetworkStatus::starting(7));
    }
}
