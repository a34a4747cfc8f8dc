//! The certificate that the appliance makes for itself.
//!
//! Its subject bears the product's name as organisation, by which the appliance knows its own later:
//! one that an administrator has handed in is never replaced by itself.

use std::net::Ipv4Addr;

use bus::StoredCertificate;
use certificate::Description;
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::network::NetworkStatus;
use model::product;
use model::secret::Secret;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::certificate::CertificateError;

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
    pub(crate) fn names(&self) -> Vec<String> {
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

/// Makes a self-signed server certificate (RFC 5280) with a new ECDSA P-256 key.
pub(crate) fn make(subject: &Subject, now: i64) -> Result<StoredCertificate, CertificateError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(CertificateError::Generate)?;
    sign(subject, &key, now)
}

/// Makes the same for an existing key.
pub(crate) fn remake(
    subject: &Subject,
    key_pem: &Secret,
    now: i64,
) -> Result<StoredCertificate, CertificateError> {
    let key = KeyPair::from_pem(key_pem.expose()).map_err(CertificateError::Generate)?;
    sign(subject, &key, now)
}

fn sign(subject: &Subject, key: &KeyPair, now: i64) -> Result<StoredCertificate, CertificateError> {
    let now = OffsetDateTime::from_unix_timestamp(now.max(EARLIEST_NOW))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH + Duration::seconds(EARLIEST_NOW));
    let (not_before, not_after) = (now - BACKDATING, now + Duration::days(VALIDITY_DAYS));
    let names = subject.names();
    let mut parameters =
        CertificateParams::new(names.clone()).map_err(CertificateError::Generate)?;
    parameters.not_before = not_before;
    parameters.not_after = not_after;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::OrganizationName, product::NAME);
    parameters.distinguished_name.push(DnType::CommonName, subject.host_name.clone());
    parameters.is_ca = rcgen::IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = parameters.self_signed(key).map_err(CertificateError::Generate)?;
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

/// Whether a certificate is one that [`make`] has made.
pub(crate) fn is_own(description: &Description) -> bool {
    description.is_self_signed && description.organization.as_deref() == Some(product::NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Active;

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
        let active = Active::new(stored.clone(), 0).unwrap();
        assert_eq!(Fingerprint::new(&Sha1::digest(&active.leaf)), stored.facts.sha1);
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
        assert!(Active::new(stored, 0).is_ok());
    }

    #[test]
    fn leaves_out_names_that_cannot_stand_in_a_certificate() {
        let subject = Subject { domain: Some("b\u{fc}cher.example".into()), ..subject() };
        assert_eq!(make(&subject, EARLIEST_NOW).unwrap().facts.names, ["192.0.2.10", "connector"]);
    }

    #[test]
    fn knows_its_own_and_keeps_the_key_when_made_again() {
        let first = make(&subject(), EARLIEST_NOW).unwrap();
        let moved = Subject { address: Some(Ipv4Addr::new(192, 0, 2, 11)), ..subject() };
        let second = remake(&moved, &first.key_pem, EARLIEST_NOW).unwrap();
        assert_eq!(second.key_pem.expose(), first.key_pem.expose());
        assert_ne!(second.facts.sha256, first.facts.sha256);
        assert_eq!(second.facts.names[0], "192.0.2.11");
        for stored in [first, second] {
            let active = Active::new(stored, 0).unwrap();
            assert!(is_own(&active.description), "{:?}", active.description);
        }
    }
}
