//! The file with the certificate of the admin page and its key.

use bus::StoredCertificate;
use model::secret::Secret;

use crate::error::{ReadError, WriteError, in_one_line};
use crate::file_system::{FileSystem, replace, set_aside};

const NAME: &str = "certificate";
/// Largest file in bytes; a chain of three with RSA-4096 keys needs about 12 KiB.
pub(crate) const MAX_BYTES: usize = 128 * 1024;

/// Reads the file. A damaged one is set aside, so that the web role makes a new certificate; the
/// second value says so.
pub(crate) fn load(files: &dyn FileSystem) -> (Option<StoredCertificate>, Option<String>) {
    let read = || {
        let bytes = files.read(NAME).map_err(|source| ReadError::Io { file: NAME, source })?;
        bytes.map(|bytes| decode(&bytes)).transpose()
    };
    match read() {
        Ok(certificate) => (certificate, None),
        Err(error) => {
            set_aside(files, NAME);
            let reason = format!("{}; a new certificate is in use", in_one_line(&error));
            (None, Some(reason))
        }
    }
}

/// Stores a certificate.
pub(crate) fn store(
    files: &dyn FileSystem,
    certificate: &StoredCertificate,
) -> Result<(), WriteError> {
    let json = serde_json::to_string(certificate).expect("a certificate is plain values");
    let json = Secret::new(json);
    replace(files, NAME, json.expose().as_bytes())
}

/// Whether a certificate is small enough to store.
pub(crate) fn fits(certificate: &StoredCertificate) -> bool {
    let names: usize = certificate.facts.names.iter().map(String::len).sum();
    certificate.chain_pem.len() + certificate.key_pem.expose().len() + names <= MAX_BYTES / 2
}

fn decode(bytes: &[u8]) -> Result<StoredCertificate, ReadError> {
    let content = |source| ReadError::Content { file: NAME, source };
    if bytes.len() > MAX_BYTES {
        return Err(content("it is larger than 128 KiB".into()));
    }
    // The message of the parser could quote the key.
    serde_json::from_slice(bytes).map_err(|_| content("it is damaged".into()))
}
