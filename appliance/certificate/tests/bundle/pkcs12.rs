//! Certificate, chain and key in one file.

use certificate::{MAX_PASSPHRASE_BYTES, MAX_PKCS12_BYTES, check, check_pkcs12};
use model::certificate::CertificateRefusal;
use model::pkcs12::Pkcs12Refusal as Refusal;
use proptest::prelude::*;

use crate::{Bundle, NOW, PASSPHRASE, fixture, fixture_bytes, input};

fn file(name: &str) -> Vec<u8> {
    fixture_bytes(&format!("pkcs12/{name}.p12"))
}

fn open(name: &str, passphrase: &str) -> Result<Bundle, Refusal> {
    check_pkcs12(&file(name), &passphrase.to_owned().into(), NOW)
}

fn refusal(name: &str, passphrase: &str) -> Refusal {
    open(name, passphrase).unwrap_err()
}

#[test]
fn every_protection_that_is_in_use_opens_to_the_same() {
    let expected = open("default", PASSPHRASE).unwrap();
    let chain = [
        fixture("pkcs12/server.pem"),
        fixture("authorities/root-intermediate.pem"),
        fixture("authorities/root-rsa.pem"),
    ];
    assert_eq!(expected.chain_pem, chain.concat());
    assert_eq!(expected.facts.names, ["connector.example.com"]);
    for name in ["legacy", "des-mac-sha512", "mac-sha384", "plain"] {
        let bundle = open(name, PASSPHRASE).unwrap();
        assert_eq!(bundle.chain_pem, expected.chain_pem, "{name}");
        assert_eq!(bundle.key_pem.expose(), expected.key_pem.expose(), "{name}");
    }
    let empty = open("empty", "").unwrap();
    assert_eq!(empty.key_pem.expose(), expected.key_pem.expose());
    // It is the same bundle that certificate and key give by themselves.
    let again = check(&input(&expected.chain_pem, expected.key_pem.expose(), ""), NOW).unwrap();
    assert_eq!((again.facts, again.chain_pem), (expected.facts, expected.chain_pem));
}

#[test]
fn a_passphrase_may_be_written_in_any_script() {
    let bundle = open("japanese", "パスワード").unwrap();
    assert_eq!(bundle.description.subject, "CN=server.example.com");
    assert_eq!(refusal("japanese", "パスワート"), Refusal::WrongPassphrase);
}

#[test]
fn wrong_and_missing_passphrases_are_told_apart() {
    for name in ["default", "legacy", "des-mac-sha512", "mac-sha384", "plain", "no-key"] {
        assert_eq!(refusal(name, "Correct-horse"), Refusal::WrongPassphrase, "{name}");
        assert_eq!(refusal(name, ""), Refusal::PassphraseMissing, "{name}");
    }
    assert_eq!(refusal("empty", "x"), Refusal::WrongPassphrase);
    let limit_bytes = MAX_PASSPHRASE_BYTES;
    let long = refusal("default", &"x".repeat(limit_bytes + 1));
    assert_eq!(long, Refusal::PassphraseTooLong { limit_bytes });
}

#[test]
fn what_a_file_lacks_is_named() {
    assert_eq!(refusal("no-key", PASSPHRASE), Refusal::NoKey);
    assert_eq!(refusal("no-certificate", PASSPHRASE), Refusal::NoCertificate);
    assert_eq!(refusal("no-mac", PASSPHRASE), Refusal::MacMissing);
}

#[test]
fn protections_that_are_not_supported_are_named() {
    let scheme = |scheme: &str| Refusal::UnsupportedEncryption { scheme: scheme.to_owned() };
    assert_eq!(refusal("rc4", PASSPHRASE), scheme("1.2.840.113549.1.12.1.1"));
    assert_eq!(refusal("iterations", PASSPHRASE), scheme("MAC (cost above the limit)"));
    let indefinite = [0x30, 0x80, 2, 1, 3, 0, 0];
    let ber = check_pkcs12(&indefinite, &PASSPHRASE.to_owned().into(), NOW).unwrap_err();
    assert_eq!(ber, scheme("BER, indefinite length"));
}

#[test]
fn what_is_no_such_file_is_named() {
    let check = |bytes: &[u8]| check_pkcs12(bytes, &PASSPHRASE.to_owned().into(), NOW).unwrap_err();
    let limit_bytes = MAX_PKCS12_BYTES;
    assert_eq!(check(b""), Refusal::Missing);
    assert_eq!(check(&vec![0x30; limit_bytes + 1]), Refusal::TooLarge { limit_bytes });
    assert_eq!(check(fixture("ec-certificate.pem").as_bytes()), Refusal::IsPem);
    assert_eq!(check(b"PK\x03\x04"), Refusal::NotPkcs12);
    assert_eq!(check(&fixture_bytes("authorities/root-rsa.der")), Refusal::NotPkcs12);
    assert_eq!(check(&fixture_bytes("authorities/key-pkcs8.der")), Refusal::NotPkcs12);
    let whole = file("default");
    assert_eq!(check(&whole[..whole.len() - 1]), Refusal::Damaged);
}

#[test]
fn a_certificate_that_servers_cannot_use_is_refused_for_its_own_reason() {
    let later = 10_000_000_000;
    let passphrase = PASSPHRASE.to_owned().into();
    let refused = check_pkcs12(&file("default"), &passphrase, later).unwrap_err();
    let is_expired = matches!(&refused, Refusal::Content(CertificateRefusal::Expired { .. }));
    assert!(is_expired, "{refused:?}");
    assert_eq!(refused.id(), "expired");
}

/// Nothing proves the part that proves all the rest: each of its bits has to count by itself.
#[test]
fn damage_of_any_bit_of_the_proof_is_refused() {
    for (name, length) in [("default", 67), ("legacy", 51)] {
        let whole = file(name);
        for position in whole.len() - length..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[position] ^= 1 << bit;
                let checked = check_pkcs12(&bytes, &PASSPHRASE.to_owned().into(), NOW);
                assert!(checked.is_err(), "{name}: bit {bit} of octet {position}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damage_anywhere_is_refused_and_never_panics(position in 0_usize..4000, bit in 0_u8..8) {
        for name in ["default", "legacy"] {
            let mut bytes = file(name);
            let position = position % bytes.len();
            bytes[position] ^= 1 << bit;
            prop_assert!(check_pkcs12(&bytes, &PASSPHRASE.to_owned().into(), NOW).is_err());
        }
    }
}
