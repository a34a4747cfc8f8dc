//! Tokens that protect data between both ends of a session (RFC 4121, section 4.2).

use std::fmt;

use zeroize::Zeroizing;

use crate::error::KerberosError;
use crate::key::{CHECKSUM_BYTES, Key};
use crate::message::usage;

/// Length of the header of a token.
const HEADER_BYTES: usize = 16;
/// Mark of a token that wraps data.
const WRAP: [u8; 2] = [5, 4];
/// Flags of a token (RFC 4121, section 4.2.2).
const SENT_BY_ACCEPTOR: u8 = 1;
const SEALED: u8 = 2;
const ACCEPTOR_SUBKEY: u8 = 4;
/// What sealing adds to data: header, confounder, the header again, checksum.
pub(crate) const SEALING_BYTES: usize = HEADER_BYTES + 16 + HEADER_BYTES + CHECKSUM_BYTES;

/// How data is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// It can be read and not changed.
    Signed,
    /// It can be neither read nor changed.
    Sealed,
}

/// One end of a session, that of the client. Every token has a number, one more than the one before.
pub struct Session {
    key: Key,
    has_acceptor_key: bool,
    sent: u64,
    expected: u64,
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Session(sent {}, expected {})", self.sent, self.expected)
    }
}

impl Session {
    /// Begins with the key of the server, or with ours where it gives none.
    pub(crate) fn new(initiator: Key, acceptor: Option<Key>, sent: u64, expected: u64) -> Self {
        let has_acceptor_key = acceptor.is_some();
        Self { key: acceptor.unwrap_or(initiator), has_acceptor_key, sent, expected }
    }

    /// How much longer than its data a token is at most, in bytes.
    #[must_use]
    pub const fn overhead() -> usize {
        SEALING_BYTES
    }

    /// Makes the next token.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Random`].
    pub fn wrap(&mut self, data: &[u8], protection: Protection) -> Result<Vec<u8>, KerberosError> {
        let mut flags = if self.has_acceptor_key { ACCEPTOR_SUBKEY } else { 0 };
        if protection == Protection::Sealed {
            flags |= SEALED;
        }
        let header = header(flags, 0, 0, self.sent);
        let protected = [data, header.as_slice()].concat();
        let token = match protection {
            Protection::Sealed => {
                let protected = Zeroizing::new(protected);
                let sealed = self.key.encrypt(usage::INITIATOR_SEAL, &protected)?;
                [header.as_slice(), &sealed].concat()
            }
            Protection::Signed => {
                let checksum = self.key.checksum(usage::INITIATOR_SEAL, &protected)?;
                let length = u16::try_from(checksum.len()).unwrap_or_default();
                let header = self::header(flags, length, 0, self.sent);
                [header.as_slice(), data, &checksum].concat()
            }
        };
        self.sent = self.sent.wrapping_add(1);
        Ok(token)
    }

    /// Opens the next token, which has to be protected so or better.
    ///
    /// # Errors
    ///
    /// [`KerberosError::Integrity`] if it was changed, [`KerberosError::Sequence`] if it is not the next
    /// one, [`KerberosError::Unexpected`] if it is no token or less protected.
    pub fn unwrap(
        &mut self,
        token: &[u8],
        least: Protection,
    ) -> Result<Zeroizing<Vec<u8>>, KerberosError> {
        let unexpected = || KerberosError::Unexpected("what came is no token that protects data");
        let (header, body) = token.split_first_chunk().ok_or_else(unexpected)?;
        let Header { flags, extra, rotation, sequence } = Header::read(header)?;
        let is_from_acceptor = flags & SENT_BY_ACCEPTOR != 0;
        let is_with_its_key = flags & ACCEPTOR_SUBKEY != 0;
        if !is_from_acceptor || is_with_its_key != self.has_acceptor_key {
            return Err(KerberosError::Unexpected("a token comes from the wrong end"));
        }
        let mut body = body.to_vec();
        let turn = usize::from(rotation).checked_rem(body.len()).unwrap_or(0);
        body.rotate_left(turn);
        let data = if flags & SEALED != 0 {
            self.open(header, &body, usize::from(extra))?
        } else if least == Protection::Signed {
            self.check(flags, &body, usize::from(extra), sequence)?
        } else {
            return Err(KerberosError::Unexpected("a token is not sealed"));
        };
        if sequence != self.expected {
            return Err(KerberosError::Sequence { found: sequence, expected: self.expected });
        }
        self.expected = self.expected.wrapping_add(1);
        Ok(data)
    }

    /// Decrypts, and compares the header inside with the one outside.
    fn open(
        &self,
        header: &[u8; HEADER_BYTES],
        body: &[u8],
        extra: usize,
    ) -> Result<Zeroizing<Vec<u8>>, KerberosError> {
        let what = "a sealed token";
        let mut clear = self.key.decrypt(usage::ACCEPTOR_SEAL, body, what)?;
        // The copy of the header was made before the rotation was known.
        let mut outer = *header;
        outer[6..8].fill(0);
        let inner = clear.len().checked_sub(HEADER_BYTES);
        let is_same = inner.and_then(|start| clear.get(start..)) == Some(outer.as_slice());
        match inner.filter(|_| is_same).and_then(|end| end.checked_sub(extra)) {
            Some(length) => {
                clear.truncate(length);
                Ok(clear)
            }
            None => Err(KerberosError::Integrity("the header of a sealed token")),
        }
    }

    /// Checks the checksum behind the data.
    fn check(
        &self,
        flags: u8,
        body: &[u8],
        extra: usize,
        sequence: u64,
    ) -> Result<Zeroizing<Vec<u8>>, KerberosError> {
        let wrong = || KerberosError::Integrity("a signed token");
        let length = body.len().checked_sub(extra).ok_or_else(wrong)?;
        let (data, checksum) = body.split_at_checked(length).ok_or_else(wrong)?;
        let protected = [data, &header(flags, 0, 0, sequence)].concat();
        match self.key.verifies(usage::ACCEPTOR_SEAL, &protected, checksum)? {
            true => Ok(Zeroizing::new(data.to_vec())),
            false => Err(wrong()),
        }
    }
}

/// What stands in the header of a token.
struct Header {
    flags: u8,
    extra: u16,
    rotation: u16,
    sequence: u64,
}

impl Header {
    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, KerberosError> {
        let [a, b, flags, filler, e0, e1, r0, r1, sequence @ ..] = *bytes;
        if [a, b] != WRAP || filler != 0xff {
            return Err(KerberosError::Unexpected("what came is no token that protects data"));
        }
        Ok(Self {
            flags,
            extra: u16::from_be_bytes([e0, e1]),
            rotation: u16::from_be_bytes([r0, r1]),
            sequence: u64::from_be_bytes(sequence),
        })
    }
}

fn header(flags: u8, extra: u16, rotation: u16, sequence: u64) -> [u8; HEADER_BYTES] {
    let ([a, b], [e0, e1], [r0, r1]) = (WRAP, extra.to_be_bytes(), rotation.to_be_bytes());
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sequence.to_be_bytes();
    [a, b, flags, 0xff, e0, e1, r0, r1, s0, s1, s2, s3, s4, s5, s6, s7]
}

#[cfg(test)]
mod tests;
