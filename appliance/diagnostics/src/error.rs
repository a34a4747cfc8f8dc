//! Why the role ends.

use std::io;

use thiserror::Error;

/// The role cannot work.
#[derive(Debug, Error)]
pub enum DiagnosticsError {
    /// The socket cannot be opened.
    #[error("listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}
