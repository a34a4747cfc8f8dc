//! Where the TPM is.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// `ENODEV`.
const NO_DEVICE: i32 = 19;

/// What takes commands and gives responses.
pub(crate) trait Device: Read + Write + Send {}

impl<T: Read + Write + Send> Device for T {}

/// Opens the device of the kernel, or the socket of a TPM in software; `None` if there is nothing.
pub(crate) fn open(path: &Path) -> io::Result<Option<Box<dyn Device>>> {
    let kind = match fs::metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if kind.is_socket() {
        return Ok(Some(Box::new(UnixStream::connect(path)?)));
    }
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(device) => Ok(Some(Box::new(device))),
        // The node is there, and the device behind it is gone.
        Err(error) if error.raw_os_error() == Some(NO_DEVICE) => Ok(None),
        Err(error) => Err(error),
    }
}
