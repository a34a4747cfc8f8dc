//! Why the role ends.

use std::io;

use thiserror::Error;

/// The role cannot work.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// The socket cannot be opened.
    #[error("listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The directory of the accounts cannot be used.
    #[error("read the machine accounts in {path}")]
    Store {
        /// Its path.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}
