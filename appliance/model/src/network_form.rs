//! Network settings as somebody typed them, on the page or through its API, and what is wrong with
//! them. Both ask the same questions in the same order.

use std::net::Ipv4Addr;

use thiserror::Error;

use crate::boot_parameter::{is_host_name, is_label};
use crate::ipv4::{self, HostAddressError, HostNet, MaskError, PrefixLength};
use crate::network::{MAX_SERVERS, NetworkSettings, Origin, Sourced, StaticNetwork};
use crate::settings::NetworkChoice;

/// Longest host name that the kernel takes, in bytes (`utsname`).
pub const MAX_HOST_NAME_BYTES: usize = 64;

/// How the appliance is to get its address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// *Obtain IP address automatically*: from DHCP.
    #[default]
    Automatic,
    /// *Configure your own network settings*.
    Static,
}

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkForm {
    /// How the appliance is to get its address. What follows is looked at for [`Method::Static`] only,
    /// except the host name.
    pub method: Method,
    /// IP address.
    pub address: String,
    /// Subnet mask, dotted or as prefix length.
    pub mask: String,
    /// Default gateway; empty = none.
    pub gateway: String,
    /// DNS servers; empty rows do not count.
    pub dns: Vec<String>,
    /// NTP servers; empty rows do not count.
    pub ntp: Vec<String>,
    /// Host name; empty = the one from DHCP, or the default.
    pub host_name: String,
}

/// A field of the form. Rows are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkField {
    /// IP address.
    Address,
    /// Subnet mask.
    Mask,
    /// Default gateway.
    Gateway,
    /// A DNS server.
    Dns(usize),
    /// An NTP server.
    Ntp(usize),
    /// Host name.
    HostName,
}

/// What is wrong with a field. The texts complete the sentence that begins with the field's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetworkProblem {
    /// It is empty and must not be.
    #[error("is missing")]
    Missing,
    /// It is no IPv4 address.
    #[error("is not an IPv4 address such as 10.0.0.5")]
    NotAnAddress,
    /// It is an address that no host can have.
    #[error("cannot be used: {0}")]
    Unusable(HostAddressError),
    /// It is no mask.
    #[error("cannot be used: {0}")]
    Mask(MaskError),
    /// It is the address of the network itself.
    #[error("is the address of the network {0} itself, not of a machine in it")]
    NetworkAddress(HostNet),
    /// It is the broadcast address of the network.
    #[error("is the broadcast address of the network {0}")]
    BroadcastAddress(HostNet),
    /// The gateway is in another network.
    #[error("is not in {network}, the network of the IP address")]
    OffSubnet {
        /// The network of the address.
        network: HostNet,
        /// What was meant, perhaps: the same last part in the right network.
        suggestion: Option<Ipv4Addr>,
    },
    /// The gateway is the appliance itself.
    #[error("is the address of the appliance itself")]
    IsOwnAddress,
    /// It is neither an address nor a host name.
    #[error("is neither an IPv4 address nor a host name")]
    NotAServer,
    /// The same server stands further up.
    #[error("stands in the list already")]
    Duplicate,
    /// The list is too long.
    #[error("is one more than the {MAX_SERVERS} servers that are kept")]
    TooMany,
    /// It is no host name.
    #[error(
        "is not a host name: letters, digits and inner hyphens, parts of at most 63 characters with dots between them, {MAX_HOST_NAME_BYTES} in all"
    )]
    NotAHostName,
    /// Another machine has the address.
    #[error("is in use by another machine ({holder})")]
    Taken {
        /// Its hardware address.
        holder: String,
    },
    /// The time server does not give a usable answer.
    #[error("gives no usable time: {reason}")]
    NoTime {
        /// What happened instead.
        reason: String,
    },
}

impl NetworkProblem {
    /// A name for programs.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotAnAddress => "notAnAddress",
            Self::Unusable(HostAddressError::Unspecified) => "unspecified",
            Self::Unusable(HostAddressError::Loopback) => "loopback",
            Self::Unusable(HostAddressError::NotUnicast) => "notUnicast",
            Self::Unusable(HostAddressError::Reserved(_)) => "reserved",
            Self::Mask(MaskError::Unreadable) => "notAMask",
            Self::Mask(MaskError::Hole) => "maskWithHole",
            Self::NetworkAddress(_) => "networkAddress",
            Self::BroadcastAddress(_) => "broadcastAddress",
            Self::OffSubnet { .. } => "offSubnet",
            Self::IsOwnAddress => "ownAddress",
            Self::NotAServer => "notAServer",
            Self::Duplicate => "duplicate",
            Self::TooMany => "tooMany",
            Self::NotAHostName => "notAHostName",
            Self::Taken { .. } => "taken",
            Self::NoTime { .. } => "noTime",
        }
    }
}

/// A field to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Which.
    pub field: NetworkField,
    /// What is wrong.
    pub problem: NetworkProblem,
}

impl NetworkForm {
    /// The form for settings that are in use.
    #[must_use]
    pub fn of(choice: &NetworkChoice) -> Self {
        let chosen = choice.host_name.as_ref();
        let host_name = chosen.map(|name| name.value.clone()).unwrap_or_default();
        match &choice.network.value {
            NetworkSettings::Automatic => Self { host_name, ..Self::default() },
            NetworkSettings::Static(fixed) => Self {
                method: Method::Static,
                address: fixed.address.address.to_string(),
                mask: fixed.address.prefix.mask().to_string(),
                gateway: fixed.gateway.map(|gateway| gateway.to_string()).unwrap_or_default(),
                dns: fixed.dns.iter().map(Ipv4Addr::to_string).collect(),
                ntp: fixed.ntp.clone(),
                host_name,
            },
        }
    }

    /// Reads the form.
    ///
    /// # Errors
    ///
    /// Every field to correct, in the order of the form; at most one problem for each.
    pub fn check(&self) -> Result<NetworkChoice, Vec<FieldProblem>> {
        let mut reading = Reading::default();
        let network = match self.method {
            Method::Automatic => Some(NetworkSettings::Automatic),
            Method::Static => self.check_static(&mut reading).map(NetworkSettings::Static),
        };
        let name = self.host_name.trim();
        if !name.is_empty() && !is_name_of_host(name) {
            reading.note(NetworkField::HostName, NetworkProblem::NotAHostName);
        }
        match network {
            Some(network) if reading.0.is_empty() => Ok(NetworkChoice {
                network: Sourced::new(network, Origin::Operator),
                host_name: (!name.is_empty())
                    .then(|| Sourced::new(name.to_ascii_lowercase(), Origin::Operator)),
            }),
            _ => Err(reading.0),
        }
    }

    fn check_static(&self, reading: &mut Reading) -> Option<StaticNetwork> {
        let address =
            reading.take(NetworkField::Address, required(&self.address).and_then(host_address));
        let prefix = reading.take(NetworkField::Mask, required(&self.mask).and_then(prefix));
        let address = address.zip(prefix).and_then(|(address, prefix)| {
            let address = HostNet { address, prefix };
            reading.take(NetworkField::Address, is_host(address).map(|()| address))
        });
        let gateway = match self.gateway.trim() {
            "" => Some(None),
            text => {
                let checked = host_address(text).and_then(|gateway| match address {
                    Some(address) => check_gateway(gateway, address),
                    None => Ok(gateway),
                });
                reading.take(NetworkField::Gateway, checked).map(Some)
            }
        };
        let dns = servers(&self.dns, NetworkField::Dns, host_address, reading);
        let ntp = servers(&self.ntp, NetworkField::Ntp, time_server, reading);
        Some(StaticNetwork { address: address?, gateway: gateway?, dns, ntp })
    }
}

/// The problems so far.
#[derive(Default)]
struct Reading(Vec<FieldProblem>);

impl Reading {
    fn note(&mut self, field: NetworkField, problem: NetworkProblem) {
        self.0.push(FieldProblem { field, problem });
    }

    fn take<T>(&mut self, field: NetworkField, value: Result<T, NetworkProblem>) -> Option<T> {
        value.map_err(|problem| self.note(field, problem)).ok()
    }
}

fn required(text: &str) -> Result<&str, NetworkProblem> {
    let text = text.trim();
    if text.is_empty() { Err(NetworkProblem::Missing) } else { Ok(text) }
}

fn host_address(text: &str) -> Result<Ipv4Addr, NetworkProblem> {
    let address = text.parse().map_err(|_| NetworkProblem::NotAnAddress)?;
    ipv4::check_host_address(address).map_err(NetworkProblem::Unusable)?;
    Ok(address)
}

fn prefix(text: &str) -> Result<PrefixLength, NetworkProblem> {
    let prefix = PrefixLength::parse(text).map_err(NetworkProblem::Mask)?;
    // A network without a prefix is every address there is.
    if prefix.bits() == 0 { Err(NetworkProblem::Mask(MaskError::Unreadable)) } else { Ok(prefix) }
}

/// A network of 31 or 32 bits has neither network nor broadcast address (RFC 3021).
fn is_host(address: HostNet) -> Result<(), NetworkProblem> {
    let network = network_of(address);
    match address.address {
        _ if address.prefix.bits() >= 31 => Ok(()),
        host if host == network.address => Err(NetworkProblem::NetworkAddress(network)),
        host if host == network.broadcast() => Err(NetworkProblem::BroadcastAddress(network)),
        _ => Ok(()),
    }
}

fn network_of(address: HostNet) -> HostNet {
    HostNet { address: address.network(), prefix: address.prefix }
}

fn check_gateway(gateway: Ipv4Addr, address: HostNet) -> Result<Ipv4Addr, NetworkProblem> {
    if gateway == address.address {
        return Err(NetworkProblem::IsOwnAddress);
    }
    // Google Cloud gives a /32 address with a gateway outside of it.
    if address.prefix.bits() == 32 {
        return Ok(gateway);
    }
    let network = network_of(address);
    if !address.contains(gateway) {
        let suggestion = suggested_gateway(gateway, address);
        return Err(NetworkProblem::OffSubnet { network, suggestion });
    }
    is_host(HostNet { address: gateway, prefix: address.prefix })?;
    Ok(gateway)
}

/// The host part that was typed, in the network of the address.
fn suggested_gateway(gateway: Ipv4Addr, address: HostNet) -> Option<Ipv4Addr> {
    let mask = u32::from(address.prefix.mask());
    let meant = Ipv4Addr::from(u32::from(address.network()) | (u32::from(gateway) & !mask));
    let is_usable = meant != address.address
        && is_host(HostNet { address: meant, prefix: address.prefix }).is_ok()
        && ipv4::check_host_address(meant).is_ok();
    is_usable.then_some(meant)
}

fn servers<T: PartialEq>(
    rows: &[String],
    field: fn(usize) -> NetworkField,
    read: fn(&str) -> Result<T, NetworkProblem>,
    reading: &mut Reading,
) -> Vec<T> {
    let mut servers = Vec::new();
    for (row, text) in rows.iter().enumerate() {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let Some(server) = reading.take(field(row), read(text)) else { continue };
        if servers.contains(&server) {
            reading.note(field(row), NetworkProblem::Duplicate);
        } else if servers.len() == MAX_SERVERS {
            reading.note(field(row), NetworkProblem::TooMany);
            break;
        } else {
            servers.push(server);
        }
    }
    servers
}

/// An address or a host name, in the form in which two of the same are equal.
fn time_server(text: &str) -> Result<String, NetworkProblem> {
    let looks_like_address = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if looks_like_address {
        return host_address(text).map(|address| address.to_string());
    }
    if is_host_name(text) { Ok(text.to_ascii_lowercase()) } else { Err(NetworkProblem::NotAServer) }
}

/// Whether a text can be the appliance's host name. A name of digits alone would be taken for an address
/// (RFC 1123, section 2.1).
#[must_use]
pub fn is_name_of_host(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= MAX_HOST_NAME_BYTES
        && name.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
