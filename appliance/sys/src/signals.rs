//! Signals as a descriptor.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal as NixSignal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::Pid;

use crate::SysError;
use crate::error::Step;

/// A signal that PID 1 acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// A child ended (SIGCHLD).
    ChildEnded,
    /// Switch off (SIGTERM).
    Terminate,
    /// Restart (SIGINT: Ctrl-Alt-Del).
    Interrupt,
}

/// The signals of this process, blocked and read from a nonblocking descriptor.
#[derive(Debug)]
pub struct Signals(SignalFd);

impl Signals {
    /// Blocks the signals in this thread and opens the descriptor. [`crate::process`] unblocks them
    /// again in the processes that it starts.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`].
    pub fn block() -> Result<Self, SysError> {
        let set = SigSet::from_iter([NixSignal::SIGCHLD, NixSignal::SIGTERM, NixSignal::SIGINT]);
        set.thread_block().step("block", &"signals")?;
        SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)
            .step("open", &"signalfd")
            .map(Self)
    }

    /// The next signal, or nothing when none is pending.
    ///
    /// # Errors
    ///
    /// As `read(2)`.
    pub fn read(&self) -> io::Result<Option<Signal>> {
        while let Some(info) = self.0.read_signal()? {
            let number = i32::try_from(info.ssi_signo).unwrap_or_default();
            match NixSignal::try_from(number) {
                Ok(NixSignal::SIGCHLD) => return Ok(Some(Signal::ChildEnded)),
                Ok(NixSignal::SIGTERM) => return Ok(Some(Signal::Terminate)),
                Ok(NixSignal::SIGINT) => return Ok(Some(Signal::Interrupt)),
                _ => {}
            }
        }
        Ok(None)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Passes a wish of the kernel on to PID 1. When the hypervisor asks the machine to stop, the kernel runs
/// `/sbin/poweroff` or `/sbin/reboot` (`orderly_poweroff`, `orderly_reboot` in `kernel/reboot.c`).
///
/// # Errors
///
/// [`io::ErrorKind::Unsupported`] under any other name; otherwise as `kill(2)`.
pub fn pass_to_init(program_name: &str) -> io::Result<()> {
    let signal = wish_of(program_name).ok_or(io::ErrorKind::Unsupported)?;
    Ok(kill(Pid::from_raw(1), signal)?)
}

fn wish_of(program_name: &str) -> Option<NixSignal> {
    match program_name {
        "/sbin/poweroff" => Some(NixSignal::SIGTERM),
        "/sbin/reboot" => Some(NixSignal::SIGINT),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_programs_that_the_kernel_runs_and_no_others() {
        assert_eq!(wish_of("/sbin/poweroff"), Some(NixSignal::SIGTERM));
        assert_eq!(wish_of("/sbin/reboot"), Some(NixSignal::SIGINT));
        assert_eq!(wish_of("/sbin/init"), None);
    }
}
