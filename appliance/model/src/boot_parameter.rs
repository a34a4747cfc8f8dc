//! The boot parameter `network=`, typed at the end of the `linux` line in GRUB.
//!
//! Documented forms: `network=dhcp` and
//! `network=static:ip=<address>;netmask=<mask>;route=<gateway>;dns=<a>,<b>;ntp=<a>,<b>`.
//! What people really type is accepted too: a prefix length as mask (`netmask=24` or
//! `ip=10.0.0.5/24`), quotes around the parameter, `\;` instead of `;`, a final `;`.

use std::net::Ipv4Addr;

use thiserror::Error;

use crate::command_line;
use crate::ipv4::{self, HostAddressError, HostNet, MaskError, PrefixLength};
use crate::network::{MAX_SERVERS, NetworkSettings, StaticNetwork};

/// Name of the parameter.
pub const NAME: &str = "network";
/// The documented text of the static form, for help texts.
pub const STATIC_EXAMPLE: &str = "network=static:ip=...;netmask=...;route=...;dns=...;ntp=...";

/// Why a `network=` parameter is not used. The texts are shown on the console.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BootParameterError {
    /// The parameter stands on the line more than once.
    #[error("network= stands on the line {0} times; give it once")]
    Repeated(usize),
    /// Neither `dhcp` nor `static:`.
    #[error("it must be network=dhcp or network=static:ip=...;netmask=...")]
    UnknownMethod,
    /// A part without `=`.
    #[error("\"{0}\" is not of the form name=value")]
    NotAPair(String),
    /// A key other than ip, netmask, route, dns, ntp.
    #[error("\"{0}\" is unknown; the names are ip, netmask, route, dns and ntp")]
    UnknownKey(String),
    /// A key given twice.
    #[error("{0} is given twice")]
    DuplicateKey(&'static str),
    /// A key that must be there.
    #[error("{0} is missing")]
    MissingKey(&'static str),
    /// A value that is no IPv4 address.
    #[error("{key}: \"{value}\" is not an IPv4 address such as 10.0.0.5")]
    NotAnAddress {
        /// The key.
        key: &'static str,
        /// What was given.
        value: String,
    },
    /// A value that is neither an address nor a host name.
    #[error("ntp: \"{0}\" is neither an IPv4 address nor a host name")]
    NotAServer(String),
    /// An address that no host can have.
    #[error("{key}: {address} cannot be used: {reason}")]
    UnusableAddress {
        /// The key.
        key: &'static str,
        /// What was given.
        address: Ipv4Addr,
        /// Why not.
        reason: HostAddressError,
    },
    /// A mask that is none.
    #[error("netmask: {0}")]
    Mask(MaskError),
    /// The network or broadcast address of the subnet.
    #[error("ip: {0} is the network or broadcast address of its subnet")]
    NotAHost(HostNet),
    /// A gateway in another subnet.
    #[error("route: {gateway} is not in the subnet of {address}")]
    GatewayOffSubnet {
        /// The gateway.
        gateway: Ipv4Addr,
        /// The address.
        address: HostNet,
    },
    /// The gateway is the appliance itself.
    #[error("route: {0} is the address of the appliance itself")]
    GatewayIsSelf(Ipv4Addr),
    /// More servers than are kept.
    #[error("{0}: more than 8 servers")]
    TooManyServers(&'static str),
}

/// The network settings on a kernel command line; `None` without the parameter.
///
/// # Errors
///
/// [`BootParameterError`]; the caller keeps the previous settings and shows the reason.
pub fn from_command_line(line: &str) -> Option<Result<NetworkSettings, BootParameterError>> {
    let values: Vec<_> = command_line::values(line, NAME).collect();
    match values.as_slice() {
        [] => None,
        [value] => Some(parse(value)),
        several => Some(Err(BootParameterError::Repeated(several.len()))),
    }
}

/// The parameter as it stands on the command line, for showing beside an error.
#[must_use]
pub fn text_on(line: &str) -> String {
    command_line::values(line, NAME)
        .map(|value| format!("{NAME}={value}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads the value of the parameter: the text after `network=`.
///
/// # Errors
///
/// [`BootParameterError`] names the part that is wrong.
pub fn parse(value: &str) -> Result<NetworkSettings, BootParameterError> {
    let value = value.trim_matches(['"', '\'']).replace('\\', "");
    if value.eq_ignore_ascii_case("dhcp") {
        return Ok(NetworkSettings::Automatic);
    }
    let pairs = value.strip_prefix("static:").ok_or(BootParameterError::UnknownMethod)?;
    Parts::read(pairs)?.check().map(NetworkSettings::Static)
}

/// Writes network settings in the documented form: what [`parse`] reads.
#[must_use]
pub fn format(settings: &NetworkSettings) -> String {
    let NetworkSettings::Static(fixed) = settings else {
        return "network=dhcp".to_owned();
    };
    let StaticNetwork { address, gateway, dns, ntp } = fixed;
    let mut text =
        format!("network=static:ip={};netmask={}", address.address, address.prefix.mask());
    if let Some(gateway) = gateway {
        text.push_str(&format!(";route={gateway}"));
    }
    if !dns.is_empty() {
        let list: Vec<_> = dns.iter().map(Ipv4Addr::to_string).collect();
        text.push_str(&format!(";dns={}", list.join(",")));
    }
    if !ntp.is_empty() {
        text.push_str(&format!(";ntp={}", ntp.join(",")));
    }
    text
}

/// The pairs of the static form, each at most once.
#[derive(Default)]
struct Parts<'a> {
    ip: Option<&'a str>,
    netmask: Option<&'a str>,
    route: Option<&'a str>,
    dns: Option<&'a str>,
    ntp: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn read(pairs: &'a str) -> Result<Self, BootParameterError> {
        let mut parts = Self::default();
        for pair in pairs.split(';').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| BootParameterError::NotAPair(pair.to_owned()))?;
            let (place, key) = match key {
                "ip" => (&mut parts.ip, "ip"),
                "netmask" => (&mut parts.netmask, "netmask"),
                "route" => (&mut parts.route, "route"),
                "dns" => (&mut parts.dns, "dns"),
                "ntp" => (&mut parts.ntp, "ntp"),
                other => return Err(BootParameterError::UnknownKey(other.to_owned())),
            };
            if place.replace(value).is_some() {
                return Err(BootParameterError::DuplicateKey(key));
            }
        }
        Ok(parts)
    }

    fn check(&self) -> Result<StaticNetwork, BootParameterError> {
        let ip = self.ip.ok_or(BootParameterError::MissingKey("ip"))?;
        let (ip, mask) = match (ip.split_once('/'), self.netmask) {
            (Some(_), Some(_)) => return Err(BootParameterError::DuplicateKey("netmask")),
            (Some((ip, prefix)), None) => (ip, prefix),
            (None, Some(mask)) => (ip, mask),
            (None, None) => return Err(BootParameterError::MissingKey("netmask")),
        };
        let prefix = PrefixLength::parse(mask).map_err(BootParameterError::Mask)?;
        let address = HostNet { address: host_address("ip", ip)?, prefix };
        let is_edge =
            address.address == address.network() || address.address == address.broadcast();
        if prefix.bits() < 31 && is_edge {
            return Err(BootParameterError::NotAHost(address));
        }
        let gateway = self.route.map(|route| check_gateway(route, address)).transpose()?;
        let dns = servers("dns", self.dns)?
            .map(|server| host_address("dns", server))
            .collect::<Result<Vec<_>, _>>()?;
        let ntp = servers("ntp", self.ntp)?.map(time_server).collect::<Result<Vec<_>, _>>()?;
        Ok(StaticNetwork { address, gateway, dns, ntp })
    }
}

fn host_address(key: &'static str, value: &str) -> Result<Ipv4Addr, BootParameterError> {
    let address = value
        .parse()
        .map_err(|_| BootParameterError::NotAnAddress { key, value: value.to_owned() })?;
    ipv4::check_host_address(address).map_err(|reason| BootParameterError::UnusableAddress {
        key,
        address,
        reason,
    })?;
    Ok(address)
}

fn check_gateway(route: &str, address: HostNet) -> Result<Ipv4Addr, BootParameterError> {
    let gateway = host_address("route", route)?;
    if gateway == address.address {
        return Err(BootParameterError::GatewayIsSelf(gateway));
    }
    // Google Cloud gives a /32 address with a gateway outside of it.
    if address.prefix.bits() < 32 && !address.contains(gateway) {
        return Err(BootParameterError::GatewayOffSubnet { gateway, address });
    }
    Ok(gateway)
}

fn servers<'a>(
    key: &'static str,
    list: Option<&'a str>,
) -> Result<impl Iterator<Item = &'a str> + use<'a>, BootParameterError> {
    let list = list.unwrap_or_default();
    if list.split(',').count() > MAX_SERVERS {
        return Err(BootParameterError::TooManyServers(key));
    }
    Ok(list.split(',').filter(|server| !server.is_empty()))
}

fn time_server(server: &str) -> Result<String, BootParameterError> {
    let looks_like_address = server.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if looks_like_address {
        return host_address("ntp", server).map(|address| address.to_string());
    }
    if is_host_name(server) {
        Ok(server.to_ascii_lowercase())
    } else {
        Err(BootParameterError::NotAServer(server.to_owned()))
    }
}

/// Whether a text is a host name or a domain name: RFC 1123 section 2.1, at most 253 bytes.
#[must_use]
pub fn is_host_name(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Whether a text is one label of a host name: 1 to 63 letters, digits and inner hyphens.
#[must_use]
pub fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DOCUMENTED: &str = "static:ip=10.0.2.77;netmask=255.255.255.0;route=10.0.2.2;dns=10.0.2.3,8.8.8.8;ntp=10.0.2.4,10.0.2.5";

    fn documented() -> StaticNetwork {
        StaticNetwork {
            address: HostNet {
                address: [10, 0, 2, 77].into(),
                prefix: PrefixLength::new(24).expect("valid"),
            },
            gateway: Some([10, 0, 2, 2].into()),
            dns: vec![[10, 0, 2, 3].into(), [8, 8, 8, 8].into()],
            ntp: vec!["10.0.2.4".into(), "10.0.2.5".into()],
        }
    }

    #[test]
    fn reads_the_documented_forms() {
        assert_eq!(parse("dhcp"), Ok(NetworkSettings::Automatic));
        assert_eq!(parse(DOCUMENTED), Ok(NetworkSettings::Static(documented())));
    }

    #[test]
    fn reads_what_people_type_instead() {
        let escaped = DOCUMENTED.replace(';', "\\;");
        let quoted = format!("\"{DOCUMENTED}\"");
        let short = DOCUMENTED.replace("255.255.255.0", "24") + ";";
        let cidr = DOCUMENTED.replace(";netmask=255.255.255.0", "/24");
        for text in [escaped, quoted, short, cidr] {
            assert_eq!(parse(&text), Ok(NetworkSettings::Static(documented())), "{text}");
        }
        let line = format!("ro quiet \"network={DOCUMENTED}\"");
        assert_eq!(from_command_line(&line), Some(Ok(NetworkSettings::Static(documented()))));
    }

    #[test]
    fn says_what_is_wrong_in_plain_words() {
        for (value, message) in [
            ("", "it must be network=dhcp or network=static:ip=...;netmask=..."),
            ("dhcpx", "it must be network=dhcp or network=static:ip=...;netmask=..."),
            ("static:", "ip is missing"),
            ("static:ip=10.0.0.5", "netmask is missing"),
            ("static:ip=10.0.0.5;netmask", "\"netmask\" is not of the form name=value"),
            (
                "static:ip=10.0.0.5;netmask=24;gw=1",
                "\"gw\" is unknown; the names are ip, netmask, route, dns and ntp",
            ),
            ("static:ip=10.0.0.5;ip=10.0.0.6", "ip is given twice"),
            ("static:ip=10.0.0.5/24;netmask=24", "netmask is given twice"),
            (
                "static:ip=10.0.0.256;netmask=24",
                "ip: \"10.0.0.256\" is not an IPv4 address such as 10.0.0.5",
            ),
            (
                "static:ip=127.0.0.1;netmask=8",
                "ip: 127.0.0.1 cannot be used: 127.x.x.x is the machine itself",
            ),
            (
                "static:ip=10.0.0.5;netmask=255.0.255.0",
                "netmask: the mask has a hole: its one bits must all come first, as in 255.255.255.0",
            ),
            (
                "static:ip=10.0.0.255;netmask=24",
                "ip: 10.0.0.255/24 is the network or broadcast address of its subnet",
            ),
            (
                "static:ip=10.0.0.5;netmask=24;route=10.0.1.1",
                "route: 10.0.1.1 is not in the subnet of 10.0.0.5/24",
            ),
            (
                "static:ip=10.0.0.5;netmask=24;route=10.0.0.5",
                "route: 10.0.0.5 is the address of the appliance itself",
            ),
            (
                "static:ip=10.0.0.5;netmask=24;dns=x",
                "dns: \"x\" is not an IPv4 address such as 10.0.0.5",
            ),
            (
                "static:ip=10.0.0.5;netmask=24;ntp=-x",
                "ntp: \"-x\" is neither an IPv4 address nor a host name",
            ),
            ("static:ip=10.0.0.5;netmask=24;dns=1,2,3,4,5,6,7,8,9", "dns: more than 8 servers"),
            (
                "static:ip=169.254.64.1;netmask=24",
                "ip: 169.254.64.1 cannot be used: it lies in 169.254.64.0/18, which the appliance keeps for itself",
            ),
        ] {
            assert_eq!(parse(value).expect_err(value).to_string(), message);
        }
    }

    #[test]
    fn refuses_a_repeated_parameter() {
        let error =
            from_command_line("network=dhcp network=dhcp").expect("given").expect_err("refused");
        assert_eq!(error.to_string(), "network= stands on the line 2 times; give it once");
        assert_eq!(from_command_line("ro quiet networks=x"), None);
    }

    #[test]
    fn allows_a_gateway_outside_of_a_single_address() {
        assert!(parse("static:ip=10.128.0.5;netmask=32;route=10.128.0.1").is_ok());
    }

    proptest! {
        #[test]
        fn parses_what_it_formats(
            octets in (1u8..100, any::<u8>(), any::<u8>(), 1u8..200),
            bits in 8u8..=22,
            dns in proptest::collection::vec((1u8..100, any::<u8>()), 0..8),
        ) {
            let address = HostNet {
                address: Ipv4Addr::new(octets.0, octets.1, octets.2, octets.3),
                prefix: PrefixLength::new(bits).expect("in range"),
            };
            let settings = NetworkSettings::Static(StaticNetwork {
                address,
                gateway: None,
                dns: dns.into_iter().map(|(a, b)| Ipv4Addr::new(a, 0, b, 1)).collect(),
                ntp: vec!["ntp1.example.com".to_owned()],
            });
            prop_assert_eq!(from_command_line(&format(&settings)), Some(Ok(settings)));
        }

        #[test]
        fn never_panics(value in ".*") {
            let _ = parse(&value);
            let _ = parse(&format!("static:{value}"));
        }
    }
}
