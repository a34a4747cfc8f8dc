//! Detection of another user of an address (RFC 5227 section 2).
//!
//! Times are durations since any fixed moment of a clock that never goes back.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::packet::{ArpPacket, Operation};

/// Announcements of an address that is taken into use, and the pause between them (RFC 5227
/// section 1.1).
const ANNOUNCEMENTS: u32 = 2;
const ANNOUNCEMENT_PAUSE: Duration = Duration::from_secs(2);
/// An address is defended once in this time; who is contradicted again gives it up (RFC 5227
/// section 2.4, way b).
const DEFENCE_PAUSE: Duration = Duration::from_secs(10);
/// Pause before an address that another machine uses is probed again.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// Further pause for each unit of the last byte of the hardware address: two machines that stopped
/// each other's probes do not meet for ever.
const RETRY_STEP: Duration = Duration::from_millis(40);

/// How thoroughly to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Number of probes.
    pub probes: u32,
    /// Time for an answer to each.
    pub pause: Duration,
}

/// Before an address is used.
pub const IN_USE: Pace = Pace { probes: 2, pause: Duration::from_millis(75) };
/// When a person asks about an address and nothing waits.
pub const ASKED: Pace = Pace { probes: 3, pause: Duration::from_millis(200) };

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody else uses the address.
    Free,
    /// Another machine uses it.
    Taken {
        /// Its hardware address.
        holder: [u8; 6],
    },
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send to all stations on the link.
    Send(ArpPacket),
    /// Use the address, or use it no longer.
    Conclude(Verdict),
}

/// Watches over one address of one interface.
#[derive(Debug)]
pub struct Detection {
    address: Ipv4Addr,
    hardware_address: [u8; 6],
    /// Stations that may speak for the address.
    excused: Vec<[u8; 6]>,
    pace: Pace,
    phase: Phase,
    next: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Asking, after so many probes.
    Probing(u32),
    /// In use, after so many announcements.
    Used { announced: u32, defended: Option<Duration> },
    /// Another machine has it.
    Taken,
}

impl Detection {
    /// Begins to ask. The first probe is due at once: the first deadline is `now`.
    ///
    /// `excused` are stations that may speak for the address as well: the other cards of this
    /// machine, and whoever gave it the address. Virtual networks of clouds answer for every address
    /// of theirs by one hardware address, which is also the one of their DHCP server.
    #[must_use]
    pub const fn new(
        now: Duration,
        address: Ipv4Addr,
        hardware_address: [u8; 6],
        excused: Vec<[u8; 6]>,
        pace: Pace,
    ) -> Self {
        Self { address, hardware_address, excused, pace, phase: Phase::Probing(0), next: now }
    }

    /// The address.
    #[must_use]
    pub const fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// When [`Detection::expire`] is due; `None` = not before something is received.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let is_quiet = matches!(self.phase, Phase::Used { announced: ANNOUNCEMENTS, .. });
        (!is_quiet).then_some(self.next)
    }

    /// Asks again, such as after the cable was out. An address in use stays so meanwhile.
    pub const fn ask_again(&mut self, now: Duration) {
        self.phase = Phase::Probing(0);
        self.next = now;
    }

    /// The deadline has come.
    pub fn expire(&mut self, now: Duration) -> Vec<Action> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        match self.phase {
            Phase::Probing(sent) if sent < self.pace.probes => {
                self.phase = Phase::Probing(sent + 1);
                self.next = now + self.pace.pause;
                vec![self.request(Ipv4Addr::UNSPECIFIED)]
            }
            Phase::Probing(_) => {
                self.phase = Phase::Used { announced: 1, defended: None };
                self.next = now + ANNOUNCEMENT_PAUSE;
                vec![Action::Conclude(Verdict::Free), self.request(self.address)]
            }
            Phase::Used { announced, defended } => {
                self.phase = Phase::Used { announced: announced + 1, defended };
                self.next = now + ANNOUNCEMENT_PAUSE;
                vec![self.request(self.address)]
            }
            Phase::Taken => {
                self.ask_again(now);
                self.expire(now)
            }
        }
    }

    /// A packet has arrived. It may be anybody's.
    pub fn receive(&mut self, now: Duration, packet: &ArpPacket) -> Vec<Action> {
        let holder = packet.sender_hardware;
        let is_station = holder != [0; 6] && holder[0] & 1 == 0;
        if !is_station || holder == self.hardware_address || self.excused.contains(&holder) {
            return Vec::new();
        }
        let is_used = packet.sender == self.address;
        // Another machine is about to use the address too; neither may.
        let is_probed = packet.operation == Operation::Request
            && packet.sender.is_unspecified()
            && packet.target == self.address;
        match self.phase {
            Phase::Probing(_) if is_used || is_probed => self.give_up(now, holder),
            Phase::Used { announced, defended } if is_used => {
                if defended.is_some_and(|time| now.saturating_sub(time) < DEFENCE_PAUSE) {
                    return self.give_up(now, holder);
                }
                self.phase = Phase::Used { announced, defended: Some(now) };
                vec![self.request(self.address)]
            }
            _ => Vec::new(),
        }
    }

    fn give_up(&mut self, now: Duration, holder: [u8; 6]) -> Vec<Action> {
        self.phase = Phase::Taken;
        self.next = now + RETRY_PAUSE + RETRY_STEP * u32::from(self.hardware_address[5]);
        vec![Action::Conclude(Verdict::Taken { holder })]
    }

    /// A probe when the sender is unspecified, an announcement when it is the address.
    const fn request(&self, sender: Ipv4Addr) -> Action {
        Action::Send(ArpPacket {
            operation: Operation::Request,
            sender_hardware: self.hardware_address,
            sender,
            target_hardware: [0; 6],
            target: self.address,
        })
    }
}

#[cfg(test)]
mod tests;
