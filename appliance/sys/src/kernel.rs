//! The machine as a whole: restart, host name, kernel log, Ctrl-Alt-Del.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;

use model::shutdown::Halt;
use nix::sys::reboot::{RebootMode, set_cad_enabled};

use crate::SysError;
use crate::error::Step;

/// Stops the machine at once. Nothing is written out: see [`crate::mount::sync`].
///
/// # Errors
///
/// Returns only when the kernel refuses.
pub fn stop(halt: Halt) -> SysError {
    let mode = match halt {
        Halt::Restart => RebootMode::RB_AUTOBOOT,
        Halt::PowerOff => RebootMode::RB_POWER_OFF,
    };
    match nix::sys::reboot::reboot(mode) {
        Err(error) => {
            SysError::Call { operation: "stop", object: "the machine".into(), source: error.into() }
        }
    }
}

/// Makes the kernel send SIGINT to PID 1 on Ctrl-Alt-Del instead of restarting at once.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn catch_ctrl_alt_del() -> Result<(), SysError> {
    set_cad_enabled(false).step("catch", &"Ctrl-Alt-Del")
}

/// What the kernel says of itself (`uname(2)`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Its release, `uname -r`.
    pub release: String,
    /// When and how it was built, `uname -v`.
    pub version: String,
    /// The machine, `uname -m`.
    pub machine: String,
}

/// The kernel that runs; empty texts when it does not say.
#[must_use]
pub fn release() -> Release {
    let Ok(names) = nix::sys::utsname::uname() else { return Release::default() };
    let text = |name: &std::ffi::OsStr| name.to_string_lossy().into_owned();
    Release {
        release: text(names.release()),
        version: text(names.version()),
        machine: text(names.machine()),
    }
}

/// Sets the host name.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn set_host_name(name: &str) -> Result<(), SysError> {
    nix::unistd::sethostname(name).step("set the host name to", &name)
}

/// Shows on the consoles only kernel messages more urgent than this level (1 to 8), and lets
/// `/dev/kmsg` take every line that is written to it.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn limit_console_messages(level: u8) -> Result<(), SysError> {
    let write = |path: &str, text: &str| fs::write(path, text).step("write", &path);
    write("/proc/sys/kernel/printk", &level.to_string())?;
    // The kernel insists on the line feed.
    write("/proc/sys/kernel/printk_devkmsg", "on\n")
}

/// Opens the kernel's log for writing, one message a write.
///
/// # Errors
///
/// As for opening a file.
pub fn open_log() -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
        .open("/dev/kmsg")
}

/// Opens the kernel's log for reading, from its oldest record on.
///
/// # Errors
///
/// As `open(2)`.
pub fn open_log_reader() -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC).open("/dev/kmsg")
}
