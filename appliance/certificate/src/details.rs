//! What the page shows of each certificate of a chain.

use model::fingerprint::CertificateFacts;

use crate::chain::MAX_CERTIFICATES;
use crate::x509::{Certificate, Description};
use crate::{facts, pem};

/// Everything that is shown of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateDetails {
    /// Names, validity, fingerprints.
    pub facts: CertificateFacts,
    /// Subject and issuer.
    pub description: Description,
    /// Serial number, upper-case hexadecimal bytes with colons.
    pub serial: String,
    /// Kind of its key, such as `EC P-256`.
    pub key: String,
    /// Algorithm of its signature, such as `ECDSA, SHA-256`.
    pub signature: String,
}

/// Reads a stored chain, PEM, leaf first. A certificate that cannot be read is left out.
#[must_use]
pub fn details(chain_pem: &str) -> Vec<CertificateDetails> {
    let blocks = pem::blocks(chain_pem).unwrap_or_default();
    let certificates = blocks.iter().filter_map(|block| Certificate::read(&block.bytes));
    certificates.take(MAX_CERTIFICATES).map(|certificate| of(&certificate)).collect()
}

/// Reads one certificate, DER, as a server sent it; `None` when it is damaged.
#[must_use]
pub fn describe_der(der: &[u8]) -> Option<CertificateDetails> {
    Certificate::read(der).map(|certificate| of(&certificate))
}

fn of(certificate: &Certificate) -> CertificateDetails {
    CertificateDetails {
        facts: facts(certificate),
        description: certificate.describe(),
        serial: certificate.serial(),
        key: certificate.key_kind().name(),
        signature: certificate.signature_algorithm(),
    }
}
