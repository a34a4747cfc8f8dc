//! What PID 1 and stage 1 cannot do.

use std::io;

use model::grubenv::GrubEnvError;
use model::trailer::TrailerError;
use sys::SysError;
use thiserror::Error;

/// A step failed. At the start and at the very end that ends the process.
#[derive(Debug, Error)]
pub(crate) enum InitError {
    /// The command line names no root slot.
    #[error("the command line has no root=PARTUUID=")]
    NoRoot,
    /// The program was built without a key to check slots with.
    #[error("this kernel was built without a key to check root slots")]
    NoKey,
    /// The slot is not signed with our key, or was changed.
    #[error("the signature of the root slot is not valid")]
    Signature,
    /// The trailer cannot be used.
    #[error("the root slot cannot be used")]
    Trailer(#[source] TrailerError),
    /// The kernel refused something.
    #[error(transparent)]
    Kernel(#[from] SysError),
    /// The boot loader's file is damaged.
    #[error("the boot loader's variables cannot be used")]
    GrubEnv(#[from] GrubEnvError),
    /// A file or device failed.
    #[error("cannot {0}")]
    Io(&'static str, #[source] io::Error),
}

#[cfg(test)]
mod tests {
    use model::error::chain;

    use super::*;

    #[test]
    fn chain_names_every_cause_once() {
        let error = InitError::Trailer(TrailerError::Missing);
        assert_eq!(chain(&error), "the root slot cannot be used: the slot has no trailer");
    }
}
