//! Requests to web servers inside, which are relayed as they come (`relay` for short).
//!
//! ```text
//! cloud                         appliance
//!   request(web(…))        ->
//!                          <-  ready                    if the request has a body: the server is reached
//!   data, end              ->
//!                          <-  answered(…) | failed(…)
//!                          <-  data, end
//! ```
//!
//! Until `ready` the body stays in the cloud, which can still give the request to another appliance. The
//! body of the answer may begin before that of the request has ended. After an answer with `upgrade`
//! (status 101, RFC 9110, 7.8) the data of both directions are the octets of the other protocol
//! instead, such as a WebSocket; `end` says that one side sends no more of them.
//!
//! What concerns one connection only (RFC 9110, 7.6.1) stays on it: neither side sends such fields.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use model::boot_parameter::is_host_name;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::request::Failure;

/// Relayed requests that an appliance takes at once, on all connections together, beside all others: one
/// may last as long as somebody watches a page.
pub const MAX_RELAYS: u32 = 64;
/// Longest time without any octet in either direction, in seconds; then a relayed request is given up.
pub const IDLE_SECONDS: u64 = 5 * 60;
/// Fields that concern one connection only (RFC 9110, 7.6.1), and two older ones.
const HOP_BY_HOP: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Name and value of a header field. Each character of the value stands for one octet (ISO 8859-1).
pub type Field = (String, String);

/// A request to a web server inside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebRequest {
    /// Method, such as `GET`.
    pub method: String,
    /// The server.
    pub server: WebAddress,
    /// Path with its query, as they are sent: octets are not decoded.
    pub path: String,
    /// Header fields in their order, without `Host` and without those of one connection.
    pub fields: Vec<Field>,
    /// Protocol that the client wants to go on with, such as `websocket`.
    #[serde(default)]
    pub upgrade: Option<String>,
    /// Whether a body follows as data.
    #[serde(default)]
    pub has_body: bool,
}

impl WebRequest {
    /// Whether it may be sent to the server twice: a method that changes nothing (RFC 9110, 9.2.1) and
    /// nothing that follows it.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        let is_safe = matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        is_safe && !self.has_body && self.upgrade.is_none()
    }
}

/// What a web server answers, without the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebAnswer {
    /// Status, 101 or 200 to 999.
    pub status: u16,
    /// Header fields in their order, without those of one connection.
    pub fields: Vec<Field>,
    /// The protocol that is spoken from now on, with status 101.
    #[serde(default)]
    pub upgrade: Option<String>,
}

/// What an appliance says on the stream of a relayed request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FromAppliance {
    /// The server is reached: the body may come.
    Ready,
    /// What the server answers; the body of the answer follows.
    Answered(WebAnswer),
    /// The server does not answer; as of any other request, so that an appliance that knows nothing of
    /// web servers says so.
    Failed(Failure),
}

impl From<Failure> for FromAppliance {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The protocol of a web server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// As it is.
    Http,
    /// Over TLS, with a certificate that the appliance trusts.
    Https,
}

impl Scheme {
    const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The address of a web server: `http://host:port` or `https://host:port`. The host is a DNS name or an
/// IPv4 address; the appliance speaks no IPv6.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebAddress {
    scheme: Scheme,
    host: String,
    port: u16,
}

impl WebAddress {
    /// Whether it is spoken to over TLS.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// DNS name in lower case, or IPv4 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Host, and port unless it is that of the scheme: the value of `Host` (RFC 9110, 7.2).
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == self.scheme.port() {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The path of an absolute URL that leads to this server.
    #[must_use]
    pub fn path_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        let end = url.find("://").map(|index| index + 3)?;
        let length = url[end..].find(['/', '?', '#']).unwrap_or(url.len() - end);
        let (server, path) = url.split_at(end + length);
        (server.parse().as_ref() == Ok(self)).then_some(path)
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}:{}", self.scheme.name(), self.host, self.port)
    }
}

impl From<WebAddress> for String {
    fn from(address: WebAddress) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for WebAddress {
    type Error = WebAddressError;

    fn try_from(text: String) -> Result<Self, WebAddressError> {
        text.parse()
    }
}

/// Why a text is no address of a web server.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WebAddressError {
    /// It does not begin with `http://` or `https://`.
    #[error("the address must begin with http:// or https://")]
    Scheme,
    /// There is a user name or a password.
    #[error("the address must not have a user name or a password")]
    Credentials,
    /// There is a path, a query or a fragment.
    #[error("the address must end with the host or the port: paths stand in each request")]
    Path,
    /// The host is empty or malformed, or an IPv6 address.
    #[error("the host must be a DNS name or an IPv4 address")]
    Host,
    /// The port is none.
    #[error("the port must be a number from 1 to 65535")]
    Port,
    /// The host is one that no appliance connects to.
    #[error("{0}")]
    Forbidden(#[from] ForbiddenAddress),
}

impl FromStr for WebAddress {
    type Err = WebAddressError;

    fn from_str(text: &str) -> Result<Self, WebAddressError> {
        let (scheme, rest) = text.split_once("://").ok_or(WebAddressError::Scheme)?;
        let scheme = [Scheme::Http, Scheme::Https]
            .into_iter()
            .find(|it| scheme.eq_ignore_ascii_case(it.name()))
            .ok_or(WebAddressError::Scheme)?;
        if rest.contains('@') {
            return Err(WebAddressError::Credentials);
        }
        // One slash at the end says no more than none.
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return Err(WebAddressError::Path);
        }
        if rest.contains(['[', ']']) {
            return Err(WebAddressError::Host);
        }
        let (host, port) = match rest.split_once(':') {
            None => (rest, scheme.port()),
            Some((host, port)) => {
                let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
                let port = port.parse().ok().filter(|port| is_number && *port > 0);
                (host, port.ok_or(WebAddressError::Port)?)
            }
        };
        if !is_host_name(host) {
            return Err(WebAddressError::Host);
        }
        let host = host.to_ascii_lowercase();
        if host == "localhost" || host.ends_with(".localhost") {
            return Err(ForbiddenAddress::Loopback.into());
        }
        if let Ok(address) = host.parse() {
            check(address)?;
        }
        Ok(Self { scheme, host, port })
    }
}

/// An address that no appliance connects to for a relayed request, whatever the cloud asks for: it
/// leads back to the machine itself, or to no single machine of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ForbiddenAddress {
    /// 127.0.0.0/8 or `localhost` (RFC 1122, 3.2.1.3).
    #[error("loopback addresses lead to the appliance itself")]
    Loopback,
    /// 0.0.0.0/8 (RFC 1122, 3.2.1.3).
    #[error("addresses that begin with 0 lead to no other machine")]
    Unspecified,
    /// 169.254.0.0/16 (RFC 3927), where platforms answer with secrets of the machine.
    #[error("link-local addresses lead to the platform that the appliance runs on")]
    LinkLocal,
    /// 224.0.0.0/4 (RFC 5771) and all above, broadcast included.
    #[error("multicast, broadcast and reserved addresses lead to no single machine")]
    Multicast,
    /// One of the appliance's own.
    #[error("the address is the appliance's own")]
    Own,
}

/// Whether an appliance may connect to an address for a relayed request. Its own addresses it knows
/// itself.
///
/// # Errors
///
/// [`ForbiddenAddress`] says what is wrong with it.
pub const fn check(address: Ipv4Addr) -> Result<(), ForbiddenAddress> {
    match address.octets() {
        [0, ..] => Err(ForbiddenAddress::Unspecified),
        [127, ..] => Err(ForbiddenAddress::Loopback),
        [169, 254, ..] => Err(ForbiddenAddress::LinkLocal),
        [first, ..] if first >= 224 => Err(ForbiddenAddress::Multicast),
        _ => Ok(()),
    }
}

/// The fields that go on to the other end of a relay: all but those of one connection, which `Connection`
/// names beside the usual ones.
#[must_use]
pub fn end_to_end(fields: Vec<Field>) -> Vec<Field> {
    let mut dropped: Vec<String> = HOP_BY_HOP.map(str::to_owned).into();
    for (_, value) in fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("connection")) {
        dropped.extend(value.split(',').map(|word| word.trim().to_ascii_lowercase()));
    }
    let stays = |(name, _): &Field| !dropped.contains(&name.to_ascii_lowercase());
    fields.into_iter().filter(stays).collect()
}

/// A value of a header field as text.
#[must_use]
pub fn text_of(octets: &[u8]) -> String {
    octets.iter().map(|octet| char::from(*octet)).collect()
}

/// The octets of a value of a header field; `None` if a character stands for none.
#[must_use]
pub fn octets_of(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Result<String, WebAddressError> {
        text.parse::<WebAddress>().map(|address| address.to_string())
    }

    #[test]
    fn addresses_are_read_with_and_without_port() {
        for (text, full, authority) in [
            ("http://intranet", "http://intranet:80", "intranet"),
            ("HTTPS://Wiki.Example.COM/", "https://wiki.example.com:443", "wiki.example.com"),
            ("http://10.1.2.3:8080", "http://10.1.2.3:8080", "10.1.2.3:8080"),
            ("https://a.example:80", "https://a.example:80", "a.example:80"),
        ] {
            assert_eq!(parsed(text), Ok(full.to_owned()), "{text}");
            assert_eq!(text.parse::<WebAddress>().unwrap().authority(), authority);
        }
    }

    #[test]
    fn says_what_is_wrong_with_an_address() {
        for (text, error) in [
            ("", WebAddressError::Scheme),
            ("intranet.example.com", WebAddressError::Scheme),
            ("ftp://intranet", WebAddressError::Scheme),
            ("http://", WebAddressError::Host),
            ("http://a b", WebAddressError::Host),
            ("http://[::1]:80", WebAddressError::Host),
            ("http://a\r\nb", WebAddressError::Host),
            ("http://user:word@a", WebAddressError::Credentials),
            ("http://a/path", WebAddressError::Path),
            ("http://a?x", WebAddressError::Path),
            ("http://a//", WebAddressError::Path),
            ("http://a:0", WebAddressError::Port),
            ("http://a:", WebAddressError::Port),
            ("http://a:+80", WebAddressError::Port),
            ("http://a:65536", WebAddressError::Port),
            ("http://localhost", ForbiddenAddress::Loopback.into()),
            ("http://x.LOCALHOST:81", ForbiddenAddress::Loopback.into()),
            ("http://127.1.2.3", ForbiddenAddress::Loopback.into()),
            ("http://0.0.0.0", ForbiddenAddress::Unspecified.into()),
            ("http://169.254.169.254", ForbiddenAddress::LinkLocal.into()),
            ("http://224.0.0.1", ForbiddenAddress::Multicast.into()),
            ("http://255.255.255.255", ForbiddenAddress::Multicast.into()),
        ] {
            assert_eq!(parsed(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn urls_of_the_server_itself_are_told_apart() {
        let server: WebAddress = "https://wiki.example.com".parse().unwrap();
        for (url, path) in [
            ("https://wiki.example.com/a?b", Some("/a?b")),
            ("https://WIKI.example.com:443?b", Some("?b")),
            ("https://wiki.example.com", Some("")),
            ("http://wiki.example.com/a", None),
            ("https://wiki.example.com.evil/a", None),
            ("https://wiki.example.com@evil/a", None),
            ("/a", None),
            ("://", None),
        ] {
            assert_eq!(server.path_of(url), path, "{url}");
        }
    }

    #[test]
    fn fields_of_one_connection_stay_on_it() {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = vec![
            field("Accept", "*/*"),
            field("Connection", "keep-alive, X-Own"),
            field("x-own", "1"),
            field("Keep-Alive", "5"),
            field("TE", "trailers"),
            field("Transfer-Encoding", "chunked"),
            field("Upgrade", "h2c"),
            field("Cookie", "a=b"),
        ];
        assert_eq!(end_to_end(fields), [field("Accept", "*/*"), field("Cookie", "a=b")]);
    }

    #[test]
    fn only_what_changes_nothing_and_has_no_body_is_repeated() {
        let request = |method: &str, has_body, upgrade: Option<&str>| WebRequest {
            method: method.to_owned(),
            server: "http://a".parse().unwrap(),
            path: "/".to_owned(),
            fields: Vec::new(),
            upgrade: upgrade.map(str::to_owned),
            has_body,
        };
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(request(method, false, None).may_repeat());
            assert!(!request(method, true, None).may_repeat());
            assert!(!request(method, false, Some("websocket")).may_repeat());
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "get"] {
            assert!(!request(method, false, None).may_repeat(), "{method}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            if let Ok(address) = text.parse::<WebAddress>() {
                prop_assert_eq!(address.to_string().parse(), Ok(address));
            }
        }

        #[test]
        fn values_of_fields_keep_their_octets(octets: Vec<u8>) {
            prop_assert_eq!(octets_of(&text_of(&octets)), Some(octets));
        }
    }
}
