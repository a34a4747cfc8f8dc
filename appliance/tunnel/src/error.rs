//! Why there is no tunnel, or none any more.

use std::io;

use thiserror::Error;

use crate::frame::FrameError;

/// Why a tunnel cannot be built or used.
#[derive(Debug, Error)]
pub enum TunnelError {
    /// The server, or something before it, answers the request for a WebSocket with another status.
    #[error("the server answers {status} instead of opening a WebSocket")]
    NoWebSocket {
        /// HTTP status.
        status: u16,
        /// Seconds after which the server wants to be asked again.
        retry_after: Option<u32>,
    },
    /// The answer is no WebSocket's of our protocol.
    #[error("the server's answer is not that of a connector gateway: {0}")]
    NotOurs(String),
    /// The WebSocket broke.
    #[error("the WebSocket ended")]
    WebSocket(#[source] io::Error),
    /// The other side of the inner TLS is not who it has to be.
    #[error("the other side cannot prove that it is the one that is expected")]
    Identity(#[source] io::Error),
    /// The inner TLS was not agreed on.
    #[error("no common inner protocol")]
    NoProtocol,
    /// A certificate or key of our own cannot be used.
    #[error("the own certificate cannot be used")]
    OwnCertificate(#[source] rustls::Error),
    /// The link has ended.
    #[error("the link has ended: {0}")]
    Ended(String),
    /// A stream was reset or cut off.
    #[error("the stream ended early")]
    Stream(#[source] io::Error),
    /// What arrived on a stream is no frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// A message that is not the expected one. Its content stays out of the text: it may be secret.
    #[error("a message that does not belong here, or of a later version")]
    Message,
    /// Data ended with another number of octets than were sent.
    #[error("{received} octets arrived of {sent}")]
    Incomplete {
        /// Octets that the other side sent.
        sent: u64,
        /// Octets that arrived.
        received: u64,
    },
}
