//! The clock of the appliance.
//!
//! The role asks every time server that the network role knows (RFC 4330, SNTP version 4), follows
//! the best of the majority that agrees, and says to the other roles whether the clock can be relied
//! on. It never sets the clock to a time before the release was made ([`model::product::RELEASED`]),
//! whoever asks for it. Without time servers the clock is the hypervisor's.
//!
//! Answers from the network are not trusted: each must repeat a random number, and one server that
//! lies is outvoted as soon as there are three.
#![forbid(unsafe_code)]

mod discipline;
mod error;
mod exchange;
pub mod packet;
mod sample;
mod service;
mod system_clock;
mod task;
mod trust;

pub use error::ClockError;
pub use system_clock::{KernelClock, SystemClock};
pub use task::{ClockConfig, run};
