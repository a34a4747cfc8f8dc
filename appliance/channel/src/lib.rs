//! The way to the cloud: registration, and the connections that a registered appliance keeps.
//!
//! ```text
//! outbound (TCP, proxy, TLS) -> WebSocket -> inner TLS -> many streams (crate `tunnel`)
//!   first stream: control (crate `protocol`)     every other stream: a request of the cloud
//! ```
//!
//! The appliance dials and is never dialled. It makes its key itself and keeps it, with the certificate
//! that the cloud issues, in one file. A registered appliance holds [`model::channel::CONNECTIONS`]
//! connections; each is dialled again when it ends, with full jitter, and before it ends if the gateway
//! says that it stops. What the cloud asks is carried out by the other roles, within limits, and what
//! must not be done twice stands in a journal first. Requests to web servers inside go on to them directly.
//!
//! One task keeps the registration and alone writes it. Connections tell it what concerns it.
#![forbid(unsafe_code)]

mod application;
mod board;
mod by_code;
mod certificate;
mod clock;
mod context;
mod dial;
mod dispatch;
mod error;
mod instance;
mod journal;
mod keeper;
mod key;
mod operations;
mod order;
mod outbox;
mod random;
mod record;
mod renewal;
mod sealed;
mod service;
mod session;
mod settings;
mod slot;
mod store;
mod task;
mod unattended;
mod web;

pub use error::ChannelError;
pub use random::Random;
pub use task::{ChannelConfig, run};
