//! Opening a TCP connection to one of the addresses of a host.

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::time::Duration;

use model::outbound::{PLATFORM_SERVICES, RouteTrouble};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long one address is waited for before the next is tried beside it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Why no address takes the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectTrouble {
    /// No packet gets there.
    Route(RouteTrouble),
    /// The machine is there and nothing listens.
    Refused,
}

impl ConnectTrouble {
    /// How much it tells: an answer more than silence.
    const fn weight(self) -> u8 {
        match self {
            Self::Route(RouteTrouble::NoAnswer) => 0,
            Self::Route(RouteTrouble::NoRoute | RouteTrouble::UnknownProxy) => 1,
            Self::Route(RouteTrouble::Unreachable) => 2,
            Self::Route(RouteTrouble::Forbidden | RouteTrouble::PlatformService) => 3,
            Self::Refused => 4,
        }
    }
}

/// Connects to the first address that answers. They are tried in order, each next one when the one
/// before it failed or has been silent for [`STAGGER`].
///
/// The error names the address that tells most. A service of the platform is never connected to.
pub(crate) async fn connect(
    addresses: &[Ipv4Addr],
    port: u16,
    limit: Duration,
) -> Result<TcpStream, (Ipv4Addr, ConnectTrouble)> {
    if let Some(service) = addresses.iter().find(|it| PLATFORM_SERVICES.contains(it)) {
        return Err((*service, ConnectTrouble::Route(RouteTrouble::PlatformService)));
    }
    let first = addresses.first().copied().unwrap_or(Ipv4Addr::UNSPECIFIED);
    let mut worst: Option<(Ipv4Addr, ConnectTrouble)> = None;
    let race = async {
        let mut attempts = JoinSet::new();
        let mut waiting = addresses.iter().copied();
        let mut next = waiting.next();
        loop {
            if let Some(address) = next.take() {
                attempts.spawn(async move { (address, TcpStream::connect((address, port)).await) });
            }
            tokio::select! {
                ended = attempts.join_next() => match ended {
                    Some(Ok((_, Ok(stream)))) => return Some(stream),
                    Some(Ok((address, Err(error)))) => {
                        let trouble = trouble(&error);
                        if worst.is_none_or(|(_, known)| known.weight() < trouble.weight()) {
                            worst = Some((address, trouble));
                        }
                        next = waiting.next();
                    }
                    Some(Err(_)) => next = waiting.next(),
                    None => return None,
                },
                () = sleep(STAGGER), if waiting.len() > 0 => next = waiting.next(),
            }
        }
    };
    if let Ok(Some(stream)) = timeout(limit, race).await {
        // Small writes are not to wait for the answer to the one before; without it they only do.
        let _ = stream.set_nodelay(true);
        return Ok(stream);
    }
    Err(worst.unwrap_or((first, ConnectTrouble::Route(RouteTrouble::NoAnswer))))
}

fn trouble(error: &io::Error) -> ConnectTrouble {
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => ConnectTrouble::Refused,
        ErrorKind::TimedOut => ConnectTrouble::Route(RouteTrouble::NoAnswer),
        ErrorKind::PermissionDenied => ConnectTrouble::Route(RouteTrouble::Forbidden),
        ErrorKind::HostUnreachable => ConnectTrouble::Route(RouteTrouble::Unreachable),
        _ => ConnectTrouble::Route(RouteTrouble::NoRoute),
    }
}
