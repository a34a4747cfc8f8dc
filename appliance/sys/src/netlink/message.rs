//! The frame of netlink messages and their attributes.

use thiserror::Error;

/// Bytes of `struct nlmsghdr`.
const HEADER_BYTES: usize = 16;
/// Bytes of `struct rtattr`.
const ATTRIBUTE_HEADER_BYTES: usize = 4;
const ALIGNMENT: usize = 4;
/// Attribute types carry two flags in their upper bits.
const ATTRIBUTE_TYPE_MASK: u16 = 0x3fff;

/// A message of the kernel that does not follow its own format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the kernel sent a damaged netlink message")]
pub struct DecodeError;

/// A request in the making.
#[derive(Clone, Debug)]
pub(super) struct Request(Vec<u8>);

impl Request {
    /// A request of this type, with the fixed part of its payload.
    pub(super) fn new(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Self {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
        bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
        bytes[8..12].copy_from_slice(&sequence.to_ne_bytes());
        bytes.extend_from_slice(payload);
        Self(bytes)
    }

    /// Adds an attribute. Values are at most a few bytes long.
    pub(super) fn attribute(mut self, kind: u16, value: &[u8]) -> Self {
        let length = u16::try_from(ATTRIBUTE_HEADER_BYTES + value.len());
        self.0.resize(self.0.len().next_multiple_of(ALIGNMENT), 0);
        self.0.extend_from_slice(&length.unwrap_or_default().to_ne_bytes());
        self.0.extend_from_slice(&kind.to_ne_bytes());
        self.0.extend_from_slice(value);
        self
    }

    /// The bytes to send.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len().next_multiple_of(ALIGNMENT), 0);
        let length = u32::try_from(self.0.len()).unwrap_or_default();
        self.0[..4].copy_from_slice(&length.to_ne_bytes());
        self.0
    }
}

/// A message from the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    pub(super) sequence: u32,
    pub(super) payload: &'a [u8],
}

/// Splits what one `recv` returned.
pub(super) fn messages(mut bytes: &[u8]) -> impl Iterator<Item = Result<Message<'_>, DecodeError>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let message = split_message(bytes);
        bytes = message.as_ref().map_or(&[], |(_, rest)| rest);
        Some(message.map(|(message, _)| message).ok_or(DecodeError))
    })
}

fn split_message(bytes: &[u8]) -> Option<(Message<'_>, &[u8])> {
    let length = usize::try_from(u32_at(bytes, 0)?).ok()?;
    let message = Message {
        kind: u16_at(bytes, 4)?,
        sequence: u32_at(bytes, 8)?,
        payload: bytes.get(HEADER_BYTES..length)?,
    };
    Some((message, bytes.get(length.next_multiple_of(ALIGNMENT)..).unwrap_or_default()))
}

/// The attributes after the first `offset` bytes of a payload; a damaged one ends them.
pub(super) fn attributes(payload: &[u8], offset: usize) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = payload.get(offset..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(rest, 0)?);
        let kind = u16_at(rest, 2)? & ATTRIBUTE_TYPE_MASK;
        let value = rest.get(ATTRIBUTE_HEADER_BYTES..length)?;
        rest = rest.get(length.next_multiple_of(ALIGNMENT)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// The error number in an acknowledgement; zero for success.
pub(super) fn error_number(payload: &[u8]) -> Option<i32> {
    Some(i32::from_ne_bytes(payload.get(..4)?.try_into().ok()?).wrapping_neg())
}

pub(super) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(offset..offset + 2)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(offset..offset + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decodes_what_it_encodes(
            kind: u16,
            sequence: u32,
            values in proptest::collection::vec((0..ATTRIBUTE_TYPE_MASK, proptest::collection::vec(any::<u8>(), 0..20)), 0..5),
        ) {
            let mut request = Request::new(kind, 0, sequence, &[1, 2, 3, 4]);
            for (kind, value) in &values {
                request = request.attribute(*kind, value);
            }
            let bytes = [request.clone().finish(), request.finish()].concat();
            let decoded: Vec<_> = messages(&bytes).collect::<Result<_, _>>().expect("valid");
            prop_assert_eq!(decoded.len(), 2);
            for message in decoded {
                prop_assert_eq!((message.kind, message.sequence), (kind, sequence));
                let found: Vec<_> = attributes(message.payload, 4).map(|(kind, value)| (kind, value.to_vec())).collect();
                prop_assert_eq!(&found, &values);
            }
        }

        #[test]
        fn never_panics_or_loops_on_garbage(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(messages(&bytes).count() <= bytes.len());
            for message in messages(&bytes).flatten() {
                let _ = attributes(message.payload, 16).count();
                let _ = error_number(message.payload);
            }
            let _ = attributes(&bytes, 0).count();
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_an_error() {
        let mut bytes = Request::new(16, 0, 1, &[0; 4]).finish();
        bytes[0] = 200;
        assert_eq!(messages(&bytes).collect::<Vec<_>>(), [Err(DecodeError)]);
    }
}
