//! Certificate authorities and certificates for the servers of a test.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use time::{Date, Month, OffsetDateTime};

/// What a server presents.
pub(crate) struct Identity {
    /// Its certificate and those above it, PEM.
    pub(crate) chain: String,
    /// Its private key, PEM.
    pub(crate) key: String,
}

/// An authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// An authority of an organisation, valid from 2020 to 2050.
    pub(crate) fn new(common_name: &str, organisation: &str) -> Self {
        let mut parameters = valid(2020, 2050);
        parameters.distinguished_name = named(common_name, organisation);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("signed"))
    }

    /// Its certificate, PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A server for these names or addresses, separated by spaces, valid in these years.
    pub(crate) fn server(&self, names: &str, from: i32, until: i32) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = server_of(names, from, until).signed_by(&key, &self.0).expect("signed");
        let chain = format!("{}{}", certificate.pem(), self.pem());
        Identity { chain, key: key.serialize_pem() }
    }
}

/// A server that vouches for itself.
pub(crate) fn self_signed(name: &str) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let certificate = server_of(name, 2020, 2050).self_signed(&key).expect("signed");
    Identity { chain: certificate.pem(), key: key.serialize_pem() }
}

fn server_of(names: &str, from: i32, until: i32) -> CertificateParams {
    let mut parameters = valid(from, until);
    let list: Vec<_> = names.split(' ').map(str::to_owned).collect();
    parameters.subject_alt_names = CertificateParams::new(list).expect("names").subject_alt_names;
    parameters.distinguished_name = named(names, "Servers");
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters
}

fn valid(from: i32, until: i32) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    (parameters.not_before, parameters.not_after) = (new_year(from), new_year(until));
    parameters
}

fn named(common_name: &str, organisation: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name.push(DnType::OrganizationName, organisation);
    name
}

/// The first moment of a year.
pub(crate) fn new_year(year: i32) -> OffsetDateTime {
    Date::from_calendar_date(year, Month::January, 1).expect("a date").midnight().assume_utc()
}
