//! Cuts what comes from the port into lines.

use super::SENTINEL;

/// Longest request in bytes. Those of the commands here have less than 200.
pub const MAX_LINE_BYTES: usize = 16 * 1024;

/// A line without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// As it came.
    Whole(Vec<u8>),
    /// It was longer than [`MAX_LINE_BYTES`] and is dropped.
    TooLong,
}

/// What came and is not yet a line. Holds at most [`MAX_LINE_BYTES`].
#[derive(Debug, Default)]
pub struct Framer {
    pub(super) pending: Vec<u8>,
    is_too_long: bool,
}

impl Framer {
    /// Takes bytes and gives the lines that they complete. The byte 0xFF drops what came before it on
    /// the line: a client sends it to get rid of what an earlier one has left.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        for byte in bytes {
            match *byte {
                SENTINEL => {
                    self.pending.clear();
                    self.is_too_long = false;
                }
                b'\n' => lines.push(self.end_line()),
                _ if self.pending.len() == MAX_LINE_BYTES => self.is_too_long = true,
                byte => self.pending.push(byte),
            }
        }
        lines
    }

    fn end_line(&mut self) -> Line {
        let line = std::mem::take(&mut self.pending);
        if std::mem::take(&mut self.is_too_long) { Line::TooLong } else { Line::Whole(line) }
    }
}
