//! Forgetting everything, so that a power cut leaves either all of it or nothing.
//!
//! A settings file under the name [`NAME`] is the order to forget: first it is put on the disk whole,
//! which decides; then every other file is removed; at last it takes its place as the settings that
//! are kept. Whatever of this a power cut leaves undone is done before anything else at the next
//! start.

use model::settings::Settings;
use model::settings_file::SettingsFile;
use model::settings_schema::Content;
use tracing::warn;

use crate::copies;
use crate::error::{WriteError, in_one_line};
use crate::file_system::{FileSystem, remove, replace};

const NAME: &str = "reset";

/// Why an order to forget was not taken.
#[derive(Debug)]
pub(crate) enum OrderError {
    /// Nothing has changed.
    Refused(WriteError),
    /// It cannot be known whether the order is on the disk.
    Uncertain(WriteError),
}

/// Puts the order on the disk, with the settings that are kept.
pub(crate) fn order(files: &dyn FileSystem, kept: Settings) -> Result<(), OrderError> {
    let file =
        SettingsFile { generation: 1, content: Content { settings: kept, ..Content::default() } };
    replace(files, NAME, &file.encode()).map_err(|error| {
        // It may be there already when only the last wait failed.
        match remove(files, NAME) {
            Ok(()) => OrderError::Refused(error),
            Err(failure) => {
                warn!(error = in_one_line(&failure), "Cannot take the order to forget back");
                OrderError::Uncertain(error)
            }
        }
    })
}

/// Whether everything is to be forgotten. A disk that does not say so forgets nothing.
pub(crate) fn is_ordered(files: &dyn FileSystem) -> bool {
    match files.read(NAME) {
        Ok(order) => order.is_some(),
        // The file is there.
        Err(_) => files.names().is_ok_and(|names| names.iter().any(|name| name == NAME)),
    }
}

/// The settings that an order keeps; defaults when it is damaged.
pub(crate) fn kept(files: &dyn FileSystem) -> Settings {
    let order = files.read(NAME).ok().flatten();
    order
        .and_then(|bytes| SettingsFile::decode(&bytes).ok())
        .map_or_else(Settings::default, |file| file.content.settings)
}

/// Carries the order out, as far as it has not been.
pub(crate) fn carry_out(files: &dyn FileSystem) -> Result<(), WriteError> {
    let failed = |source| WriteError { file: NAME, source };
    for name in files.names().map_err(failed)? {
        if name != NAME {
            files.remove(&name).map_err(failed)?;
        }
    }
    files.sync().map_err(failed)?;
    files.rename(NAME, copies::FIRST).map_err(failed)?;
    files.sync().map_err(failed)
}
