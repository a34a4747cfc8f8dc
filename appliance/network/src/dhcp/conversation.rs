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
use super::lease::{Lease, LeaseError};
use super::message::{MAX_MESSAGE_BYTES, Message};
use super::packet::{self, CLIENT_PORT, SERVER_PORT};
use model::error::chain;

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
    Leased(Box<Lease>),
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
    /// The station that sent the frame with the last lease: the server, or a router before it.
    giver: Option<[u8; 6]>,
    /// Options of the last lease that were not taken, as last logged.
    ignored: Vec<u8>,
    /// As last logged.
    unusable: Option<LeaseError>,
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
        let socket = PacketSocket::open_dhcp(link.index)
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
            giver: None,
            ignored: Vec::new(),
            unusable: None,
        })
    }

    /// Says whether there is a link.
    pub(crate) fn set_link(&mut self, has_carrier: bool) -> Vec<Event> {
        self.handle(if has_carrier { Input::LinkUp } else { Input::LinkDown })
    }

    /// Says that another machine uses the address of the lease.
    pub(crate) fn decline(&mut self) -> Vec<Event> {
        self.handle(Input::Taken)
    }

    /// The station from which the last lease came.
    pub(crate) const fn giver(&self) -> Option<[u8; 6]> {
        self.giver
    }

    /// What is wrong with the offers of a server, when there is no lease because of it.
    pub(crate) const fn unusable_offer(&self) -> Option<LeaseError> {
        self.client.unusable_offer()
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
            let mut events = Vec::new();
            for (packet, station) in packets {
                let Some(message) = read(&packet) else { continue };
                let new = self.handle(Input::Received(&message));
                if new.iter().any(|event| matches!(event, Event::Leased(_))) {
                    self.giver = Some(station);
                }
                events.extend(new);
            }
            self.log_unusable();
            if !events.is_empty() {
                return events;
            }
        }
    }

    /// Says once what is wrong with the offers.
    fn log_unusable(&mut self) {
        let unusable = self.client.unusable_offer();
        if let Some(error) = unusable.filter(|_| unusable != self.unusable) {
            warn!(error = chain(&error), "A DHCP server offers what cannot be used");
        }
        self.unusable = unusable;
    }

    fn handle(&mut self, input: Input<'_>) -> Vec<Event> {
        let actions = self.client.handle(self.started.elapsed(), input);
        actions.into_iter().filter_map(|action| self.carry_out(action)).collect()
    }

    fn carry_out(&mut self, action: Action) -> Option<Event> {
        let sent = match action {
            Action::Apply(lease) => {
                info!(address = %lease.address, server = %lease.server, "DHCP gave a lease");
                if !lease.ignored.is_empty() && lease.ignored != self.ignored {
                    let options = &lease.ignored;
                    warn!(?options, "Some values of the DHCP server make no sense");
                }
                self.ignored.clone_from(&lease.ignored);
                return Some(Event::Leased(Box::new(lease)));
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

/// Packets and the stations that sent them.
async fn receive(socket: &AsyncFd<PacketSocket>) -> Vec<(Vec<u8>, [u8; 6])> {
    let Ok(mut guard) = socket.readable().await else {
        return std::future::pending().await;
    };
    let mut packets = Vec::new();
    while packets.len() < MAX_PACKETS {
        let mut buffer = vec![0; MAX_PACKET_BYTES];
        match guard.try_io(|socket| socket.get_ref().receive(&mut buffer)) {
            Ok(Ok((length, station))) => {
                buffer.truncate(length);
                packets.push((buffer, station));
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
