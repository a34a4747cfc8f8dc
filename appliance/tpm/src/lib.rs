//! Seals a secret by the machine's TPM 2.0: only the same TPM gives it back.
//!
//! ```no_run
//! # fn main() -> Result<(), tpm::TpmError> {
//! let mut tpm = tpm::Tpm::open("/dev/tpmrm0".as_ref())?.expect("this machine has one");
//! let sealed = tpm.seal(b"a key")?;
//! assert_eq!(tpm.unseal(&sealed)?.as_slice(), b"a key");
//! # Ok(())
//! # }
//! ```
//!
//! The five commands that this takes are written out here (TCG, *TPM 2.0 Library*, part 3); nothing is kept in
//! the TPM. The storage key under which a secret is sealed is made anew each time: from the same template and
//! the seed of the TPM always comes the same key, until the TPM is cleared. It is the storage key of TCG's *TPM
//! v2.0 Provisioning Guidance*, 7.5.1. A secret is not bound to what has been measured: the next update would
//! lose it.
#![forbid(unsafe_code)]

mod command;
mod device;
mod error;
mod response;
mod sealed;
mod tpm;

pub use error::TpmError;
pub use sealed::Sealed;
pub use tpm::{MAX_SECRET_BYTES, Tpm};
