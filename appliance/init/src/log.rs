//! What the roles print, as lines of the kernel's log.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use model::journal::kernel_log::{encode, severity_and_rest};
use model::journal::{Severity, Source};
use model::lines::{Lines, Next};
use model::role::Role;

/// Longest line, in bytes: what the kernel takes in one message, less the prefix.
const MAX_LINE_BYTES: usize = 900;
/// Lines that a role may print in one [`WINDOW`]; more are counted and left out.
const MAX_LINES: u32 = 200;
const WINDOW: Duration = Duration::from_secs(10);
/// Read from one role before the others get their turn.
const READ_BYTES: usize = 4096;

/// The kernel's log.
#[derive(Debug)]
pub(crate) struct Log(Option<File>);

impl Log {
    /// Opens the log. Without one, messages are lost.
    pub(crate) fn open() -> Self {
        Self(sys::kernel::open_log().ok())
    }

    /// Says what PID 1 does.
    pub(crate) fn say(&self, message: &str) {
        self.write(Source::Init, Severity::Informational, message);
    }

    /// Says what went wrong for PID 1.
    pub(crate) fn warn(&self, message: &str) {
        self.write(Source::Init, Severity::Warning, message);
    }

    fn write(&self, source: Source, severity: Severity, message: &str) {
        if let Some(mut file) = self.0.as_ref() {
            // The log is where errors go; there is nowhere to report its own.
            let _ = file.write_all(encode(source, severity, message).as_bytes());
        }
    }
}

/// The output of one process of a role.
#[derive(Debug)]
pub(crate) struct Output {
    role: Role,
    pipe: File,
    lines: Lines,
    window_since: Instant,
    lines_in_window: u32,
}

impl Output {
    /// The reading end of a role's pipe, which must not block.
    pub(crate) fn new(role: Role, pipe: OwnedFd, now: Instant) -> Self {
        let lines = Lines::new(MAX_LINE_BYTES);
        Self { role, pipe: pipe.into(), lines, window_since: now, lines_in_window: 0 }
    }

    /// Copies what there is to the log. Says whether more can come.
    pub(crate) fn copy(&mut self, log: &Log, now: Instant) -> bool {
        let mut buffer = [0; READ_BYTES];
        let is_open = match self.pipe.read(&mut buffer) {
            Ok(0) => false,
            Ok(length) => {
                self.lines.add(buffer.get(..length).unwrap_or_default());
                true
            }
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        };
        while let Next::Line(line) | Next::TooLong(line) = self.lines.take_next() {
            self.write(log, &line, now);
        }
        if !is_open && let Some(line) = self.lines.rest() {
            self.write(log, &line, now);
        }
        is_open
    }

    /// Keeps a role that prints without end from pushing everything else out of the log.
    fn write(&mut self, log: &Log, line: &[u8], now: Instant) {
        let source = Source::Role(self.role);
        if now.saturating_duration_since(self.window_since) >= WINDOW {
            if let Some(omitted @ 1..) = self.lines_in_window.checked_sub(MAX_LINES) {
                let message = format!("{omitted} lines left out");
                log.write(source, Severity::Warning, &message);
            }
            (self.window_since, self.lines_in_window) = (now, 0);
        }
        self.lines_in_window = self.lines_in_window.saturating_add(1);
        if self.lines_in_window <= MAX_LINES {
            let line = String::from_utf8_lossy(line);
            let (severity, message) = severity_and_rest(&line);
            log.write(source, severity, message);
        }
    }
}

impl AsFd for Output {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;

    #[test]
    fn counts_the_lines_of_a_role_that_it_leaves_out() {
        let mut file = tempfile::tempfile().expect("file");
        let log = Log(Some(file.try_clone().expect("duplicate")));
        let (read, write) = sys::process::output_pipe().expect("pipe");
        let (start, mut write) = (Instant::now(), File::from(write));
        let mut output = Output::new(Role::Web, read, start);
        assert!(output.copy(&log, start), "nothing to read is not the end");
        for _ in 0..MAX_LINES + 2 {
            write.write_all(b" WARN again\n").expect("room");
            assert!(output.copy(&log, start));
        }
        write.write_all(b"last \x1b[2J").expect("room");
        drop(write);
        while output.copy(&log, start + WINDOW) {}
        let mut text = String::new();
        file.rewind().expect("rewound");
        file.read_to_string(&mut text).expect("text");
        let lines = "<12>connector web: again".repeat(200);
        let end = "<12>connector web: 2 lines left out<11>connector web: last  [2J";
        assert_eq!(text, lines + end);
    }
}
