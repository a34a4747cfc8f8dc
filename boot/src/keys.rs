//! The key that signs root slots, and the checksums of a release.
//!
//! A key file holds the 32-byte Ed25519 seed as 64 hexadecimal digits. A release key is given by its
//! path; without one, a key for tests is made once. The public half is compiled into `init`: an image
//! built with one key refuses slots that were signed with another.

mod ssh;

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer, SigningKey};
use model::trailer::{SIGNATURE_BYTES, SIGNED_BYTES, TRAILER_BYTES, VerityFacts, from_hex, hex};
use thiserror::Error;

/// Environment variable with the path of a release key.
pub const PATH_VARIABLE: &str = "CONNECTOR_SIGNING_KEY";
/// Environment variable that gives the build of `init` the public key, as 64 hexadecimal digits.
pub const PUBLIC_KEY_VARIABLE: &str = "CONNECTOR_PUBLIC_KEY";

const SECRET_MODE: u32 = 0o600;

/// The signing key cannot be used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the signing key {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error("the signing key {} is not 64 hexadecimal digits", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The key for tests cannot be stored.
    #[error("cannot store the signing key for tests in {}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    Random,
}

/// A key that signs root slots and releases. Never shown in full.
pub struct SlotKey(SigningKey);

impl fmt::Debug for SlotKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SlotKey").field(&self.public_hex()).finish()
    }
}

impl SlotKey {
    /// The key with this seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a key file.
    ///
    /// # Errors
    ///
    /// [`KeyError::Read`] and [`KeyError::Format`]; neither shows the contents.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = fs::read(path)
            .map_err(|source| KeyError::Read { path: path.to_owned(), source })
            .map(|bytes| String::from_utf8(bytes).unwrap_or_default())?;
        let seed = from_hex(text.trim_end());
        seed.map(|seed| Self::from_seed(&seed))
            .ok_or_else(|| KeyError::Format { path: path.to_owned() })
    }

    /// The key for tests in `directory`, made there when missing, readable by its owner only.
    ///
    /// # Errors
    ///
    /// [`KeyError`] when it can be neither read nor made.
    pub fn for_tests(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join("test-slot-signing.key");
        if !path.exists() {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed).map_err(|_| KeyError::Random)?;
            store(directory, &path, &format!("{}\n", hex(&seed)))
                .map_err(|source| KeyError::Store { path: path.clone(), source })?;
        }
        Self::load(&path)
    }

    /// The public half as `init` is built with it.
    #[must_use]
    pub fn public_hex(&self) -> String {
        hex(self.0.verifying_key().as_bytes())
    }

    /// The signed trailer of a root slot.
    #[must_use]
    pub fn trailer(&self, facts: &VerityFacts) -> [u8; TRAILER_BYTES] {
        let signed = facts.encode();
        let signature: [u8; SIGNATURE_BYTES] = self.0.sign(&signed).to_bytes();
        let mut trailer = [0; TRAILER_BYTES];
        trailer[..SIGNED_BYTES].copy_from_slice(&signed);
        trailer[SIGNED_BYTES..].copy_from_slice(&signature);
        trailer
    }
}

/// Stores a new secret; of two builds at the same time, the first one's stays.
fn store(directory: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let new = directory.join(format!("new.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(SECRET_MODE).open(&new)?;
    file.write_all(text.as_bytes())?;
    let linked = fs::hard_link(&new, path);
    fs::remove_file(&new)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use ed25519_dalek::{Signature, VerifyingKey};

    use super::*;

    #[test]
    fn a_test_key_is_made_once_and_only_its_owner_reads_it() {
        let directory = tempfile::tempdir().expect("directory");
        let first = SlotKey::for_tests(directory.path()).expect("made");
        let second = SlotKey::for_tests(directory.path()).expect("read");
        assert_eq!(first.public_hex(), second.public_hex());
        let files: Vec<_> = fs::read_dir(directory.path()).expect("list").flatten().collect();
        assert_eq!(files.len(), 1);
        let mode = files[0].metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, SECRET_MODE);
    }

    #[test]
    fn refuses_missing_and_malformed_keys_without_showing_them() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("release.key");
        assert!(matches!(SlotKey::load(&path), Err(KeyError::Read { .. })));
        for text in ["", "secret", &"0".repeat(63), &"0".repeat(65)] {
            fs::write(&path, text).expect("written");
            let error = SlotKey::load(&path).expect_err("malformed");
            assert!(matches!(error, KeyError::Format { .. }));
            assert!(!error.to_string().contains("secret"));
        }
        fs::write(&path, [0xff; 64]).expect("written");
        assert!(matches!(SlotKey::load(&path), Err(KeyError::Format { .. })));
    }

    #[test]
    fn debug_output_does_not_hold_the_seed() {
        let key = SlotKey::from_seed(&[0x5a; 32]);
        assert!(!format!("{key:?}").contains("5a5a"));
    }

    #[test]
    fn the_trailer_carries_a_valid_signature() {
        let key = SlotKey::from_seed(&[1; 32]);
        let facts = VerityFacts { data_blocks: 3, root_hash: [2; 32], salt: [4; 32] };
        let trailer = key.trailer(&facts);
        let (signed, signature) = trailer.split_first_chunk::<SIGNED_BYTES>().expect("long");
        assert_eq!(VerityFacts::decode(signed), Ok(facts));
        let public = from_hex(&key.public_hex()).expect("hexadecimal");
        let public = VerifyingKey::from_bytes(&public).expect("a key");
        let signature = Signature::from_slice(signature).expect("64 bytes");
        public.verify_strict(signed, &signature).expect("valid");
    }
}
