//! Reading `/dev/kmsg`.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;

use model::journal::kernel_log::{KernelRecord, MAX_RECORD_BYTES, parse};
use tokio::io::unix::AsyncFd;

/// `errno` for "the record that comes next has been overwritten" (`EPIPE`). The next read gives the oldest
/// one that is left; the gap in the numbers tells how many are gone.
const OVERWRITTEN: io::ErrorKind = io::ErrorKind::BrokenPipe;

/// The kernel's log, one record a read.
pub(crate) struct KernelLog {
    file: AsyncFd<File>,
}

impl KernelLog {
    /// Takes an open `/dev/kmsg` that does not block.
    #[expect(
        deprecated,
        reason = "its successor is unsafe because it takes types without `AsFd`, which a file has; \
                  crates other than `sys` have no unsafe code"
    )]
    pub(crate) fn new(file: OwnedFd) -> io::Result<Self> {
        Ok(Self { file: AsyncFd::new(file.into())? })
    }

    /// The next record that is there already; `None` when there is none yet.
    pub(crate) fn take(&self) -> io::Result<Option<KernelRecord>> {
        let mut buffer = [0; MAX_RECORD_BYTES];
        loop {
            match (&mut self.file.get_ref()).read(&mut buffer) {
                // Only a file that stands in for the log has an end.
                Ok(0) => return Ok(None),
                Ok(length) => match parse(buffer.get(..length).unwrap_or_default()) {
                    Some(record) => return Ok(Some(record)),
                    None => continue,
                },
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if matches!(error.kind(), OVERWRITTEN | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for the next record.
    pub(crate) async fn next(&self) -> io::Result<KernelRecord> {
        loop {
            let mut ready = self.file.readable().await?;
            if let Some(record) = self.take()? {
                return Ok(record);
            }
            ready.clear_ready();
        }
    }
}
