//! The certificate of the admin page: made at the first start, loaded at later ones.

use std::net::Ipv4Addr;
use std::sync::Arc;

use bus::StoredCertificate;
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::network::NetworkStatus;
use model::secret::Secret;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use thiserror::Error;
use time::{Duration, OffsetDateTime};

/// How long a certificate that we make is valid, in days: five years, as documented.
const VALIDITY_DAYS: i64 = 5 * 365;
/// A certificate is valid from this long before now: clocks differ.
const BACKDATING: Duration = Duration::HOUR;
/// No clock of ours can be before this, 1 January 2026, in seconds since 1970. A machine whose clock
/// was never set would otherwise make a certificate that has ended already.
const EARLIEST_NOW: i64 = 1_767_225_600;

/// What a certificate is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// Host name without domain.
    pub(crate) host_name: String,
    /// Domain of the host.
    pub(crate) domain: Option<String>,
    /// Address of the admin page, once known.
    pub(crate) address: Option<Ipv4Addr>,
}

/// A certificate cannot be made or used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// The generator refuses.
    #[error("sign the certificate")]
    Generate(#[source] rcgen::Error),
    /// The stored text is no PEM.
    #[error("read the PEM text")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// There is no certificate in the PEM text.
    #[error("find a certificate in the PEM text")]
    Empty,
    /// The key cannot be used.
    #[error("use the certificate with its key")]
    Key(#[source] rustls::Error),
    /// What the console shows is not what is stored.
    #[error("match the stored fingerprint")]
    Fingerprint,
}

impl Subject {
    /// The subject of an appliance with this network.
    pub(crate) fn of(network: Option<&NetworkStatus>) -> Self {
        let Some(network) = network else {
            let host_name = model::network::DEFAULT_HOST_NAME.to_owned();
            return Self { host_name, domain: None, address: None };
        };
        Self {
            host_name: network.host_name.value.clone(),
            domain: network.domain.as_ref().map(|domain| domain.value.clone()),
            address: network.address.as_ref().map(|address| address.value.address),
        }
    }

    /// Address and names, in the order in which they are shown.
    fn names(&self) -> Vec<String> {
        let full = self.domain.as_ref().map(|domain| format!("{}.{domain}", self.host_name));
        self.address
            .map(|address| address.to_string())
            .into_iter()
            .chain([self.host_name.clone()])
            .chain(full)
            // Others cannot stand in a certificate (RFC 5280, section 4.2.1.6).
            .filter(|name| name.is_ascii())
            .collect()
    }
}

/// Makes a self-signed server certificate (RFC 5280) with an ECDSA P-256 key.
pub(crate) fn make(subject: &Subject, now: i64) -> Result<StoredCertificate, CertificateError> {
    let now = OffsetDateTime::from_unix_timestamp(now.max(EARLIEST_NOW))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH + Duration::seconds(EARLIEST_NOW));
    let (not_before, not_after) = (now - BACKDATING, now + Duration::days(VALIDITY_DAYS));
    let names = subject.names();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(CertificateError::Generate)?;
    let mut parameters =
        CertificateParams::new(names.clone()).map_err(CertificateError::Generate)?;
    parameters.not_before = not_before;
    parameters.not_after = not_after;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, subject.host_name.clone());
    parameters.is_ca = rcgen::IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = parameters.self_signed(&key).map_err(CertificateError::Generate)?;
    Ok(StoredCertificate {
        chain_pem: certificate.pem(),
        key_pem: Secret::new(key.serialize_pem()),
        facts: CertificateFacts {
            sha1: Fingerprint::new(&Sha1::digest(certificate.der())),
            sha256: Fingerprint::new(&Sha256::digest(certificate.der())),
            names,
            not_before: not_before.unix_timestamp(),
            not_after: not_after.unix_timestamp(),
        },
    })
}

/// Checks a stored certificate and makes it ready for use.
pub(crate) fn certified_key(
    stored: &StoredCertificate,
) -> Result<Arc<CertifiedKey>, CertificateError> {
    let chain = CertificateDer::pem_slice_iter(stored.chain_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(CertificateError::Pem)?;
    let leaf = chain.first().ok_or(CertificateError::Empty)?;
    if Fingerprint::new(&Sha256::digest(leaf)) != stored.facts.sha256 {
        return Err(CertificateError::Fingerprint);
    }
    let key = PrivateKeyDer::from_pem_slice(stored.key_pem.expose().as_bytes())
        .map_err(CertificateError::Pem)?;
    let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(CertificateError::Key)?;
    Ok(Arc::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            host_name: "connector".into(),
            domain: Some("example.com".into()),
            address: Some(Ipv4Addr::new(192, 0, 2, 10)),
        }
    }

    #[test]
    fn names_address_host_and_full_name() {
        let stored = make(&subject(), EARLIEST_NOW).unwrap();
        assert_eq!(stored.facts.names, ["192.0.2.10", "connector", "connector.example.com"]);
        let key = certified_key(&stored).unwrap();
        assert_eq!(key.cert.len(), 1);
        assert_eq!(Fingerprint::new(&Sha1::digest(&key.cert[0])), stored.facts.sha1);
    }

    #[test]
    fn is_valid_for_five_years() {
        let now = EARLIEST_NOW + 1000;
        let facts = make(&subject(), now).unwrap().facts;
        assert_eq!(facts.not_before, now - 3600);
        assert_eq!(facts.not_after, now + 5 * 365 * 86_400);
    }

    #[test]
    fn clock_that_was_never_set_does_not_make_an_ended_certificate() {
        for now in [0, -5, i64::MAX] {
            assert!(make(&subject(), now).unwrap().facts.not_after > EARLIEST_NOW, "{now}");
        }
    }

    #[test]
    fn works_without_an_address() {
        let stored = make(&Subject::of(None), EARLIEST_NOW).unwrap();
        assert_eq!(stored.facts.names, ["connector"]);
        assert!(certified_key(&stored).is_ok());
    }

    #[test]
    fn leaves_out_names_that_cannot_stand_in_a_certificate() {
        let subject = Subject { domain: Some("b\u{fc}cher.example".into()), ..subject() };
        assert_eq!(make(&subject, EARLIEST_NOW).unwrap().facts.names, ["192.0.2.10", "connector"]);
    }

    #[test]
    fn refuses_a_damaged_one() {
        let good = make(&subject(), EARLIEST_NOW).unwrap();
        let other = make(&subject(), EARLIEST_NOW).unwrap();
        let damaged = [
            StoredCertificate { chain_pem: String::new(), ..good.clone() },
            StoredCertificate { chain_pem: other.chain_pem.clone(), ..good.clone() },
            StoredCertificate { key_pem: other.key_pem.clone(), ..good.clone() },
            StoredCertificate { key_pem: Secret::new("key".into()), ..good.clone() },
        ];
        for stored in damaged {
            assert!(certified_key(&stored).is_err());
        }
    }
}
