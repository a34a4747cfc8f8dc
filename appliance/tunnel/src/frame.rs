//! Frames: how messages and data stand on a stream.
//!
//! A header of four octets, then the payload:
//!
//! ```text
//! +------+-------------------------+---------------------+
//! | kind | length, big-endian, 24  | payload             |
//! +------+-------------------------+---------------------+
//! ```
//!
//! A message is JSON. Data ends with an `end` frame that repeats how much there was, so that a stream
//! that was cut off is never taken for a complete one.

use thiserror::Error;

/// Octets of a header.
pub const HEADER_BYTES: usize = 4;
/// Longest payload in octets.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;
/// Octets of the payload of an `end` frame.
const END_BYTES: usize = 8;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message in JSON.
    Message,
    /// A piece of data, at least one octet.
    Data,
    /// All data has been sent; the payload is their number of octets, 64 bits, big-endian.
    End,
}

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What follows.
    pub kind: Kind,
    /// Octets that follow, at most [`MAX_PAYLOAD_BYTES`].
    pub length: usize,
}

/// Why octets are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The first octet names no kind of this version.
    #[error("a frame of the unknown kind {0}: the other side speaks a later version")]
    UnknownKind(u8),
    /// More than [`MAX_PAYLOAD_BYTES`].
    #[error("a frame of {0} octets; {MAX_PAYLOAD_BYTES} are allowed")]
    TooLong(usize),
    /// A piece of data without content or an `end` of another length than eight octets.
    #[error("a frame of a length that its kind cannot have")]
    WrongLength,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    ///
    /// [`FrameError`] if no frame of this version begins so; the stream cannot be read further.
    pub fn decode(octets: [u8; HEADER_BYTES]) -> Result<Self, FrameError> {
        let [kind, length @ ..] = octets;
        let kind = match kind {
            0 => Kind::Message,
            1 => Kind::Data,
            2 => Kind::End,
            other => return Err(FrameError::UnknownKind(other)),
        };
        let length = length.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet));
        if length > MAX_PAYLOAD_BYTES {
            return Err(FrameError::TooLong(length));
        }
        let fits = match kind {
            Kind::Message | Kind::Data => length > 0,
            Kind::End => length == END_BYTES,
        };
        if fits { Ok(Self { kind, length }) } else { Err(FrameError::WrongLength) }
    }

    /// The octets of a header.
    ///
    /// # Errors
    ///
    /// [`FrameError`] if the length is one that [`Header::decode`] refuses.
    pub fn encode(self) -> Result<[u8; HEADER_BYTES], FrameError> {
        let kind = match self.kind {
            Kind::Message => 0,
            Kind::Data => 1,
            Kind::End => 2,
        };
        let length = u32::try_from(self.length).map_err(|_| FrameError::TooLong(self.length))?;
        let [_, high, middle, low] = length.to_be_bytes();
        let octets = [kind, high, middle, low];
        if length >> 24 != 0 {
            return Err(FrameError::TooLong(self.length));
        }
        Self::decode(octets).map(|_| octets)
    }
}

/// The frame that ends data of so many octets.
#[must_use]
pub fn end(octets: u64) -> [u8; HEADER_BYTES + END_BYTES] {
    let mut frame = [2, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    frame[HEADER_BYTES..].copy_from_slice(&octets.to_be_bytes());
    frame
}

/// Number of octets that an `end` frame's payload names.
///
/// # Errors
///
/// [`FrameError::WrongLength`] if it is not eight octets long.
pub fn decode_end(payload: &[u8]) -> Result<u64, FrameError> {
    payload.try_into().map(u64::from_be_bytes).map_err(|_| FrameError::WrongLength)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_is_no_frame_of_this_version() {
        assert_eq!(Header::decode([3, 0, 0, 1]), Err(FrameError::UnknownKind(3)));
        assert_eq!(Header::decode([0, 1, 0, 1]), Err(FrameError::TooLong(0x1_0001)));
        for empty in [[0, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 7], [2, 0, 0, 9]] {
            assert_eq!(Header::decode(empty), Err(FrameError::WrongLength), "{empty:?}");
        }
        let longest = Header { kind: Kind::Data, length: MAX_PAYLOAD_BYTES };
        assert_eq!(longest.encode(), Ok([1, 1, 0, 0]));
        let oversized = Header { kind: Kind::Data, length: 1 << 24 };
        assert_eq!(oversized.encode(), Err(FrameError::TooLong(1 << 24)));
    }

    proptest! {
        #[test]
        fn headers_are_read_as_written(octets: [u8; HEADER_BYTES]) {
            if let Ok(header) = Header::decode(octets) {
                prop_assert_eq!(header.encode(), Ok(octets));
            }
        }

        #[test]
        fn ends_are_read_as_written(octets: u64) {
            let frame = end(octets);
            let header = Header::decode(frame[..HEADER_BYTES].try_into().unwrap()).unwrap();
            prop_assert_eq!(header, Header { kind: Kind::End, length: END_BYTES });
            prop_assert_eq!(decode_end(&frame[HEADER_BYTES..]), Ok(octets));
        }
    }
}
