//! The file with the request for a certificate that waits for its answer, and its key.

use bus::{StoredCertificate, StoredSigningRequest};
use model::signing_request::{MAX_DNS_NAME_BYTES, MAX_REQUEST_NAMES};
use subtle::ConstantTimeEq;

use crate::error::{WriteError, in_one_line};
use crate::file_system::{FileSystem, remove, set_aside};
use crate::secret_file;

const NAME: &str = "signing.request";
/// Largest file in bytes; a request with 32 names and its key need about 14 KiB.
pub(crate) const MAX_BYTES: usize = 64 * 1024;

/// Reads the file. A damaged one is set aside; the second value says so.
pub(crate) fn load(files: &dyn FileSystem) -> (Option<StoredSigningRequest>, Option<String>) {
    match secret_file::load(files, NAME, MAX_BYTES) {
        Ok(request) => (request, None),
        Err(error) => {
            set_aside(files, NAME);
            let reason = in_one_line(&error);
            (None, Some(format!("{reason}; a certificate made for this request cannot be used")))
        }
    }
}

/// Stores a request; `None` forgets it.
pub(crate) fn store(
    files: &dyn FileSystem,
    request: Option<&StoredSigningRequest>,
) -> Result<(), WriteError> {
    match request {
        Some(request) => secret_file::store(files, NAME, request),
        None => remove(files, NAME),
    }
}

/// Whether a request is small enough to store and to be told to every role.
pub(crate) fn fits(request: &StoredSigningRequest) -> bool {
    let facts = &request.facts;
    let size = request.request_pem.len() + request.key_pem.expose().len() + facts.subject.len();
    size <= MAX_BYTES / 4
        && facts.names.len() <= MAX_REQUEST_NAMES
        && facts.names.iter().all(|name| name.len() <= MAX_DNS_NAME_BYTES)
}

/// Whether the certificate is the answer: it has the key of the request.
pub(crate) fn is_answered_by(
    request: &StoredSigningRequest,
    certificate: &StoredCertificate,
) -> bool {
    let (one, other) = (request.key_pem.expose(), certificate.key_pem.expose());
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
