//! The errors of this crate.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why the role ends.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The socket of the role cannot be opened.
    #[error("listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The kernel's log cannot be read.
    #[error("read the kernel's log")]
    KernelLog(#[source] io::Error),
    /// Signals cannot be handled.
    #[error("wait for signals")]
    Signal(#[source] io::Error),
    /// No random numbers for the name of this start.
    #[error("draw the name of this start: {0}")]
    Random(getrandom::Error),
}

/// Why records are not on the disk.
#[derive(Debug, Error)]
#[error("cannot {operation} {}", path.display())]
pub(crate) struct StoreError {
    pub(crate) operation: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

impl StoreError {
    /// The error and its cause in one line.
    pub(crate) fn in_one_line(&self) -> String {
        format!("{self}: {}", self.source)
    }

    /// Whether there was no room.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}
