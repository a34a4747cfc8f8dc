//! A terminal that the page is drawn on.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};

/// Hides the cursor and, on the Linux console, keeps the screen from going blank.
const PREPARE: &str = "\x1b[?25l\x1b[9;0]";
const HOME: &str = "\x1b[H";
const CLEAR_LINE_END: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// An open terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    device: File,
}

impl Terminal {
    /// Opens a terminal for writing and prepares it.
    pub(crate) fn open(path: &str) -> io::Result<Self> {
        let mut device = OpenOptions::new().write(true).open(path)?;
        device.write_all(PREPARE.as_bytes())?;
        Ok(Self { device })
    }

    /// Draws the page over what is there. Blocks while the line is slow: 2 KiB take 0.2 s at
    /// 115 200 baud.
    pub(crate) fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        self.device.write_all(drawing(lines).as_bytes())
    }
}

/// The page as terminal output: line by line over the old one, so that nothing flickers.
///
/// Each line is cleared before it is written: after a character in the last column the cursor still
/// stands on it, and clearing to the end of the line would take that character away.
fn drawing(lines: &[String]) -> String {
    let (last, others) = lines.split_last().map_or(("", lines), |(last, others)| (last, others));
    let body: String = others.iter().map(|line| format!("{CLEAR_LINE_END}{line}\r\n")).collect();
    format!("{HOME}{body}{CLEAR_BELOW}{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clears_what_was_there_before_each_line_and_never_after_it() {
        let lines = ["a".to_owned(), "b".to_owned()];
        assert_eq!(drawing(&lines), "\x1b[H\x1b[Ka\r\n\x1b[Jb");
    }
}
