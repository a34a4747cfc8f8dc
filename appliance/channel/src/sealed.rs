//! A file that only the TPM of this machine opens.
//!
//! The TPM seals a random key of 256 bits, and this key encrypts the content by AES-256-GCM: a TPM itself seals
//! 128 octets at most. What is shown when the TPM is not there stands beside it in clear, and is part of what
//! the cipher authenticates.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64ct::{Base64, Encoding};
use model::channel::{CloudAddress, SealTrouble};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tpm::{Sealed, Tpm, TpmError};
use zeroize::Zeroizing;

use crate::random;

/// Octets of the key that the TPM seals.
const KEY_BYTES: usize = 32;

/// What is shown of a registration when it cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Label {
    /// Name of the appliance.
    pub(crate) name: String,
    /// The cloud.
    pub(crate) cloud: CloudAddress,
}

/// Content that only the TPM of this machine opens; binary members in base64.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SealedContent {
    label: Label,
    /// The key, as the TPM gives it out.
    key: String,
    nonce: String,
    /// The content, encrypted.
    content: String,
}

/// Why content is not opened.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    /// The TPM does not give the key out. The content may be whole.
    #[error(transparent)]
    Locked(#[from] SealTrouble),
    /// The content is damaged.
    #[error("it is not what was sealed")]
    Damaged,
}

impl SealedContent {
    /// Encrypts content with a key that the TPM seals.
    pub(crate) fn seal(tpm: &mut Tpm, label: Label, content: &[u8]) -> Result<Self, TpmError> {
        let key = Zeroizing::new(random::octets::<KEY_BYTES>());
        let sealed = tpm.seal(key.as_slice())?;
        let mut octets = content.to_vec();
        // Neither fails with a key of this length and content of this size.
        let nonce = cipher(&key[..])
            .and_then(|cipher| {
                cipher.seal_in_place_append_tag(associated(&label), &mut octets).ok()
            })
            .ok_or(TpmError::Length)?;
        Ok(Self {
            label,
            key: Base64::encode_string(sealed.as_bytes()),
            nonce: Base64::encode_string(nonce.as_ref()),
            content: Base64::encode_string(&octets),
        })
    }

    /// Has the TPM give the key out, and decrypts the content.
    pub(crate) fn open(&self, tpm: Option<&mut Tpm>) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let decode = |text: &str| Base64::decode_vec(text).map_err(|_| OpenError::Damaged);
        let sealed = Sealed::read(&decode(&self.key)?).map_err(|_| OpenError::Damaged)?;
        let nonce = decode(&self.nonce)?.try_into().map_err(|_| OpenError::Damaged)?;
        let mut octets = Zeroizing::new(decode(&self.content)?);
        let key = tpm.ok_or(SealTrouble::NoTpm)?.unseal(&sealed).map_err(|error| match error {
            TpmError::OtherTpm => SealTrouble::OtherTpm,
            other => SealTrouble::Failed { detail: other.to_string() },
        })?;
        let length = cipher(&key)
            .and_then(|cipher| {
                let nonce = Nonce::assume_unique_for_key(nonce);
                let opened = cipher.open_in_place(nonce, associated(&self.label), &mut octets);
                opened.map(|content| content.len()).ok()
            })
            .ok_or(OpenError::Damaged)?;
        octets.truncate(length);
        Ok(octets)
    }

    /// What may be shown of it.
    pub(crate) fn label(&self) -> &Label {
        &self.label
    }
}

fn cipher(key: &[u8]) -> Option<RandomizedNonceKey> {
    RandomizedNonceKey::new(&AES_256_GCM, key).ok()
}

fn associated(label: &Label) -> Aad<String> {
    // A zero octet stands in neither.
    Aad::from(format!("{}\0{}", label.name, label.cloud))
}
