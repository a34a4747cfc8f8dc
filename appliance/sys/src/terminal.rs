//! Terminals that a person sees: the screen and the serial line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The virtual terminal that is in front.
pub const SCREEN: &str = "/dev/tty0";
/// The first virtual terminal, which is in front after boot.
pub const FIRST_SCREEN: &str = "/dev/tty1";
/// The first serial port.
pub const SERIAL: &str = "/dev/ttyS0";

/// Escape sequence that clears the screen and moves to its upper left corner.
pub const CLEAR: &str = "\x1b[2J\x1b[H";
/// Escape sequences that keep a Linux virtual terminal lit and its cursor hidden (`console_codes(4)`).
/// Only for [`SCREEN`]: serial terminals do not know the first.
pub const KEEP_LIT: &str = "\x1b[9;0]\x1b[?25l";

/// Where the kernel itself prints, when there is neither screen nor serial line.
const KERNEL_CONSOLE: &str = "/dev/console";

/// Prints a line, or several with `\r\n` between them, on the screen and the serial line. What cannot be written is lost.
pub fn print_line(line: &str) {
    let print_on = |path| {
        open(Path::new(path)).is_ok_and(|mut terminal| write!(terminal, "\r\n{line}\r\n").is_ok())
    };
    if [SCREEN, SERIAL].map(print_on) == [false, false] {
        print_on(KERNEL_CONSOLE);
    }
}

/// Number of columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Characters in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// Opens a terminal for writing. Writes never block: a serial port that is held up takes what fits
/// and then answers [`io::ErrorKind::WouldBlock`]. It does not become the controlling terminal.
///
/// # Errors
///
/// As for opening a file; machines without a serial port have no such device.
pub fn open(path: &Path) -> io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;
    OpenOptions::new().write(true).custom_flags(flags).open(path)
}

/// Size of a terminal; `None` when it does not know, as serial lines.
#[must_use]
pub fn size(terminal: &impl AsFd) -> Option<Size> {
    mod ioctl {
        nix::ioctl_read_bad!(window_size, libc::TIOCGWINSZ, libc::winsize);
    }
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ fills one `winsize`, which lives here.
    unsafe { ioctl::window_size(terminal.as_fd().as_raw_fd(), &raw mut size) }.ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some(Size { columns: size.ws_col, rows: size.ws_row })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_terminal_has_no_size() {
        let file = open(Path::new("/dev/null")).expect("opens");
        assert_eq!(size(&file), None);
    }
}
