//! Kinds of public keys and signatures, by name.

use der::Decode;
use der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use der::{Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::key::{DSA, EC, ED448, ED25519, P256, P384, P521, RSA, RSA_PSS, SECP256K1};

/// The kind of a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// RSA with a modulus of so many bits.
    Rsa(usize),
    /// A kind whose signatures can be checked here.
    Known(&'static str),
    /// Any other.
    Other(String),
}

impl KeyKind {
    /// The kind of a key in a certificate.
    pub(crate) fn of(key: &SubjectPublicKeyInfoOwned) -> Self {
        match key.algorithm.oid {
            RSA => match rsa_bits(key.subject_public_key.raw_bytes()) {
                Some(bits) => Self::Rsa(bits),
                None => Self::Other("RSA, damaged".to_owned()),
            },
            EC => {
                let curve = key.algorithm.parameters.as_ref();
                match curve.map(|curve| curve.decode_as::<ObjectIdentifier>()) {
                    Some(Ok(P256)) => Self::Known("EC P-256"),
                    Some(Ok(P384)) => Self::Known("EC P-384"),
                    Some(Ok(P521)) => Self::Known("EC P-521"),
                    Some(Ok(SECP256K1)) => Self::Other("EC secp256k1".to_owned()),
                    Some(Ok(other)) => Self::Other(format!("EC {other}")),
                    Some(Err(_)) | None => Self::Other("EC, explicit parameters".to_owned()),
                }
            }
            ED25519 => Self::Known("Ed25519"),
            ED448 => Self::Other("Ed448".to_owned()),
            RSA_PSS => Self::Other("RSA-PSS".to_owned()),
            DSA => Self::Other("DSA".to_owned()),
            other => Self::Other(other.to_string()),
        }
    }

    /// Its name, such as `RSA 2048` or `EC P-256`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Rsa(bits) => format!("RSA {bits}"),
            Self::Known(name) => (*name).to_owned(),
            Self::Other(name) => name.clone(),
        }
    }
}

/// Length of the modulus of an RSA public key (RFC 8017, appendix A.1.1), in bits.
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let sequence = AnyRef::from_der(key).ok()?;
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let modulus: UintRef<'_> = reader.decode().ok()?;
    let first = modulus.as_bytes().first()?;
    Some(modulus.as_bytes().len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
}

/// The name of a signature algorithm, such as `ECDSA, SHA-256`; its identifier when it is a rare one.
pub(crate) fn signature_name(algorithm: &ObjectIdentifier) -> String {
    let identifier = algorithm.to_string();
    let name = match identifier.as_str() {
        "1.2.840.113549.1.1.4" => "RSA, MD5",
        "1.2.840.113549.1.1.5" => "RSA, SHA-1",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.113549.1.1.11" => "RSA, SHA-256",
        "1.2.840.113549.1.1.12" => "RSA, SHA-384",
        "1.2.840.113549.1.1.13" => "RSA, SHA-512",
        "1.2.840.10045.4.1" => "ECDSA, SHA-1",
        "1.2.840.10045.4.3.2" => "ECDSA, SHA-256",
        "1.2.840.10045.4.3.3" => "ECDSA, SHA-384",
        "1.2.840.10045.4.3.4" => "ECDSA, SHA-512",
        "1.3.101.112" => "Ed25519",
        _ => return identifier,
    };
    name.to_owned()
}
