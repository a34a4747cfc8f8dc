//! Links, IPv4 addresses and routes over rtnetlink (RFC 3549; Linux, `rtnetlink(7)`).
//!
//! [`RouteSocket`] asks and waits for the answer, at most [`ANSWER_TIMEOUT`]; [`LinkChanges`] tells
//! that links have changed. Messages are encoded and decoded by pure functions.

mod address;
mod link;
mod message;
mod route;
mod socket;

use crate::SysError;

pub use address::InterfaceAddress;
pub use link::Link;
pub use message::DecodeError;
pub use route::Route;
pub use socket::{ANSWER_TIMEOUT, LOOPBACK_INDEX, LinkChanges, NetlinkError, RouteSocket};

/// Switches the loopback interface on, which nothing else does.
///
/// # Errors
///
/// [`SysError::Loopback`].
pub fn switch_loopback_on() -> Result<(), SysError> {
    RouteSocket::open()
        .and_then(|mut socket| socket.set_up(LOOPBACK_INDEX))
        .map_err(SysError::Loopback)
}
