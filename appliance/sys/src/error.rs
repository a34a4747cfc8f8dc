//! The error of this crate.

use std::io;

use thiserror::Error;

use crate::gpt::GptError;
use crate::netlink::NetlinkError;

/// A step that the kernel refused, or that found something unusable.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SysError {
    /// A system call failed.
    #[error("cannot {operation} {object}")]
    Call {
        /// What was to be done, such as `mount`.
        operation: &'static str,
        /// To what, such as a path.
        object: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// No disk has a partition with this GUID.
    #[error("no disk has a partition {guid}")]
    NoPartition {
        /// The GUID that was looked for.
        guid: String,
    },
    /// The network could not be set up.
    #[error("cannot switch the loopback interface on")]
    Loopback(#[source] NetlinkError),
    /// The text is not a GUID.
    #[error("`{0}` is not a partition GUID")]
    NotAGuid(String),
    /// A partition table is damaged.
    #[error("the partition table of {disk} is damaged")]
    PartitionTable {
        /// Path of the disk.
        disk: String,
        /// What is wrong with it.
        source: GptError,
    },
    /// A verity table that no device can have.
    #[error("the verity table of {device} does not fit a device-mapper request")]
    VerityTable {
        /// Path of the underlying device.
        device: String,
    },
}

/// Names the step at which a call failed.
pub(crate) trait Step<T> {
    fn step(self, operation: &'static str, object: &dyn ToString) -> Result<T, SysError>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step(self, operation: &'static str, object: &dyn ToString) -> Result<T, SysError> {
        self.map_err(|error| SysError::Call {
            operation,
            object: object.to_string(),
            source: error.into(),
        })
    }
}
