//! What a file system has left.

use std::io;
use std::os::fd::AsFd;

/// Bytes that are free for a process without privileges on the file system of an open file.
///
/// # Errors
///
/// As `fstatvfs(3)`.
pub fn free_bytes(file: &impl AsFd) -> io::Result<u64> {
    let statistics = nix::sys::statvfs::fstatvfs(file)?;
    Ok(statistics.blocks_available().saturating_mul(statistics.fragment_size()))
}

/// Bytes of the file system of an open file.
///
/// # Errors
///
/// As `fstatvfs(3)`.
pub fn total_bytes(file: &impl AsFd) -> io::Result<u64> {
    let statistics = nix::sys::statvfs::fstatvfs(file)?;
    Ok(statistics.blocks().saturating_mul(statistics.fragment_size()))
}
