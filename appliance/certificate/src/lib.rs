//! Reads and checks the certificate that an administrator hands in for the admin page.
//!
//! [`check`] takes what stands in the fields, as text, with whatever people's tools put around it:
//! chains in any order, carriage returns, no final newline, attributes and comments between the
//! blocks, keys in PKCS#8, PKCS#1 or SEC1, encrypted or not. It gives a [`Bundle`] in one form: leaf
//! first, the key in PKCS#8. Everything else gets a [`CertificateRefusal`] that names what to
//! correct. What works but deserves a word is told by [`warnings`].
//!
//! The same for what stands beside it: [`check_pkcs12`] for both in one file, [`check_root`] for an authority that is to be trusted,
//! [`make_request`] and [`check_signed`] for a certificate that an authority makes on request,
//! [`details`] for what the page shows of a chain.
//!
//! There is no I/O and no clock; only new keys take randomness. Keys are wiped from memory and never stand in an error. Texts, the
//! number of certificates and the cost of opening a key are limited, so that nothing that is handed
//! in can occupy the appliance.
#![forbid(unsafe_code)]

mod chain;
mod der_file;
mod details;
mod key;
mod legacy;
mod names;
mod pem;
mod pkcs12;
mod public_key;
mod request;
mod root_ca;
mod x509;

pub use chain::{CLOCK_TOLERANCE, MAX_CERTIFICATES};
pub use details::{CertificateDetails, describe_der, details};
pub use key::{MAX_PBKDF2_ITERATIONS, MAX_SCRYPT_BYTES, MIN_RSA_BITS};
use model::certificate::{
    CertificateField as Field, CertificateRefusal as Refusal, CertificateWarning as Warning,
};
use model::expiry::Expiry;
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::secret::Secret;
pub use pkcs12::{MAX_PKCS12_BYTES, check_pkcs12};
pub use request::{SigningRequest, check_signed, make_request};
pub use root_ca::check_root;
use sha1::Sha1;
use sha2::{Digest, Sha256};
pub use x509::Description;

use crate::key::Key;
use crate::x509::Certificate;

/// Longest certificate field, in bytes: ten certificates with the text that openssl prints.
pub const MAX_CERTIFICATE_BYTES: usize = 48 * 1024;
/// Longest key field, in bytes: an RSA key of 8192 bits has 6.4 KiB.
pub const MAX_KEY_BYTES: usize = 16 * 1024;
/// Longest passphrase, in bytes.
pub const MAX_PASSPHRASE_BYTES: usize = 1024;
/// What is handed in.
#[derive(Clone, Debug)]
pub struct Input {
    /// The certificate with or without its chain, PEM. A secret until it is known to be none: people
    /// paste keys here.
    pub certificate: Secret,
    /// The private key, PEM.
    pub key: Secret,
    /// The passphrase of the key; empty = none.
    pub passphrase: Secret,
}

/// A certificate that has passed every check.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The chain, PEM, leaf first.
    pub chain_pem: String,
    /// The private key, PKCS#8 PEM.
    pub key_pem: Secret,
    /// What is shown of the leaf everywhere.
    pub facts: CertificateFacts,
    /// What is shown of the leaf where there is room.
    pub description: Description,
}

/// Checks what is handed in, at a time in seconds since 1970.
///
/// # Errors
///
/// The first [`Refusal`], in the order in which a person would correct them.
pub fn check(input: &Input, now: i64) -> Result<Bundle, Refusal> {
    let certificate_blocks = pem::read(&input.certificate, Field::Certificate)?;
    let key_blocks = pem::read(&input.key, Field::Key)?;
    let certificates = chain::read(&certificate_blocks)?;
    let key = key::read(&key_blocks, &input.passphrase)?;
    assemble(certificates, &key, now)
}

/// Brings certificates and key into one form, after every check.
fn assemble(certificates: Vec<Certificate>, key: &Key, now: i64) -> Result<Bundle, Refusal> {
    let chain = chain::order(certificates, key)?;
    chain::check(&chain, now)?;
    let leaf = chain.first().ok_or(Refusal::NotPem(Field::Certificate))?;
    Ok(Bundle {
        chain_pem: chain
            .iter()
            .map(|certificate| pem::write_certificate(&certificate.der))
            .collect(),
        key_pem: pem::write_key(&key.pkcs8),
        facts: facts(leaf),
        description: leaf.describe(),
    })
}

/// What works and deserves a word. `hosts` are address and names under which the appliance is
/// reached; one of them should be named.
#[must_use]
pub fn warnings(
    facts: &CertificateFacts,
    description: &Description,
    hosts: &[String],
    now: i64,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(host) = hosts.first()
        && !hosts.iter().any(|host| names::cover(&facts.names, host))
    {
        let names = facts.names.clone();
        warnings.push(Warning::NotNamed { host: host.clone(), names });
    }
    if let Expiry::ExpiresSoon { days } = facts.expiry(now) {
        warnings.push(Warning::ExpiresSoon { not_after: facts.not_after, days });
    }
    if let Some(curve) = description.rare_curve {
        warnings.push(Warning::RareCurve { curve });
    }
    warnings
}

/// Whether a certificate with these names is valid for a host: a name or an address.
#[must_use]
pub fn covers(names: &[String], host: &str) -> bool {
    names::cover(names, host)
}

/// Reads what is shown of a certificate, DER; `None` when it is damaged.
#[must_use]
pub fn describe(der: &[u8]) -> Option<(CertificateFacts, Description)> {
    let certificate = Certificate::read(der)?;
    Some((facts(&certificate), certificate.describe()))
}

fn facts(certificate: &Certificate) -> CertificateFacts {
    CertificateFacts {
        sha1: Fingerprint::new(&Sha1::digest(&certificate.der)),
        sha256: Fingerprint::new(&Sha256::digest(&certificate.der)),
        names: certificate.names.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
    }
}
