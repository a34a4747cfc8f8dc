//! The power button of the machine, which hypervisors press to ask for an orderly shutdown.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const DIRECTORY: &str = "/dev/input";
/// `struct input_event` on 64-bit machines: two 8-byte times, type, code, value.
const EVENT_BYTES: usize = 24;
const EV_KEY: u16 = 1;
const KEY_POWER: u16 = 116;
const PRESSED: i32 = 1;
/// `KEY_MAX` is 0x2ff.
const KEY_BITS_BYTES: usize = 96;
/// Devices that are looked at; a virtual machine has a handful.
const MAX_DEVICES: usize = 32;

mod ioctl {
    // EVIOCGBIT(EV_KEY): which keys the device has.
    nix::ioctl_read_buf!(key_bits, b'E', 0x21, u8);
}

/// An input device that has a power key.
#[derive(Debug)]
pub struct PowerButton(File);

/// Opens every input device that has a power key. None is no error: not every machine has one.
#[must_use]
pub fn open_all() -> Vec<PowerButton> {
    let entries = fs::read_dir(DIRECTORY).into_iter().flatten().flatten();
    let events = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("event"));
    events.take(MAX_DEVICES).filter_map(|entry| open(&entry.path())).collect()
}

impl PowerButton {
    /// Reads what has happened and says whether the button was pressed.
    ///
    /// # Errors
    ///
    /// As `read(2)`: when the device is gone.
    pub fn was_pressed(&self) -> io::Result<bool> {
        let mut pressed = false;
        let mut buffer = [0; EVENT_BYTES * 16];
        loop {
            match (&self.0).read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => pressed |= presses(buffer.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(pressed),
                Err(error) => return Err(error),
            }
        }
    }
}

impl AsFd for PowerButton {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn open(path: &Path) -> Option<PowerButton> {
    let flags = libc::O_NONBLOCK | libc::O_CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let mut bits = [0; KEY_BITS_BYTES];
    // SAFETY: the request carries the length of the buffer, and the kernel fills at most that.
    unsafe { ioctl::key_bits(file.as_raw_fd(), &mut bits) }.ok()?;
    let (byte, bit) = (usize::from(KEY_POWER / 8), KEY_POWER % 8);
    (bits.get(byte)? >> bit & 1 == 1).then_some(PowerButton(file))
}

/// Whether a power key goes down in a run of events.
fn presses(events: &[u8]) -> bool {
    events.chunks_exact(EVENT_BYTES).any(|event| {
        event.get(16..18) == Some(&EV_KEY.to_ne_bytes())
            && event.get(18..20) == Some(&KEY_POWER.to_ne_bytes())
            && event.get(20..24) == Some(&PRESSED.to_ne_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: u16, code: u16, value: i32) -> Vec<u8> {
        let mut event = vec![0; 16];
        event.extend(kind.to_ne_bytes());
        event.extend(code.to_ne_bytes());
        event.extend(value.to_ne_bytes());
        event
    }

    #[test]
    fn only_the_power_key_going_down_counts() {
        assert!(presses(&[event(0, 0, 0), event(EV_KEY, KEY_POWER, 1)].concat()));
        assert!(!presses(&event(EV_KEY, KEY_POWER, 0)));
        assert!(!presses(&event(EV_KEY, 30, 1)));
        assert!(!presses(&event(4, KEY_POWER, 1)));
        assert!(!presses(&event(EV_KEY, KEY_POWER, 1)[..20]));
    }
}
