//! A certificate authority that is to be trusted beside the built-in ones.

use model::fingerprint::Fingerprint;
use model::root_ca::{
    MAX_ROOT_CA_BYTES, MAX_SHOWN_NAME_BYTES, RootCa, RootCaFacts, RootCaRefusal as Refusal,
};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::der_file::{self, Kind};
use crate::key::{MAX_RSA_BITS, MIN_RSA_BITS};
use crate::pem::{self, PemError};
use crate::public_key::KeyKind;
use crate::x509::Certificate;

/// End of the first and last line of every kind of private key.
const KEY_LABEL: &str = "PRIVATE KEY-----";

/// Checks what is handed in as an authority: the bytes of a text or of a file, PEM or DER, with
/// exactly one certificate. Its validity is not looked at: one that has expired deserves a warning
/// ([`RootCaFacts::expiry`]) and no refusal, since clocks are set and certificates renewed later.
///
/// # Errors
///
/// The first [`Refusal`], a private key before everything else.
pub fn check_root(bytes: &[u8]) -> Result<RootCa, Refusal> {
    if bytes.len() > MAX_ROOT_CA_BYTES {
        return Err(Refusal::TooLarge { limit_bytes: MAX_ROOT_CA_BYTES });
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Refusal::Missing);
    }
    if let Some(encoding) = encoding(bytes) {
        return Err(Refusal::Encoding { encoding });
    }
    let der = match der_file::kind(bytes) {
        None => one_certificate(bytes)?,
        Some(Kind::Certificate) => bytes.to_vec(),
        Some(Kind::PrivateKey) => return Err(Refusal::PrivateKey),
        Some(Kind::Other(label)) => return Err(Refusal::WrongBlock { label: label.to_owned() }),
        Some(Kind::Unknown) => return Err(Refusal::Damaged),
    };
    let certificate = Certificate::read(&der).ok_or(Refusal::Damaged)?;
    check(&certificate)?;
    Ok(RootCa { facts: facts(&certificate), pem: pem::write_certificate(&der) })
}

/// The encoding of a text that is not ASCII with something more, such as UTF-8 or Latin-1.
fn encoding(bytes: &[u8]) -> Option<&'static str> {
    let has = |pattern: &[u8]| bytes.windows(pattern.len()).any(|window| window == pattern);
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || has(b"-\0\0\0-") {
        Some("UTF-32")
    } else if bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || has(b"-\0-\0-")
    {
        Some("UTF-16")
    } else {
        None
    }
}

/// The DER bytes of the one certificate in a text.
fn one_certificate(text: &[u8]) -> Result<Vec<u8>, Refusal> {
    let text = String::from_utf8_lossy(text);
    // Whoever pastes a key has to know, whatever else is wrong.
    if text.contains(KEY_LABEL) {
        return Err(Refusal::PrivateKey);
    }
    let blocks = pem::blocks(&text).map_err(|error| match error {
        PemError::NoBlock => Refusal::NotPem,
        PemError::Truncated => Refusal::Truncated,
        PemError::WrongBase64 { .. } => Refusal::WrongBase64,
    })?;
    let is_certificate = |label: &str| matches!(label, "CERTIFICATE" | "X509 CERTIFICATE");
    if let Some(other) = blocks.iter().find(|block| !is_certificate(&block.label)) {
        return Err(Refusal::WrongBlock { label: other.label.clone() });
    }
    match blocks.as_slice() {
        [only] => Ok(only.bytes.to_vec()),
        several => Err(Refusal::SeveralCertificates { count: several.len() }),
    }
}

fn check(certificate: &Certificate) -> Result<(), Refusal> {
    let subject = || shown(&certificate.subject());
    if !certificate.is_version_3() {
        return Err(Refusal::OldVersion { subject: subject() });
    }
    if !certificate.claims_authority() {
        return Err(Refusal::NotAuthority { subject: subject() });
    }
    if !certificate.may_sign_certificates() {
        return Err(Refusal::MayNotSign { subject: subject() });
    }
    match certificate.key_kind() {
        KeyKind::Rsa(bits) if bits < MIN_RSA_BITS => return Err(Refusal::WeakKey { bits }),
        kind @ KeyKind::Rsa(bits) if bits > MAX_RSA_BITS => {
            return Err(Refusal::UnsupportedKey { kind: kind.name() });
        }
        KeyKind::Rsa(_) | KeyKind::Known(_) => {}
        KeyKind::Other(kind) => return Err(Refusal::UnsupportedKey { kind }),
    }
    // Nothing depends on the signature of a root, so one of an old kind that cannot be checked is
    // fine; one that can be checked and is wrong means that somebody altered the certificate.
    if certificate.is_self_issued() && certificate.verify(certificate) == Some(false) {
        return Err(Refusal::WrongSignature { subject: subject() });
    }
    let mut store = RootCertStore::empty();
    store
        .add(CertificateDer::from(certificate.der.as_slice()))
        .map_err(|error| Refusal::Unusable { reason: error.to_string() })
}

fn facts(certificate: &Certificate) -> RootCaFacts {
    let sha256 = Fingerprint::new(&Sha256::digest(&certificate.der));
    RootCaFacts {
        id: sha256.id(),
        subject: shown(&certificate.subject()),
        issuer: shown(&certificate.issuer()),
        serial: shown(&certificate.serial()),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        sha1: Fingerprint::new(&Sha1::digest(&certificate.der)),
        sha256,
        key: certificate.key_kind().name(),
        is_self_signed: certificate.is_self_issued()
            && certificate.verify(certificate) != Some(false),
    }
}

/// A text on one line and of limited length, whoever wrote it.
fn shown(text: &str) -> String {
    const ELLIPSIS: char = '\u{2026}';
    let plain = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    let mut shown: String = text.chars().map(plain).collect();
    if shown.len() > MAX_SHOWN_NAME_BYTES {
        let end = shown.floor_char_boundary(MAX_SHOWN_NAME_BYTES - ELLIPSIS.len_utf8());
        shown.truncate(end);
        shown.push(ELLIPSIS);
    }
    shown
}
