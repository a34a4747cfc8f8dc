//! TPMs in software (libtpms), for a test's own program or for a virtual machine of QEMU.
//!
//! ```no_run
//! # fn main() -> Result<(), swtpm::SwtpmError> {
//! let chip = swtpm::Chip::new()?;
//! let plugged = chip.plug_in()?;
//! assert!(plugged.socket().exists());
//! # Ok(())
//! # }
//! ```
//!
//! A [`Chip`] keeps its keys for as long as it exists, plugged in or not. Needs Debian's `swtpm`, which `make
//! deps` installs.
#![forbid(unsafe_code)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use thiserror::Error;

/// Longest time until its sockets are there.
const START: Duration = Duration::from_secs(30);
/// Between two looks whether they are.
const LOOK: Duration = Duration::from_millis(10);

/// Why a test has no TPM.
#[derive(Debug, Error)]
pub enum SwtpmError {
    /// An operation on a file or a process failed.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// It ended, or did nothing, before it was ready. What it says stands in the output of the test.
    #[error("`swtpm` does not start")]
    Program,
}

fn failed(action: &'static str) -> impl FnOnce(io::Error) -> SwtpmError {
    move |source| SwtpmError::Io { action, source }
}

/// A TPM, as it comes from the factory.
#[derive(Debug)]
pub struct Chip {
    directory: TempDir,
}

impl Chip {
    /// A new one: no other one has its keys.
    ///
    /// # Errors
    ///
    /// There is no room for its state.
    pub fn new() -> Result<Self, SwtpmError> {
        let directory = TempDir::new().map_err(failed("make a directory"))?;
        Ok(Self { directory })
    }

    /// Gives it to a program, which talks to it over a socket as to a device, one connection after the other.
    ///
    /// # Errors
    ///
    /// `swtpm` is not installed or does not start.
    pub fn plug_in(&self) -> Result<Plugged, SwtpmError> {
        let socket = self.directory.path().join("data");
        let control = self.directory.path().join("control-of-program");
        let server = format!("type=unixio,path={}", socket.display());
        let control = format!("type=unixio,path={}", control.display());
        let flags = "not-need-init,startup-clear";
        self.start(&["--server", &server, "--ctrl", &control, "--flags", flags], socket)
    }

    /// Gives it to a virtual machine, which starts it and ends it: see [`Plugged::qemu_arguments`].
    ///
    /// # Errors
    ///
    /// `swtpm` is not installed or does not start.
    pub fn build_in(&self) -> Result<Plugged, SwtpmError> {
        let socket = self.directory.path().join("control");
        let control = format!("type=unixio,path={}", socket.display());
        self.start(&["--ctrl", &control, "--terminate"], socket)
    }

    fn start(&self, arguments: &[&str], socket: PathBuf) -> Result<Plugged, SwtpmError> {
        let ready = self.directory.path().join("pid");
        let (state, pid) = (
            format!("dir={}", self.directory.path().display()),
            format!("file={}", ready.display()),
        );
        // The last of its files; it is there once its sockets are.
        let _ = fs::remove_file(&ready);
        let program = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "swtpm", "socket", "--tpm2", "--tpmstate", &state])
            .args(["--pid", &pid])
            .args(arguments)
            .stdin(Stdio::null())
            .spawn()
            .map_err(failed("start swtpm; `make deps` installs it"))?;
        let mut plugged = Plugged { socket, program };
        let deadline = Instant::now() + START;
        while !fs::metadata(&ready).is_ok_and(|file| file.len() > 0) {
            let has_ended =
                plugged.program.try_wait().map_err(failed("look after swtpm"))?.is_some();
            if has_ended || Instant::now() > deadline {
                return Err(SwtpmError::Program);
            }
            thread::sleep(LOOK);
        }
        Ok(plugged)
    }
}

/// A TPM that works. It ends when this is dropped; the [`Chip`] keeps its keys.
#[derive(Debug)]
pub struct Plugged {
    socket: PathBuf,
    program: Child,
}

impl Plugged {
    /// Where it takes commands, or QEMU's orders.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Arguments of QEMU for a machine that has it.
    #[must_use]
    pub fn qemu_arguments(&self) -> Vec<String> {
        let socket = format!("socket,id=tpm-socket,path={}", self.socket.display());
        ["-chardev", &socket, "-tpmdev", "emulator,id=tpm,chardev=tpm-socket"]
            .into_iter()
            .chain(["-device", "tpm-tis,tpmdev=tpm"])
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
