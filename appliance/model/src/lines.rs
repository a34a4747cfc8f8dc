//! Splitting streams of bytes into lines of limited length.

/// Collects what was read until a line is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    bytes: Vec<u8>,
    limit_bytes: usize,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A line, without its line feed.
    Line(Vec<u8>),
    /// The first part of a line that is longer than the limit.
    TooLong(Vec<u8>),
    /// No complete line yet.
    Incomplete,
}

impl Lines {
    /// Lines of at most this many bytes, without their line feeds.
    #[must_use]
    pub const fn new(limit_bytes: usize) -> Self {
        Self { bytes: Vec::new(), limit_bytes }
    }

    /// Adds what was read. The caller takes all lines before it adds more, which bounds the memory.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the next line.
    #[must_use]
    pub fn take_next(&mut self) -> Next {
        match self.bytes.iter().take(self.limit_bytes + 1).position(|byte| *byte == b'\n') {
            Some(end) => {
                let mut line: Vec<u8> = self.bytes.drain(..=end).collect();
                line.pop();
                Next::Line(line)
            }
            None if self.bytes.len() > self.limit_bytes => {
                Next::TooLong(self.bytes.drain(..self.limit_bytes).collect())
            }
            None => Next::Incomplete,
        }
    }

    /// Takes what is left when the stream has ended.
    #[must_use]
    pub fn rest(&mut self) -> Option<Vec<u8>> {
        (!self.bytes.is_empty()).then(|| std::mem::take(&mut self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_of_exactly_the_limit_is_whole_and_a_longer_one_is_cut() {
        let mut lines = Lines::new(3);
        lines.add(b"abc\nabcd\n\nx");
        assert_eq!(lines.take_next(), Next::Line(b"abc".to_vec()));
        assert_eq!(lines.take_next(), Next::TooLong(b"abc".to_vec()));
        assert_eq!(lines.take_next(), Next::Line(b"d".to_vec()));
        assert_eq!(lines.take_next(), Next::Line(Vec::new()));
        assert_eq!(lines.take_next(), Next::Incomplete);
        assert_eq!((lines.rest(), lines.rest()), (Some(b"x".to_vec()), None));
    }

    proptest! {
        #[test]
        fn loses_nothing_however_the_stream_is_cut(chunks in proptest::collection::vec("[a-c\n]{0,9}", 0..20)) {
            let mut lines = Lines::new(4);
            let mut seen = Vec::new();
            for chunk in &chunks {
                lines.add(chunk.as_bytes());
                loop {
                    match lines.take_next() {
                        Next::Line(line) => { seen.extend(line); seen.push(b'\n'); }
                        Next::TooLong(part) => { prop_assert_eq!(part.len(), 4); seen.extend(part); }
                        Next::Incomplete => break,
                    }
                }
                prop_assert!(lines.bytes.len() <= 4);
            }
            seen.extend(lines.rest().unwrap_or_default());
            prop_assert_eq!(seen, chunks.concat().into_bytes());
        }
    }
}
