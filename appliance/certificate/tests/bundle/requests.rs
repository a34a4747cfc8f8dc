//! Requests for a certificate, and their answers.

use base64ct::{Base64, Encoding};
use certificate::{SigningRequest, check_signed, describe_der, details, make_request};
use der::Decode;
use model::certificate::CertificateRefusal;
use model::secret::Secret;
use model::signing_request::{
    MAX_REQUEST_NAMES, MAX_SUBJECT_PART_BYTES, RequestField, RequestKey, SigningRequestInput,
    SigningRequestRefusal as Refusal,
};
use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};
use x509_cert::request::CertReq;

use crate::{NOW, fixture};

fn asked(names: &[&str]) -> SigningRequestInput {
    SigningRequestInput {
        organization: "Example, Inc.".to_owned(),
        organizational_unit: "\u{60c5}\u{5831}".to_owned(),
        locality: "Kyoto".to_owned(),
        state: "Kyoto".to_owned(),
        country: "jp".to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..SigningRequestInput::default()
    }
}

/// The request as it stands in PEM.
fn read(request_pem: &str) -> CertReq {
    let body: String = request_pem.lines().filter(|line| !line.starts_with('-')).collect();
    CertReq::from_der(&Base64::decode_vec(&body).unwrap()).unwrap()
}

/// Signs a request as an authority does that takes what is asked for: the certificate, and its own.
fn sign(request: &SigningRequest) -> (String, String) {
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority.not_before = now - Duration::days(10);
    authority.not_after = now + Duration::days(100);
    authority.distinguished_name.push(DnType::CommonName, "Example CA");
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let mut parameters = CertificateParams::new(request.facts.names.clone()).unwrap();
    parameters.not_before = now - Duration::days(1);
    parameters.not_after = now + Duration::days(90);
    let key = KeyPair::from_pem(request.key_pem.expose()).unwrap();
    (parameters.signed_by(&key, &issuer).unwrap().pem(), issuer.pem())
}

#[test]
fn a_request_asks_for_what_was_entered() {
    let names = [" Connector.Example.com ", "192.0.2.10", "*.example.com", "2001:db8::1", ""];
    let input = SigningRequestInput { key: RequestKey::P384, ..asked(&names) };
    let request = make_request(&input, NOW).unwrap();
    let facts = &request.facts;
    let subject =
        "CN=connector.example.com,OU=\u{60c5}\u{5831},O=Example\\, Inc.,L=Kyoto,ST=Kyoto,C=JP";
    assert_eq!(facts.subject, subject);
    let expected = ["connector.example.com", "192.0.2.10", "*.example.com", "2001:db8::1"];
    assert_eq!(facts.names, expected);
    assert_eq!((facts.key, facts.created), (RequestKey::P384, NOW));
    assert!(request.request_pem.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    let read = read(&request.request_pem);
    assert_eq!(read.info.subject.to_string(), subject);
    assert_eq!(read.info.attributes.len(), 1, "the extensions that are asked for");
    let (signed, issuer) = sign(&request);
    let bundle = check_signed(&Secret::new(signed + &issuer), &request.key_pem, NOW).unwrap();
    let key = bundle.key_pem.expose();
    assert_eq!(key, request.key_pem.expose());
    assert_eq!(bundle.facts.names, expected);
    let shown = details(&bundle.chain_pem);
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0].key, "EC P-384");
    assert_eq!((&shown[0].facts, &shown[0].description), (&bundle.facts, &bundle.description));
    assert!(shown[1].description.subject.contains("CN=Example CA"));
}

#[test]
fn an_answer_to_another_request_is_refused() {
    let one = make_request(&asked(&["one.example.com"]), NOW).unwrap();
    let other = make_request(&asked(&["other.example.com"]), NOW).unwrap();
    assert_ne!(one.key_pem.expose(), other.key_pem.expose());
    let (signed, _) = sign(&other);
    let refused = check_signed(&Secret::new(signed.clone()), &one.key_pem, NOW).unwrap_err();
    assert!(matches!(refused, CertificateRefusal::KeyMismatch { .. }), "{refused:?}");
    assert!(check_signed(&Secret::new(signed), &other.key_pem, NOW).is_ok(), "without its chain");
    let request = Secret::new(one.request_pem);
    let refused = check_signed(&request, &one.key_pem, NOW).unwrap_err();
    assert!(matches!(refused, CertificateRefusal::WrongBlock { .. }), "{refused:?}");
}

#[test]
fn each_wrong_field_is_named() {
    let refused = |change: fn(&mut SigningRequestInput)| {
        let mut input = asked(&["connector.example.com"]);
        change(&mut input);
        make_request(&input, NOW).unwrap_err()
    };
    let limit_bytes = MAX_SUBJECT_PART_BYTES;
    assert_eq!(refused(|it| it.names.clear()), Refusal::NoNames);
    assert_eq!(refused(|it| it.names = vec![" ".to_owned()]), Refusal::NoNames);
    let many = refused(|it| it.names = (0..33).map(|n| format!("n{n}.example")).collect());
    assert_eq!(many, Refusal::TooManyNames { limit: MAX_REQUEST_NAMES });
    let long = refused(|it| it.common_name = "x".repeat(65));
    assert_eq!(long, Refusal::TooLong { field: RequestField::CommonName, limit_bytes });
    let control = refused(|it| it.organization = "a\nb".to_owned());
    assert_eq!(control, Refusal::ControlCharacter { field: RequestField::Organization });
    for country in ["Japan", "j", "1x", "\u{65e5}"] {
        let input = SigningRequestInput { country: country.to_owned(), ..asked(&["a.example"]) };
        let refused = make_request(&input, NOW).unwrap_err();
        assert_eq!(refused.field(), Some(RequestField::Country), "{country}");
    }
    for name in [
        "https://a.example",
        "a.example:443",
        "a b",
        "10.0.0",
        "10.0.0.256",
        "-a.example",
        "*",
        "a.*.example",
        "*.*.example",
        "\u{65e5}\u{672c}.example",
        "a..example",
        "a_b.example",
    ] {
        let refused = make_request(&asked(&[name]), NOW).unwrap_err();
        assert_eq!(refused, Refusal::NotAName { name: name.to_owned() });
    }
}

#[test]
fn a_name_too_long_for_a_common_name_stands_among_the_names_alone() {
    let long = format!("{}.{}.example.com", "a".repeat(40), "b".repeat(40));
    let facts = make_request(&asked(&[&long]), NOW).unwrap().facts;
    assert!(!facts.subject.contains("CN="), "{}", facts.subject);
    let facts = make_request(&asked(&[&long, "short.example.com"]), NOW).unwrap().facts;
    assert!(facts.subject.starts_with("CN=short.example.com,"), "{}", facts.subject);
}

#[test]
fn details_are_those_of_openssl() {
    let shown = details(&fixture("authorities/root-rsa.pem"));
    let [root] = shown.as_slice() else { panic!("{shown:?}") };
    let facts = fixture("authorities/root-rsa.facts");
    assert!(facts.starts_with(&format!("serial={}\n", root.serial.replace(':', ""))));
    assert_eq!((root.key.as_str(), root.signature.as_str()), ("RSA 2048", "RSA, SHA-256"));
    assert!(root.description.is_self_signed);
    let der = crate::fixture_bytes("authorities/root-rsa.der");
    assert_eq!(describe_der(&der).as_ref(), Some(root));
    assert_eq!(describe_der(b"0"), None);
    assert_eq!(details("nothing"), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_input_makes_a_request_or_is_refused(text in "\\PC{0,70}", name in "[a-z*.0-9-]{0,20}") {
        let input = SigningRequestInput {
            common_name: text.clone(),
            organization: text,
            names: vec![name, "connector.example.com".to_owned()],
            ..SigningRequestInput::default()
        };
        if let Ok(request) = make_request(&input, NOW) {
            prop_assert_eq!(read(&request.request_pem).info.subject.to_string(), request.facts.subject);
        }
    }
}
