//! The authority of a cloud: who its gateways are, and who its connectors are.

use std::fmt;

use base64ct::{Base64, Encoding};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber, SignatureAlgorithm,
};
use registry::Certificate;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use time::OffsetDateTime;
use tunnel::identity::Own;
use tunnel::{CLOUD_NAME, Pin};

use crate::applicant_key::ApplicantKey;

/// Subject of every authority. Authorities are told apart by their keys.
const SUBJECT: &str = "Connector authority";
/// Life of an authority in seconds: ten years.
const AUTHORITY_SECONDS: i64 = 10 * 365 * 24 * 60 * 60;
/// Life of a gateway's certificate in seconds: 90 days. A gateway makes one when it starts, and
/// another one whenever it is told to.
const GATEWAY_SECONDS: i64 = 90 * 24 * 60 * 60;
/// How far back a certificate begins, in seconds, because clocks differ.
const TOLERANCE_SECONDS: i64 = 60 * 60;
/// Octets of a serial number (RFC 5280, 4.1.2.2, allows 20).
const SERIAL_BYTES: usize = 16;

/// Why an authority cannot be used.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// The files hold no certificate and key.
    #[error("the authority's certificate and key cannot be read: {0}")]
    Malformed(String),
    /// Something was not signed.
    #[error("a certificate cannot be made: {0}")]
    Refused(#[from] rcgen::Error),
}

/// An authority, with its key.
pub struct Authority {
    certificate: CertificateDer<'static>,
    pin: Pin,
    issuer: Issuer<'static, KeyPair>,
}

/// What is stored of an authority.
pub struct AuthorityFiles {
    /// Its certificate in PEM.
    pub certificate: String,
    /// Its private key in PEM; secret.
    pub key: String,
}

impl fmt::Debug for AuthorityFiles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AuthorityFiles(..)")
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Authority").field("pin", &self.pin).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Errors
    ///
    /// No key or certificate can be made.
    pub fn generate(now: i64) -> Result<AuthorityFiles, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut parameters = parameters();
        set_life(&mut parameters, now, AUTHORITY_SECONDS);
        let certificate = parameters.self_signed(&key)?;
        Ok(AuthorityFiles { certificate: certificate.pem(), key: key.serialize_pem() })
    }

    /// Reads an authority.
    ///
    /// # Errors
    ///
    /// [`AuthorityError::Malformed`].
    pub fn read(files: &AuthorityFiles) -> Result<Self, AuthorityError> {
        let malformed = |error: &dyn fmt::Display| AuthorityError::Malformed(error.to_string());
        let certificate = CertificateDer::from_pem_slice(files.certificate.as_bytes())
            .map_err(|error| malformed(&error))?;
        let key = KeyPair::from_pem(&files.key).map_err(|error| malformed(&error))?;
        let pin = Pin::of_certificate(&certificate).ok_or_else(|| malformed(&"no certificate"))?;
        if pin != Pin::of_key(&key.subject_public_key_info()) {
            return Err(malformed(&"the key is that of another certificate"));
        }
        Ok(Self { certificate, pin, issuer: Issuer::new(parameters(), key) })
    }

    /// How appliances know it.
    #[must_use]
    pub fn pin(&self) -> Pin {
        self.pin
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// Makes key and certificate of a gateway.
    ///
    /// # Errors
    ///
    /// They cannot be made.
    pub fn gateway(&self, now: i64) -> Result<Own, AuthorityError> {
        let mut parameters = CertificateParams::new(vec![CLOUD_NAME.to_owned()])?;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        set_life(&mut parameters, now, GATEWAY_SECONDS);
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(Own {
            chain: vec![certificate.der().clone(), self.certificate()],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        })
    }

    /// Makes the certificate of a connector.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn connector(
        &self,
        id: &str,
        key: &ApplicantKey,
        now: i64,
    ) -> Result<Certificate, AuthorityError> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, id);
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        set_life(&mut parameters, now, protocol::CERTIFICATE_SECONDS);
        let serial = serial();
        parameters.serial_number = Some(SerialNumber::from_slice(&serial));
        let certificate = parameters.signed_by(&Named(key), &self.issuer)?;
        Ok(Certificate {
            pem: certificate.pem(),
            serial: serial.iter().map(|octet| format!("{octet:02x}")).collect(),
            expires_at: now + protocol::CERTIFICATE_SECONDS,
        })
    }
}

/// What a certificate in PEM is on the wire: DER in base64.
pub(crate) fn to_wire(pem: &str) -> Option<String> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    Some(Base64::encode_string(&certificate))
}

fn parameters() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, SUBJECT);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    parameters
}

fn set_life(parameters: &mut CertificateParams, now: i64, seconds: i64) {
    let moment = |seconds| {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    };
    parameters.not_before = moment(now - TOLERANCE_SECONDS);
    parameters.not_after = moment(now + seconds);
}

/// A random serial number, positive and of the same length always.
fn serial() -> [u8; SERIAL_BYTES] {
    let mut serial = [0; SERIAL_BYTES];
    getrandom::fill(&mut serial).expect("the system has random numbers");
    serial[0] = serial[0] & 0x3f | 0x40;
    serial
}

/// The key of an applicant, for the library that signs.
struct Named<'a>(&'a ApplicantKey);

impl PublicKeyData for Named<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.bits()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        match self.0 {
            ApplicantKey::EcdsaP256 { .. } => &rcgen::PKCS_ECDSA_P256_SHA256,
            ApplicantKey::Ed25519 { .. } => &rcgen::PKCS_ED25519,
        }
    }
}
