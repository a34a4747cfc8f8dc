//! The detection with a socket and a clock.

use std::net::Ipv4Addr;

use sys::netlink::Link;
use sys::packet::{BROADCAST, PacketSocket};
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;
use tracing::debug;

use super::detection::{Action, Detection, Pace, Verdict};
use super::packet::{ArpPacket, PACKET_BYTES};
use crate::error::SetUpError;
use crate::readiness::register;

/// Packets that are looked at before the rest of the role has its turn.
const MAX_PACKETS: usize = 16;

/// Watches over one address on one interface.
#[derive(Debug)]
pub(crate) struct AddressWatch {
    detection: Detection,
    socket: AsyncFd<PacketSocket>,
    started: Instant,
}

impl AddressWatch {
    /// Opens the socket. The first probe goes out when the watch is waited for.
    pub(crate) fn open(
        link: &Link,
        address: Ipv4Addr,
        excused: Vec<[u8; 6]>,
        pace: Pace,
    ) -> Result<Self, SetUpError> {
        let socket = PacketSocket::open_arp(link.index, address)
            .map_err(|source| SetUpError::Socket { interface: link.name.clone(), source })?;
        let started = Instant::now();
        let detection =
            Detection::new(started.elapsed(), address, link.hardware_address, excused, pace);
        Ok(Self { detection, socket: register(socket).map_err(SetUpError::Reactor)?, started })
    }

    /// The address.
    pub(crate) const fn address(&self) -> Ipv4Addr {
        self.detection.address()
    }

    /// Asks again, because the link is a new one.
    pub(crate) fn ask_again(&mut self) {
        self.detection.ask_again(self.started.elapsed());
    }

    /// Waits until there is something new about the address. To be dropped at any time without loss.
    pub(crate) async fn wait(&mut self) -> Verdict {
        loop {
            let deadline = self.detection.deadline().map(|deadline| self.started + deadline);
            let actions = tokio::select! {
                () = sleep_until(deadline) => self.detection.expire(self.started.elapsed()),
                packets = receive(&self.socket) => {
                    let now = self.started.elapsed();
                    packets.iter().flat_map(|packet| self.detection.receive(now, packet)).collect()
                }
            };
            // Packets before the verdict: the caller may drop the watch because of it.
            let mut verdict = None;
            for action in actions {
                match action {
                    Action::Send(packet) => self.send(&packet),
                    Action::Conclude(found) => verdict = Some(found),
                }
            }
            if let Some(verdict) = verdict {
                return verdict;
            }
        }
    }

    fn send(&self, packet: &ArpPacket) {
        if let Err(error) = self.socket.get_ref().send(&packet.encode(), BROADCAST) {
            debug!(%error, "Cannot send an ARP packet");
        }
    }
}

async fn receive(socket: &AsyncFd<PacketSocket>) -> Vec<ArpPacket> {
    let Ok(mut guard) = socket.readable().await else {
        return std::future::pending().await;
    };
    let mut packets = Vec::new();
    let mut buffer = [0; PACKET_BYTES];
    for _ in 0..MAX_PACKETS {
        match guard.try_io(|socket| socket.get_ref().receive(&mut buffer)) {
            Ok(Ok((length, _))) => {
                packets.extend(ArpPacket::decode(buffer.get(..length).unwrap_or_default()));
            }
            // The interface was switched off; the links tell more.
            Ok(Err(error)) => {
                debug!(%error, "Cannot receive ARP packets");
                break;
            }
            Err(_) => break,
        }
    }
    packets
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
