//! Web proxies: where they are, and what may be entered for them.
//!
//! A proxy is named by host and port and speaks HTTP/1 in the clear; it is asked for tunnels by
//! CONNECT, with no authentication or Basic (product manual, "Connector Appliance requirements").

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::boot_parameter::is_host_name;
use crate::ipv4::{HostAddressError, check_host_address};

/// Most proxies that are kept. Each that does not answer costs a connection attempt its time limit.
pub const MAX_PROXIES: usize = 16;
/// Longest user name or password, in bytes.
pub const MAX_CREDENTIAL_BYTES: usize = 255;

/// Host and port of a proxy. Reads and shows as `host:port`, the form of the documented API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProxyLocation {
    host: String,
    port: NonZeroU16,
}

/// Why a text does not say where a proxy is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProxyLocationError {
    /// Nothing was given.
    #[error("the location of the proxy is empty")]
    Empty,
    /// `http://` or the like in front.
    #[error("the location of the proxy is given without `{scheme}://`")]
    Scheme {
        /// What stands in front of `://`.
        scheme: String,
    },
    /// User name or password before an `@`.
    #[error("the user name and password of the proxy belong into fields of their own")]
    Credentials,
    /// A path, query or fragment behind the port.
    #[error("the location of the proxy ends with its port, without a path")]
    Path,
    /// White space or control characters inside.
    #[error("the location of the proxy contains spaces")]
    Spaces,
    /// An IPv6 address, with or without brackets.
    #[error("the proxy is given by an IPv6 address, and the appliance uses IPv4 only")]
    Ipv6,
    /// No `:port` at the end.
    #[error("the location of the proxy lacks its port")]
    NoPort,
    /// The port is not a number.
    #[error("the port `{port}` of the proxy is not a number")]
    PortNotNumber {
        /// What stands there.
        port: String,
    },
    /// The port is 0 or above 65535.
    #[error("the port {port} of the proxy is not between 1 and 65535")]
    PortRange {
        /// What stands there.
        port: String,
    },
    /// A port and no host.
    #[error("the location of the proxy lacks its host")]
    NoHost,
    /// Only digits and dots, and no IPv4 address.
    #[error("the host `{host}` of the proxy is not an IPv4 address")]
    NotAnAddress {
        /// What stands there.
        host: String,
    },
    /// An address that no other machine can have.
    #[error("the address {address} of the proxy cannot be used")]
    Address {
        /// The address.
        address: Ipv4Addr,
        /// What is wrong with it.
        #[source]
        reason: HostAddressError,
    },
    /// Neither a host name nor an address.
    #[error("the host `{host}` of the proxy is not a host name")]
    NotAHost {
        /// What stands there.
        host: String,
    },
}

impl ProxyLocation {
    /// Reads `host:port`. White space around it is dropped; a host name becomes lower-case.
    ///
    /// # Errors
    ///
    /// [`ProxyLocationError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, ProxyLocationError> {
        use ProxyLocationError as Error;
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::Empty);
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(Error::Scheme { scheme: excerpt(scheme) });
        }
        if text.contains('@') {
            return Err(Error::Credentials);
        }
        if text.contains(['/', '?', '#', '\\']) {
            return Err(Error::Path);
        }
        if text.contains(|character: char| character.is_whitespace() || character.is_control()) {
            return Err(Error::Spaces);
        }
        if text.starts_with('[') || text.parse::<Ipv6Addr>().is_ok() {
            return Err(Error::Ipv6);
        }
        let Some((host, port)) = text.rsplit_once(':') else { return Err(Error::NoPort) };
        // `fe80::1:3128` reads as an address as a whole, `2001:db8:0:0:0:0:0:1:3128` up to its port.
        if host.parse::<Ipv6Addr>().is_ok() {
            return Err(Error::Ipv6);
        }
        if port.is_empty() {
            return Err(Error::NoPort);
        }
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::PortNotNumber { port: excerpt(port) });
        }
        let Ok(number) = port.parse() else {
            return Err(Error::PortRange { port: excerpt(port) });
        };
        Ok(Self { host: read_host(host)?, port: number })
    }

    /// The host: an IPv4 address or a host name in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port.get()
    }
}

fn read_host(host: &str) -> Result<String, ProxyLocationError> {
    use ProxyLocationError as Error;
    if host.is_empty() {
        return Err(Error::NoHost);
    }
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let Ok(address) = host.parse::<Ipv4Addr>() else {
            return Err(Error::NotAnAddress { host: excerpt(host) });
        };
        return match check_host_address(address) {
            // A proxy on the appliance itself does no harm, and tests have theirs there.
            Ok(()) | Err(HostAddressError::Loopback) => Ok(address.to_string()),
            Err(reason) => Err(Error::Address { address, reason }),
        };
    }
    if is_host_name(host) {
        Ok(host.to_ascii_lowercase())
    } else {
        Err(Error::NotAHost { host: excerpt(host) })
    }
}

/// The beginning of a text, for a message.
fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}

impl fmt::Display for ProxyLocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl TryFrom<String> for ProxyLocation {
    type Error = ProxyLocationError;

    fn try_from(text: String) -> Result<Self, ProxyLocationError> {
        Self::parse(&text)
    }
}

impl From<ProxyLocation> for String {
    fn from(location: ProxyLocation) -> Self {
        location.to_string()
    }
}

/// A proxy as everybody may see it: without its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyServer {
    /// UUID as text, given when the proxy is added; stays when it is changed.
    pub id: String,
    /// Where it is.
    pub location: ProxyLocation,
    /// User name for Basic authentication; `None` = no authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Whether a password is kept with the user name.
    #[serde(default)]
    pub has_password: bool,
}

/// Why user name or password of a proxy are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProxyCredentialError {
    /// Longer than [`MAX_CREDENTIAL_BYTES`].
    #[error("the user name of the proxy is longer than {MAX_CREDENTIAL_BYTES} bytes")]
    UserNameTooLong,
    /// Basic authentication ends the user name at the first colon (RFC 7617, section 2).
    #[error("the user name of the proxy contains a colon")]
    UserNameColon,
    /// Control characters (RFC 7617, section 2).
    #[error("the user name of the proxy contains control characters")]
    UserNameControl,
    /// Longer than [`MAX_CREDENTIAL_BYTES`].
    #[error("the password of the proxy is longer than {MAX_CREDENTIAL_BYTES} bytes")]
    PasswordTooLong,
    /// Control characters (RFC 7617, section 2).
    #[error("the password of the proxy contains control characters")]
    PasswordControl,
    /// A password and nobody that it belongs to.
    #[error("the password of the proxy lacks its user name")]
    PasswordWithoutUserName,
}

/// Checks what is entered for Basic authentication; empty texts mean that nothing was entered.
///
/// # Errors
///
/// [`ProxyCredentialError`].
pub fn check_credentials(user_name: &str, password: &str) -> Result<(), ProxyCredentialError> {
    use ProxyCredentialError as Error;
    if user_name.is_empty() && !password.is_empty() {
        return Err(Error::PasswordWithoutUserName);
    }
    if user_name.len() > MAX_CREDENTIAL_BYTES {
        return Err(Error::UserNameTooLong);
    }
    if user_name.contains(':') {
        return Err(Error::UserNameColon);
    }
    if user_name.contains(char::is_control) {
        return Err(Error::UserNameControl);
    }
    if password.len() > MAX_CREDENTIAL_BYTES {
        return Err(Error::PasswordTooLong);
    }
    if password.contains(char::is_control) {
        return Err(Error::PasswordControl);
    }
    Ok(())
}

/// Why a list of proxies cannot become what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProxyListError {
    /// There are [`MAX_PROXIES`] already.
    #[error("there are {MAX_PROXIES} proxies already, and no more are kept")]
    TooMany,
    /// Another entry has this location.
    #[error("the proxy {location} is there already")]
    Duplicate {
        /// The location.
        location: ProxyLocation,
    },
    /// No entry has this id.
    #[error("no proxy has the id `{id}`")]
    Unknown {
        /// The id.
        id: String,
    },
    /// A new order does not name each proxy once.
    #[error("the order does not name each proxy exactly once")]
    NotAnOrder,
}

/// Checks that a proxy at this location can be added.
///
/// # Errors
///
/// [`ProxyListError::TooMany`] or [`ProxyListError::Duplicate`].
pub fn check_addition(
    list: &[ProxyServer],
    location: &ProxyLocation,
) -> Result<(), ProxyListError> {
    if list.len() >= MAX_PROXIES {
        return Err(ProxyListError::TooMany);
    }
    check_duplicate(list, location, None)
}

/// Checks that the proxy with this id can move to this location.
///
/// # Errors
///
/// [`ProxyListError::Unknown`] or [`ProxyListError::Duplicate`].
pub fn check_change(
    list: &[ProxyServer],
    id: &str,
    location: &ProxyLocation,
) -> Result<(), ProxyListError> {
    if !list.iter().any(|proxy| proxy.id == id) {
        return Err(ProxyListError::Unknown { id: excerpt(id) });
    }
    check_duplicate(list, location, Some(id))
}

fn check_duplicate(
    list: &[ProxyServer],
    location: &ProxyLocation,
    except: Option<&str>,
) -> Result<(), ProxyListError> {
    let is_other = |proxy: &&ProxyServer| Some(proxy.id.as_str()) != except;
    if list.iter().filter(is_other).any(|proxy| proxy.location == *location) {
        return Err(ProxyListError::Duplicate { location: location.clone() });
    }
    Ok(())
}

/// Where each proxy of a list is to go: `positions[n]` is the present index of the one that becomes
/// number `n`.
///
/// # Errors
///
/// [`ProxyListError::Unknown`] for a strange id, [`ProxyListError::NotAnOrder`] when one is missing
/// or there twice.
pub fn positions(list: &[ProxyServer], ids: &[String]) -> Result<Vec<usize>, ProxyListError> {
    let mut positions = Vec::new();
    for id in ids {
        let position = list.iter().position(|proxy| proxy.id == *id);
        let position = position.ok_or_else(|| ProxyListError::Unknown { id: excerpt(id) })?;
        if positions.contains(&position) {
            return Err(ProxyListError::NotAnOrder);
        }
        positions.push(position);
    }
    if positions.len() == list.len() { Ok(positions) } else { Err(ProxyListError::NotAnOrder) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn server(id: &str, location: &str) -> ProxyServer {
        let location = ProxyLocation::parse(location).expect("valid");
        ProxyServer { id: id.into(), location, user_name: None, has_password: false }
    }

    #[test]
    fn reads_addresses_and_names() {
        for (text, host, port) in [
            ("10.71.0.80:3128", "10.71.0.80", 3128),
            (" Proxy.Example.COM:80 ", "proxy.example.com", 80),
            ("proxy:65535", "proxy", 65535),
            ("127.0.0.1:1", "127.0.0.1", 1),
            ("proxy:003128", "proxy", 3128),
        ] {
            let location = ProxyLocation::parse(text).expect(text);
            assert_eq!((location.host(), location.port()), (host, port));
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_location() {
        use ProxyLocationError as Error;
        let long = "a".repeat(400);
        for (text, error) in [
            ("", Error::Empty),
            ("  \n", Error::Empty),
            ("proxy.example.com", Error::NoPort),
            ("proxy.example.com:", Error::NoPort),
            ("proxy:0", Error::PortRange { port: "0".into() }),
            ("proxy:99999", Error::PortRange { port: "99999".into() }),
            ("proxy:http", Error::PortNotNumber { port: "http".into() }),
            ("proxy:-1", Error::PortNotNumber { port: "-1".into() }),
            ("my proxy:3128", Error::Spaces),
            ("proxy:31 28", Error::Spaces),
            ("http://proxy:3128", Error::Scheme { scheme: "http".into() }),
            ("proxy:3128/", Error::Path),
            ("proxy:3128?x", Error::Path),
            ("user:secret@proxy:3128", Error::Credentials),
            ("[2001:db8::1]:3128", Error::Ipv6),
            ("[::1]", Error::Ipv6),
            ("2001:db8::1", Error::Ipv6),
            ("2001:db8:0:0:0:0:0:1:3128", Error::Ipv6),
            (":3128", Error::NoHost),
            ("10.0.0:3128", Error::NotAnAddress { host: "10.0.0".into() }),
            ("10.0.0.256:3128", Error::NotAnAddress { host: "10.0.0.256".into() }),
            ("proxy_1:3128", Error::NotAHost { host: "proxy_1".into() }),
            ("a:b:80", Error::NotAHost { host: "a:b".into() }),
            ("プロキシ:80", Error::NotAHost { host: "プロキシ".into() }),
            (&format!("{long}:80"), Error::NotAHost { host: "a".repeat(60) }),
        ] {
            assert_eq!(ProxyLocation::parse(text), Err(error), "{text}");
        }
        for text in ["0.0.0.0:80", "224.0.0.1:80", "255.255.255.255:80", "169.254.0.7:80"] {
            let error = ProxyLocation::parse(text).expect_err(text);
            assert!(matches!(error, Error::Address { .. }), "{text}");
        }
    }

    #[test]
    fn is_text_in_json() {
        let proxy = server("1", "Proxy:80");
        let text = serde_json::to_string(&proxy).expect("serialises");
        assert_eq!(text, r#"{"id":"1","location":"proxy:80","has_password":false}"#);
        assert_eq!(serde_json::from_str::<ProxyServer>(&text).expect("reads"), proxy);
        let broken = text.replace("proxy:80", "proxy:0");
        assert!(serde_json::from_str::<ProxyServer>(&broken).is_err());
    }

    #[test]
    fn refuses_credentials_that_basic_cannot_carry() {
        use ProxyCredentialError as Error;
        let long = "a".repeat(MAX_CREDENTIAL_BYTES + 1);
        for (user_name, password, result) in [
            ("", "", Ok(())),
            ("svc", "", Ok(())),
            ("svc", "pass:word", Ok(())),
            ("ユーザー", "秘密", Ok(())),
            ("", "secret", Err(Error::PasswordWithoutUserName)),
            ("a:b", "", Err(Error::UserNameColon)),
            ("a\nb", "", Err(Error::UserNameControl)),
            ("a", "b\0", Err(Error::PasswordControl)),
            (&long, "", Err(Error::UserNameTooLong)),
            ("a", &long, Err(Error::PasswordTooLong)),
        ] {
            assert_eq!(check_credentials(user_name, password), result, "{user_name}");
        }
    }

    #[test]
    fn keeps_the_list_without_duplicates_and_short() {
        let list = [server("1", "a:80"), server("2", "b:80")];
        let location = |text| ProxyLocation::parse(text).expect("valid");
        let duplicate = || Err(ProxyListError::Duplicate { location: location("a:80") });
        assert_eq!(check_addition(&list, &location("A:80")), duplicate());
        assert_eq!(check_addition(&list, &location("a:81")), Ok(()));
        assert_eq!(check_change(&list, "1", &location("a:80")), Ok(()));
        assert_eq!(check_change(&list, "2", &location("a:80")), duplicate());
        let unknown = ProxyListError::Unknown { id: "3".into() };
        assert_eq!(check_change(&list, "3", &location("c:80")), Err(unknown));
        let full: Vec<_> =
            (1..=MAX_PROXIES).map(|port| server(&port.to_string(), &format!("a:{port}"))).collect();
        assert_eq!(check_addition(&full, &location("b:1")), Err(ProxyListError::TooMany));
    }

    #[test]
    fn an_order_names_each_proxy_once() {
        let list = [server("1", "a:80"), server("2", "b:80"), server("3", "c:80")];
        let order = |ids: &[&str]| {
            positions(&list, &ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(order(&["3", "1", "2"]), Ok(vec![2, 0, 1]));
        assert_eq!(order(&["3", "1"]), Err(ProxyListError::NotAnOrder));
        assert_eq!(order(&["3", "1", "1"]), Err(ProxyListError::NotAnOrder));
        let unknown = ProxyListError::Unknown { id: "9".into() };
        assert_eq!(order(&["3", "1", "9"]), Err(unknown));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(text in "\\PC{0,40}", port in 0..70_000_u32) {
            for text in [text.clone(), format!("{text}:{port}")] {
                if let Ok(location) = ProxyLocation::parse(&text) {
                    prop_assert_eq!(ProxyLocation::parse(&location.to_string()), Ok(location));
                }
            }
        }
    }
}
