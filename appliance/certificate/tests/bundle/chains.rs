//! Chains: their order, their links, and what each certificate in them may do.

use certificate::{Bundle, covers, describe, warnings};
use model::certificate::{CertificateRefusal as Refusal, CertificateWarning as Warning};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use crate::{NOW, fixture, input, try_files, try_texts};

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn parameters(name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::new(vec![format!("{name}.example.com")]).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    parameters.not_before = now - Duration::days(10);
    parameters.not_after = now + Duration::days(100);
    parameters
}

fn authority(name: &str) -> CertificateParams {
    let mut parameters = parameters(name);
    parameters.subject_alt_names.clear();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    parameters
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// A root, an intermediate and a server, each with its PEM.
struct Site {
    root: Issuer,
    intermediate: Issuer,
    key: KeyPair,
}

impl Site {
    fn new() -> Self {
        Self::with_intermediate(authority("Intermediate"))
    }

    fn with_intermediate(parameters: CertificateParams) -> Self {
        let root = Issuer::self_signed(authority("Root"), key()).unwrap();
        let intermediate = Issuer::signed_by(parameters, key(), &root).unwrap();
        Self { root, intermediate, key: key() }
    }

    fn server(&self, parameters: CertificateParams) -> String {
        parameters.signed_by(&self.key, &self.intermediate).unwrap().pem()
    }

    /// Checks a server certificate with its chain.
    fn try_server(&self, parameters: CertificateParams) -> Result<Bundle, Refusal> {
        let text = self.server(parameters) + &self.intermediate.pem();
        try_texts(&text, &self.key.serialize_pem(), "")
    }
}

#[test]
fn chain_in_any_order_is_brought_into_order() {
    let site = Site::new();
    let server = site.server(parameters("server"));
    let (intermediate, root) = (site.intermediate.pem(), site.root.pem());
    let expected = format!("{server}{intermediate}{root}").replace('\r', "");
    for order in [
        [&server, &intermediate, &root],
        [&server, &root, &intermediate],
        [&intermediate, &server, &root],
        [&intermediate, &root, &server],
        [&root, &server, &intermediate],
        [&root, &intermediate, &server],
    ] {
        let text: String = order.into_iter().map(String::as_str).collect();
        let bundle = try_texts(&text, &site.key.serialize_pem(), "").unwrap();
        assert_eq!(bundle.chain_pem, expected);
        assert_eq!(bundle.facts.names, ["server.example.com"]);
        assert_eq!(bundle.description.issuer, "CN=Intermediate");
        assert!(!bundle.description.is_self_signed);
    }
}

#[test]
fn certificates_of_another_chain_are_refused() {
    let (site, other) = (Site::new(), Site::with_intermediate(authority("Other")));
    let text = site.server(parameters("server")) + &site.intermediate.pem();
    let key = site.key.serialize_pem();
    let subject = "CN=Other".to_owned();
    let refusal = try_texts(&(text.clone() + &other.intermediate.pem()), &key, "").err();
    assert_eq!(refusal, Some(Refusal::Unrelated { subject }));
    let subject = "CN=stranger".to_owned();
    let refusal = try_texts(&(text + &other.server(parameters("stranger"))), &key, "").err();
    assert_eq!(refusal, Some(Refusal::Unrelated { subject }));
}

#[test]
fn issuer_of_the_same_name_with_another_key_is_a_broken_link() {
    let (site, other) = (Site::new(), Site::new());
    let text = site.server(parameters("server")) + &other.intermediate.pem();
    let refusal = try_texts(&text, &site.key.serialize_pem(), "").err();
    let (subject, issuer) = ("CN=server".to_owned(), "CN=Intermediate".to_owned());
    assert_eq!(refusal, Some(Refusal::BrokenLink { subject, issuer }));
    // With the right one beside it, it is one too many.
    let text = text + &site.intermediate.pem();
    let refusal = try_texts(&text, &site.key.serialize_pem(), "").err();
    assert_eq!(refusal, Some(Refusal::Unrelated { subject: "CN=Intermediate".to_owned() }));
}

#[test]
fn key_of_another_certificate_is_refused() {
    let site = Site::new();
    let text = site.intermediate.pem() + &site.server(parameters("server"));
    let refusal = try_texts(&text, &key().serialize_pem(), "").err();
    assert_eq!(refusal, Some(Refusal::KeyMismatch { subject: "CN=server".to_owned() }));
    let refusal = try_files("ec-certificate.pem", "rsa-pkcs8.pem", "").err();
    assert!(matches!(refusal, Some(Refusal::KeyMismatch { .. })));
}

#[test]
fn two_certificates_for_one_key_are_refused() {
    let site = Site::new();
    let text = site.server(parameters("old")) + &site.server(parameters("new"));
    let refusal = try_texts(&text, &site.key.serialize_pem(), "").err();
    let subjects = vec!["CN=old".to_owned(), "CN=new".to_owned()];
    assert_eq!(refusal, Some(Refusal::SeveralLeaves { subjects }));
}

#[test]
fn validity_is_checked_of_every_certificate() {
    let (site, day) = (Site::new(), Duration::days(1));
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut parameters = parameters("server");
        change(&mut parameters);
        site.try_server(parameters).err()
    };
    assert_eq!(with(&|it| it.not_after = now), None, "valid to the last second");
    let (subject, not_after) = ("CN=server".to_owned(), NOW - 86_400);
    let expired = Refusal::Expired { subject: subject.clone(), not_after };
    assert_eq!(with(&|it| it.not_after = now - day), Some(expired));
    let tolerance = Duration::seconds(certificate::CLOCK_TOLERANCE);
    assert_eq!(with(&|it| it.not_before = now + tolerance), None, "an authority's clock is ahead");
    let not_before = NOW + certificate::CLOCK_TOLERANCE + 1;
    let early = Refusal::NotYetValid { subject, not_before, now: NOW };
    assert_eq!(with(&|it| it.not_before = now + tolerance + Duration::SECOND), Some(early));

    let mut old = authority("Intermediate");
    old.not_after = now - day;
    let refusal = Site::with_intermediate(old).try_server(parameters("server")).err();
    let subject = "CN=Intermediate".to_owned();
    assert_eq!(refusal, Some(Refusal::Expired { subject, not_after }));
}

#[test]
fn use_that_a_certificate_is_not_for_is_refused() {
    let site = Site::new();
    let subject = || "CN=server".to_owned();
    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut parameters = parameters("server");
        change(&mut parameters);
        site.try_server(parameters).err()
    };
    let purposes = |purposes: Vec<ExtendedKeyUsagePurpose>| {
        with(&|it| it.extended_key_usages.clone_from(&purposes))
    };
    let not_for_servers = Some(Refusal::NotForServers { subject: subject() });
    assert_eq!(purposes(vec![ExtendedKeyUsagePurpose::ClientAuth]), not_for_servers);
    assert_eq!(purposes(vec![ExtendedKeyUsagePurpose::ServerAuth]), None);
    assert_eq!(purposes(vec![ExtendedKeyUsagePurpose::Any]), None);
    let usages = |usages: Vec<KeyUsagePurpose>| with(&|it| it.key_usages.clone_from(&usages));
    let may_not_sign = Some(Refusal::KeyMayNotSign { subject: subject() });
    assert_eq!(usages(vec![KeyUsagePurpose::KeyEncipherment]), may_not_sign);
    assert_eq!(usages(vec![KeyUsagePurpose::DigitalSignature]), None);

    let is_authority = |it: &mut CertificateParams| it.is_ca = authority("x").is_ca;
    assert_eq!(with(&is_authority), Some(Refusal::Authority { subject: subject() }));
    let refusal =
        Site::with_intermediate(parameters("Intermediate")).try_server(parameters("server")).err();
    let subject = "CN=Intermediate".to_owned();
    assert_eq!(refusal, Some(Refusal::IssuerNotAuthority { subject }));
}

#[test]
fn weak_and_outdated_certificates_are_refused() {
    let refusal = try_files("rsa-certificate-sha1.pem", "rsa-pkcs8.pem", "").err();
    let subject = || "CN=connector.example.com,O=Example".to_owned();
    let algorithm = "SHA-1".to_owned();
    assert_eq!(refusal, Some(Refusal::WeakSignature { subject: subject(), algorithm }));
    let refusal = try_files("ec-certificate-version-1.pem", "ec-pkcs8.pem", "").err();
    assert_eq!(refusal, Some(Refusal::OldVersion { subject: "CN=connector".to_owned() }));
    let refusal = try_files("ec-certificate-authority.pem", "ec-pkcs8.pem", "").err();
    assert_eq!(refusal, Some(Refusal::Authority { subject: "CN=Authority".to_owned() }));
}

#[test]
fn more_certificates_than_a_chain_has_are_refused() {
    let site = Site::new();
    let others: String = (0..certificate::MAX_CERTIFICATES)
        .map(|number| Issuer::self_signed(authority(&number.to_string()), key()).unwrap().pem())
        .collect();
    let text = site.server(parameters("server")) + &others;
    let refusal = try_texts(&text, &site.key.serialize_pem(), "").err();
    assert_eq!(refusal, Some(Refusal::TooManyCertificates { limit: 10 }));
}

#[test]
fn what_deserves_a_word_is_told() {
    let bundle = Site::new().try_server(parameters("server")).unwrap();
    let warned = |hosts: &[&str], now| {
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        warnings(&bundle.facts, &bundle.description, &hosts, now)
    };
    assert_eq!(warned(&["192.0.2.1", "server.example.com"], NOW), []);
    assert_eq!(warned(&[], NOW), []);
    let names = vec!["server.example.com".to_owned()];
    let not_named = Warning::NotNamed { host: "192.0.2.1".to_owned(), names };
    assert_eq!(warned(&["192.0.2.1", "other"], NOW), [not_named]);
    let not_after = bundle.facts.not_after;
    for (days_left, expected) in [(31, None), (30, Some(30)), (29, Some(29)), (0, Some(0))] {
        let expected = expected.map(|days| Warning::ExpiresSoon { not_after, days });
        let now = not_after - days_left * 86_400;
        assert_eq!(warned(&[], now), expected.into_iter().collect::<Vec<_>>(), "{days_left}");
    }
    let rare = try_files("ec-secp521r1-certificate.pem", "ec-secp521r1.pem", "").unwrap();
    let warnings = warnings(&rare.facts, &rare.description, &[], NOW);
    assert_eq!(warnings, [Warning::RareCurve { curve: "P-521" }]);
}

#[test]
fn description_of_a_stored_certificate_is_that_of_the_check() {
    let bundle = try_files("rsa-certificate.pem", "rsa-pkcs8.pem", "").unwrap();
    let pem = input(&bundle.chain_pem, &fixture("rsa-pkcs8.pem"), "");
    let again = certificate::check(&pem, NOW).unwrap();
    assert_eq!(again.description, bundle.description);
    assert!(covers(&bundle.facts.names, "192.0.2.10"));
    assert_eq!(describe(b"0"), None);
}
