//! The protocol of Xen's store, as `/dev/xen/xenbus` speaks it, and what a guest writes there.
//!
//! A message is a header of four little-endian words (type, request, transaction, length) and a payload
//! of texts that end with a zero each. Sources: Xen's `docs/misc/xenstore.txt`, and `xs_wire.h` (MIT).

mod nodes;

pub use nodes::{Step, StoreFacts, VirtualInterface, steps};
use thiserror::Error;

/// Bytes of a header.
pub const HEADER_BYTES: usize = 16;
/// Longest payload that is received, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 4096;
/// Longest payload that is sent: Linux takes header and payload together in one buffer of 4096 bytes.
pub const MAX_SENT_BYTES: usize = MAX_PAYLOAD_BYTES - HEADER_BYTES;
/// Longest path relative to the guest's own directory, in bytes.
const MAX_PATH_BYTES: usize = 2048;

/// Type of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lists the children of a node.
    Directory,
    /// Reads a node.
    Read,
    /// Tells when a node changes.
    Watch,
    /// Ends that.
    Unwatch,
    /// Begins a transaction.
    TransactionStart,
    /// Ends one.
    TransactionEnd,
    /// Writes a node.
    Write,
    /// Removes a node with its children.
    Remove,
    /// A watched node has changed.
    WatchEvent,
    /// The request has failed.
    Error,
}

/// Each type with its number.
const KINDS: [(Kind, u32); 10] = [
    (Kind::Directory, 1),
    (Kind::Read, 2),
    (Kind::Watch, 4),
    (Kind::Unwatch, 5),
    (Kind::TransactionStart, 6),
    (Kind::TransactionEnd, 7),
    (Kind::Write, 11),
    (Kind::Remove, 13),
    (Kind::WatchEvent, 15),
    (Kind::Error, 16),
];

impl Kind {
    fn number(self) -> u32 {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or(u32::MAX, |(_, number)| *number)
    }

    fn of(number: u32) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == number).map(|(kind, _)| *kind)
    }
}

/// Why the store refuses something.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// There is no such node (`ENOENT`).
    #[error("the store has no such node")]
    NotFound,
    /// Somebody has changed what the transaction read (`EAGAIN`): do it again.
    #[error("the transaction met another one")]
    Conflict,
    /// The guest may not (`EACCES`).
    #[error("the store does not allow it")]
    Denied,
    /// Any other error, by its name.
    #[error("the store says {0}")]
    Other(String),
    /// A message that cannot be read, after which nothing can be.
    #[error("the store sent {0}")]
    Unreadable(&'static str),
    /// A path or value that the protocol cannot carry.
    #[error("{0} cannot be sent to the store")]
    Unsendable(&'static str),
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Type.
    pub kind: Kind,
    /// Number that the answer repeats; 0 in an event.
    pub request: u32,
    /// Transaction; 0 = none.
    pub transaction: u32,
    /// The texts, each with the zero at its end where the protocol has one.
    pub payload: Vec<u8>,
}

impl Message {
    fn new(kind: Kind, payload: Vec<u8>) -> Self {
        Self { kind, request: 0, transaction: 0, payload }
    }

    /// Reads a node.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsendable`] when the path is none.
    pub fn read(path: &str) -> Result<Self, StoreError> {
        Ok(Self::new(Kind::Read, terminated(&[check_path(path)?])))
    }

    /// Lists the children of a node.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn directory(path: &str) -> Result<Self, StoreError> {
        Ok(Self::new(Kind::Directory, terminated(&[check_path(path)?])))
    }

    /// Removes a node with its children.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn remove(path: &str) -> Result<Self, StoreError> {
        Ok(Self::new(Kind::Remove, terminated(&[check_path(path)?])))
    }

    /// Writes a node. Missing nodes above it are made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsendable`] when the path is none or the value too long.
    pub fn write(path: &str, value: &str) -> Result<Self, StoreError> {
        let mut payload = terminated(&[check_path(path)?]);
        payload.extend_from_slice(value.as_bytes());
        if payload.len() > MAX_SENT_BYTES {
            return Err(StoreError::Unsendable("a value this long"));
        }
        Ok(Self::new(Kind::Write, payload))
    }

    /// Watches a node; events repeat the token.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsendable`] when path or token is none.
    pub fn watch(path: &str, token: &str) -> Result<Self, StoreError> {
        Ok(Self::new(Kind::Watch, terminated(&[check_path(path)?, check_path(token)?])))
    }

    /// Ends a watch.
    ///
    /// # Errors
    ///
    /// As [`Self::watch`].
    pub fn unwatch(path: &str, token: &str) -> Result<Self, StoreError> {
        Ok(Self::new(Kind::Unwatch, terminated(&[check_path(path)?, check_path(token)?])))
    }

    /// Begins a transaction.
    #[must_use]
    pub fn transaction_start() -> Self {
        Self::new(Kind::TransactionStart, terminated(&[""]))
    }

    /// Ends a transaction; its changes hold, or are dropped.
    #[must_use]
    pub fn transaction_end(transaction: u32, holds: bool) -> Self {
        let payload = terminated(&[if holds { "T" } else { "F" }]);
        Self::new(Kind::TransactionEnd, payload).within(transaction)
    }

    /// The same within a transaction.
    #[must_use]
    pub const fn within(mut self, transaction: u32) -> Self {
        self.transaction = transaction;
        self
    }

    /// The same with a number.
    #[must_use]
    pub const fn numbered(mut self, request: u32) -> Self {
        self.request = request;
        self
    }

    /// The bytes that are sent, in one write.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let words = [self.kind.number(), self.request, self.transaction, length];
        let mut bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// Takes the first message off a buffer; `None` while it is not whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreadable`]: the stream is lost, and the device has to be opened again.
    pub fn decode(buffer: &mut Vec<u8>) -> Result<Option<Self>, StoreError> {
        let Some(header) = buffer.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
        let word = |index: usize| {
            let at = index * 4;
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let kind = Kind::of(word(0)).ok_or(StoreError::Unreadable("a message of unknown type"))?;
        let (request, transaction) = (word(1), word(2));
        let length = usize::try_from(word(3)).unwrap_or(usize::MAX);
        if length > MAX_PAYLOAD_BYTES {
            return Err(StoreError::Unreadable("a message that is too long"));
        }
        let end = HEADER_BYTES + length;
        if buffer.len() < end {
            return Ok(None);
        }
        let payload = buffer.drain(..end).skip(HEADER_BYTES).collect();
        Ok(Some(Self { kind, request, transaction, payload }))
    }

    /// The texts of an answer or event.
    ///
    /// # Errors
    ///
    /// The error that the answer is, or [`StoreError::Unreadable`].
    pub fn texts(&self) -> Result<Vec<&str>, StoreError> {
        let text = str::from_utf8(&self.payload)
            .map_err(|_| StoreError::Unreadable("a text that is not UTF-8"))?;
        let text = text.strip_suffix('\0').unwrap_or(text);
        let texts: Vec<_> = text.split('\0').collect();
        match (self.kind, texts.first().copied().unwrap_or_default()) {
            (Kind::Error, "ENOENT") => Err(StoreError::NotFound),
            (Kind::Error, "EAGAIN") => Err(StoreError::Conflict),
            (Kind::Error, "EACCES" | "EPERM") => Err(StoreError::Denied),
            (Kind::Error, name) => Err(StoreError::Other(name.chars().take(32).collect())),
            _ if self.payload.is_empty() => Ok(Vec::new()),
            _ => Ok(texts),
        }
    }

    /// The transaction that an answer to [`Self::transaction_start`] opens.
    ///
    /// # Errors
    ///
    /// As [`Self::texts`].
    pub fn opened_transaction(&self) -> Result<u32, StoreError> {
        const UNREADABLE: StoreError = StoreError::Unreadable("a transaction that is no number");
        match self.texts()?[..] {
            [number] => number.parse().map_err(|_| UNREADABLE),
            _ => Err(UNREADABLE),
        }
    }
}

fn terminated(texts: &[&str]) -> Vec<u8> {
    texts.iter().flat_map(|text| text.bytes().chain([0])).collect()
}

/// A path as the store has them: letters, digits and `-/_@`, without an empty part.
fn check_path(path: &str) -> Result<&str, StoreError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-/_@".contains(&byte);
    let is_path = (1..=MAX_PATH_BYTES).contains(&path.len())
        && path.bytes().all(is_allowed)
        && !path.contains("//")
        && !path.ends_with('/');
    if is_path { Ok(path) } else { Err(StoreError::Unsendable("a text that is no path")) }
}

#[cfg(test)]
mod tests;
