//! The error of this crate.

use std::io;

use landlock::{PathFdError, RulesetError};
use thiserror::Error;

/// Why a role is not confined.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CageError {
    /// Landlock could not be set up.
    #[error("cannot deny access by Landlock")]
    Landlock(#[source] RulesetError),
    /// A granted path cannot be opened.
    #[error("cannot open `{path}` for Landlock")]
    Path {
        /// The path.
        path: &'static str,
        /// The kernel's answer.
        source: PathFdError,
    },
    /// Landlock is there but does not hold everything.
    #[error("the kernel does not enforce all of Landlock")]
    Partial,
    /// Landlock says that it is on, and a file that is not granted can be opened all the same.
    #[error("`{0}` can be opened in spite of Landlock")]
    Open(&'static str),
    /// The filter for system calls could not be installed.
    #[error("cannot filter system calls")]
    Seccomp(#[source] io::Error),
}
