//! Why there is no image.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use boot::grub::GrubError;
use boot::kernel::KernelError;
use boot::keys::KeyError;
use boot::tool::ToolError;
use thiserror::Error;

/// The image cannot be built.
#[derive(Debug, Error)]
pub enum ImageError {
    /// The kernel cannot be built.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The boot loader cannot be made.
    #[error(transparent)]
    Grub(#[from] GrubError),
    /// The signing key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A program is missing or failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A program of the appliance does not compile. The compiler has said why.
    #[error("the program {program} does not compile: {status}")]
    Compile {
        /// Name of the program's crate.
        program: &'static str,
        /// How the compiler ended.
        status: ExitStatus,
    },
    /// A program of the appliance is linked dynamically.
    #[error("the program {} is not static, so it cannot start in the root", path.display())]
    NotStatic {
        /// The program.
        path: PathBuf,
    },
    /// What the appliance is made of cannot be told.
    #[error("cannot list the components: {what} is not understood")]
    Components {
        /// What was read.
        what: &'static str,
    },
    /// The root slot is too small.
    #[error("the root slot needs {needed} bytes and has {available}")]
    SlotFull {
        /// Bytes that file system, hash tree and trailer need.
        needed: u64,
        /// Bytes of the partition.
        available: u64,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

/// Names the file that an operation failed on.
pub(crate) fn at<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> ImageError + 'a {
    move |source| ImageError::File { action, path: path.to_owned(), source }
}
