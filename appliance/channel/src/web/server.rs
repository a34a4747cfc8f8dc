//! The way to a web server: directly, and nowhere that leads back to the appliance.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use model::outbound::{FailureCause, is_private};
use outbound::{Stream, TlsPlan};
use protocol::request::{Failure, FailureKind};
use protocol::web::{ForbiddenAddress, Scheme, WebAddress, check};

use super::Relay;
use crate::dial::watch_over;
use crate::dispatch::failed;

impl Relay {
    /// Connects to a server. No proxy is asked: it is inside. Each address of a name is checked, and
    /// only those that were checked are dialled, so that DNS cannot say something else in between.
    pub(super) async fn reach(&self, server: &WebAddress) -> Result<Stream, Failure> {
        let unreachable = |cause: FailureCause| Failure {
            kind: FailureKind::Unreachable,
            detail: format!("{server} cannot be reached: {cause}"),
        };
        let dialer = self.settings.known().await.ok_or_else(|| {
            failed(FailureKind::Internal, "the settings of the appliance are not known yet")
        })?;
        let addresses = match server.host().parse() {
            Ok(address) => vec![address],
            Err(_) => dialer.resolve(server.host()).await.map_err(unreachable)?,
        };
        let refused = |error: ForbiddenAddress| Failure {
            kind: FailureKind::Refused,
            detail: format!("the appliance does not connect to {server}: {error}"),
        };
        for address in &addresses {
            self.allows(*address).map_err(refused)?;
        }
        let stream = dialer.connect(&addresses, server.port()).await.map_err(unreachable)?;
        let peer = ends(&stream).map_err(|error| {
            let detail = format!("{server} cannot be reached: {error}");
            Failure { kind: FailureKind::Unreachable, detail }
        })?;
        let peer = peer.ok_or_else(|| refused(ForbiddenAddress::Own))?;
        watch_over(&stream);
        match server.scheme() {
            Scheme::Http => Ok(Stream::Plain(stream)),
            Scheme::Https => {
                let plan = TlsPlan { server_name: None, alpn: vec![b"http/1.1".to_vec()] };
                let shaken = dialer.handshake(stream, server.host(), &plan, is_private(peer)).await;
                let shaken = shaken.map_err(|error| unreachable(error.cause))?;
                Ok(Stream::Tls(shaken.stream))
            }
        }
    }

    /// Whether an address may be dialled.
    fn allows(&self, address: Ipv4Addr) -> Result<(), ForbiddenAddress> {
        check(address)?;
        let text = address.to_string();
        if self.about.borrow().addresses.contains(&text) {
            return Err(ForbiddenAddress::Own);
        }
        Ok(())
    }
}

/// The address at the other end; `None` if it is this machine's, which the kernel knows best.
fn ends(stream: &tokio::net::TcpStream) -> io::Result<Option<Ipv4Addr>> {
    let (own, peer) = (stream.local_addr()?.ip(), stream.peer_addr()?.ip());
    Ok(match peer {
        IpAddr::V4(address) if own != peer => Some(address),
        _ => None,
    })
}
