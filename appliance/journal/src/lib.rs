//! The log of the appliance.
//!
//! Everything that the kernel and the roles say passes through the kernel's log (PID 1 writes the lines of
//! the roles there), so there is one order of all that happened. This role reads it from standard input, where
//! PID 1 has put `/dev/kmsg`, keeps the newest records in memory, stores them on the data partition,
//! and sends them to a syslog server when one is set.
//!
//! Nothing here may hold the log up: disk and network each have a place in the memory up to which
//! they have come ([`memory`]), and what the memory forgets before they come back is counted. A full, missing or
//! read-only disk costs only what survives a restart.
//!
//! When it is on the disk: records are written once a second; they are forced to the disk (`fdatasync`) at
//! once when a warning or worse is among them, every 30 s otherwise, and when the role ends. A power cut
//! costs at most that; a record that was cut off is removed at the next start.
#![forbid(unsafe_code)]

mod collected;
mod connection;
mod error;
mod forward;
mod intake;
mod kernel_log;
mod memory;
mod read;
mod service;
mod store;
mod task;

pub use error::JournalError;
pub use forward::Pauses;
pub use task::{JournalConfig, run};
