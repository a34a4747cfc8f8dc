//! A secret as the TPM gives it out.

use crate::error::TpmError;
use crate::response::Response;

/// Longest sealed secret that is read, in octets; those of real TPMs take 200 to 400.
const MAX_BYTES: usize = 4 * 1024;

/// A secret that only the same TPM gives back. Two structures follow each other, as `TPM2_Load` takes them:
/// `TPM2B_PRIVATE` and `TPM2B_PUBLIC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Reads what [`Self::as_bytes`] gives.
    ///
    /// # Errors
    ///
    /// [`TpmError::NotSealed`].
    pub fn read(octets: &[u8]) -> Result<Self, TpmError> {
        let mut rest = Response::new(octets);
        let has_form = octets.len() <= MAX_BYTES
            && rest.sized().is_ok_and(|private| !private.is_empty())
            && rest.sized().is_ok_and(|public| !public.is_empty())
            && rest.is_empty();
        if has_form { Ok(Self(octets.to_vec())) } else { Err(TpmError::NotSealed) }
    }

    /// As it is stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
