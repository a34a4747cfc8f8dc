//! Outgoing connections: which way they take, and the nine causes of their failure.
//!
//! The dialer (crate `outbound`) makes the connections; the words for each cause, with its next step
//! and in both languages, stand in `webui`.

mod addresses;

use std::net::Ipv4Addr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::addresses::{METADATA, PLATFORM_SERVICES, PRIVATE_RANGES, WIRE_SERVER, is_private};

use crate::bypass::BypassRule;
use crate::fingerprint::Fingerprint;
use crate::proxy::ProxyLocation;
use crate::secret::Secret;

/// Everything that the dialer needs to know of the settings. Only for the roles that dial: it holds
/// passwords.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OutboundSettings {
    /// The proxies in the order in which they are tried.
    pub proxies: Vec<ProxyAccess>,
    /// What is contacted directly although there are proxies.
    pub bypass: Vec<BypassRule>,
    /// Added root certificate authorities, PEM, one certificate each.
    pub roots: Vec<String>,
}

/// A proxy with what it takes to use it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProxyAccess {
    /// UUID as text.
    pub id: String,
    /// Where it is.
    pub location: ProxyLocation,
    /// User name for Basic authentication; `None` = no authentication.
    #[serde(default)]
    pub user_name: Option<String>,
    /// Its password; `None` = the empty one.
    #[serde(default)]
    pub password: Option<Secret>,
}

/// The way that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "route", rename_all = "snake_case")]
pub enum Route {
    /// As the settings say.
    #[default]
    Automatic,
    /// Without proxy, whatever the settings say.
    Direct,
    /// Through exactly this proxy, whatever the settings say.
    Through {
        /// Id of the proxy.
        id: String,
    },
}

/// The way that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "taken", rename_all = "snake_case")]
pub enum RouteTaken {
    /// Without proxy.
    Direct {
        /// Why.
        reason: DirectReason,
    },
    /// Through a proxy.
    Proxy {
        /// Its id.
        id: String,
        /// Where it is.
        location: ProxyLocation,
    },
}

/// Why no proxy was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum DirectReason {
    /// Whoever asked wanted it so.
    Chosen,
    /// There are no proxies.
    NoProxies,
    /// The appliance itself: 127.0.0.0/8 or `localhost`.
    Loopback,
    /// 169.254.0.0/16, which ends at the next router: cloud platforms answer there.
    LinkLocal,
    /// One of the [`PRIVATE_RANGES`].
    Private,
    /// A rule of the bypass list.
    Bypass {
        /// Which.
        rule: BypassRule,
    },
}

/// The step of a connection that failed or was timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Resolving the name of the server, or that of the proxy.
    Resolve,
    /// Opening the TCP connection to the server, or to the proxy.
    Connect,
    /// Asking the proxy for a tunnel.
    Proxy,
    /// The TLS handshake with the server.
    Tls,
}

/// How long each step took; `None` = it was not needed, or not reached. The step that failed counts
/// until it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTimes {
    /// [`Step::Resolve`].
    pub resolve: Option<Duration>,
    /// [`Step::Connect`].
    pub connect: Option<Duration>,
    /// [`Step::Proxy`].
    pub proxy: Option<Duration>,
    /// [`Step::Tls`].
    pub tls: Option<Duration>,
}

impl StepTimes {
    /// Sets the time of a step; a step that is repeated with the next proxy counts with its last
    /// time.
    pub const fn set(&mut self, step: Step, time: Duration) {
        let place = match step {
            Step::Resolve => &mut self.resolve,
            Step::Connect => &mut self.connect,
            Step::Proxy => &mut self.proxy,
            Step::Tls => &mut self.tls,
        };
        *place = Some(time);
    }
}

/// Somebody between the appliance and the server reads along: the server's certificate was issued by
/// an added root certificate authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interception {
    /// Subject of the added root certificate authority.
    pub issuer: String,
    /// SHA-256 of its certificate.
    pub fingerprint: Fingerprint,
}

/// Where the chain of a server's certificate ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "anchor", rename_all = "snake_case")]
pub enum TrustAnchor {
    /// A public authority, built in.
    Public,
    /// An added root certificate authority.
    Added {
        /// Its subject.
        subject: String,
        /// SHA-256 of its certificate.
        fingerprint: Fingerprint,
    },
}

/// What is known of a proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProxyState {
    /// Not yet checked.
    #[default]
    Unknown,
    /// It answers, and takes what is known of user name and password.
    Reachable {
        /// How long the check took, in milliseconds.
        milliseconds: u64,
        /// A 5xx status with which it answered: mostly about the server that it was asked for, such
        /// as one that does not exist.
        beyond: Option<FailureCause>,
    },
    /// It cannot be used.
    Unreachable {
        /// Why.
        cause: FailureCause,
    },
}

/// Why a connection failed: nine causes, each with a next step of its own.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum FailureCause {
    /// No packet reaches the server.
    #[error("no route to {address}: {reason}")]
    NoRoute {
        /// The server; the first of its addresses that were tried.
        address: Ipv4Addr,
        /// What showed it.
        reason: RouteTrouble,
    },
    /// The name of the server does not resolve. Names of servers behind a proxy are not resolved
    /// here; see [`Self::ProxyRefused`].
    #[error("the name {name} does not resolve: {reason}")]
    DnsFailed {
        /// The name.
        name: String,
        /// What showed it.
        reason: DnsTrouble,
    },
    /// The proxy does not answer as a proxy.
    #[error("the proxy {proxy} is not reachable: {reason}")]
    ProxyUnreachable {
        /// The proxy.
        proxy: ProxyLocation,
        /// What showed it.
        reason: ProxyTrouble,
    },
    /// The proxy wants to know who asks (status 407).
    #[error("the proxy {proxy} requires authentication by {}{}", join(schemes),
        if *credentials_sent { ", and did not take what was sent" } else { "" })]
    ProxyAuthenticationRequired {
        /// The proxy.
        proxy: ProxyLocation,
        /// The schemes that it offers, as it writes them, such as `NTLM`; may be empty.
        schemes: Vec<String>,
        /// Whether user name and password were sent.
        credentials_sent: bool,
    },
    /// The proxy answered, and not with a tunnel.
    #[error("the proxy {proxy} refused with status {status}{}", in_parentheses(detail.as_deref()))]
    ProxyRefused {
        /// The proxy.
        proxy: ProxyLocation,
        /// Its HTTP status, 100 to 999.
        status: u16,
        /// What it said about it: `Proxy-Status` (RFC 9209), `X-Squid-Error`, or the reason phrase.
        detail: Option<String>,
    },
    /// The server's certificate was made by somebody who sits between, and whom nobody trusts here.
    #[error("TLS is intercepted by {issuer}, which is not trusted")]
    TlsIntercepted {
        /// Subject of the authority that made it.
        issuer: String,
        /// SHA-256 of the highest certificate that was presented.
        fingerprint: Fingerprint,
        /// Whether that certificate is the authority's own, so that an administrator can compare
        /// it; otherwise it is the server's.
        is_authority: bool,
    },
    /// The server's certificate does not hold.
    #[error("the certificate of the server is not trusted: {reason}")]
    TlsUntrusted {
        /// What is wrong with it.
        reason: CertificateTrouble,
        /// Its subject.
        subject: String,
        /// Its issuer.
        issuer: String,
        /// SHA-256 of the server's certificate.
        fingerprint: Fingerprint,
    },
    /// The certificate is fine and the clock of the appliance is not.
    #[error(
        "the clock is wrong: it says {now} s, and the certificate of the server is valid from {not_before} s to {not_after} s after 1970"
    )]
    ClockWrong {
        /// What the clock says, in seconds since 1970.
        now: i64,
        /// Start of validity of the certificate that shows it, in seconds since 1970.
        not_before: i64,
        /// End of its validity.
        not_after: i64,
    },
    /// The server is there and does not want to talk.
    #[error("the server refused: {reason}")]
    ServerRefused {
        /// How.
        reason: Refusal,
    },
}

impl FailureCause {
    /// Language-neutral identifier of the cause.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::NoRoute { .. } => "outbound.no-route",
            Self::DnsFailed { .. } => "outbound.dns-failed",
            Self::ProxyUnreachable { .. } => "outbound.proxy-unreachable",
            Self::ProxyAuthenticationRequired { .. } => "outbound.proxy-authentication",
            Self::ProxyRefused { .. } => "outbound.proxy-refused",
            Self::TlsIntercepted { .. } => "outbound.tls-intercepted",
            Self::TlsUntrusted { .. } => "outbound.tls-untrusted",
            Self::ClockWrong { .. } => "outbound.clock-wrong",
            Self::ServerRefused { .. } => "outbound.server-refused",
        }
    }

    /// Whether the next proxy of the list is to be tried.
    ///
    /// It is when this one does not work (unreachable, closes, drips, speaks no HTTP), does not know
    /// the appliance (407), or has trouble itself (5xx). A proxy that forbids (other statuses)
    /// has spoken: its rule is not to be got round by asking another. What happens behind a tunnel
    /// would happen behind the next as well.
    #[must_use]
    pub const fn tries_next_proxy(&self) -> bool {
        match self {
            Self::ProxyUnreachable { .. } | Self::ProxyAuthenticationRequired { .. } => true,
            Self::ProxyRefused { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// How much the cause tells when several proxies failed: an answer more than silence.
    #[must_use]
    pub const fn weight(&self) -> u8 {
        match self {
            Self::ProxyUnreachable { .. } => 0,
            Self::ProxyRefused { .. } => 1,
            Self::ProxyAuthenticationRequired { .. } => 2,
            _ => 3,
        }
    }
}

/// What showed that there is no way to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteTrouble {
    /// The appliance has no address or no gateway for it.
    #[error("the appliance has no way there")]
    NoRoute,
    /// A router or the neighbour's silence says that it is not there.
    #[error("it cannot be reached from here")]
    Unreachable,
    /// Nothing comes back: it is off, or a firewall drops the packets.
    #[error("nothing answers")]
    NoAnswer,
    /// A firewall forbids it, on the way or here.
    #[error("a firewall forbids it")]
    Forbidden,
    /// It was to go through a proxy that the settings no longer have.
    #[error("the proxy that was asked for is not in the settings")]
    UnknownProxy,
    /// It is one of [`PLATFORM_SERVICES`].
    #[error("it is a service of the platform, which is asked for nobody")]
    PlatformService,
}

/// What showed that a name does not resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DnsTrouble {
    /// The servers say that the name does not exist.
    #[error("the name does not exist")]
    NotFound,
    /// The name has no IPv4 address.
    #[error("the name has no IPv4 address")]
    NoAddress,
    /// No server answers, or none can.
    #[error("no DNS server gives an answer")]
    NoAnswer,
}

/// What showed that a proxy is not reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "trouble", content = "reason", rename_all = "snake_case")]
pub enum ProxyTrouble {
    /// Its name does not resolve.
    #[error("{0}")]
    Dns(DnsTrouble),
    /// No packet reaches it.
    #[error("{0}")]
    Route(RouteTrouble),
    /// Nothing listens on its port.
    #[error("it refuses connections")]
    Refused,
    /// It ends the connection before its answer is complete.
    #[error("it closes the connection")]
    Closed,
    /// It takes longer for its answer than it may, whether it is silent or drips.
    #[error("its answer does not come to an end in time")]
    Slow,
    /// What it says is no HTTP.
    #[error("it does not speak HTTP")]
    NotHttp,
    /// The head of its answer is longer than it may be.
    #[error("its answer is too long")]
    TooLong,
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "trouble", rename_all = "snake_case")]
pub enum CertificateTrouble {
    /// It is for other names.
    #[error("it is not for {name}")]
    WrongName {
        /// The name that was wanted.
        name: String,
        /// The names that it is for, at most 20.
        names: Vec<String>,
    },
    /// It, or an authority above it, has expired.
    #[error("it expired at {not_after} s after 1970")]
    Expired {
        /// End of validity, in seconds since 1970.
        not_after: i64,
    },
    /// It is its own issuer.
    #[error("it is self-signed")]
    SelfSigned,
    /// It was issued by an authority that is not known here, which need not be an interceptor: the
    /// server is in a private range.
    #[error("its authority is not known")]
    UnknownAuthority,
    /// The server does not send the certificates between its own and a public authority.
    #[error("the server does not send its whole chain")]
    IncompleteChain,
    /// Its signature, or that of the handshake, is wrong or of a kind that is not taken.
    #[error("its signature does not hold")]
    Signature,
    /// It may not be used by servers, or an authority in its chain may not issue it.
    #[error("it may not be used for this")]
    Usage,
    /// It, or one of its chain, cannot be read.
    #[error("it cannot be read")]
    Malformed,
}

/// How a server refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// Nothing listens on the port.
    #[error("nothing listens on the port")]
    Refused,
    /// It breaks the connection off.
    #[error("it broke the connection off")]
    Reset,
    /// It closes the connection before TLS stands.
    #[error("it closed the connection")]
    Closed,
    /// It does not come to an end with TLS.
    #[error("it does not answer the TLS handshake in time")]
    NoAnswer,
    /// It sends a TLS alert.
    #[error("it sent the TLS alert {alert}")]
    Alert {
        /// Name of the alert in RFC 8446, section 6, such as `handshake_failure`.
        alert: String,
    },
    /// It speaks TLS 1.1 or older only, or shares no cipher.
    #[error("it offers no version or cipher of TLS that is still safe")]
    OldTls,
    /// What it says is no TLS.
    #[error("it does not speak TLS")]
    NotTls,
    /// It answers with an HTTP status. For those who speak HTTP over the connection.
    #[error("it answered with status {status}")]
    Status {
        /// The status, 100 to 999.
        status: u16,
    },
}

fn join(schemes: &[String]) -> String {
    if schemes.is_empty() { "no scheme that it names".to_owned() } else { schemes.join(", ") }
}

fn in_parentheses(detail: Option<&str>) -> String {
    detail.map(|detail| format!(" ({detail})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn proxy() -> ProxyLocation {
        ProxyLocation::parse("proxy:3128").expect("valid")
    }

    fn each_cause() -> [FailureCause; 9] {
        let fingerprint = Fingerprint::new(&[1, 2]);
        let address = Ipv4Addr::new(192, 0, 2, 1);
        [
            FailureCause::NoRoute { address, reason: RouteTrouble::NoAnswer },
            FailureCause::DnsFailed { name: "a.test".into(), reason: DnsTrouble::NotFound },
            FailureCause::ProxyUnreachable {
                proxy: proxy(),
                reason: ProxyTrouble::Dns(DnsTrouble::NoAnswer),
            },
            FailureCause::ProxyAuthenticationRequired {
                proxy: proxy(),
                schemes: vec!["NTLM".into(), "Negotiate".into()],
                credentials_sent: true,
            },
            FailureCause::ProxyRefused { proxy: proxy(), status: 403, detail: None },
            FailureCause::TlsIntercepted {
                issuer: "CN=Inspection".into(),
                fingerprint: fingerprint.clone(),
                is_authority: true,
            },
            FailureCause::TlsUntrusted {
                reason: CertificateTrouble::Expired { not_after: 7 },
                subject: "CN=a".into(),
                issuer: "CN=b".into(),
                fingerprint,
            },
            FailureCause::ClockWrong { now: 0, not_before: 1, not_after: 2 },
            FailureCause::ServerRefused { reason: Refusal::Status { status: 503 } },
        ]
    }

    #[test]
    fn nine_causes_have_nine_identifiers_and_survive_json() {
        let identifiers: BTreeSet<_> = each_cause().iter().map(FailureCause::id).collect();
        assert_eq!(identifiers.len(), 9);
        for cause in each_cause() {
            let text = serde_json::to_string(&cause).expect("serialises");
            assert_eq!(serde_json::from_str::<FailureCause>(&text).expect("reads"), cause);
        }
    }

    #[test]
    fn says_causes_in_words() {
        let texts = each_cause().map(|cause| cause.to_string());
        assert_eq!(texts[0], "no route to 192.0.2.1: nothing answers");
        assert_eq!(
            texts[3],
            "the proxy proxy:3128 requires authentication by NTLM, Negotiate, and did not take what \
             was sent"
        );
        assert_eq!(texts[4], "the proxy proxy:3128 refused with status 403");
    }

    #[test]
    fn the_next_proxy_is_tried_only_where_this_one_does_not_work() {
        let tries = each_cause().map(|cause| cause.tries_next_proxy());
        assert_eq!(tries, [false, false, true, true, false, false, false, false, false]);
        let refused = |status| FailureCause::ProxyRefused { proxy: proxy(), status, detail: None };
        assert!(refused(503).tries_next_proxy() && !refused(403).tries_next_proxy());
    }

    #[test]
    fn passwords_do_not_show() {
        let password = Some(Secret::new("hunter2".into()));
        let access = ProxyAccess {
            id: "1".into(),
            location: proxy(),
            user_name: Some("svc".into()),
            password,
        };
        assert!(!format!("{access:?}").contains("hunter2"));
    }
}
