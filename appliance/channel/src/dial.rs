//! From an address to a link: the dialer, the WebSocket, the inner TLS.

use std::sync::Arc;
use std::time::Duration;

use model::channel::{CloudAddress, ConnectionRefusal, ConnectionTrouble};
use model::outbound::{Interception, Route, RouteTaken};
use model::product;
use model::proxy::ProxyLocation;
use outbound::{Target, TlsPlan};
use rustix::net::sockopt;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tracing::debug;
use tunnel::{Activity, Link, Pin, TunnelError, identity, websocket};

use crate::settings::Settings;

/// How long WebSocket and inner TLS may take together.
const HANDSHAKES: Duration = Duration::from_secs(20);
/// How long octets may be on the way without an answer of the other end's kernel.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// Silence after which the kernel asks whether the other end is there, and pause between questions:
/// boxes on the way forget connections that nobody uses.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The way that a connection takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) peer: String,
    pub(crate) proxy: Option<ProxyLocation>,
    pub(crate) interception: Option<Interception>,
}

/// A link with the cloud.
#[derive(Debug)]
pub(crate) struct Dialled {
    pub(crate) link: Link,
    pub(crate) activity: Activity,
    /// The authority that vouches for the cloud.
    pub(crate) authority: Pin,
    pub(crate) way: Way,
}

/// Why there is no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DialFailure {
    pub(crate) trouble: ConnectionTrouble,
    /// How long the cloud wants to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

impl From<ConnectionTrouble> for DialFailure {
    fn from(trouble: ConnectionTrouble) -> Self {
        Self { trouble, retry_after: None }
    }
}

/// Dials a cloud; connections with different places go to different addresses of it.
pub(crate) async fn dial(
    settings: &Settings,
    cloud: &CloudAddress,
    config: Arc<ClientConfig>,
    place: usize,
) -> Result<Dialled, DialFailure> {
    let dialer = settings.current().await.ok_or(ConnectionTrouble::SettingsUnknown)?;
    // What intercepts TLS often speaks nothing newer.
    let tls = TlsPlan { server_name: None, alpn: vec![b"http/1.1".to_vec()] };
    let target = Target { host: cloud.host().to_owned(), port: cloud.port(), tls: Some(tls) };
    let connection = dialer
        .dial_from(&target, &Route::Automatic, place)
        .await
        .map_err(|error| ConnectionTrouble::Outbound { cause: error.cause })?;
    watch_over(connection.stream.tcp());
    let way = Way {
        peer: connection.peer.to_string(),
        proxy: match connection.route {
            RouteTaken::Proxy { location, .. } => Some(location),
            RouteTaken::Direct { .. } => None,
        },
        interception: connection.interception,
    };
    let agent = format!("{}/{}", product::NAME.replace(' ', "-"), product::VERSION);
    let handshakes = async {
        let octets = websocket::connect(connection.stream, &cloud.to_string(), &agent).await?;
        let activity = octets.activity();
        let (stream, authority) = identity::connect(config, octets).await?;
        Ok((Link::dialled(stream), activity, authority))
    };
    match timeout(HANDSHAKES, handshakes).await {
        Ok(Ok((link, activity, authority))) => Ok(Dialled { link, activity, authority, way }),
        Ok(Err(error)) => Err(failure(&error)),
        Err(_) => Err(ConnectionTrouble::Silent.into()),
    }
}

/// Lets the kernel notice a dead peer, and keeps boxes on the way from forgetting the connection.
pub(crate) fn watch_over(stream: &TcpStream) {
    let millis = u32::try_from(USER_TIMEOUT.as_millis()).unwrap_or(u32::MAX);
    let outcome = sockopt::set_tcp_user_timeout(stream, millis)
        .and_then(|()| sockopt::set_tcp_keepidle(stream, KEEP_ALIVE))
        .and_then(|()| sockopt::set_tcp_keepintvl(stream, KEEP_ALIVE))
        .and_then(|()| sockopt::set_socket_keepalive(stream, true));
    if let Err(error) = outcome {
        debug!(%error, "A connection is not watched over by the kernel");
    }
}

/// What an error of the tunnel means for a person.
pub(crate) fn failure(error: &TunnelError) -> DialFailure {
    let detail = || error.to_string();
    let lost = |source: &std::io::Error| ConnectionTrouble::Lost { detail: source.to_string() };
    let trouble = match error {
        TunnelError::NoWebSocket { status: 429 | 503, retry_after } => {
            let retry_after = retry_after.map(|seconds| Duration::from_secs(seconds.into()));
            let trouble = ConnectionTrouble::Refused { reason: ConnectionRefusal::Busy };
            return DialFailure { trouble, retry_after };
        }
        TunnelError::NoWebSocket { status, .. } => {
            ConnectionTrouble::NotCloud { status: Some(*status), detail: detail() }
        }
        TunnelError::NotOurs(detail) => {
            ConnectionTrouble::NotCloud { status: None, detail: detail.clone() }
        }
        // TLS errors come in this form; all else is the connection's.
        TunnelError::Identity(source) if source.kind() == std::io::ErrorKind::InvalidData => {
            ConnectionTrouble::WrongIdentity
        }
        TunnelError::Identity(source)
        | TunnelError::WebSocket(source)
        | TunnelError::Stream(source) => lost(source),
        TunnelError::Ended(detail) => ConnectionTrouble::Lost { detail: detail.clone() },
        TunnelError::NoProtocol
        | TunnelError::OwnCertificate(_)
        | TunnelError::Frame(_)
        | TunnelError::Message
        | TunnelError::Incomplete { .. } => ConnectionTrouble::Protocol { detail: detail() },
    };
    trouble.into()
}
