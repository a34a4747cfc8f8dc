//! The watchdog: restarts the machine when nobody answers it in time (`Documentation/watchdog`).
//!
//! Once opened, ours cannot be stopped (`CONFIG_WATCHDOG_NOWAYOUT`), except by the kernel itself as the
//! last step of an orderly stop.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

use crate::SysError;
use crate::error::Step;

/// Time without an answer after which the machine is restarted.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// How long before that the kernel panics, where it can, so that the reason is kept.
pub const WARNING: Duration = Duration::from_secs(10);
/// How often to answer: three answers may get lost.
pub const INTERVAL: Duration = Duration::from_secs(15);

const CLASS: &str = "/sys/class/watchdog";
/// What the kernel's own timer calls itself (`drivers/watchdog/softdog.c`). It helps against a PID 1 that
/// hangs and not against a kernel that does, so that it is the last choice.
const SOFTWARE: &str = "Software Watchdog";
/// "The last restart was this watchdog's" (`WDIOF_CARDRESET`).
const CARD_RESET: i32 = 0x20;
/// Descriptors of a process, as links to the files.
const DESCRIPTORS: &str = "/proc/self/fd";

mod ioctl {
    nix::ioctl_read!(boot_status, b'W', 2, libc::c_int);
    nix::ioctl_read!(keep_alive, b'W', 5, libc::c_int);
    nix::ioctl_readwrite!(set_timeout, b'W', 6, libc::c_int);
    nix::ioctl_readwrite!(set_pretimeout, b'W', 8, libc::c_int);
}

/// An armed watchdog.
#[derive(Debug)]
pub struct Watchdog {
    file: File,
    name: String,
}

impl Watchdog {
    /// Arms the best watchdog that there is, and sets its time.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`] when there is none or it is in use. One that does not take our time keeps its
    /// own.
    pub fn arm() -> Result<Self, SysError> {
        let device = best_device(Path::new(CLASS)).ok_or(io::ErrorKind::NotFound);
        let device = device.step("find", &"a watchdog")?;
        let file = OpenOptions::new().write(true).open(&device).step("open", &device.display())?;
        let watchdog = Self::of(file, &device);
        let _ = watchdog.call(ioctl::set_timeout, TIMEOUT);
        let _ = watchdog.call(ioctl::set_pretimeout, WARNING);
        Ok(watchdog)
    }

    /// Leaves the watchdog open for the program that this process executes next, which finds it with
    /// [`Watchdog::inherited`]. Whatever that program is: without an answer it ends.
    ///
    /// # Errors
    ///
    /// As `fcntl(2)`.
    pub fn leave_to_next(self) -> io::Result<()> {
        fcntl(&self.file, FcntlArg::F_SETFD(FdFlag::empty()))?;
        let _ = self.file.into_raw_fd();
        Ok(())
    }

    /// The watchdog that this process was started with.
    #[must_use]
    pub fn inherited() -> Option<Self> {
        let (number, device) = fs::read_dir(DESCRIPTORS).ok()?.flatten().find_map(|entry| {
            let device = fs::read_link(entry.path()).ok()?;
            let name = device.to_str()?.strip_prefix("/dev/watchdog")?;
            let number = entry.file_name().to_str()?.parse::<RawFd>().ok()?;
            name.bytes().all(|byte| byte.is_ascii_digit()).then_some((number, device))
        })?;
        // SAFETY: the descriptor is open, as the list says, and nothing in this process owns it: it was
        // opened by the program before this one.
        let file = unsafe { File::from_raw_fd(number) };
        fcntl(&file, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).ok()?;
        Some(Self::of(file, &device))
    }

    /// Answers: the time begins anew.
    ///
    /// # Errors
    ///
    /// As `ioctl(2)`.
    pub fn answer(&self) -> io::Result<()> {
        self.call(ioctl::keep_alive, Duration::ZERO).map(drop)
    }

    /// Whether this watchdog caused the last restart; not every one can tell.
    #[must_use]
    pub fn caused_restart(&self) -> bool {
        let status = self.call(ioctl::boot_status, Duration::ZERO);
        status.is_ok_and(|status| status & CARD_RESET != 0)
    }

    /// What it calls itself, such as `i6300ESB timer`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn of(file: File, device: &Path) -> Self {
        let name = device.file_name().map(|name| identity(&Path::new(CLASS).join(name)));
        Self { file, name: name.unwrap_or_default() }
    }

    fn call(&self, call: Call, value: Duration) -> io::Result<i32> {
        let mut value = i32::try_from(value.as_secs()).map_err(io::Error::other)?;
        // SAFETY: each of these requests reads or writes one integer behind the pointer, which is live.
        unsafe { call(self.file.as_raw_fd(), &raw mut value) }?;
        Ok(value)
    }
}

type Call = unsafe fn(libc::c_int, *mut libc::c_int) -> nix::Result<libc::c_int>;

/// The first watchdog in hardware or hypervisor, otherwise the kernel's own timer.
fn best_device(class: &Path) -> Option<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(class).ok()?.flatten().map(|entry| entry.path()).collect();
    found.sort_by_key(|path| (identity(path).contains(SOFTWARE), path.clone()));
    Some(Path::new("/dev").join(found.first()?.file_name()?))
}

fn identity(device: &Path) -> String {
    fs::read_to_string(device.join("identity")).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefers_hardware_to_the_kernels_own_timer() {
        let class = tempfile::tempdir().expect("directory");
        assert_eq!(best_device(class.path()), None);
        let add = |name: &str, identity: &str| {
            fs::create_dir(class.path().join(name)).expect("created");
            fs::write(class.path().join(name).join("identity"), identity).expect("written");
        };
        add("watchdog0", "Software Watchdog\n");
        assert_eq!(best_device(class.path()), Some("/dev/watchdog0".into()));
        add("watchdog1", "i6300ESB timer\n");
        assert_eq!(best_device(class.path()), Some("/dev/watchdog1".into()));
    }
}
