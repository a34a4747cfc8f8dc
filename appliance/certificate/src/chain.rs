//! The chain: which certificate is the server's, what follows it, and whether it holds.

use model::certificate::{CertificateField as Field, CertificateRefusal as Refusal};

use crate::key::Key;
use crate::pem::Block;
use crate::x509::Certificate;

/// Most certificates that are taken. Chains of public authorities have three.
pub const MAX_CERTIFICATES: usize = 10;

/// How far the clock of an authority may be ahead of ours, in seconds: as much as Kerberos takes
/// (RFC 4120, section 1.6). A certificate that was signed a moment ago is not refused for it.
pub const CLOCK_TOLERANCE: i64 = 300;

/// Reads the certificates among the blocks; one that stands there twice is taken once.
pub(crate) fn read(blocks: &[Block]) -> Result<Vec<Certificate>, Refusal> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" => {}
            label if label.ends_with("PRIVATE KEY") => return Err(Refusal::KeyInCertificate),
            label => {
                let label = label.to_owned();
                return Err(Refusal::WrongBlock { field: Field::Certificate, label });
            }
        }
        let number = index + 1;
        let damaged = Refusal::Damaged { field: Field::Certificate, number };
        let certificate = Certificate::read(&block.bytes).ok_or(damaged)?;
        if certificates.iter().any(|known| known.der == certificate.der) {
            continue;
        }
        if certificates.len() == MAX_CERTIFICATES {
            return Err(Refusal::TooManyCertificates { limit: MAX_CERTIFICATES });
        }
        certificates.push(certificate);
    }
    Ok(certificates)
}

/// Brings the certificates into order: the one that the key is for, then each one's issuer.
pub(crate) fn order(
    mut certificates: Vec<Certificate>,
    key: &Key,
) -> Result<Vec<Certificate>, Refusal> {
    let (mut leaves, mut rest): (Vec<_>, Vec<_>) =
        certificates.drain(..).partition(|certificate| certificate.public_key == key.public);
    if leaves.len() > 1 {
        let subjects = leaves.iter().map(Certificate::subject).collect();
        return Err(Refusal::SeveralLeaves { subjects });
    }
    let Some(leaf) = leaves.pop() else {
        let likely = rest.iter().find(|certificate| !certificate.is_authority());
        let subject = likely.or_else(|| rest.first()).map(Certificate::subject).unwrap_or_default();
        return Err(Refusal::KeyMismatch { subject });
    };
    let mut chain = vec![leaf];
    while let Some(last) = chain.last() {
        if last.is_self_issued() {
            break;
        }
        // Several may bear the issuer's name, such as an old and a new one of an authority.
        let named = |candidate: &Certificate| last.names_as_issuer(candidate);
        let signer = rest.iter().position(|one| named(one) && last.is_signed_by(one));
        match (signer, rest.iter().find(|candidate| named(candidate))) {
            (Some(index), _) => chain.push(rest.remove(index)),
            (None, Some(named)) => {
                let (subject, issuer) = (last.subject(), named.subject());
                return Err(Refusal::BrokenLink { subject, issuer });
            }
            (None, None) => break,
        }
    }
    match rest.first() {
        Some(unrelated) => Err(Refusal::Unrelated { subject: unrelated.subject() }),
        None => Ok(chain),
    }
}

/// Checks a chain in order, at a time in seconds since 1970.
pub(crate) fn check(chain: &[Certificate], now: i64) -> Result<(), Refusal> {
    let Some((leaf, issuers)) = chain.split_first() else { return Ok(()) };
    let subject = leaf.subject();
    if !leaf.is_version_3() {
        return Err(Refusal::OldVersion { subject });
    }
    if leaf.is_authority() {
        return Err(Refusal::Authority { subject });
    }
    if !leaf.is_for_servers() {
        return Err(Refusal::NotForServers { subject });
    }
    if !leaf.key_may_sign() {
        return Err(Refusal::KeyMayNotSign { subject });
    }
    if let Some(issuer) = issuers.iter().find(|issuer| !issuer.is_authority()) {
        return Err(Refusal::IssuerNotAuthority { subject: issuer.subject() });
    }
    for (index, certificate) in chain.iter().enumerate() {
        // Nobody relies on the signature of a root: it is trusted as it is.
        let is_root = index > 0 && certificate.is_self_issued();
        if let Some(algorithm) = certificate.weak_signature().filter(|_| !is_root) {
            let algorithm = algorithm.to_owned();
            return Err(Refusal::WeakSignature { subject: certificate.subject(), algorithm });
        }
        if now + CLOCK_TOLERANCE < certificate.not_before {
            let not_before = certificate.not_before;
            return Err(Refusal::NotYetValid { subject: certificate.subject(), not_before, now });
        }
        if now > certificate.not_after {
            let not_after = certificate.not_after;
            return Err(Refusal::Expired { subject: certificate.subject(), not_after });
        }
    }
    Ok(())
}
