//! The file with the hash of the administrator's password.

use model::secret::Secret;
use subtle::ConstantTimeEq;

use crate::error::{ReadError, WriteError, in_one_line};
use crate::file_system::{FileSystem, replace};

const NAME: &str = "administrator";
/// Longest hash in bytes; argon2id with a 32-byte output needs about 100.
const MAX_HASH_BYTES: usize = 1024;

/// What is known of the administrator.
#[derive(Debug)]
pub(crate) enum Administrator {
    /// No password has been set.
    Absent,
    /// This is the hash.
    Present(Secret),
    /// A password has been set, and its file is unreadable. Nobody may set a first one then:
    /// whoever damages the file must not become the administrator.
    Unreadable(String),
}

impl Administrator {
    /// Reads the file.
    pub(crate) fn load(files: &dyn FileSystem) -> Self {
        let read = || {
            let bytes = files.read(NAME).map_err(|source| ReadError::Io { file: NAME, source })?;
            bytes.map(decode).transpose()
        };
        match read() {
            Ok(None) => Self::Absent,
            Ok(Some(hash)) => Self::Present(hash),
            Err(error) => Self::Unreadable(in_one_line(&error)),
        }
    }

    /// Stores a hash.
    pub(crate) fn store(files: &dyn FileSystem, hash: Secret) -> Result<Self, WriteError> {
        let line = Secret::new(format!("{}\n", hash.expose()));
        replace(files, NAME, line.expose().as_bytes())?;
        Ok(Self::Present(hash))
    }

    /// Whether this is the stored hash, compared in constant time.
    pub(crate) fn is(&self, expected: &Secret) -> bool {
        let Self::Present(hash) = self else {
            return false;
        };
        hash.expose().as_bytes().ct_eq(expected.expose().as_bytes()).into()
    }
}

/// Whether a text can be a hash in PHC string format: `$`, then printable ASCII on one line.
pub(crate) fn is_hash(hash: &Secret) -> bool {
    let text = hash.expose();
    text.starts_with('$')
        && text.len() <= MAX_HASH_BYTES
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn decode(bytes: Vec<u8>) -> Result<Secret, ReadError> {
    let content = |reason: &str| ReadError::Content { file: NAME, source: reason.into() };
    let mut text = String::from_utf8(bytes).map_err(|_| content("it is not text"))?;
    let is_whole = text.pop() == Some('\n');
    let hash = Secret::new(text);
    if is_whole && is_hash(&hash) { Ok(hash) } else { Err(content("it holds no password hash")) }
}
