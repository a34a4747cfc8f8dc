//! The public key of an appliance, out of its certificate request (RFC 2986).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey, VerificationAlgorithm,
};
use base64ct::{Base64, Encoding};
use thiserror::Error;
use tunnel::Pin;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
use x509_cert::request::CertReq;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// Longest request in octets; one for these keys has some 200.
const MAX_BYTES: usize = 4096;
/// `id-ecPublicKey` (RFC 5480, 2.1.1).
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `secp256r1` (RFC 5480, 2.1.1.1).
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
/// `id-Ed25519` (RFC 8410, 3).
const ID_ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A public key that an appliance has shown to possess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApplicantKey {
    /// ECDSA on P-256, as TPMs have it.
    EcdsaP256 {
        /// The point, uncompressed.
        bits: Vec<u8>,
        /// The subject public key information.
        information: Vec<u8>,
    },
    /// Ed25519.
    Ed25519 {
        /// The key.
        bits: Vec<u8>,
        /// The subject public key information.
        information: Vec<u8>,
    },
}

/// Why a certificate request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ApplicantKeyError {
    /// No request in DER and base64.
    #[error("the certificate request is malformed")]
    Malformed,
    /// Neither ECDSA on P-256 nor Ed25519.
    #[error("the key is neither ECDSA on P-256 nor Ed25519")]
    UnknownAlgorithm,
    /// It is not signed with the key that it names.
    #[error("the certificate request is not signed with its own key")]
    NotSigned,
}

impl ApplicantKey {
    /// Reads a request in base64 and checks that it is signed with the key in it.
    ///
    /// # Errors
    ///
    /// [`ApplicantKeyError`] says what is wrong with it.
    pub fn of_request(request: &str) -> Result<Self, ApplicantKeyError> {
        const MALFORMED: ApplicantKeyError = ApplicantKeyError::Malformed;
        if request.len() > MAX_BYTES {
            return Err(MALFORMED);
        }
        let der = Base64::decode_vec(request).map_err(|_| MALFORMED)?;
        let request = CertReq::from_der(&der).map_err(|_| MALFORMED)?;
        let information = request.info.public_key.to_der().map_err(|_| MALFORMED)?;
        let key = Self::of_information(information)?;
        let signed = request.info.to_der().map_err(|_| MALFORMED)?;
        let signature = request.signature.as_bytes().ok_or(MALFORMED)?;
        UnparsedPublicKey::new(key.algorithm(), key.bits())
            .verify(&signed, signature)
            .map_err(|_| ApplicantKeyError::NotSigned)?;
        Ok(key)
    }

    /// Reads what [`Self::to_base64`] wrote.
    ///
    /// # Errors
    ///
    /// [`ApplicantKeyError`] says what is wrong with it.
    pub fn from_base64(text: &str) -> Result<Self, ApplicantKeyError> {
        let information = Base64::decode_vec(text).map_err(|_| ApplicantKeyError::Malformed)?;
        Self::of_information(information)
    }

    /// The subject public key information in base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        Base64::encode_string(self.information())
    }

    /// The fingerprint of the key.
    #[must_use]
    pub fn pin(&self) -> Pin {
        Pin::of_key(self.information())
    }

    /// The key without its description.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        match self {
            Self::EcdsaP256 { bits, .. } | Self::Ed25519 { bits, .. } => bits,
        }
    }

    fn information(&self) -> &[u8] {
        match self {
            Self::EcdsaP256 { information, .. } | Self::Ed25519 { information, .. } => information,
        }
    }

    fn of_information(information: Vec<u8>) -> Result<Self, ApplicantKeyError> {
        const MALFORMED: ApplicantKeyError = ApplicantKeyError::Malformed;
        let read = SubjectPublicKeyInfoOwned::from_der(&information).map_err(|_| MALFORMED)?;
        let bits = read.subject_public_key.as_bytes().ok_or(MALFORMED)?.to_vec();
        if read.algorithm.oid == ID_ED25519 {
            return Ok(Self::Ed25519 { bits, information });
        }
        let curve =
            read.algorithm.parameters.and_then(|it| it.decode_as::<ObjectIdentifier>().ok());
        if read.algorithm.oid == EC && curve == Some(P256) {
            return Ok(Self::EcdsaP256 { bits, information });
        }
        Err(ApplicantKeyError::UnknownAlgorithm)
    }

    fn algorithm(&self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::EcdsaP256 { .. } => &ECDSA_P256_SHA256_ASN1,
            Self::Ed25519 { .. } => &ED25519,
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    };

    use super::*;

    fn request(algorithm: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
        let key = KeyPair::generate_for(algorithm).unwrap();
        CertificateParams::default().serialize_request(&key).unwrap().der().to_vec()
    }

    #[test]
    fn keys_are_read_from_requests_that_they_signed() {
        for algorithm in [&PKCS_ECDSA_P256_SHA256, &PKCS_ED25519] {
            let key =
                ApplicantKey::of_request(&Base64::encode_string(&request(algorithm))).unwrap();
            assert_eq!(ApplicantKey::from_base64(&key.to_base64()), Ok(key));
        }
    }

    #[test]
    fn other_requests_are_refused() {
        let of = |der: &[u8]| ApplicantKey::of_request(&Base64::encode_string(der)).unwrap_err();
        assert_eq!(of(&request(&PKCS_ECDSA_P384_SHA384)), ApplicantKeyError::UnknownAlgorithm);
        let mut altered = request(&PKCS_ED25519);
        *altered.last_mut().unwrap() ^= 1;
        assert_eq!(of(&altered), ApplicantKeyError::NotSigned);
        assert_eq!(of(b"\x30\x00"), ApplicantKeyError::Malformed);
        assert_eq!(ApplicantKey::of_request("ä"), Err(ApplicantKeyError::Malformed));
        assert_eq!(ApplicantKey::of_request(&"A".repeat(5000)), Err(ApplicantKeyError::Malformed));
    }
}
