//! The error of this crate.

use std::io;

use thiserror::Error;

/// Why the role ends.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The socket of the role cannot be opened.
    #[error("cannot listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The directory of the traces cannot be used.
    #[error("cannot use the directory {path}")]
    Directory {
        /// Its path.
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
}
