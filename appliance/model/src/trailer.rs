//! The signed trailer of a root slot: the last 4 KiB of its partition.
//!
//! Layout: 8 bytes magic, then length of the body (u32, little-endian), the body, zeros, and in the last 64
//! bytes an Ed25519 signature over everything before it. The body is text,
//! `<data blocks> <root hash> <salt>`: what dm-verity needs to check every block of the slot.

use thiserror::Error;

/// Size of the trailer in bytes.
pub const TRAILER_BYTES: usize = 4096;
/// Size of a block of data and of the hash tree in bytes.
pub const BLOCK_BYTES: u64 = 4096;
/// Size of the signature in bytes.
pub const SIGNATURE_BYTES: usize = 64;
/// How many bytes the signature covers: all before it.
pub const SIGNED_BYTES: usize = TRAILER_BYTES - SIGNATURE_BYTES;

const MAGIC: &[u8; 8] = b"CAVERITY";
const BODY_OFFSET: usize = 12;

/// What dm-verity needs to know about a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerityFacts {
    /// Number of data blocks; the hash tree begins right after them.
    pub data_blocks: u64,
    /// SHA-256 root hash of the tree.
    pub root_hash: [u8; 32],
    /// Salt of the tree.
    pub salt: [u8; 32],
}

/// The trailer cannot be read. Its signature is checked elsewhere, before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrailerError {
    /// The magic bytes are missing: nothing was ever written to this slot.
    #[error("the slot has no trailer")]
    Missing,
    /// The length or the text of the body is wrong.
    #[error("the trailer of the slot is damaged")]
    Damaged,
}

impl VerityFacts {
    /// The part of the trailer that is signed.
    #[must_use]
    pub fn encode(&self) -> [u8; SIGNED_BYTES] {
        let body = format!("{} {} {}", self.data_blocks, hex(&self.root_hash), hex(&self.salt));
        let length = u32::try_from(body.len()).expect("the body is about 150 bytes");
        let mut signed = [0; SIGNED_BYTES];
        signed[..MAGIC.len()].copy_from_slice(MAGIC);
        signed[MAGIC.len()..BODY_OFFSET].copy_from_slice(&length.to_le_bytes());
        signed[BODY_OFFSET..BODY_OFFSET + body.len()].copy_from_slice(body.as_bytes());
        signed
    }

    /// Reads the signed part of a trailer.
    ///
    /// # Errors
    ///
    /// [`TrailerError`]; a reader refuses the slot.
    pub fn decode(signed: &[u8; SIGNED_BYTES]) -> Result<Self, TrailerError> {
        if !signed.starts_with(MAGIC) {
            return Err(TrailerError::Missing);
        }
        let length = u32::from_le_bytes(signed[8..12].try_into().expect("four bytes"));
        let body = usize::try_from(length)
            .ok()
            .and_then(|length| signed[BODY_OFFSET..].get(..length))
            .and_then(|body| std::str::from_utf8(body).ok())
            .ok_or(TrailerError::Damaged)?;
        let mut words = body.split(' ');
        let mut word = || words.next().ok_or(TrailerError::Damaged);
        let facts = Self {
            data_blocks: word()?.parse().map_err(|_| TrailerError::Damaged)?,
            root_hash: from_hex(word()?).ok_or(TrailerError::Damaged)?,
            salt: from_hex(word()?).ok_or(TrailerError::Damaged)?,
        };
        if words.next().is_some() { Err(TrailerError::Damaged) } else { Ok(facts) }
    }
}

/// Lower-case hexadecimal, as dm-verity's table wants it.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads 64 hexadecimal digits, in either case.
#[must_use]
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decodes_what_it_encodes(data_blocks: u64, root_hash: [u8; 32], salt: [u8; 32]) {
            let facts = VerityFacts { data_blocks, root_hash, salt };
            prop_assert_eq!(VerityFacts::decode(&facts.encode()), Ok(facts));
        }

        #[test]
        fn never_panics_on_garbage(bytes in proptest::collection::vec(any::<u8>(), SIGNED_BYTES)) {
            let mut signed: [u8; SIGNED_BYTES] = bytes.try_into().expect("exact length");
            let _ = VerityFacts::decode(&signed);
            signed[..8].copy_from_slice(MAGIC);
            let _ = VerityFacts::decode(&signed);
        }
    }

    #[test]
    fn an_empty_partition_has_no_trailer() {
        assert_eq!(VerityFacts::decode(&[0; SIGNED_BYTES]), Err(TrailerError::Missing));
    }
}
