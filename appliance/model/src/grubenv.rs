//! GRUB's environment block: 1024 bytes of `key=value` lines, filled up with `#`.
//!
//! Userland rewrites it in place, never longer or shorter, because GRUB's `save_env` writes the
//! file's own blocks. The variables of [`crate::boot_slots`] stay within the first sector, which a disk
//! writes whole or not at all: a power cut leaves the old block or the new one. Unknown variables are
//! kept.

use thiserror::Error;

/// Exact size of the file in bytes.
pub const GRUBENV_BYTES: usize = 1024;
/// Bytes of the block that a disk writes at once.
pub const SECTOR_BYTES: usize = 512;

const HEADER: &str = "# GRUB Environment Block\n";

/// The variables of the block, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrubEnv {
    variables: Vec<(String, String)>,
}

/// The block cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GrubEnvError {
    /// Not [`GRUBENV_BYTES`] long.
    #[error("grubenv is not 1024 bytes long")]
    Length,
    /// The first line is not GRUB's.
    #[error("grubenv does not begin with GRUB's header line")]
    Header,
    /// A line without `=`, or bytes that are not UTF-8.
    #[error("grubenv has an unreadable line")]
    Line,
    /// The variables do not fit.
    #[error("the variables do not fit into grubenv")]
    Full,
}

impl GrubEnv {
    /// Reads a block.
    ///
    /// # Errors
    ///
    /// [`GrubEnvError`] when it is not a block that GRUB would read.
    pub fn decode(block: &[u8]) -> Result<Self, GrubEnvError> {
        if block.len() != GRUBENV_BYTES {
            return Err(GrubEnvError::Length);
        }
        let text = std::str::from_utf8(block).map_err(|_| GrubEnvError::Line)?;
        let body = text.strip_prefix(HEADER).ok_or(GrubEnvError::Header)?;
        // What fills the block up begins on a line of its own; without it the last value is cut off.
        let filler = body.rsplit('\n').next().unwrap_or_default();
        if !filler.is_empty() && !filler.starts_with('#') {
            return Err(GrubEnvError::Line);
        }
        let mut variables = Vec::new();
        for line in body.split('\n').filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once('=').ok_or(GrubEnvError::Line)?;
            variables.push((key.to_owned(), value.to_owned()));
        }
        Ok(Self { variables })
    }

    /// The block as GRUB reads it.
    ///
    /// # Errors
    ///
    /// [`GrubEnvError::Full`] when the variables need more than the fixed size.
    pub fn encode(&self) -> Result<[u8; GRUBENV_BYTES], GrubEnvError> {
        let lines: String =
            self.variables.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        let text = format!("{HEADER}{lines}");
        let mut block = [b'#'; GRUBENV_BYTES];
        block.get_mut(..text.len()).ok_or(GrubEnvError::Full)?.copy_from_slice(text.as_bytes());
        Ok(block)
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.variables.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Sets a variable; the value has no line feed, no backslash and no NUL.
    pub fn set(&mut self, key: &str, value: &str) {
        match self.variables.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.variables.push((key.to_owned(), value.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn new() -> GrubEnv {
        let mut block = GrubEnv::default();
        block.set("order", "a b");
        block
    }

    #[test]
    fn refuses_what_grub_would_not_read() {
        assert_eq!(GrubEnv::decode(b""), Err(GrubEnvError::Length));
        assert_eq!(GrubEnv::decode(&[b'#'; GRUBENV_BYTES]), Err(GrubEnvError::Header));
        let mut block = new().encode().expect("fits");
        block[HEADER.len()] = 0xff;
        assert_eq!(GrubEnv::decode(&block), Err(GrubEnvError::Line));
    }

    #[test]
    fn refuses_a_last_line_that_runs_into_the_end() {
        let mut text = format!("{HEADER}order=b a\nother=kept");
        text.push_str(&"#".repeat(GRUBENV_BYTES - text.len()));
        assert_eq!(GrubEnv::decode(text.as_bytes()), Err(GrubEnvError::Line));
    }

    #[test]
    fn refuses_more_than_fits() {
        let mut block = new();
        block.set("x", &"y".repeat(GRUBENV_BYTES));
        assert_eq!(block.encode(), Err(GrubEnvError::Full));
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(values in proptest::collection::btree_map("[a-z_]{1,12}", "[^\n\u{0}]{0,20}", 0..8)) {
            let mut block = new();
            for (key, value) in &values {
                block.set(key, value);
            }
            prop_assert_eq!(GrubEnv::decode(&block.encode().expect("fits")), Ok(block));
        }

        #[test]
        fn never_panics_on_garbage(bytes in proptest::collection::vec(any::<u8>(), 0..1100)) {
            let _ = GrubEnv::decode(&bytes);
        }
    }
}
