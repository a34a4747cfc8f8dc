//! GRUB's environment block: 1024 bytes of `key=value` lines, filled up with `#`.
//!
//! It holds the order of the slots and how often each was tried since it last came up healthy.
//! Userland rewrites it in place, never longer or shorter, because GRUB's `save_env` writes the
//! file's own blocks. Unknown variables are kept.

use thiserror::Error;

use crate::slot::Slot;

/// Exact size of the file in bytes.
pub const GRUBENV_BYTES: usize = 1024;
/// How often a slot is tried before the next one in the order takes over.
pub const MAX_TRIES: u8 = 3;
/// Variable with the order of the slots, such as `a b`.
pub const ORDER: &str = "order";

const HEADER: &str = "# GRUB Environment Block\n";

/// Variable that counts the tries of a slot.
#[must_use]
pub const fn tries_variable(slot: Slot) -> &'static str {
    match slot {
        Slot::A => "a_tries",
        Slot::B => "b_tries",
    }
}

/// The variables of the block, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The block of a new disk: slot A first, nothing tried.
    #[must_use]
    pub fn new() -> Self {
        let mut block = Self { variables: Vec::new() };
        block.set(ORDER, "a b");
        for slot in Slot::ALL {
            block.set(tries_variable(slot), "0");
        }
        block
    }

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

    /// How often a slot was tried since it last came up healthy.
    #[must_use]
    pub fn tries(&self, slot: Slot) -> u8 {
        self.get(tries_variable(slot)).and_then(|tries| tries.parse().ok()).unwrap_or(0)
    }

    /// Notes that a slot came up healthy. Says whether that changed anything.
    pub fn mark_good(&mut self, slot: Slot) -> bool {
        let key = tries_variable(slot);
        if self.get(key) == Some("0") {
            return false;
        }
        self.set(key, "0");
        true
    }

    fn set(&mut self, key: &str, value: &str) {
        match self.variables.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.variables.push((key.to_owned(), value.to_owned())),
        }
    }
}

impl Default for GrubEnv {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marking_good_resets_only_that_slot_and_keeps_unknown_variables() {
        let mut text = format!("{HEADER}order=b a\na_tries=2\nb_tries=1\nsaved_entry=x\n");
        text.push_str(&"#".repeat(GRUBENV_BYTES - text.len()));
        let mut block = GrubEnv::decode(text.as_bytes()).expect("valid");
        assert!(block.mark_good(Slot::B));
        assert!(!block.mark_good(Slot::B));
        assert_eq!((block.tries(Slot::A), block.tries(Slot::B)), (2, 0));
        assert_eq!(block.get("saved_entry"), Some("x"));
        assert_eq!(block.get(ORDER), Some("b a"));
    }

    #[test]
    fn refuses_what_grub_would_not_read() {
        assert_eq!(GrubEnv::decode(b""), Err(GrubEnvError::Length));
        assert_eq!(GrubEnv::decode(&[b'#'; GRUBENV_BYTES]), Err(GrubEnvError::Header));
        let mut block = GrubEnv::new().encode().expect("fits");
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
        let mut block = GrubEnv::new();
        block.set("x", &"y".repeat(GRUBENV_BYTES));
        assert_eq!(block.encode(), Err(GrubEnvError::Full));
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(values in proptest::collection::btree_map("[a-z_]{1,12}", "[^\n\u{0}]{0,20}", 0..8)) {
            let mut block = GrubEnv::new();
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
