//! Which `Host` a request may name.
//!
//! A page of somebody else can let its own name resolve to the appliance's address and would then be
//! "same origin" for the browser (DNS rebinding). An address cannot be rebound, and our own names
//! are ours; any other name is refused.

use std::net::{IpAddr, Ipv6Addr};

use model::network::NetworkStatus;
use thiserror::Error;

/// Longest value that is looked at, in bytes: a name has 253 at most, a port six.
const MAX_BYTES: usize = 300;

/// The host that a request names; the port does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// An address.
    Address(IpAddr),
    /// A name in lower case without the dot of the root.
    Name(String),
}

/// The value is no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the Host header is malformed")]
pub(crate) struct HostError;

impl Host {
    /// Reads the value of a `Host` header (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
    pub(crate) fn parse(value: &str) -> Result<Self, HostError> {
        if value.len() > MAX_BYTES {
            return Err(HostError);
        }
        if let Some(rest) = value.strip_prefix('[') {
            let (address, port) = rest.split_once(']').ok_or(HostError)?;
            check_port(port)?;
            let address: Ipv6Addr = address.parse().map_err(|_| HostError)?;
            return Ok(Self::Address(IpAddr::V6(address).to_canonical()));
        }
        let (name, port) = value.split_at(value.find(':').unwrap_or(value.len()));
        check_port(port)?;
        if let Ok(address) = name.parse() {
            return Ok(Self::Address(address));
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        if name.is_empty() || !name.bytes().all(is_allowed) {
            return Err(HostError);
        }
        Ok(Self::Name(name.to_ascii_lowercase()))
    }

    /// Whether the appliance answers to it.
    pub(crate) fn is_own(&self, network: Option<&NetworkStatus>) -> bool {
        let Self::Name(name) = self else {
            return true;
        };
        if name == "localhost" {
            return true;
        }
        let Some(network) = network else {
            return name == model::network::DEFAULT_HOST_NAME;
        };
        let own = network.host_name.value.to_ascii_lowercase();
        let Some(rest) = name.strip_prefix(&own) else {
            return false;
        };
        let domain = network.domain.as_ref().map(|domain| domain.value.to_ascii_lowercase());
        rest.is_empty()
            || rest.strip_prefix('.').is_some_and(|rest| {
                domain.is_some_and(|domain| domain.trim_end_matches('.') == rest)
            })
    }
}

/// Checks what follows the host: nothing, or a colon and digits.
fn check_port(text: &str) -> Result<(), HostError> {
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(()),
        Some("") => Ok(()),
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            port.parse::<u16>().map(drop).map_err(|_| HostError)
        }
        _ => Err(HostError),
    }
}

#[cfg(test)]
mod tests {
    use model::network::{Origin, Sourced};
    use proptest::prelude::*;

    use super::*;

    fn network() -> NetworkStatus {
        NetworkStatus {
            host_name: Sourced::new("Connector-1".into(), Origin::Dhcp),
            domain: Some(Sourced::new("example.com".into(), Origin::Dhcp)),
            ..NetworkStatus::starting(0)
        }
    }

    fn is_own(value: &str) -> bool {
        Host::parse(value).is_ok_and(|host| host.is_own(Some(&network())))
    }

    #[test]
    fn answers_to_addresses_and_own_names() {
        for value in [
            "192.0.2.10",
            "192.0.2.10:443",
            "203.0.113.99:8443",
            "[2001:db8::1]",
            "[::1]:443",
            "localhost",
            "localhost:10443",
            "connector-1",
            "CONNECTOR-1:443",
            "connector-1.example.com",
            "Connector-1.Example.Com.:443",
        ] {
            assert!(is_own(value), "{value}");
        }
    }

    #[test]
    fn does_not_answer_to_names_of_others() {
        for value in [
            "",
            ":443",
            "evil.example",
            "connector-1.evil.example",
            "connector-1.example.com.evil.example",
            "connector-1example.com",
            "connector-10",
            "connector",
            "localhost.evil.example",
            "192.0.2.10.evil.example",
            "192.0.2.10:443:443",
            "192.0.2.10:x",
            "192.0.2.10:99999",
            "[::1",
            "[::1]x",
            "[192.0.2.1]",
            "evil@192.0.2.10",
            "192.0.2.10/x",
            "0x7f.1",
        ] {
            assert!(!is_own(value), "{value}");
        }
        assert!(!is_own(&"a".repeat(10_000)));
    }

    #[test]
    fn answers_to_the_default_name_before_the_network_is_known() {
        assert!(Host::parse("connector").unwrap().is_own(None));
        assert!(!Host::parse("connector-1").unwrap().is_own(None));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(value in ".{0,320}") {
            let _ = Host::parse(&value).map(|host| host.is_own(Some(&network())));
        }

        #[test]
        fn any_address_and_port_is_own(address: IpAddr, port: u16) {
            let host = match address {
                IpAddr::V4(address) => format!("{address}:{port}"),
                IpAddr::V6(address) => format!("[{address}]:{port}"),
            };
            prop_assert!(is_own(&host));
        }

        #[test]
        fn other_names_are_not_own(value in "[a-z]{1,8}(\\.[a-z]{1,8}){1,4}(:[0-9]{1,4})?") {
            prop_assume!(!value.starts_with("connector-1.example.com"));
            prop_assert!(!is_own(&value));
        }
    }
}
