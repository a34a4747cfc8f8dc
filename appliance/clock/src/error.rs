//! The errors of this crate.

use std::io;

use thiserror::Error;

use crate::packet::ReplyError;

/// Why the role ends.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClockError {
    /// The socket of the role cannot be opened.
    #[error("cannot listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
}

/// Why a time server gives no usable time. The texts are shown to people behind the server's name.
#[derive(Debug, Error)]
pub(crate) enum ServerError {
    #[error("its name cannot be resolved")]
    Resolve(#[source] io::Error),
    #[error("its name has no IPv4 address")]
    NoAddress,
    #[error("it cannot be reached")]
    Unreachable(#[source] io::Error),
    #[error("it does not answer on UDP port {0}")]
    Silent(u16),
    #[error(transparent)]
    Reply(#[from] ReplyError),
    #[error("there are no random numbers to ask it with: {0}")]
    Random(String),
    #[error("this clock cannot be read")]
    Clock(#[source] io::Error),
}

impl ServerError {
    /// The error and its cause in one line.
    pub(crate) fn in_one_line(&self) -> String {
        match self {
            Self::Resolve(source) | Self::Unreachable(source) | Self::Clock(source) => {
                format!("{self}: {source}")
            }
            Self::NoAddress | Self::Silent(_) | Self::Reply(_) | Self::Random(_) => {
                self.to_string()
            }
        }
    }
}
