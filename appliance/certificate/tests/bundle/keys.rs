//! Every form of key, opened or refused.

use model::certificate::CertificateField as Field;
use model::certificate::CertificateRefusal as Refusal;

use crate::{PASSPHRASE, fixture, try_files, try_texts};

#[test]
fn every_form_of_a_key_becomes_the_same_pkcs8() {
    let rsa = fixture("rsa-pkcs8.pem");
    for file in [
        "rsa-pkcs8.pem",
        "rsa-pkcs1.pem",
        "rsa-pkcs8-default.pem",
        "rsa-pkcs8-aes128-sha1.pem",
        "rsa-pkcs8-aes256-sha512.pem",
        "rsa-pkcs8-scrypt.pem",
        "rsa-traditional-aes128.pem",
        "rsa-traditional-aes192.pem",
        "rsa-traditional-aes256.pem",
    ] {
        let bundle = try_files("rsa-certificate.pem", file, PASSPHRASE);
        assert_eq!(bundle.map(|it| it.key_pem.expose().to_owned()), Ok(rsa.clone()), "{file}");
    }
    for file in ["ec-pkcs8.pem", "ec-sec1.pem", "ec-traditional-aes256.pem", "ec-bag.pem"] {
        let bundle = try_files("ec-certificate.pem", file, PASSPHRASE).unwrap();
        let text = bundle.key_pem.expose().to_owned();
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{file}");
        let again = try_texts(&bundle.chain_pem, &text, "").unwrap();
        assert_eq!(again.key_pem.expose(), text, "{file}");
    }
    for curve in ["secp384r1", "secp521r1"] {
        let certificate = format!("ec-{curve}-certificate.pem");
        assert!(try_files(&certificate, &format!("ec-{curve}.pem"), "").is_ok(), "{curve}");
    }
}

#[test]
fn passphrase_of_a_key_that_is_not_encrypted_is_not_looked_at() {
    assert!(try_files("ec-certificate.pem", "ec-pkcs8.pem", "anything").is_ok());
}

#[test]
fn wrong_and_missing_passphrases_are_told_apart() {
    for file in [
        "rsa-pkcs8-default.pem",
        "rsa-pkcs8-scrypt.pem",
        "rsa-traditional-aes128.pem",
        "rsa-traditional-aes256.pem",
    ] {
        let with = |passphrase| try_files("rsa-certificate.pem", file, passphrase).err();
        assert_eq!(with(""), Some(Refusal::PassphraseMissing), "{file}");
        for wrong in ["Correct-horse", "x", &"x".repeat(certificate::MAX_PASSPHRASE_BYTES)] {
            assert_eq!(with(wrong), Some(Refusal::WrongPassphrase), "{file}");
        }
    }
    let long = "x".repeat(certificate::MAX_PASSPHRASE_BYTES + 1);
    let refusal = try_files("rsa-certificate.pem", "rsa-pkcs8-default.pem", &long).err();
    assert!(matches!(refusal, Some(Refusal::TooLarge { field: Field::Passphrase, .. })));
}

#[test]
fn old_ciphers_and_unaffordable_keys_are_named() {
    for (file, expected) in [
        ("rsa-pkcs8-pbes1.pem", "PBE-SHA1-3DES"),
        ("rsa-pkcs8-des3.pem", "PBES2"),
        ("rsa-traditional-des3.pem", "DES-EDE3-CBC"),
        ("rsa-pkcs8-iterations.pem", "1.2.840.113549.1.5.12 (cost above the limit)"),
    ] {
        let refusal = try_files("rsa-certificate.pem", file, PASSPHRASE).err();
        let scheme = expected.to_owned();
        assert_eq!(refusal, Some(Refusal::UnsupportedEncryption { scheme }), "{file}");
    }
}

#[test]
fn keys_that_browsers_cannot_use_are_named() {
    for (file, expected) in [
        ("ed25519.pem", "Ed25519"),
        ("rsa-pss.pem", "RSA-PSS"),
        ("ec-secp256k1.pem", "EC, secp256k1"),
        ("ec-explicit.pem", "EC, explicit parameters"),
    ] {
        let refusal = try_files("ec-certificate.pem", file, "").err();
        assert_eq!(refusal, Some(Refusal::UnsupportedKey { kind: expected.to_owned() }), "{file}");
    }
    let refusal = try_files("ec-certificate.pem", "rsa-1024.pem", "").err();
    assert_eq!(refusal, Some(Refusal::WeakKey { bits: 1024 }));
}

#[test]
fn damaged_key_is_refused_and_not_shown() {
    let key = fixture("ec-pkcs8.pem");
    let body: Vec<_> = key.lines().collect();
    for damaged in [
        key.replace(body[1], "!!!!"),
        key.replace(body[1], ""),
        key.replace(body[2], "AAAA"),
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----".to_owned(),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----"
            .to_owned(),
    ] {
        let refusal = try_texts(&fixture("ec-certificate.pem"), &damaged, PASSPHRASE).unwrap_err();
        assert_eq!(refusal, Refusal::Damaged { field: Field::Key, number: 1 }, "{damaged}");
    }
    // Whatever is said about a wrong field never repeats what stands in it.
    let refusal = try_texts(&key, &key, "").unwrap_err();
    assert!(!format!("{refusal:?} {refusal}").contains(body[2]));
}

#[test]
fn two_keys_are_one_too_many() {
    let both = fixture("ec-pkcs8.pem") + &fixture("rsa-pkcs8.pem");
    let refusal = try_texts(&fixture("ec-certificate.pem"), &both, "").err();
    assert_eq!(refusal, Some(Refusal::SeveralKeys));
}
