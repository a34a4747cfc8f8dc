//! The serial console: what the guest writes, as a transcript and as the screen that a terminal
//! would show, and what a person types.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use regex::bytes::Regex;

use crate::error::HarnessError;
use crate::limits;

/// Lines of the terminal. The landing page needs 25; UEFI firmware draws up to 31.
pub const LINES: u16 = 43;
/// Columns of the terminal. The landing page needs 80; UEFI firmware draws up to 100.
pub const COLUMNS: u16 = 132;
/// How much of the end of the transcript an error shows, in bytes.
const SHOWN_TRANSCRIPT_BYTES: usize = 6000;

/// A key with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Escape.
    Esc,
    /// Control and a lower-case letter.
    Control(u8),
}

impl Key {
    /// Ctrl-E: to the end of the line in GRUB's editor.
    pub const CTRL_E: Self = Self::Control(b'e');
    /// Ctrl-M: the Enter key.
    pub const ENTER: Self = Self::Control(b'm');
    /// Ctrl-N: to the next line in GRUB's menu and editor.
    pub const CTRL_N: Self = Self::Control(b'n');
    /// Ctrl-X: start from GRUB's editor.
    pub const CTRL_X: Self = Self::Control(b'x');

    const fn byte(self) -> u8 {
        match self {
            Self::Esc => 0x1b,
            Self::Control(letter) => letter & 0x1f,
        }
    }
}

/// The serial line of a machine.
pub struct Serial {
    writer: Box<dyn Write + Send>,
    shared: Arc<Shared>,
    /// Where the next [`Serial::expect`] begins to look, in bytes of the transcript.
    position: usize,
    /// Where the transcript began when the screen was last cleared.
    cleared: usize,
}

impl fmt::Debug for Serial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Serial").field("position", &self.position).finish_non_exhaustive()
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    transcript: Vec<u8>,
    screen: vt100::Parser,
    is_open: bool,
}

impl Serial {
    /// Reads and writes an open line; everything read is also written to `copy`.
    pub fn new(
        reader: impl Read + Send + 'static,
        writer: impl Write + Send + 'static,
        copy: Option<Box<dyn Write + Send>>,
    ) -> Self {
        let state = State {
            transcript: Vec::new(),
            screen: vt100::Parser::new(LINES, COLUMNS, 0),
            is_open: true,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let of_reader = Arc::clone(&shared);
        thread::spawn(move || of_reader.read(reader, copy));
        Self { writer: Box::new(writer), shared, position: 0, cleared: 0 }
    }

    /// Waits until the guest has written something that matches, after what earlier calls have
    /// found. Returns the capture groups, the whole match first.
    ///
    /// # Errors
    ///
    /// When it does not come in time, with the end of the transcript.
    ///
    /// # Panics
    ///
    /// When the pattern is no regular expression.
    pub fn expect(&mut self, pattern: &str, limit: Duration) -> Result<Vec<String>, HarnessError> {
        let regex = Regex::new(pattern).expect("the pattern is a regular expression");
        let start = self.position;
        let found = self.shared.wait(limit, |state| {
            let captures = regex.captures(state.transcript.get(start..)?)?;
            let texts: Vec<_> = captures
                .iter()
                .map(|group| group.map_or_else(String::new, |group| lossy(group.as_bytes())))
                .collect();
            Some((captures.get(0)?.end(), texts))
        });
        let (end, texts) = found.ok_or_else(|| self.timeout(format!("/{pattern}/"), limit))?;
        self.position += end;
        Ok(texts)
    }

    /// Waits until the screen satisfies `condition` and returns what it yields.
    ///
    /// # Errors
    ///
    /// When it does not in time, with the screen and the end of the transcript.
    pub fn wait_for_screen<T>(
        &self,
        what: &str,
        limit: Duration,
        mut condition: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, HarnessError> {
        self.shared
            .wait(limit, |state| condition(&state.screen.screen().contents()))
            .ok_or_else(|| self.timeout(what.to_owned(), limit))
    }

    /// The same for the lines above the cursor: the one that it stands in may be half written. A page
    /// that is drawn leaves it in the last line.
    ///
    /// # Errors
    ///
    /// When it does not in time, with the screen and the end of the transcript.
    pub fn wait_for_drawn_lines<T>(
        &self,
        what: &str,
        limit: Duration,
        mut condition: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, HarnessError> {
        self.shared
            .wait(limit, |state| condition(&drawn_lines(state.screen.screen())))
            .ok_or_else(|| self.timeout(what.to_owned(), limit))
    }

    /// What a terminal would show now.
    #[must_use]
    pub fn screen(&self) -> String {
        self.shared.lock().screen.screen().contents()
    }

    /// What a terminal of another size would show now, if it had shown everything since the last
    /// [`Serial::forget`].
    #[must_use]
    pub fn screen_of(&self, lines: u16, columns: u16) -> String {
        let state = self.shared.lock();
        let mut screen = vt100::Parser::new(lines, columns, 0);
        screen.process(state.transcript.get(self.cleared..).unwrap_or_default());
        screen.screen().contents()
    }

    /// Everything that the guest has written, with escape sequences.
    #[must_use]
    pub fn transcript(&self) -> String {
        lossy(&self.shared.lock().transcript)
    }

    /// How many bytes the guest has written.
    #[must_use]
    pub fn written(&self) -> usize {
        self.shared.lock().transcript.len()
    }

    /// Makes the next [`Serial::expect`] look only at what comes from now on, and clears the
    /// screen, so that nothing of an earlier start is taken for the present one.
    pub fn forget(&mut self) {
        let mut state = self.shared.lock();
        self.position = state.transcript.len();
        self.cleared = self.position;
        state.screen = vt100::Parser::new(LINES, COLUMNS, 0);
    }

    /// Sends bytes as they are, without waiting for an echo.
    ///
    /// # Errors
    ///
    /// When the line is closed.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), HarnessError> {
        self.writer.write_all(bytes).map_err(HarnessError::io("write to the serial line"))
    }

    /// Presses a key.
    ///
    /// # Errors
    ///
    /// When the line is closed.
    pub fn press(&mut self, key: Key) -> Result<(), HarnessError> {
        self.send(&[key.byte()])
    }

    /// Types a text, each character after the guest has answered the one before: neither GRUB nor
    /// the emulated line has a buffer for more.
    ///
    /// # Errors
    ///
    /// When the guest does not echo a character in time.
    pub fn type_text(&mut self, text: &str) -> Result<(), HarnessError> {
        for byte in text.bytes() {
            self.press_and_wait_for_echo(byte)?;
        }
        Ok(())
    }

    /// Presses a key and waits until the guest has written something in answer.
    ///
    /// # Errors
    ///
    /// When the guest writes nothing in time.
    pub fn press_echoed(&mut self, key: Key) -> Result<(), HarnessError> {
        self.press_and_wait_for_echo(key.byte())
    }

    fn press_and_wait_for_echo(&mut self, byte: u8) -> Result<(), HarnessError> {
        let before = self.written();
        self.send(&[byte])?;
        self.shared
            .wait(limits::KEYSTROKE, |state| (state.transcript.len() > before).then_some(()))
            .ok_or_else(|| self.timeout("an answer to a keystroke".to_owned(), limits::KEYSTROKE))
    }

    fn timeout(&self, what: String, limit: Duration) -> HarnessError {
        let transcript = self.transcript();
        let mut start = transcript.len().saturating_sub(SHOWN_TRANSCRIPT_BYTES);
        while !transcript.is_char_boundary(start) {
            start += 1;
        }
        let end = transcript.get(start..).unwrap_or_default().replace('\u{1b}', "^[");
        let console = format!("{}\n--- end of the transcript ---\n{end}", self.screen());
        HarnessError::Timeout { what, limit, console }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, mut reader: impl Read, mut copy: Option<Box<dyn Write + Send>>) {
        let mut buffer = [0; 4096];
        while let Ok(length) = reader.read(&mut buffer) {
            let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
            if let Some(copy) = &mut copy {
                let _ = copy.write_all(bytes).and_then(|()| copy.flush());
            }
            let mut state = self.lock();
            state.transcript.extend_from_slice(bytes);
            state.screen.process(bytes);
            self.changed.notify_all();
        }
        self.lock().is_open = false;
        self.changed.notify_all();
    }

    /// Looks after every change until `look` yields something, the line is closed or time is up.
    fn wait<T>(&self, limit: Duration, mut look: impl FnMut(&mut State) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            if let Some(found) = look(&mut state) {
                return Some(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !state.is_open {
                return None;
            }
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

/// The lines above the cursor.
fn drawn_lines(screen: &vt100::Screen) -> String {
    screen.contents_between(0, 0, screen.cursor_position().0, 0)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    fn line() -> (Serial, UnixStream) {
        let (ours, guest) = UnixStream::pair().expect("pair");
        (Serial::new(ours.try_clone().expect("clone"), ours, None), guest)
    }

    #[test]
    fn expects_in_order_and_captures() {
        let (mut serial, mut guest) = line();
        guest.write_all(b"slot a try 1\r\nslot b try 2\r\n").expect("write");
        assert_eq!(serial.expect("slot (.) try", SOON).expect("first")[1], "a");
        assert_eq!(serial.expect("slot (.) try", SOON).expect("second")[1], "b");
    }

    #[test]
    fn shows_what_a_terminal_shows() {
        let (serial, mut guest) = line();
        guest.write_all(b"old text\x1b[2J\x1b[Hnew\x1b[2;1Htext").expect("write");
        let shown = serial.wait_for_screen("text", SOON, |screen| {
            screen.contains("text").then(|| screen.trim_end().to_owned())
        });
        assert_eq!(shown.expect("shown"), "new\ntext");
    }

    #[test]
    fn leaves_out_the_line_that_is_being_drawn() {
        let mut screen = vt100::Parser::new(LINES, COLUMNS, 0);
        screen.process(b"\x1b[HPlease go to:\r\nhttps://10.99.0.5");
        assert_eq!(drawn_lines(screen.screen()).trim_end(), "Please go to:");
        screen.process(b"0\r\nto manage");
        assert_eq!(drawn_lines(screen.screen()).trim_end(), "Please go to:\nhttps://10.99.0.50");
    }

    #[test]
    fn types_each_character_after_the_echo_of_the_last() {
        let (mut serial, mut guest) = line();
        let echo = thread::spawn(move || {
            let mut typed = Vec::new();
            while typed.len() < 3 {
                let mut byte = [0];
                guest.read_exact(&mut byte).expect("read");
                typed.extend(byte);
                guest.write_all(&byte).expect("echo");
            }
            typed
        });
        serial.type_text("a;b").expect("typed");
        assert_eq!(echo.join().expect("echo"), b"a;b");
    }

    #[test]
    fn fails_with_the_transcript_when_the_line_closes() {
        let (mut serial, mut guest) = line();
        guest.write_all(b"Kernel panic").expect("write");
        drop(guest);
        let error = serial.expect("landing page", SOON).expect_err("closed");
        assert!(error.to_string().contains("Kernel panic"), "{error}");
    }
}
