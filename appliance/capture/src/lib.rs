//! TCP capture: records the TCP packets of this machine into a `.pcap` file and says what is in it.
//!
//! One trace at a time. The kernel filters and writes into a ring that it shares with the process
//! ([`sys::packet_ring`]); a thread copies block by block into the file and gathers the summary on the
//! way. The packet socket is opened by PID 1: the role has no capability. It answers on the bus
//! ([`bus::CaptureRequest`]), by whose answers the file leaves the role, as a descriptor.
//!
//! Every interface but loopback is recorded, in both directions. Packets are recorded as the network
//! card hands them over or takes them, so they may be longer than the MTU.
#![forbid(unsafe_code)]

mod error;
pub mod filter;
mod flow;
mod keeper;
pub mod pcap;
mod recorder;
mod resolve;
pub mod segment;
mod service;
mod store;
pub mod summary;
mod task;

pub use error::CaptureError;
pub use task::{CaptureConfig, run};
