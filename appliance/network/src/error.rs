//! Why the network role ends, and why it cannot set something up.

use model::error::chain;
use std::error::Error;
use std::io;

use sys::SysError;
use sys::netlink::NetlinkError;
use thiserror::Error;

/// An error that ends the role; init starts it again.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// The socket of the role cannot be created.
    #[error("listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The kernel's links cannot be followed.
    #[error("follow the links")]
    Links(#[source] NetlinkError),
    /// The reactor does not take a socket.
    #[error("wait for the links")]
    Reactor(#[source] io::Error),
}

/// A step of setting up the network that failed. It is shown, and tried again.
#[derive(Debug, Error)]
pub(crate) enum SetUpError {
    /// The kernel refused.
    #[error("set up {interface}")]
    Kernel {
        /// Name of the interface.
        interface: String,
        #[source]
        source: NetlinkError,
    },
    /// The links cannot be listed.
    #[error("list the links")]
    Links(#[source] NetlinkError),
    /// DHCP or ARP has no socket.
    #[error("open a socket for DHCP or ARP on {interface}")]
    Socket {
        /// Name of the interface.
        interface: String,
        #[source]
        source: SysError,
    },
    /// The reactor does not take the socket of DHCP or ARP.
    #[error("wait for packets")]
    Reactor(#[source] io::Error),
    /// The DNS servers cannot be written down.
    #[error("write {path}")]
    Resolver {
        /// Path of the file.
        path: String,
        #[source]
        source: io::Error,
    },
}

/// What failed with its causes in one line, for a status that a person reads.
pub(crate) fn in_one_line(error: &dyn Error) -> String {
    format!("cannot {}", chain(error))
}
