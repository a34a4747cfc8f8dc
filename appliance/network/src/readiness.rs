//! Waiting for the descriptors of `sys` on the reactor.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use tokio::io::unix::AsyncFd;

/// Registers a descriptor with the reactor.
///
/// The bound [`AsFd`] is what makes it sound: such a type keeps its descriptor open while it lives.
#[expect(
    deprecated,
    reason = "its successor is unsafe because it takes types without `AsFd`; crates other than \
              `sys` have no unsafe code"
)]
pub(crate) fn register<T: AsFd + AsRawFd>(descriptor: T) -> io::Result<AsyncFd<T>> {
    AsyncFd::new(descriptor)
}
