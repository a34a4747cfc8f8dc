//! The private key.

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef, UintRef};
use der::{Decode, Encode, Header, Reader, SliceReader, Tag, TagNumber};
use model::certificate::{CertificateField as Field, CertificateRefusal as Refusal};
use model::secret::Secret;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::pem::Block;
use crate::{MAX_PASSPHRASE_BYTES, legacy, x509};

/// Shortest RSA key that is taken, in bits (NIST SP 800-57; browsers refuse shorter ones).
pub const MIN_RSA_BITS: usize = 2048;
/// Longest RSA key that is taken, in bits: longer ones only make each handshake slow.
pub(crate) const MAX_RSA_BITS: usize = 8192;
/// Most rounds of PBKDF2 that opening a key may take: about a second.
pub const MAX_PBKDF2_ITERATIONS: u32 = 1_000_000;
/// Most memory that scrypt may take for opening a key, in bytes.
pub const MAX_SCRYPT_BYTES: u64 = 32 * 1024 * 1024;
/// Most parallel lanes of scrypt, each of which costs the whole time again.
const MAX_SCRYPT_LANES: u16 = 4;

pub(crate) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(crate) const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
pub(crate) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(crate) const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(crate) const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// The curve that Chromium does not know.
pub(crate) const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
pub(crate) const SECP256K1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.10");
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
pub(crate) const ED448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");
pub(crate) const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// A key that can be used.
pub(crate) struct Key {
    /// PKCS#8, DER.
    pub(crate) pkcs8: Zeroizing<Vec<u8>>,
    /// The public key as it stands in a certificate: the bits behind its algorithm.
    pub(crate) public: Vec<u8>,
}

/// Finds the one key among the blocks and opens it.
pub(crate) fn read(blocks: &[Block], passphrase: &Secret) -> Result<Key, Refusal> {
    if passphrase.expose().len() > MAX_PASSPHRASE_BYTES {
        let limit_bytes = MAX_PASSPHRASE_BYTES;
        return Err(Refusal::TooLarge { field: Field::Passphrase, limit_bytes });
    }
    let mut keys = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        match block.label.as_str() {
            "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {
                keys.push((index + 1, block));
            }
            // `openssl ecparam -genkey` puts the curve before the key, which names it again.
            "EC PARAMETERS" => {}
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                return Err(Refusal::CertificateInKey);
            }
            "DSA PRIVATE KEY" => return Err(unsupported("DSA")),
            _ => {
                let label = block.label.clone();
                return Err(Refusal::WrongBlock { field: Field::Key, label });
            }
        }
    }
    let (number, block) = match keys.as_slice() {
        [] => return Err(Refusal::NotPem(Field::Key)),
        [only] => *only,
        _ => return Err(Refusal::SeveralKeys),
    };
    let damaged = Refusal::Damaged { field: Field::Key, number };
    let is_encrypted = block.label == "ENCRYPTED PRIVATE KEY" || legacy::is_encrypted(block);
    if !is_encrypted {
        return usable(&block.label, &block.bytes, damaged);
    }
    if passphrase.expose().is_empty() {
        return Err(Refusal::PassphraseMissing);
    }
    if legacy::is_encrypted(block) {
        let opened = legacy::open(block, passphrase)?;
        // Padding fits by chance once in 256 wrong passphrases; then the content does not.
        return usable(&block.label, &opened, Refusal::WrongPassphrase);
    }
    let opened = open(&block.bytes, passphrase, damaged)?;
    usable("PRIVATE KEY", &opened, Refusal::WrongPassphrase)
}

/// Opens an encrypted PKCS#8 key (RFC 5958, section 3).
fn open(
    bytes: &[u8],
    passphrase: &Secret,
    damaged: Refusal,
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let Ok(info) = EncryptedPrivateKeyInfoRef::try_from(bytes) else {
        // A scheme that is not known does not parse; its identifier does.
        return Err(scheme(bytes).map_or(damaged, unsupported_encryption));
    };
    check_cost(&info.encryption_algorithm)?;
    match info.decrypt(passphrase.expose()) {
        Ok(document) => Ok(Zeroizing::new(document.as_bytes().to_vec())),
        Err(pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::UnsupportedAlgorithm {
            oid,
        })) => Err(unsupported_encryption(oid.to_string())),
        Err(_) => Err(Refusal::WrongPassphrase),
    }
}

/// Refuses an encryption that is not supported or takes too long to open.
pub(crate) fn check_cost(scheme: &EncryptionScheme) -> Result<(), Refusal> {
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return Err(unsupported_encryption("PBES1".to_owned()));
    };
    let is_affordable = match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= MAX_PBKDF2_ITERATIONS,
        Kdf::Scrypt(scrypt) => {
            let block_bytes = 128 * u64::from(scrypt.block_size);
            let bytes = scrypt.cost_parameter.checked_mul(block_bytes);
            bytes.is_some_and(|bytes| bytes <= MAX_SCRYPT_BYTES)
                && scrypt.parallelization <= MAX_SCRYPT_LANES
        }
        _ => return Err(unsupported_encryption(parameters.kdf.oid().to_string())),
    };
    if is_affordable {
        return Ok(());
    }
    let scheme = format!("{} (cost above the limit)", parameters.kdf.oid());
    Err(unsupported_encryption(scheme))
}

/// The identifiers of the encryption of a key that is not understood.
fn scheme(bytes: &[u8]) -> Option<String> {
    let mut outer = content(bytes)?;
    let mut algorithm = SliceReader::new(outer.tlv_bytes().ok()?).ok()?;
    Header::decode(&mut algorithm).ok()?;
    let oid: ObjectIdentifier = ObjectIdentifier::decode(&mut algorithm).ok()?;
    let name = match oid.to_string().as_str() {
        "1.2.840.113549.1.5.13" => "PBES2".to_owned(),
        "1.2.840.113549.1.5.3" | "1.2.840.113549.1.5.10" => "PBES1".to_owned(),
        "1.2.840.113549.1.12.1.3" => "PBE-SHA1-3DES".to_owned(),
        "1.2.840.113549.1.12.1.6" => "PBE-SHA1-RC2-40".to_owned(),
        other => other.to_owned(),
    };
    Some(name)
}

/// Opens an encrypted PKCS#8 key (PBES2) and checks it.
pub(crate) fn read_encrypted(bytes: &[u8], passphrase: &Secret) -> Result<Key, Refusal> {
    let damaged = Refusal::Damaged { field: Field::Key, number: 1 };
    let opened = open(bytes, passphrase, damaged)?;
    usable("PRIVATE KEY", &opened, Refusal::WrongPassphrase)
}

/// Checks a PKCS#8 key.
pub(crate) fn read_plain(bytes: &[u8]) -> Result<Key, Refusal> {
    usable("PRIVATE KEY", bytes, Refusal::Damaged { field: Field::Key, number: 1 })
}

/// Checks a key that is not encrypted and brings it into PKCS#8.
fn usable(label: &str, bytes: &[u8], damaged: Refusal) -> Result<Key, Refusal> {
    let pkcs8 = match label {
        "RSA PRIVATE KEY" => wrap_rsa(bytes),
        "EC PRIVATE KEY" => wrap_ec(bytes),
        _ => Some(Zeroizing::new(bytes.to_vec())),
    }
    .ok_or_else(|| damaged.clone())?;
    let info = PrivateKeyInfoRef::try_from(pkcs8.as_slice()).map_err(|_| damaged.clone())?;
    check_kind(&info, &damaged)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.as_slice()));
    let key = any_supported_type(&key).map_err(|_| damaged.clone())?;
    let public = key.public_key().and_then(|spki| x509::public_key_bits(&spki)).ok_or(damaged)?;
    Ok(Key { pkcs8, public })
}

fn check_kind(info: &PrivateKeyInfoRef<'_>, damaged: &Refusal) -> Result<(), Refusal> {
    match info.algorithm.oid {
        RSA => {
            let bits = rsa_bits(info.private_key.as_bytes()).ok_or_else(|| damaged.clone())?;
            if bits < MIN_RSA_BITS {
                return Err(Refusal::WeakKey { bits });
            }
            if bits > MAX_RSA_BITS {
                return Err(unsupported(format!("RSA, {bits} bits")));
            }
            Ok(())
        }
        EC => match info.algorithm.parameters_oid() {
            Ok(P256 | P384 | P521) => Ok(()),
            Ok(SECP256K1) => Err(unsupported("EC, secp256k1")),
            Ok(other) => Err(unsupported(format!("EC, {other}"))),
            Err(_) => Err(unsupported("EC, explicit parameters")),
        },
        ED25519 => Err(unsupported("Ed25519")),
        ED448 => Err(unsupported("Ed448")),
        RSA_PSS => Err(unsupported("RSA-PSS")),
        DSA => Err(unsupported("DSA")),
        other => Err(unsupported(other.to_string())),
    }
}

/// Wraps a PKCS#1 key (RFC 8017, appendix A.1.2).
fn wrap_rsa(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    rsa_bits(bytes)?;
    wrap(AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) }, bytes)
}

/// Wraps a SEC1 key (RFC 5915, section 3), which names its curve in the field `[0]`.
fn wrap_ec(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut reader = content(bytes)?;
    reader.tlv_bytes().ok()?;
    reader.tlv_bytes().ok()?;
    let field = reader.tlv_bytes().ok()?;
    let tag = AnyRef::from_der(field).ok()?;
    let is_curve =
        tag.header().tag() == Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    let parameters = is_curve.then(|| AnyRef::from_der(tag.value()).ok())??;
    wrap(AlgorithmIdentifierRef { oid: EC, parameters: Some(parameters) }, bytes)
}

fn wrap(algorithm: AlgorithmIdentifierRef<'_>, key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = OctetStringRef::new(key).ok()?;
    PrivateKeyInfoRef::new(algorithm, key).to_der().ok().map(Zeroizing::new)
}

/// Length of the modulus of a PKCS#1 key, in bits.
fn rsa_bits(bytes: &[u8]) -> Option<usize> {
    let mut reader = content(bytes)?;
    reader.tlv_bytes().ok()?;
    let modulus = UintRef::decode(&mut reader).ok()?;
    let first = modulus.as_bytes().first()?;
    Some(modulus.as_bytes().len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

/// A reader of what stands in a SEQUENCE.
fn content(bytes: &[u8]) -> Option<SliceReader<'_>> {
    let sequence = AnyRef::from_der(bytes).ok()?;
    (sequence.header().tag() == Tag::Sequence).then(|| SliceReader::new(sequence.value()).ok())?
}

fn unsupported(kind: impl Into<String>) -> Refusal {
    Refusal::UnsupportedKey { kind: kind.into() }
}

fn unsupported_encryption(scheme: String) -> Refusal {
    Refusal::UnsupportedEncryption { scheme }
}
