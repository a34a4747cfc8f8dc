//! The file with the certificate of the admin page and its key.

use bus::StoredCertificate;

use crate::error::{WriteError, in_one_line};
use crate::file_system::{FileSystem, set_aside};
use crate::secret_file;

const NAME: &str = "certificate";
/// Largest file in bytes; a chain of three with RSA-4096 keys needs about 12 KiB.
pub(crate) const MAX_BYTES: usize = 128 * 1024;

/// Reads the file. A damaged one is set aside, so that the web role makes a new certificate; the
/// second value says so.
pub(crate) fn load(files: &dyn FileSystem) -> (Option<StoredCertificate>, Option<String>) {
    match secret_file::load(files, NAME, MAX_BYTES) {
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
    secret_file::store(files, NAME, certificate)
}

/// Whether a certificate is small enough to store.
pub(crate) fn fits(certificate: &StoredCertificate) -> bool {
    let names: usize = certificate.facts.names.iter().map(String::len).sum();
    certificate.chain_pem.len() + certificate.key_pem.expose().len() + names <= MAX_BYTES / 2
}
