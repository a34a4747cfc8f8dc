//! Calls that no program of the appliance makes, for the test that tries them in a cage.

use std::io;

use nix::errno::Errno;

/// A call without a safe wrapper elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostile {
    /// A map of the kernel's BPF machine.
    Bpf,
    /// A ring for asynchronous calls.
    IoUring,
    /// Another kernel in the place of this one.
    Kexec,
    /// A performance counter.
    PerfEvent,
    /// Handling page faults of the kernel.
    UserFaultFd,
    /// The kernel's keys.
    KeyControl,
    /// Memory that can be executed.
    ExecutableMemory,
    /// The kernel's log.
    KernelLog,
    /// I/O ports.
    IoPorts,
    /// A file by its number instead of its name.
    OpenByHandle,
}

impl Hostile {
    /// Makes the call, with arguments that do no harm if it works.
    ///
    /// # Errors
    ///
    /// The kernel's answer.
    pub fn attempt(self) -> io::Result<()> {
        let (number, arguments): (libc::c_long, [libc::c_long; 6]) = match self {
            Self::Bpf => (libc::SYS_bpf, [0; 6]),
            Self::IoUring => (libc::SYS_io_uring_setup, [0; 6]),
            Self::Kexec => (libc::SYS_kexec_load, [0; 6]),
            Self::PerfEvent => (libc::SYS_perf_event_open, [0; 6]),
            Self::UserFaultFd => (libc::SYS_userfaultfd, [0; 6]),
            // KEYCTL_GET_KEYRING_ID of the session.
            Self::KeyControl => (libc::SYS_keyctl, [0, -3, 0, 0, 0, 0]),
            Self::ExecutableMemory => {
                let protection = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
                let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
                (libc::SYS_mmap, [0, 4096, protection.into(), flags.into(), -1, 0])
            }
            // SYSLOG_ACTION_SIZE_BUFFER.
            Self::KernelLog => (libc::SYS_syslog, [10, 0, 0, 0, 0, 0]),
            Self::IoPorts => (libc::SYS_ioperm, [0x70, 1, 1, 0, 0, 0]),
            Self::OpenByHandle => (libc::SYS_open_by_handle_at, [0; 6]),
        };
        let [a, b, c, d, e, f] = arguments;
        // SAFETY: none of these calls, with these arguments, reads or writes memory of this process;
        // pointers among them are null, and the new mapping overlaps nothing.
        Errno::result(unsafe { libc::syscall(number, a, b, c, d, e, f) })?;
        Ok(())
    }
}
