//! TCP packets that pass the appliance's network card at an even pace. They are for an address that
//! nobody has, so that a trace records them and nothing answers.

use std::io::IoSlice;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use harness::HarnessError;
use harness::disk::run;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, sendmsg, socket,
};

use crate::site::Place;

/// An address of nobody, whose packets go to the appliance's card.
const NOBODY: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 200);
/// Between two bursts.
const PAUSE: Duration = Duration::from_millis(10);
/// Content of a packet: with the headers 1400 bytes.
const CONTENT_BYTES: usize = 1346;
/// Source port, destination port, numbers, 20 bytes of header, ACK, a window, no checksum.
const HEADER: [u8; 20] = [4, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0];

/// The sender.
#[derive(Debug)]
pub(crate) struct Traffic {
    socket: OwnedFd,
    per_burst: u32,
    has_ended: AtomicBool,
}

impl Traffic {
    /// Prepares a sender in the namespace of this thread.
    pub(crate) fn to(place: &Place) -> Result<Self, HarnessError> {
        place.own_card(NOBODY)?;
        let flags = SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Tcp)
            .map_err(|error| HarnessError::io("open a raw socket")(error.into()))?;
        let bursts = u32::try_from(Duration::from_secs(1).as_nanos() / PAUSE.as_nanos());
        let per_burst = place.packets_per_second / bursts.unwrap_or(1);
        Ok(Self { socket, per_burst, has_ended: AtomicBool::new(false) })
    }

    /// Sends until it is stopped.
    pub(crate) fn flow(&self) {
        let address = SockaddrIn::from(SocketAddrV4::new(NOBODY, 0));
        let packet: Vec<u8> = HEADER.into_iter().chain([0x2a; CONTENT_BYTES]).collect();
        let mut next = Instant::now();
        while !self.has_ended.load(Ordering::Relaxed) {
            for _ in 0..self.per_burst {
                let pieces = [IoSlice::new(&packet)];
                let flags = MsgFlags::MSG_DONTWAIT;
                // What finds no room is not sent; the pace is what counts.
                let _ = sendmsg(self.socket.as_raw_fd(), &pieces, &[], flags, Some(&address));
            }
            next += PAUSE;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }

    pub(crate) fn stop(&self) {
        self.has_ended.store(true, Ordering::Relaxed);
    }
}

/// Makes packets for an address go to a card without asking who has it.
pub(crate) fn lead(
    namespace: &str,
    address: Ipv4Addr,
    card: &str,
    device: &str,
) -> Result<(), HarnessError> {
    let arguments = format!("neigh replace {address} lladdr {card} nud permanent dev {device}");
    run(std::process::Command::new("ip").args(["-n", namespace]).args(arguments.split(' ')))
        .map(drop)
}
