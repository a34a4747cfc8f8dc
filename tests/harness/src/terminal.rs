//! The terminal that `appliance run` was started in.

use std::io::{IsTerminal, Stdin, Write, stdin, stdout};
use std::sync::{Arc, Mutex, PoisonError};

use harness::HarnessError;
use nix::sys::termios::{self, SetArg, Termios};

/// Line of the terminal below the appliance's screen, where the link is shown.
const FOOTER_LINE: u16 = 27;

/// The terminal in raw mode, so that keys reach the appliance; dropping it restores the terminal.
pub(crate) struct RawMode {
    stdin: Stdin,
    before: Termios,
}

impl RawMode {
    /// Switches to raw mode; `None` when standard input is no terminal.
    ///
    /// # Errors
    ///
    /// When the terminal refuses.
    pub(crate) fn enter() -> Result<Option<Self>, HarnessError> {
        let stdin = stdin();
        if !stdin.is_terminal() {
            return Ok(None);
        }
        let failed = |error: nix::Error| HarnessError::io("set up the terminal")(error.into());
        let before = termios::tcgetattr(&stdin).map_err(failed)?;
        let mut raw = before.clone();
        termios::cfmakeraw(&mut raw);
        termios::tcsetattr(&stdin, SetArg::TCSANOW, &raw).map_err(failed)?;
        Ok(Some(Self { stdin, before }))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(&self.stdin, SetArg::TCSANOW, &self.before);
    }
}

/// Standard output with the appliance's console on it and, on a terminal, a footer of ours that is
/// drawn again after every output, because the appliance may clear the screen.
#[derive(Clone, Debug)]
pub(crate) struct View {
    footer: Arc<Mutex<Vec<String>>>,
    sequence: Sequence,
    is_terminal: bool,
}

/// Where the appliance's output stands: the footer must not come between the bytes of an escape
/// sequence (ECMA-48 section 5.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sequence {
    #[default]
    None,
    Escape,
    Control,
}

impl Sequence {
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (_, 0x1b) => Self::Escape,
            (Self::Escape, b'[') => Self::Control,
            (Self::Control, 0x20..=0x3f) => Self::Control,
            _ => Self::None,
        }
    }
}

impl View {
    pub(crate) fn new() -> Self {
        let sequence = Sequence::default();
        Self { footer: Arc::default(), sequence, is_terminal: stdout().is_terminal() }
    }

    /// Shows lines: below the console on a terminal, as plain lines otherwise.
    pub(crate) fn show(&self, lines: Vec<String>) {
        if self.is_terminal {
            *self.footer.lock().unwrap_or_else(PoisonError::into_inner) = lines;
            let _ = self.draw();
        } else {
            let _ = writeln!(stdout(), "\n{}", lines.join("\n"));
        }
    }

    fn draw(&self) -> std::io::Result<()> {
        let footer = self.footer.lock().unwrap_or_else(PoisonError::into_inner);
        if footer.is_empty() {
            return Ok(());
        }
        let mut output = stdout().lock();
        // Save the cursor, write line by line, restore the cursor.
        write!(output, "\x1b7")?;
        for (line, text) in (FOOTER_LINE..).zip(footer.iter()) {
            write!(output, "\x1b[{line};1H\x1b[0m\x1b[K{text}")?;
        }
        write!(output, "\x1b8")?;
        output.flush()
    }
}

impl Write for View {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = stdout().write(bytes)?;
        let written = bytes.iter().take(length);
        self.sequence = written.fold(self.sequence, |sequence, byte| sequence.after(*byte));
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        stdout().flush()?;
        if self.sequence == Sequence::None { self.draw() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_when_an_escape_sequence_is_unfinished() {
        let after = |text: &str| text.bytes().fold(Sequence::None, Sequence::after);
        for unfinished in ["a\x1b", "\x1b[", "\x1b[12;", "\x1b[?25"] {
            assert_ne!(after(unfinished), Sequence::None, "{unfinished:?}");
        }
        for finished in ["a", "\x1b[H", "\x1b[12;1H", "\x1b[?25lx", "\x1b7"] {
            assert_eq!(after(finished), Sequence::None, "{finished:?}");
        }
    }
}
