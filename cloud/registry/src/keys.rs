//! The key that is kept outside of the database, and what is made with it.
//!
//! Who copies the database learns no code and no secret of one-time passwords: codes are short, so a
//! plain digest of one could be tried out; the secrets have to be read again, so they are sealed.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use model::secret::Secret;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::error::RegistryError;
use crate::random;

/// Bytes of the key.
const BYTES: usize = 32;

/// The key that is kept outside of the database: 256 random bits. All nodes have the same.
#[derive(Clone)]
pub struct MasterKey([u8; BYTES]);

impl MasterKey {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; BYTES];
        random::fill(&mut bytes);
        Self(bytes)
    }

    /// Reads the text of [`MasterKey::to_base64`]; `None` if it is none. Blanks around it do not matter.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(Base64::decode_vec(text.trim()).ok()?);
        bytes.as_slice().try_into().ok().map(Self)
    }

    /// The text to keep.
    #[must_use]
    pub fn to_base64(&self) -> Secret {
        Secret::new(Base64::encode_string(&self.0))
    }

    /// A key for one purpose.
    fn derive(&self, purpose: &str) -> Zeroizing<[u8; BYTES]> {
        Zeroizing::new(mac(&self.0, purpose.as_bytes()))
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// Keys for the purposes of the registry.
pub(crate) struct Keys {
    code: Zeroizing<[u8; BYTES]>,
    seal: LessSafeKey,
    proof: String,
}

impl Keys {
    pub(crate) fn new(master: &MasterKey) -> Self {
        let seal = master.derive("seal");
        let seal = UnboundKey::new(&AES_256_GCM, seal.as_slice()).expect("the key has 256 bits");
        Self {
            code: master.derive("registration code"),
            seal: LessSafeKey::new(seal),
            proof: hexadecimal(master.derive("proof").as_slice()),
        }
    }

    /// What is stored to recognise the key again; it tells nothing about the others.
    pub(crate) fn proof(&self) -> &str {
        &self.proof
    }

    /// What is stored of a short code.
    pub(crate) fn code_digest(&self, purpose: &str, code: &str) -> String {
        hexadecimal(&mac(self.code.as_slice(), format!("{purpose}\0{code}").as_bytes()))
    }

    /// Seals a text for one owner.
    pub(crate) fn seal(&self, owner: &str, text: &str) -> String {
        let mut nonce = [0; NONCE_LEN];
        random::fill(&mut nonce);
        let mut bytes = text.as_bytes().to_vec();
        self.seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(owner.as_bytes()),
                &mut bytes,
            )
            .expect("AES-GCM takes far more than a short text");
        Base64::encode_string(&[&nonce[..], &bytes].concat())
    }

    /// Opens a text that was sealed for this owner.
    pub(crate) fn open(&self, owner: &str, sealed: &str) -> Result<Secret, RegistryError> {
        const DAMAGED: RegistryError = RegistryError::Damaged("a sealed secret");
        let bytes = Base64::decode_vec(sealed).map_err(|_| DAMAGED)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(DAMAGED)?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let text = self
            .seal
            .open_in_place(nonce, Aad::from(owner.as_bytes()), &mut text)
            .map_err(|_| DAMAGED)?;
        Ok(Secret::new(str::from_utf8(text).map_err(|_| DAMAGED)?.to_owned()))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// What is stored of a secret of 256 bits: nobody can try that many, so that no slow hash is needed.
pub(crate) fn digest(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret.as_bytes()))
}

/// The octets of a digest.
pub(crate) fn read_digest(text: &str) -> Option<[u8; BYTES]> {
    let mut octets = [0; BYTES];
    if text.len() != 2 * BYTES {
        return None;
    }
    for (index, octet) in octets.iter_mut().enumerate() {
        *octet = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(octets)
}

fn mac(key: &[u8], text: &[u8]) -> [u8; BYTES] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_for_the_same_owner_only() {
        let keys = Keys::new(&MasterKey::generate());
        let sealed = keys.seal("alice", "JBSWY3DP");
        assert!(!sealed.contains("JBSWY3DP"));
        assert_ne!(sealed, keys.seal("alice", "JBSWY3DP"), "a nonce of its own");
        assert_eq!(keys.open("alice", &sealed).unwrap().expose(), "JBSWY3DP");
        assert!(keys.open("bob", &sealed).is_err());
        assert!(Keys::new(&MasterKey::generate()).open("alice", &sealed).is_err());
        for damaged in ["", "x", "AAAA", &sealed[..sealed.len() - 4]] {
            assert!(keys.open("alice", damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn digest_of_a_code_depends_on_key_and_purpose() {
        let (first, second) = (MasterKey::generate(), MasterKey::generate());
        let keys = Keys::new(&first);
        let digest = keys.code_digest("registration", "ABCDEFGH");
        assert_eq!(digest, Keys::new(&first).code_digest("registration", "ABCDEFGH"));
        assert_ne!(digest, keys.code_digest("backup", "ABCDEFGH"));
        assert_ne!(digest, Keys::new(&second).code_digest("registration", "ABCDEFGH"));
    }

    #[test]
    fn text_of_a_key_is_read_again_and_debug_is_silent() {
        let key = MasterKey::generate();
        let text = key.to_base64();
        assert_eq!(MasterKey::from_base64(&format!("{}\n", text.expose())).unwrap().0, key.0);
        assert!(MasterKey::from_base64("c2hvcnQ=").is_none());
        assert_eq!(format!("{key:?} {:?}", Keys::new(&key)), "[secret] [secret]");
    }
}
