//! Why a test has no database.

use std::io;

use thiserror::Error;

/// Why a test has no database.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// An operation on a file or a process failed.
    #[error("{action}")]
    Io {
        /// What was attempted.
        action: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A program ended with an error, or a server before it was ready.
    #[error("`{program}` failed: {said}")]
    Program {
        /// The program.
        program: String,
        /// What it wrote.
        said: String,
    },
    /// PostgreSQL is not installed.
    #[error("no PostgreSQL in /usr/lib/postgresql; install it with `make deps`")]
    Missing,
}

impl DatabaseError {
    pub(crate) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        |source| Self::Io { action, source }
    }
}
