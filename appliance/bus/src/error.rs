//! What can go wrong on the bus.

use std::io;

use thiserror::Error;

/// A request that got no answer.
#[derive(Debug, Error)]
pub enum BusError {
    /// The other role is not there, or the connection broke.
    #[error("talk to {path}")]
    Io {
        /// Path of the socket.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The other role did not answer in time.
    #[error("no answer from {path} within {seconds} s")]
    TimedOut {
        /// Path of the socket.
        path: String,
        /// Limit in seconds.
        seconds: u64,
    },
    /// The answer is not what this release understands.
    #[error("understand the answer of {path}")]
    Answer {
        /// Path of the socket.
        path: String,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
}
