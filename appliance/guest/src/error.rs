//! The errors of this crate.

use std::io;

use model::guest::FirstSource;
use platform::XmlError;
use platform::goal_state::MAX_GOAL_STATE_BYTES;
use platform::guest::FirstSettingsError;
use platform::imds::MetadataError;
use platform::medium::MediumError;
use thiserror::Error;

/// Why the role ends.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuestError {
    /// The socket of the role cannot be opened.
    #[error("cannot listen on {path}")]
    Listen {
        /// Path of the socket.
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
}

/// Why first settings cannot be used. The texts are shown to people; none quotes a secret.
#[derive(Debug, Error)]
pub(crate) enum UnusableError {
    #[error(transparent)]
    Settings(#[from] FirstSettingsError),
    #[error("the OVF environment is {0}")]
    Environment(#[from] XmlError),
    #[error(transparent)]
    Medium(#[from] MediumError),
    #[error(transparent)]
    Metadata(#[from] MetadataError),
}

/// First settings that cannot be used, with the place where they stand.
#[derive(Debug, Error)]
#[error("{}: {error}", .source_kind.name())]
pub(crate) struct Unusable {
    pub(crate) source_kind: FirstSource,
    pub(crate) error: UnusableError,
}

/// Why a service of the cloud gave no answer.
#[derive(Debug, Error)]
pub(crate) enum ServiceError {
    #[error("{server} does not answer")]
    Silent { server: String },
    #[error("{server} answered with status {status}")]
    Status { server: String, status: u16 },
    #[error("{server} answered with more than {limit} bytes")]
    TooLarge { server: String, limit: usize },
    #[error("{server} answered with what is no HTTP")]
    Malformed { server: String },
    #[error(
        "the goal state is no XML of at most {MAX_GOAL_STATE_BYTES} bytes, or lacks parts: {0}"
    )]
    GoalState(XmlError),
}
