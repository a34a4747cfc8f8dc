//! PKCS#12 files (RFC 7292): certificate, chain and key in one file, as Windows, macOS, Java and
//! OpenSSL write them.
//!
//! Taken are files that are protected with a passphrase: with PBES2, as today's tools write them, or
//! with the triple DES and RC2 of the standard's first edition, which many still write. The code that
//! proves the file unaltered is checked before anything is opened. The layout is read here and not by
//! a crate because the crates that do (`p12-keystore`, `pkcs12`) open whatever a file asks for,
//! without a limit on its cost.

mod container;
mod derivation;
mod encryption;
mod integrity;

use model::pkcs12::Pkcs12Refusal as Refusal;
use model::secret::Secret;
use zeroize::Zeroizing;

use crate::key::{self, Key};
use crate::pem::Block;
use crate::pkcs12::container::{Bag, Contents};
use crate::pkcs12::derivation::Passphrase;
use crate::{Bundle, MAX_PASSPHRASE_BYTES, assemble, chain};

/// Largest file, in bytes: a chain of ten certificates and a key have less than 32 KiB.
pub const MAX_PKCS12_BYTES: usize = 64 * 1024;
/// Most rounds of key derivation that a file may ask for in each of its parts: about a second.
const MAX_ITERATIONS: u32 = 1_000_000;

/// Checks a PKCS#12 file, at a time in seconds since 1970. An empty passphrase is one too.
///
/// # Errors
///
/// A [`Refusal`] that names what to correct.
pub fn check_pkcs12(bytes: &[u8], passphrase: &Secret, now: i64) -> Result<Bundle, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Missing);
    }
    if bytes.len() > MAX_PKCS12_BYTES {
        return Err(Refusal::TooLarge { limit_bytes: MAX_PKCS12_BYTES });
    }
    if passphrase.expose().len() > MAX_PASSPHRASE_BYTES {
        return Err(Refusal::PassphraseTooLong { limit_bytes: MAX_PASSPHRASE_BYTES });
    }
    if bytes.windows(11).any(|window| window == b"-----BEGIN ") {
        return Err(Refusal::IsPem);
    }
    let file = container::read(bytes)?;
    let passphrase = integrity::check(&file, passphrase)?;
    let mut found = Found::default();
    for contents in container::safe(file.authenticated)? {
        match contents {
            Contents::Plain(bags) => found.take(container::bags(bags)?, &passphrase)?,
            Contents::Encrypted { algorithm, bytes } => {
                let opened = encryption::open(algorithm, bytes, &passphrase)?;
                found.take(container::bags(&opened)?, &passphrase)?;
            }
        }
    }
    let key = match found.keys.len() {
        0 => return Err(Refusal::NoKey),
        1 => found.keys.remove(0),
        count => return Err(Refusal::SeveralKeys { count }),
    };
    if found.certificates.is_empty() {
        return Err(Refusal::NoCertificate);
    }
    let certificates = chain::read(&found.certificates).map_err(Refusal::Content)?;
    assemble(certificates, &key, now).map_err(Refusal::Content)
}

/// What the bags hold.
#[derive(Default)]
struct Found {
    keys: Vec<Key>,
    certificates: Vec<Block>,
}

impl Found {
    fn take(&mut self, bags: Vec<Bag<'_>>, passphrase: &Passphrase<'_>) -> Result<(), Refusal> {
        for bag in bags {
            match bag {
                Bag::Key(pkcs8) => {
                    self.keys.push(key::read_plain(pkcs8).map_err(Refusal::Content)?);
                }
                Bag::ShroudedKey(encrypted) => {
                    self.keys.push(encryption::open_key(encrypted, passphrase)?);
                }
                Bag::Certificate(der) => self.certificates.push(Block {
                    label: "CERTIFICATE".to_owned(),
                    headers: Vec::new(),
                    bytes: Zeroizing::new(der.to_vec()),
                }),
            }
        }
        Ok(())
    }
}
