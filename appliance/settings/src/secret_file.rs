//! Files of secrets: JSON that only this role reads, replaced whole. What does not fit is never
//! quoted.

use model::secret::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ReadError, WriteError};
use crate::file_system::{FileSystem, replace};

/// Reads a file; `None` when there is none.
pub(crate) fn load<T: DeserializeOwned>(
    files: &dyn FileSystem,
    name: &'static str,
    max_bytes: usize,
) -> Result<Option<T>, ReadError> {
    let content = |reason: String| ReadError::Content { file: name, source: reason.into() };
    let Some(bytes) = files.read(name).map_err(|source| ReadError::Io { file: name, source })?
    else {
        return Ok(None);
    };
    let is_too_large = bytes.len() > max_bytes;
    // Wiped when it is dropped.
    let text = Secret::new(String::from_utf8(bytes).map_err(|_| content("it is damaged".into()))?);
    if is_too_large {
        return Err(content(format!("it is larger than {} KiB", max_bytes / 1024)));
    }
    // The message of the parser could quote a secret.
    let value = serde_json::from_str(text.expose());
    value.map(Some).map_err(|_| content("it is damaged".into()))
}

/// Replaces a file.
pub(crate) fn store(
    files: &dyn FileSystem,
    name: &'static str,
    value: &impl Serialize,
) -> Result<(), WriteError> {
    let json = serde_json::to_string(value).expect("secrets are plain values");
    replace(files, name, Secret::new(json).expose().as_bytes())
}
