//! Frozen: the settings as release 0.1.0 wrote and read them. It ignored members that it did not
//! know, and refused a file with a value that it did not know.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// The JSON of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How the appliance gets its address.
    pub network: Sourced<Network>,
    /// Name of the cloud deployment: 1 to 32 lower-case letters, digits or hyphens.
    #[serde(default)]
    pub deployment: Option<String>,
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody chose it.
    Default,
    /// Typed in GRUB.
    BootParameter,
    /// Offered by a DHCP server.
    Dhcp,
    /// Entered on the admin page.
    Operator,
}

/// How the appliance gets its address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Network {
    /// From DHCP.
    Automatic,
    /// As given.
    Static(StaticNetwork),
}

/// A fixed address and the servers to use with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticNetwork {
    /// Address and prefix.
    pub address: HostNet,
    /// Default gateway.
    pub gateway: Option<Ipv4Addr>,
    /// DNS servers.
    pub dns: Vec<Ipv4Addr>,
    /// NTP servers: addresses or host names.
    pub ntp: Vec<String>,
}

/// An address in its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostNet {
    /// The address.
    pub address: Ipv4Addr,
    /// Length of the prefix in bits, at most 32.
    pub prefix: u8,
}
