//! The file that says that first settings were taken.

use model::guest::FirstTaken;

use crate::error::{WriteError, in_one_line};
use crate::file_system::{FileSystem, set_aside};
use crate::secret_file;

const NAME: &str = "first";
/// Largest file in bytes.
const MAX_BYTES: usize = 1024;

/// Reads the file. One that is damaged is set aside: what was taken is in use, and is not taken again once
/// there is an administrator. The second value says so.
pub(crate) fn load(files: &dyn FileSystem) -> (Option<FirstTaken>, Option<String>) {
    match secret_file::load(files, NAME, MAX_BYTES) {
        Ok(taken) => (taken, None),
        Err(error) => {
            set_aside(files, NAME);
            (
                None,
                Some(format!("{}; see whether the appliance is registered", in_one_line(&error))),
            )
        }
    }
}

/// Stores the record.
pub(crate) fn store(files: &dyn FileSystem, taken: &FirstTaken) -> Result<(), WriteError> {
    secret_file::store(files, NAME, taken)
}
