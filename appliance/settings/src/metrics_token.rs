//! The file with the hash of the token with which metrics are read.

use bus::MAX_TOKEN_HASH_BYTES;
use model::secret::Secret;

use crate::error::{WriteError, in_one_line};
use crate::file_system::{FileSystem, remove, set_aside};
use crate::secret_file;

const NAME: &str = "metrics.token";
/// Largest file in bytes: the hash with its quotes.
const MAX_BYTES: usize = 1024;

/// Reads the file. A damaged one is set aside, and no token is valid then; the second value says so.
pub(crate) fn load(files: &dyn FileSystem) -> (Option<Secret>, Option<String>) {
    match secret_file::load(files, NAME, MAX_BYTES) {
        Ok(hash) => (hash.filter(is_hash), None),
        Err(error) => {
            set_aside(files, NAME);
            (None, Some(format!("{}; make a new token for metrics", in_one_line(&error))))
        }
    }
}

/// Stores a hash; `None` forgets it.
pub(crate) fn store(files: &dyn FileSystem, hash: Option<&Secret>) -> Result<(), WriteError> {
    match hash {
        Some(hash) => secret_file::store(files, NAME, hash),
        None => remove(files, NAME),
    }
}

/// Whether a text can be the hash of a token.
pub(crate) fn is_hash(hash: &Secret) -> bool {
    let text = hash.expose();
    !text.is_empty()
        && text.len() <= MAX_TOKEN_HASH_BYTES
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
