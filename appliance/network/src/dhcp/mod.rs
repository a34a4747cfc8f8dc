//! The DHCP client (RFC 2131, RFC 2132).
//!
//! Codec and state machine are pure: bytes, messages and times go in, messages and leases come out.
//! [`Conversation`] joins them to sockets and the clock.

mod client;
mod conversation;
mod lease;
mod message;
mod options;
mod packet;
mod routes;

pub use client::{Action, Client, Input};
pub(crate) use conversation::{Conversation, Event};
pub use lease::{Lease, LeaseError, Times};
pub use message::{DecodeError, Direction, MAX_MESSAGE_BYTES, Message};
pub use options::{MessageType, Options};
pub use routes::{ClasslessRoute, MAX_ROUTES};
