//! Asks one DNS server one question (RFC 1035), whatever the resolver would ask.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use model::precheck::CheckCause;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::dns_message::{MAX_BYTES, question, read};

/// How long an answer is waited for before the question is sent again.
const WAIT: Duration = Duration::from_secs(2);
/// How often the question is sent: a datagram can get lost.
const TRIES: u32 = 2;

/// Asks for the addresses of a name. No address = the server works, and knows no such name.
pub(super) async fn ask(
    server: SocketAddr,
    name: &str,
    number: u16,
) -> Result<Vec<Ipv4Addr>, CheckCause> {
    let unknown = |error: io::Error| CheckCause::Unknown { reason: error.to_string() };
    let question = question(name, number).ok_or_else(|| CheckCause::Unknown {
        reason: format!("`{name}` is not a name that a DNS server can be asked for"),
    })?;
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await.map_err(unknown)?;
    socket.connect(server).await.map_err(unknown)?;
    let silent = || CheckCause::DnsSilent { limit_seconds: WAIT.as_secs() * u64::from(TRIES) };
    for _ in 0..TRIES {
        if socket.send(&question).await.is_err() {
            continue;
        }
        match timeout(WAIT, receive(&socket, &question)).await {
            Ok(Ok(answer)) => return answer.map_err(|code| CheckCause::DnsRefuses { code }),
            // The machine is there and nothing listens: asking again helps when it only restarts.
            Ok(Err(_)) => tokio::time::sleep(WAIT).await,
            Err(_) => {}
        }
    }
    Err(silent())
}

/// Waits for the answer to this question; others are dropped.
async fn receive(socket: &UdpSocket, question: &[u8]) -> io::Result<Result<Vec<Ipv4Addr>, String>> {
    let mut buffer = [0; MAX_BYTES];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if let Some(answer) = read(&buffer[..length], question) {
            return Ok(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_port_is_silence() {
        let free = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let server = free.local_addr().expect("bound");
        drop(free);
        tokio::time::pause();
        let cause = ask(server, "a.example", 0x1234).await.expect_err("nobody there");
        assert_eq!(cause, CheckCause::DnsSilent { limit_seconds: 4 });
    }
}
