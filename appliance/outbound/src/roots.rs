//! The root certificate authorities: those of Debian's `ca-certificates`, and added ones.

use std::collections::BTreeSet;
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock};

use model::fingerprint::Fingerprint;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::reply::readable;

/// Most names of a certificate that are kept.
const MAX_NAMES: usize = 20;

/// Certificates, each behind its length in four bytes, big endian. `build.rs` writes them.
static PUBLIC: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/public_roots"));

static PUBLIC_ROOTS: LazyLock<PublicRoots> = LazyLock::new(PublicRoots::load);

/// The built-in authorities, read once.
pub(crate) struct PublicRoots {
    pub(crate) store: Arc<RootCertStore>,
    /// Their organisations in lower case.
    organisations: BTreeSet<String>,
}

impl PublicRoots {
    pub(crate) fn get() -> &'static Self {
        &PUBLIC_ROOTS
    }

    fn load() -> Self {
        let mut store = RootCertStore::empty();
        let mut organisations = BTreeSet::new();
        for der in certificates(PUBLIC) {
            if store.add(CertificateDer::from(der)).is_ok()
                && let Some(certificate) = Facts::read(der)
            {
                organisations.extend(certificate.subject_organisation);
            }
        }
        Self { store: Arc::new(store), organisations }
    }

    /// Whether an organisation runs one of the authorities.
    pub(crate) fn knows_organisation(&self, organisation: &str) -> bool {
        self.organisations.contains(organisation)
    }
}

fn certificates(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (certificate, rest) = rest.split_at_checked(length)?;
        bytes = rest;
        Some(certificate)
    })
}

/// How many public authorities are built in.
#[must_use]
pub fn public_roots() -> usize {
    PublicRoots::get().store.len()
}

/// An added authority.
pub(crate) struct AddedRoot {
    pub(crate) store: RootCertStore,
    pub(crate) facts: Facts,
}

impl AddedRoot {
    /// Reads PEM with one certificate.
    pub(crate) fn read(pem: &str) -> Option<Self> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
        let facts = Facts::read(&certificate)?;
        let mut store = RootCertStore::empty();
        store.add(certificate).ok()?;
        Some(Self { store, facts })
    }
}

impl fmt::Debug for AddedRoot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.facts.subject)
    }
}

/// What is said of a certificate.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// RFC 4514.
    pub(crate) subject: String,
    /// RFC 4514.
    pub(crate) issuer: String,
    /// In lower case.
    pub(crate) subject_organisation: Option<String>,
    /// In lower case.
    pub(crate) issuer_organisation: Option<String>,
    /// Whether it names itself as its issuer.
    pub(crate) is_self_issued: bool,
    /// In seconds since 1970.
    pub(crate) not_before: i64,
    /// In seconds since 1970.
    pub(crate) not_after: i64,
    /// SHA-256.
    pub(crate) fingerprint: Fingerprint,
}

impl Facts {
    /// Reads DER; `None` when it is damaged.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let certificate = CertificateInner::<Raw>::from_der(der).ok()?;
        let body = certificate.tbs_certificate();
        let seconds = |time: Time| i64::try_from(time.to_unix_duration().as_secs());
        Some(Self {
            subject: named(body.subject()),
            issuer: named(body.issuer()),
            subject_organisation: organisation(body.subject()),
            issuer_organisation: organisation(body.issuer()),
            is_self_issued: body.subject() == body.issuer(),
            not_before: seconds(body.validity().not_before).ok()?,
            not_after: seconds(body.validity().not_after).ok()?,
            fingerprint: Fingerprint::new(&Sha256::digest(der)),
        })
    }

    /// What can be said of bytes that are no certificate.
    pub(crate) fn unreadable(bytes: &[u8]) -> Self {
        Self {
            subject: "(unreadable)".to_owned(),
            issuer: "(unreadable)".to_owned(),
            subject_organisation: None,
            issuer_organisation: None,
            is_self_issued: false,
            not_before: 0,
            not_after: 0,
            fingerprint: Fingerprint::new(&Sha256::digest(bytes)),
        }
    }

    pub(crate) const fn is_valid_at(&self, time: i64) -> bool {
        self.not_before <= time && time <= self.not_after
    }
}

/// The names and addresses that a certificate is for, at most [`MAX_NAMES`].
pub(crate) fn names_of(der: &[u8]) -> Vec<String> {
    let Ok(certificate) = CertificateInner::<Raw>::from_der(der) else { return Vec::new() };
    let Ok(Some((_, names))) = certificate.tbs_certificate().get_extension::<SubjectAltName>()
    else {
        return Vec::new();
    };
    let shown = names.0.iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(readable(name.as_str())),
        GeneralName::IpAddress(address) => {
            let address = <[u8; 4]>::try_from(address.as_bytes()).ok()?;
            Some(Ipv4Addr::from(address).to_string())
        }
        _ => None,
    });
    shown.take(MAX_NAMES).collect()
}

fn named(name: &Name) -> String {
    let text = readable(&name.to_string());
    if text.is_empty() { "(no name)".to_owned() } else { text }
}

fn organisation(name: &Name) -> Option<String> {
    let organisation = name.organization().ok().flatten()?;
    Some(organisation.value().trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_authority_of_the_package_is_taken() {
        assert_eq!(public_roots(), certificates(PUBLIC).count());
        assert!(public_roots() > 100, "{}", public_roots());
        let known = PublicRoots::get();
        assert!(known.knows_organisation("digicert inc"));
        assert!(!known.knows_organisation("example corp"));
    }

    #[test]
    fn refuses_what_is_no_certificate() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in ["", "garbage", broken] {
            assert!(AddedRoot::read(pem).is_none(), "{pem}");
        }
    }
}
