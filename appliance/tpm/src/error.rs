//! Why a TPM does not seal, or does not give back.

use std::io;

use thiserror::Error;

/// Why a TPM does not seal, or does not give back. It holds no secret.
#[derive(Debug, Error)]
pub enum TpmError {
    /// The device cannot be opened, read or written.
    #[error("the TPM cannot be reached: {0}")]
    Device(#[from] io::Error),
    /// The secret was sealed by another TPM, or by this one before it was cleared.
    #[error("another TPM has sealed it, or this one before it was cleared")]
    OtherTpm,
    /// The TPM refuses a command.
    #[error("the TPM refuses {command} with {code:#05x}")]
    Refused {
        /// The command, as TCG names it.
        command: &'static str,
        /// The response code (TCG, part 2, 6.6).
        code: u32,
    },
    /// An answer has not the form that it must have.
    #[error("the TPM answers with something that makes no sense")]
    Answer,
    /// A secret is empty or longer than a TPM seals.
    #[error("a TPM seals 1 to 128 octets")]
    Length,
    /// What is to be given back is nothing that was sealed.
    #[error("it is nothing that a TPM has sealed")]
    NotSealed,
}
