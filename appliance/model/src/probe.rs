//! The network probe: one connection to a target, followed step by step.
//!
//! What is asked for ([`ProbeRequest`], made from what somebody typed by [`ProbeForm::check`]) and
//! what came of it ([`ProbeReport`]). The diagnostics role carries it out; page and REST interface
//! show the same report.

mod form;
mod report;

pub use form::{ProbeField, ProbeFieldProblem, ProbeForm, ProbeProblem, RouteChoice, TargetError};
pub use report::{
    ChainCertificate, Echoes, ProbeFailure, ProbeOutcome, ProbeReport, ProbeState, ProbeStep,
    StepDetail, StepKind, StepState, TlsFacts,
};

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::outbound::Route;

/// Longest host name that is taken as a target, in bytes (RFC 1035, section 2.3.4, as text).
pub const MAX_TARGET_BYTES: usize = 253;
/// Longest path of an HTTP or HTTPS probe, in bytes.
pub const MAX_PATH_BYTES: usize = 1024;
/// How many echo requests an ICMP probe sends.
pub const ECHO_COUNT: u32 = 4;
/// How long a probe may take in all, in seconds. What is not done by then is given up.
pub const PROBE_LIMIT_SECONDS: u64 = 60;

/// What the probe speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// Echo requests (`ping`). Never through a proxy.
    Icmp,
    /// Opens a TCP connection and closes it.
    #[default]
    Tcp,
    /// TCP, then a TLS handshake.
    Tls,
    /// TCP, then one `GET` in clear text.
    Http,
    /// TCP, TLS, then one `GET`.
    Https,
}

impl ProbeKind {
    /// Every kind, in the order in which the page lists them.
    pub const ALL: [Self; 5] = [Self::Icmp, Self::Tcp, Self::Tls, Self::Http, Self::Https];

    /// Its name for programs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Icmp => "icmp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// The port when none is given; `None` = it must be given, or there is none.
    #[must_use]
    pub const fn default_port(self) -> Option<u16> {
        match self {
            Self::Icmp | Self::Tcp => None,
            Self::Http => Some(80),
            Self::Tls | Self::Https => Some(443),
        }
    }

    /// Whether it asks for a path.
    #[must_use]
    pub const fn has_path(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// Whether it makes a TLS handshake with the target.
    #[must_use]
    pub const fn has_tls(self) -> bool {
        matches!(self, Self::Tls | Self::Https)
    }
}

/// Host name or address of a target.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeTarget {
    /// An address.
    Address(Ipv4Addr),
    /// A name, in lower case, without a dot at its end.
    Name(String),
}

impl fmt::Display for ProbeTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

/// A probe to carry out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeRequest {
    /// What it speaks.
    pub kind: ProbeKind,
    /// Whom it asks.
    pub target: ProbeTarget,
    /// TCP port; `None` for [`ProbeKind::Icmp`] only.
    pub port: Option<u16>,
    /// Path and query of the `GET`; `/` for kinds without one.
    pub path: String,
    /// How it leaves: `CONNECT` for TCP, TLS and HTTPS through a proxy, a plain proxy request for HTTP.
    /// Always direct for ICMP.
    pub route: Route,
    /// Whether everything that the appliance sends and receives over TCP meanwhile is recorded.
    pub with_capture: bool,
}

impl fmt::Display for ProbeRequest {
    /// As a URL, such as `https://gateway.example.com:8443/status`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.kind.id(), self.target)?;
        if let Some(port) = self.port.filter(|port| Some(*port) != self.kind.default_port()) {
            write!(formatter, ":{port}")?;
        }
        if self.kind.has_path() { formatter.write_str(&self.path) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_their_names() {
        for kind in ProbeKind::ALL {
            assert_eq!(ProbeKind::from_id(kind.id()), Some(kind));
        }
        assert_eq!(ProbeKind::from_id("udp"), None);
    }

    #[test]
    fn a_request_reads_like_a_url() {
        let request = |kind, port, path: &str| ProbeRequest {
            kind,
            target: ProbeTarget::Name("a.example".to_owned()),
            port,
            path: path.to_owned(),
            route: Route::Direct,
            with_capture: false,
        };
        for (request, text) in [
            (request(ProbeKind::Https, Some(443), "/x?y"), "https://a.example/x?y"),
            (request(ProbeKind::Http, Some(8080), "/"), "http://a.example:8080/"),
            (request(ProbeKind::Tcp, Some(389), "/"), "tcp://a.example:389"),
            (request(ProbeKind::Icmp, None, "/"), "icmp://a.example"),
        ] {
            assert_eq!(request.to_string(), text);
        }
    }
}
