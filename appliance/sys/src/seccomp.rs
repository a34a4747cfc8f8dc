//! Filters for system calls (`seccomp(2)`).

use std::io;

use nix::errno::Errno;

/// One instruction of a filter, in the kernel's classic BPF.
pub type Instruction = libc::sock_filter;

/// Longest filter that the kernel takes, in instructions (`BPF_MAXINSNS`).
pub const MAX_INSTRUCTIONS: usize = 4096;

/// Lets this process and the programs and threads that it starts make only the calls that the filter
/// allows, for ever. The process must not be able to gain privileges. Call it before other threads
/// exist: they would stay as they are.
///
/// # Errors
///
/// As `seccomp(2)`; a filter that the kernel cannot run is refused.
pub fn install(filter: &[Instruction]) -> io::Result<()> {
    let len = u16::try_from(filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    // SAFETY: the kernel copies `len` instructions from the live slice and writes nothing to it.
    let result = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program)
    };
    Errno::result(result)?;
    Ok(())
}
