//! The inner wall around a role: what its process denies itself before it does anything else.
//!
//! Init has taken its privileges by then (`sys::process`): another user, no capabilities but its own, a
//! mount view of its own, limits. [`enter`] adds two walls that hold for every thread and program
//! that comes later and can never be taken down:
//!
//! - Landlock denies every file that is not granted in [`model::confinement`], the root included, every
//!   TCP port that is not named there, signals to other processes and abstract Unix sockets.
//! - seccomp ends the process at every system call that is not in the tables of [`rules`]. The kernel's
//!   log then names the call (`audit: type=1326 ... syscall=59`), and init says that the role ended.
//!
//! The filters are assembled by the compiler from those tables. They describe static programs for musl
//! on x86-64, the only ones that the appliance has; a program for another C library makes other calls
//! and is ended by them. A kernel that does not enforce all of it fails the role: there is no half cage.
#![forbid(unsafe_code)]

mod error;
pub mod filter;
mod landlock;
pub mod rules;

use model::confinement;
use model::role::Role;

pub use crate::error::CageError;

/// Enters the cage of a role, for good. To be called before there are other threads.
///
/// # Errors
///
/// [`CageError`], when the kernel does not enforce all of it. The role must end then.
pub fn enter(role: Role) -> Result<(), CageError> {
    landlock::restrict(&confinement::of(role))?;
    sys::seccomp::install(filter::of(role)).map_err(CageError::Seccomp)
}
