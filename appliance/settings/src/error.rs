//! What can go wrong with stored settings.

use std::error::Error;
use std::io;

use thiserror::Error;

/// An error that ends the role; init starts it again.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The socket of the role cannot be created.
    #[error("listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// Why a file was not stored.
#[derive(Debug, Error)]
#[error("write {file}")]
pub(crate) struct WriteError {
    pub(crate) file: &'static str,
    #[source]
    pub(crate) source: io::Error,
}

/// Why a stored file is not used.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    /// The disk failed.
    #[error("read {file}")]
    Io {
        file: &'static str,
        #[source]
        source: io::Error,
    },
    /// The content is damaged or of a later release.
    #[error("use {file}")]
    Content {
        file: &'static str,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// An error with its causes in one line, for a status that a person reads.
pub(crate) fn in_one_line(error: &dyn Error) -> String {
    let mut text = format!("cannot {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&plain(error));
        cause = error.source();
    }
    text
}

/// The two causes that an administrator can do something about, in words.
fn plain(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::StorageFull) => "the disk is full".to_owned(),
        Some(io::ErrorKind::ReadOnlyFilesystem) => "the disk is read-only".to_owned(),
        _ => error.to_string(),
    }
}
