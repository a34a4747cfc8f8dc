//! Where a cloud is.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::boot_parameter::is_host_name;

/// Port of HTTPS.
const HTTPS: u16 = 443;
/// Longest host name in octets (RFC 1035, 2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// Host name, or IPv4 address, and TCP port of a cloud: `cloud.example.com` or
/// `cloud.example.com:8443`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CloudAddress {
    host: String,
    port: u16,
}

/// Why a text is no address of a cloud.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CloudAddressError {
    /// No host name.
    #[error(
        "`{text}` is no host name such as cloud.example.com; give it without https:// and path"
    )]
    Host {
        /// What was given, shortened.
        text: String,
    },
    /// No port.
    #[error("`{text}` is no port; a port is a number from 1 to 65535")]
    Port {
        /// What was given, shortened.
        text: String,
    },
}

impl CloudAddress {
    /// An address of parts that are known to be right.
    ///
    /// # Errors
    ///
    /// [`CloudAddressError`] if they are not.
    pub fn new(host: &str, port: u16) -> Result<Self, CloudAddressError> {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if host.len() > MAX_HOST_BYTES || !is_host_name(&host) {
            return Err(CloudAddressError::Host { text: shortened(&host) });
        }
        if port == 0 {
            return Err(CloudAddressError::Port { text: "0".to_owned() });
        }
        Ok(Self { host, port })
    }

    /// Reads `host` or `host:port`; without a port it is 443.
    ///
    /// # Errors
    ///
    /// [`CloudAddressError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CloudAddressError> {
        let text = text.trim();
        let Some((host, port)) = text.split_once(':') else { return Self::new(text, HTTPS) };
        let is_number = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
        match port.parse() {
            Ok(port) if is_number => Self::new(host, port),
            _ if is_host_name(host) && !port.contains('/') => {
                Err(CloudAddressError::Port { text: shortened(port) })
            }
            _ => Err(CloudAddressError::Host { text: shortened(text) }),
        }
    }

    /// Host name or IPv4 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// As the field `Host` of a request has it: the port only when it is not 443.
impl fmt::Display for CloudAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.host)?;
        if self.port == HTTPS { Ok(()) } else { write!(formatter, ":{}", self.port) }
    }
}

impl TryFrom<String> for CloudAddress {
    type Error = CloudAddressError;

    fn try_from(text: String) -> Result<Self, CloudAddressError> {
        Self::parse(&text)
    }
}

impl From<CloudAddress> for String {
    fn from(address: CloudAddress) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_names_and_addresses_with_and_without_port() {
        for (text, shown) in [
            ("cloud.example.com", "cloud.example.com"),
            (" Cloud.Example.COM.:443 ", "cloud.example.com"),
            ("10.1.2.3:8443", "10.1.2.3:8443"),
        ] {
            assert_eq!(CloudAddress::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn refuses_what_could_break_a_request() {
        let host = ["", "https://cloud.example.com", "a b", "a/b", "a\r\nb", "[::1]:1", ":443"];
        for text in host {
            let error = CloudAddress::parse(text).unwrap_err();
            assert!(matches!(error, CloudAddressError::Host { .. }), "{text}: {error}");
        }
        for text in ["a:", "a:0", "a:65536", "a:+1", "a:1:2", "a:x"] {
            let error = CloudAddress::parse(text).unwrap_err();
            assert!(matches!(error, CloudAddressError::Port { .. }), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn every_address_is_read_as_written(text in "\\PC{0,40}") {
            if let Ok(address) = CloudAddress::parse(&text) {
                prop_assert_eq!(CloudAddress::parse(&address.to_string()), Ok(address));
            }
        }
    }
}
