//! Opening what is encrypted in a file.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, InnerIvInit, KeyIvInit};
use der::Decode;
use der::asn1::ObjectIdentifier;
use model::certificate::CertificateRefusal;
use model::pkcs12::Pkcs12Refusal as Refusal;
use pkcs8::pkcs5::{self, EncryptionScheme};
use sha1::Sha1;
use zeroize::Zeroizing;

use super::container::{self, PbeParameters, unsupported};
use super::derivation::{Passphrase, Purpose};
use crate::key::{self, Key};

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
/// The encryptions of the first edition (RFC 7292, appendix C).
const TRIPLE_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");
const DOUBLE_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4");
const RC2_128: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5");
const RC2_40: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6");
/// Length of the blocks of DES and RC2, in bytes.
const BLOCK_BYTES: usize = 8;

/// Opens an encrypted key.
pub(super) fn open_key(shrouded: &[u8], passphrase: &Passphrase<'_>) -> Result<Key, Refusal> {
    let (algorithm, bytes) = container::shrouded(shrouded)?;
    let (identifier, parameters) = container::algorithm(algorithm)?;
    if identifier == PBES2 {
        return key::read_encrypted(shrouded, passphrase.typed).map_err(from_key);
    }
    let opened = open_first_edition(identifier, parameters, bytes, passphrase)?;
    key::read_plain(&opened).map_err(Refusal::Content)
}

/// Opens encrypted bags.
pub(super) fn open(
    algorithm: &[u8],
    bytes: &[u8],
    passphrase: &Passphrase<'_>,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let (identifier, parameters) = container::algorithm(algorithm)?;
    if identifier != PBES2 {
        return open_first_edition(identifier, parameters, bytes, passphrase);
    }
    let scheme = EncryptionScheme::from_der(algorithm).map_err(|_| unsupported("PBES2"))?;
    key::check_cost(&scheme).map_err(from_key)?;
    match scheme.decrypt(passphrase.typed.expose(), bytes) {
        Ok(opened) => Ok(Zeroizing::new(opened)),
        Err(pkcs5::Error::UnsupportedAlgorithm { oid }) => Err(unsupported(&oid.to_string())),
        // The code over the file has proved the passphrase, so the file was made wrong.
        Err(_) => Err(Refusal::Damaged),
    }
}

fn open_first_edition(
    identifier: ObjectIdentifier,
    parameters: Option<PbeParameters<'_>>,
    bytes: &[u8],
    passphrase: &Passphrase<'_>,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    type Decrypt = fn(&[u8], &[u8], &[u8]) -> Option<Zeroizing<Vec<u8>>>;
    let (key_bytes, decrypt): (usize, Decrypt) = match identifier {
        TRIPLE_DES => (24, decrypt::<cbc::Decryptor<des::TdesEde3>>),
        DOUBLE_DES => (16, decrypt::<cbc::Decryptor<des::TdesEde2>>),
        RC2_128 => (16, decrypt_rc2),
        RC2_40 => (5, decrypt_rc2),
        other => return Err(unsupported(&other.to_string())),
    };
    let PbeParameters { salt, iterations } = parameters.ok_or(Refusal::Damaged)?;
    let derive = |purpose, length| passphrase.derive::<Sha1, 64>(purpose, salt, iterations, length);
    let (key, vector) = (derive(Purpose::Key, key_bytes), derive(Purpose::Vector, BLOCK_BYTES));
    decrypt(&key, &vector, bytes).ok_or(Refusal::Damaged)
}

fn decrypt<C: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    vector: &[u8],
    bytes: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    finish(C::new_from_slices(key, vector).ok()?, bytes)
}

/// RC2 whose strength is the length of its key.
fn decrypt_rc2(key: &[u8], vector: &[u8], bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = rc2::Rc2::new_with_eff_key_len(key, key.len() * 8);
    let vector = vector.try_into().ok()?;
    finish(cbc::Decryptor::inner_iv_init(cipher, vector), bytes)
}

fn finish(cipher: impl BlockModeDecrypt, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(bytes.to_vec());
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}

/// What is said of a key by itself, said of a file.
fn from_key(refusal: CertificateRefusal) -> Refusal {
    match refusal {
        CertificateRefusal::UnsupportedEncryption { scheme } => {
            Refusal::UnsupportedEncryption { scheme }
        }
        // The code over the file has proved the passphrase.
        CertificateRefusal::WrongPassphrase => Refusal::Damaged,
        other => Refusal::Content(other),
    }
}
