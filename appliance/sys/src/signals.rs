//! Signals as a descriptor.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use nix::sys::signal::{SigSet, Signal as NixSignal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

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
