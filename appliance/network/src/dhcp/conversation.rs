//! The state machine with sockets and a clock.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use sys::netlink::Link;
use sys::packet::{BROADCAST, PacketSocket, bind_to_interface};
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::client::{Action, Client, Input};
use super::lease::Lease;
use super::message::{MAX_MESSAGE_BYTES, Message};
use super::packet::{self, CLIENT_PORT, SERVER_PORT};
use crate::error::SetUpError;
use crate::readiness::register;
use crate::status::unix_now;

/// Packets that are looked at before the rest of the role has its turn.
const MAX_PACKETS: usize = 16;
/// Longest packet in bytes: the message, UDP, and IPv4 with all its options.
const MAX_PACKET_BYTES: usize = MAX_MESSAGE_BYTES + 8 + 60;

/// What the rest of the role learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A lease was given or extended; it replaces any other.
    Leased(Lease),
    /// The lease is over.
    Lost,
}

/// A DHCP client at work on one interface.
#[derive(Debug)]
pub(crate) struct Conversation {
    client: Client,
    socket: AsyncFd<PacketSocket>,
    /// Sends renewals, and keeps the kernel from telling servers that nobody listens.
    renewals: Option<UdpSocket>,
    started: Instant,
    /// The same moment in seconds since 1970.
    started_unix: i64,
}

/// Servers are being asked in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// For how long.
    pub(crate) elapsed: Duration,
    /// Since when, in seconds since 1970.
    pub(crate) since: i64,
}

impl Conversation {
    /// Opens the sockets. Nothing is sent before the link is reported.
    pub(crate) fn open(link: &Link) -> Result<Self, SetUpError> {
        let socket = PacketSocket::open(link.index)
            .map_err(|source| SetUpError::Socket { interface: link.name.clone(), source })?;
        let renewals = open_renewals(&link.name)
            .inspect_err(|error| warn!(%error, "DHCP can only broadcast"))
            .ok();
        Ok(Self {
            client: Client::new(link.hardware_address, seed()),
            socket: register(socket).map_err(SetUpError::Reactor)?,
            renewals,
            started: Instant::now(),
            started_unix: unix_now(),
        })
    }

    /// Says whether there is a link.
    pub(crate) fn set_link(&mut self, has_carrier: bool) -> Vec<Event> {
        self.handle(if has_carrier { Input::LinkUp } else { Input::LinkDown })
    }

    /// Whether there is no lease although there is a link.
    pub(crate) fn waiting(&self) -> Option<Waiting> {
        let since = self.client.waiting_since()?;
        Some(Waiting {
            elapsed: self.started.elapsed().saturating_sub(since),
            since: self.started_unix + i64::try_from(since.as_secs()).unwrap_or_default(),
        })
    }

    /// Waits until the lease changes or a deadline has come. To be dropped at any time without loss.
    pub(crate) async fn wait(&mut self) -> Vec<Event> {
        loop {
            let deadline = self.client.deadline().map(|deadline| self.started + deadline);
            let packets = tokio::select! {
                () = sleep_until(deadline) => return self.handle(Input::Timer),
                packets = receive(&self.socket) => packets,
            };
            self.discard_copies();
            let messages = packets.iter().filter_map(|packet| read(packet));
            let events: Vec<_> =
                messages.flat_map(|message| self.handle(Input::Received(&message))).collect();
            if !events.is_empty() {
                return events;
            }
        }
    }

    fn handle(&mut self, input: Input<'_>) -> Vec<Event> {
        let actions = self.client.handle(self.started.elapsed(), input);
        actions.into_iter().filter_map(|action| self.carry_out(action)).collect()
    }

    fn carry_out(&self, action: Action) -> Option<Event> {
        let sent = match action {
            Action::Apply(lease) => {
                info!(address = %lease.address, server = %lease.server, "DHCP gave a lease");
                return Some(Event::Leased(lease));
            }
            Action::Drop => {
                warn!("The DHCP lease is over");
                return Some(Event::Lost);
            }
            Action::Broadcast { source, message } => {
                let packet = packet::encode_broadcast(source, &message.encode());
                self.socket.get_ref().send(&packet, BROADCAST)
            }
            Action::Unicast { server, message } => self.send_renewal(server, &message),
        };
        if let Err(error) = sent {
            // The state machine repeats it.
            debug!(%error, "Cannot send to a DHCP server");
        }
        None
    }

    fn send_renewal(&self, server: Ipv4Addr, message: &Message) -> io::Result<()> {
        let socket = self.renewals.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        socket.send_to(&message.encode(), (server, SERVER_PORT)).map(drop)
    }

    /// Answers reach the packet socket too; these copies would only fill the queue.
    fn discard_copies(&self) {
        let mut byte = [0];
        let Some(socket) = &self.renewals else { return };
        for _ in 0..MAX_PACKETS {
            if socket.recv(&mut byte).is_err() {
                return;
            }
        }
    }
}

fn open_renewals(interface: &str) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, CLIENT_PORT))?;
    bind_to_interface(&socket, interface)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

async fn receive(socket: &AsyncFd<PacketSocket>) -> Vec<Vec<u8>> {
    let Ok(mut guard) = socket.readable().await else {
        return std::future::pending().await;
    };
    let mut packets = Vec::new();
    while packets.len() < MAX_PACKETS {
        let mut buffer = vec![0; MAX_PACKET_BYTES];
        match guard.try_io(|socket| socket.get_ref().receive(&mut buffer)) {
            Ok(Ok(length)) => {
                buffer.truncate(length);
                packets.push(buffer);
            }
            // The interface was switched off; the links tell more.
            Ok(Err(error)) => {
                debug!(%error, "Cannot receive DHCP packets");
                break;
            }
            Err(_) => break,
        }
    }
    packets
}

fn read(bytes: &[u8]) -> Option<Message> {
    let payload = packet::decode(bytes)?;
    Message::decode(payload).inspect_err(|error| debug!(%error, "Ignored a DHCP packet")).ok()
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn seed() -> u64 {
    getrandom::u64().unwrap_or_else(|error| {
        // Exchanges are told apart by hardware address and server as well.
        warn!(%error, "No random numbers for DHCP");
        std::process::id().into()
    })
}
