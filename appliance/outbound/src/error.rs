//! Why a dialer cannot be made.

use thiserror::Error;

/// The settings hold something that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutboundError {
    /// An added root certificate authority cannot be read.
    #[error("the added root certificate authority {number} cannot be read")]
    Root {
        /// Which of the list, from 1.
        number: usize,
    },
}
