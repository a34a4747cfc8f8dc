//! Keys, and what is done with them (RFC 3961 and RFC 3962).

use std::fmt;

use der::asn1::OctetString;
use picky_krb::crypto::{ChecksumSuite, CipherSuite};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::asn1::Integer;
use crate::error::KerberosError;
use crate::message::{EncryptedData, EncryptionKey};

/// Iterations of the default parameters of RFC 3962, section 4: 4096, as four bytes.
const DEFAULT_PARAMETERS: [u8; 4] = [0, 0, 0x10, 0];
/// Length of a checksum (RFC 3962, section 6).
pub(crate) const CHECKSUM_BYTES: usize = 12;

/// How keys are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncryptionType {
    /// `aes128-cts-hmac-sha1-96`.
    Aes128,
    /// `aes256-cts-hmac-sha1-96`.
    Aes256,
}

impl EncryptionType {
    /// All, the best first.
    pub const ALL: [Self; 2] = [Self::Aes256, Self::Aes128];

    /// Its number (RFC 3962, section 7).
    pub(crate) const fn number(self) -> Integer {
        match self {
            Self::Aes128 => Integer(17),
            Self::Aes256 => Integer(18),
        }
    }

    /// The type of this number, if it is one that is used here.
    pub(crate) fn of(number: Integer) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    const fn key_bytes(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }

    const fn cipher(self) -> CipherSuite {
        match self {
            Self::Aes128 => CipherSuite::Aes128CtsHmacSha196,
            Self::Aes256 => CipherSuite::Aes256CtsHmacSha196,
        }
    }

    /// Number of its checksum (RFC 3962, section 7).
    pub(crate) const fn checksum_number(self) -> Integer {
        match self {
            Self::Aes128 => Integer(15),
            Self::Aes256 => Integer(16),
        }
    }

    const fn checksum(self) -> ChecksumSuite {
        match self {
            Self::Aes128 => ChecksumSuite::HmacSha196Aes128,
            Self::Aes256 => ChecksumSuite::HmacSha196Aes256,
        }
    }
}

/// A key: wiped on drop, never shown.
#[derive(Clone)]
pub struct Key {
    kind: EncryptionType,
    bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({:?}, [secret])", self.kind)
    }
}

impl Key {
    /// Makes the key of a password and a salt (RFC 3962, section 4).
    ///
    /// # Errors
    ///
    /// [`KerberosError::Unexpected`] if the server asks for other parameters than the default: a small
    /// number of iterations would help who listens, a large one would stop us.
    pub(crate) fn from_password(
        kind: EncryptionType,
        password: &str,
        salt: &str,
        parameters: Option<&[u8]>,
    ) -> Result<Self, KerberosError> {
        if parameters.is_some_and(|parameters| parameters != DEFAULT_PARAMETERS) {
            return Err(KerberosError::Unexpected("the server asks for other iterations of a key"));
        }
        let bytes = kind
            .cipher()
            .cipher()
            .generate_key_from_password(password.as_bytes(), salt.as_bytes())
            .map_err(|_| KerberosError::Integrity("a key"))?;
        Ok(Self { kind, bytes: Zeroizing::new(bytes) })
    }

    /// A new random key.
    pub(crate) fn random(kind: EncryptionType) -> Result<Self, KerberosError> {
        let mut bytes = Zeroizing::new(vec![0; kind.key_bytes()]);
        getrandom::fill(&mut bytes).map_err(|_| KerberosError::Random)?;
        Ok(Self { kind, bytes })
    }

    /// Reads a key from a message.
    pub(crate) fn read(key: &EncryptionKey) -> Result<Self, KerberosError> {
        let kind = EncryptionType::of(key.key_type).ok_or(KerberosError::NoAesKeys)?;
        let bytes = Zeroizing::new(key.key_value.as_bytes().to_vec());
        if bytes.len() != kind.key_bytes() {
            return Err(KerberosError::Unexpected("a key has another length than its type"));
        }
        Ok(Self { kind, bytes })
    }

    /// The key as part of a message.
    pub(crate) fn write(&self) -> Result<EncryptionKey, KerberosError> {
        let key_value = OctetString::new(self.bytes.to_vec()).map_err(KerberosError::Encode)?;
        Ok(EncryptionKey { key_type: self.kind.number(), key_value })
    }

    /// What it is used with.
    #[must_use]
    pub const fn kind(&self) -> EncryptionType {
        self.kind
    }

    /// Encrypts, with a confounder in front and a checksum behind (RFC 3961, section 5.3).
    pub(crate) fn encrypt(&self, usage: i32, clear: &[u8]) -> Result<Vec<u8>, KerberosError> {
        let cipher = self.kind.cipher().cipher();
        cipher.encrypt(&self.bytes, usage, clear).map_err(|_| KerberosError::Random)
    }

    /// Encrypts into the part of a message.
    pub(crate) fn seal(&self, usage: i32, clear: &[u8]) -> Result<EncryptedData, KerberosError> {
        let cipher =
            OctetString::new(self.encrypt(usage, clear)?).map_err(KerberosError::Encode)?;
        Ok(EncryptedData { etype: self.kind.number(), kvno: None, cipher })
    }

    /// Decrypts and checks.
    pub(crate) fn decrypt(
        &self,
        usage: i32,
        sealed: &[u8],
        what: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, KerberosError> {
        let cipher = self.kind.cipher().cipher();
        let clear = cipher.decrypt(&self.bytes, usage, sealed);
        clear.map(Zeroizing::new).map_err(|_| KerberosError::Integrity(what))
    }

    /// Decrypts the part of a message.
    pub(crate) fn open(
        &self,
        usage: i32,
        sealed: &EncryptedData,
        what: &'static str,
    ) -> Result<Zeroizing<Vec<u8>>, KerberosError> {
        if sealed.etype != self.kind.number() {
            return Err(KerberosError::NoAesKeys);
        }
        self.decrypt(usage, sealed.cipher.as_bytes(), what)
    }

    /// The checksum of data (RFC 3961, section 5.4).
    pub(crate) fn checksum(&self, usage: i32, data: &[u8]) -> Result<Vec<u8>, KerberosError> {
        let hasher = self.kind.checksum().hasher();
        let checksum = hasher.checksum(&self.bytes, usage, data);
        checksum.map_err(|_| KerberosError::Integrity("a checksum"))
    }

    /// Whether a checksum is that of the data. Takes the same time wherever they differ.
    pub(crate) fn verifies(
        &self,
        usage: i32,
        data: &[u8],
        checksum: &[u8],
    ) -> Result<bool, KerberosError> {
        Ok(self.checksum(usage, data)?.ct_eq(checksum).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3962, appendix B, with 4096 iterations taken from MIT's vectors for this salt.
    #[test]
    fn key_of_a_password_is_that_of_other_implementations() {
        let key =
            Key::from_password(EncryptionType::Aes256, "5hYYSAfFJp", "EXAMPLE.COMtest1", None);
        let bytes = key.unwrap().bytes;
        assert_eq!(bytes.first_chunk(), Some(&[218, 222, 209, 204]));
    }

    #[test]
    fn other_iterations_than_the_default_are_refused() {
        let make = |parameters: &[u8]| {
            Key::from_password(EncryptionType::Aes256, "a", "b", Some(parameters)).is_ok()
        };
        assert!(make(&[0, 0, 16, 0]));
        assert!(!make(&[0, 0, 0, 1]));
        assert!(!make(&[0xff, 0xff, 0xff, 0xff]));
        assert!(!make(&[]));
    }

    #[test]
    fn what_was_changed_is_not_decrypted() {
        let key = Key::random(EncryptionType::Aes256).unwrap();
        let mut sealed = key.encrypt(3, b"ticket").unwrap();
        assert_eq!(*key.decrypt(3, &sealed, "x").unwrap(), b"ticket");
        assert!(key.decrypt(4, &sealed, "x").is_err(), "another usage");
        sealed[20] ^= 1;
        assert!(key.decrypt(3, &sealed, "x").is_err());
        for length in 0..sealed.len() {
            assert!(key.decrypt(3, &sealed[..length], "x").is_err(), "{length}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let key = Key { kind: EncryptionType::Aes128, bytes: Zeroizing::new(vec![171; 16]) };
        assert_eq!(format!("{key:?}"), "Key(Aes128, [secret])");
    }
}
