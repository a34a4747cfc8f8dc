//! What goes wrong while driving a forest.

use std::time::Duration;

use thiserror::Error;

/// Why a step did not succeed.
#[derive(Debug, Error)]
pub enum ForestError {
    /// An operation on a file or socket failed.
    #[error("{action}")]
    Io {
        /// What was attempted, such as `open /dev/null`.
        action: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A program ended with an error.
    #[error("`{command}` failed: {said}")]
    Command {
        /// The command line.
        command: String,
        /// What it wrote, both to its output and to its error output.
        said: String,
    },
    /// Something did not happen in time.
    #[error("{what} did not happen within {} s", limit.as_secs())]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        limit: Duration,
    },
    /// The forest has no such controller.
    #[error("the forest has no controller {0}")]
    NoController(String),
}

impl ForestError {
    /// Wraps the error of an operation that is named in words.
    pub fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}
