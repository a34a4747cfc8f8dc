//! Whatever stands around the blocks, and what stands in the wrong place.

use certificate::{Input, MAX_CERTIFICATE_BYTES, check};
use model::certificate::CertificateField as Field;
use model::certificate::CertificateRefusal as Refusal;
use model::secret::Secret;
use proptest::prelude::*;

use crate::{NOW, fixture, input, try_files, try_texts};

#[test]
fn text_around_the_blocks_does_not_matter() {
    let expected = try_files("ec-certificate.pem", "ec-pkcs8.pem", "").unwrap();
    let (certificate, key) = (fixture("ec-certificate.pem"), fixture("ec-pkcs8.pem"));
    for dressed in [
        fixture("ec-certificate-text.pem"),
        fixture("ec-certificate-bag.pem"),
        certificate.replace('\n', "\r\n"),
        certificate.replace('\n', "\r"),
        certificate.trim_end().to_owned(),
        format!("\u{feff}{certificate}"),
        certificate.replace('\n', "  \n\t"),
        format!("subject=CN=x\nissuer: y\n{certificate}# end\n{certificate}"),
    ] {
        let bundle = try_texts(&dressed, &key.replace('\n', "\r\n"), "").unwrap();
        assert_eq!(bundle.chain_pem, expected.chain_pem, "{dressed}");
        assert_eq!(bundle.facts, expected.facts);
    }
    assert_eq!(expected.chain_pem, certificate);
    assert_eq!(expected.facts.names, ["connector.example.com", "192.0.2.10"]);
    assert_eq!(expected.description.subject, "CN=connector.example.com,O=Example");
    assert!(expected.description.is_self_signed);
}

#[test]
fn facts_are_those_of_openssl() {
    // openssl x509 -in ec-certificate.pem -noout -fingerprint -sha256 -dates
    let facts = try_files("ec-certificate.pem", "ec-pkcs8.pem", "").unwrap().facts;
    let expected = include_str!("../fixtures/ec-certificate.facts");
    let shown =
        format!("{}\n{}\n{}\n{}\n", facts.sha1, facts.sha256, facts.not_before, facts.not_after);
    assert_eq!(shown, expected);
}

#[test]
fn each_thing_in_the_wrong_place_is_named() {
    let (certificate, key) = (fixture("ec-certificate.pem"), fixture("ec-pkcs8.pem"));
    let wrong = |field, label: &str| Refusal::WrongBlock { field, label: label.to_owned() };
    let large = "x".repeat(MAX_CERTIFICATE_BYTES + 1);
    let cut = certificate.get(..certificate.len() - 30).unwrap();
    for (given_certificate, given_key, expected) in [
        ("", key.as_str(), Refusal::Missing(Field::Certificate)),
        (" \r\n", &key, Refusal::Missing(Field::Certificate)),
        (&certificate, "", Refusal::Missing(Field::Key)),
        ("MIIB", &key, Refusal::NotPem(Field::Certificate)),
        (&certificate, "secret", Refusal::NotPem(Field::Key)),
        (&large, &key, Refusal::TooLarge { field: Field::Certificate, limit_bytes: 49_152 }),
        (cut, &key, Refusal::Truncated(Field::Certificate)),
        (&format!("{cut}\n{certificate}"), &key, Refusal::Truncated(Field::Certificate)),
        (&key, &key, Refusal::KeyInCertificate),
        (&format!("{certificate}{key}"), &key, Refusal::KeyInCertificate),
        (&certificate, &certificate, Refusal::CertificateInKey),
        (&certificate, &format!("{key}{certificate}"), Refusal::CertificateInKey),
        (&fixture("request.pem"), &key, wrong(Field::Certificate, "CERTIFICATE REQUEST")),
        (&fixture("pkcs7.pem"), &key, wrong(Field::Certificate, "PKCS7")),
        (
            &fixture("ec-certificate-trusted.pem"),
            &key,
            wrong(Field::Certificate, "TRUSTED CERTIFICATE"),
        ),
        (&certificate, &fixture("request.pem"), wrong(Field::Key, "CERTIFICATE REQUEST")),
    ] {
        assert_eq!(try_texts(given_certificate, given_key, "").err(), Some(expected));
    }
}

#[test]
fn damaged_certificate_is_named_by_its_number() {
    let (certificate, key) = (fixture("ec-certificate.pem"), fixture("ec-pkcs8.pem"));
    let line = certificate.lines().nth(3).unwrap();
    let damaged = certificate.replace(line, "");
    let refusal = try_texts(&format!("{certificate}{damaged}"), &key, "").err();
    assert_eq!(refusal, Some(Refusal::Damaged { field: Field::Certificate, number: 2 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_read_or_refused(certificate in ".{0,300}", key in ".{0,300}", passphrase in ".{0,20}") {
        prop_assert!(check(&input(&certificate, &key, &passphrase), NOW).is_err());
    }

    #[test]
    fn damage_anywhere_never_panics(position in 0_usize..900, byte in 0_u8..128, in_key: bool) {
        let mut texts = [fixture("ec-certificate.pem"), fixture("ec-pkcs8.pem")].map(String::into_bytes);
        let text = &mut texts[usize::from(in_key)];
        let position = position % text.len();
        text[position] = byte;
        let [certificate, key] = texts.map(|text| Secret::new(String::from_utf8(text).unwrap()));
        let _ = check(&Input { certificate, key, passphrase: Secret::new(String::new()) }, NOW);
    }

    #[test]
    fn whatever_is_taken_is_taken_again(time in (NOW - 1000)..(NOW + 3_000_000_000)) {
        let input = input(&fixture("ec-certificate-text.pem"), &fixture("ec-sec1.pem"), "");
        if let Ok(bundle) = check(&input, time) {
            let again = crate::input(&bundle.chain_pem, bundle.key_pem.expose(), "");
            let again = check(&again, time).unwrap();
            prop_assert_eq!(again.chain_pem, bundle.chain_pem);
            prop_assert_eq!(again.key_pem.expose(), bundle.key_pem.expose());
            prop_assert_eq!(again.facts, bundle.facts);
        }
    }
}
