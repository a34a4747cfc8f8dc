//! Whether another machine uses an address (RFC 826, RFC 5227).
//!
//! Codec and detection are pure: packets and times go in, packets and verdicts come out.
//! [`AddressWatch`] joins them to a socket and the clock.
//!
//! RFC 5227 spends four to seven seconds on probes before an address is used. Nobody who starts the
//! appliance is to wait for that, and stations on an Ethernet answer within milliseconds. So there
//! are two probes within [`IN_USE`]'s 150 ms, and whoever did not hear them is noticed later: ARP
//! packets are watched for as long as the address is in use, and a new link is probed again.

mod check;
mod detection;
mod packet;
mod watch;

pub(crate) use check::{Segment, check};
pub use detection::{ASKED, Action, Detection, IN_USE, Pace, Verdict};
pub use packet::{ArpPacket, Operation};
pub(crate) use watch::AddressWatch;
