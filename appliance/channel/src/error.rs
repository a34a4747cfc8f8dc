//! Why the role ends.

use std::io;

use thiserror::Error;

/// The role cannot work.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// The socket cannot be opened.
    #[error("listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The directory of the role cannot be used.
    #[error("read the registration in {path}")]
    Store {
        /// Its path.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}
