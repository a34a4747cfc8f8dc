//! One question to one time server.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{UdpSocket, lookup_host};
use tokio::time::timeout;

use crate::error::ServerError;
use crate::packet::{self, MAX_REPLY_BYTES, ReplyError};
use crate::sample::Sample;
use crate::system_clock::SystemClock;

/// Longest wait for a name to be resolved.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// Asks a server, an address or a host name, for its time.
pub(crate) async fn ask(
    server: &str,
    port: u16,
    clock: &dyn SystemClock,
) -> Result<Sample, ServerError> {
    let address = resolve(server, port).await?;
    let socket = UdpSocket::bind("0.0.0.0:0").await.map_err(ServerError::Unreachable)?;
    // A connected socket hears only this server, and hears when its port is closed.
    socket.connect(address).await.map_err(ServerError::Unreachable)?;
    timeout(ANSWER_LIMIT, exchange(&socket, clock)).await.map_err(|_| ServerError::Silent(port))?
}

async fn resolve(server: &str, port: u16) -> Result<SocketAddr, ServerError> {
    let mut addresses = timeout(RESOLVE_LIMIT, lookup_host((server, port)))
        .await
        .map_err(|elapsed| ServerError::Resolve(elapsed.into()))?
        .map_err(ServerError::Resolve)?;
    addresses.find(SocketAddr::is_ipv4).ok_or(ServerError::NoAddress)
}

async fn exchange(socket: &UdpSocket, clock: &dyn SystemClock) -> Result<Sample, ServerError> {
    let number = getrandom::u64().map_err(|error| ServerError::Random(error.to_string()))?;
    let left = clock.now().map_err(ServerError::Clock)?;
    socket.send(&packet::request(number)).await.map_err(ServerError::Unreachable)?;
    // One byte more than is read shows a reply that is too long.
    let mut reply = [0; MAX_REPLY_BYTES + 1];
    loop {
        let length = socket.recv(&mut reply).await.map_err(ServerError::Unreachable)?;
        let arrived = clock.now().map_err(ServerError::Clock)?;
        match packet::read(&reply[..length], number) {
            Ok(server) => return Ok(Sample::new(left, server, arrived)),
            // Late or forged: the true answer may still come.
            Err(ReplyError::Malformed | ReplyError::Unrelated) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
