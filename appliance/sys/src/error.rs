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
    /// A disk is smaller than its partition table says.
    #[error(
        "the disk {disk} has {} and its partitions take {}; enlarge it in the hypervisor, or import the \
         appliance anew",
        gibibytes(bytes.saturating_mul(10) >> 30),
        gibibytes(needed_bytes.saturating_mul(10).div_ceil(1 << 30))
    )]
    SmallDisk {
        /// Path of the disk.
        disk: String,
        /// Its size.
        bytes: u64,
        /// The least size that it needs, without room for the backup of the table.
        needed_bytes: u64,
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

/// A number of tenths of a GiB: what a disk has is rounded down, what it needs up.
fn gibibytes(tenths: u64) -> String {
    format!("{}.{} GiB", tenths / 10, tenths % 10)
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
