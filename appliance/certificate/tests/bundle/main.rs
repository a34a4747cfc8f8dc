//! What is taken, what is refused and why.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod authorities;
mod chains;
mod inputs;
mod keys;
mod pkcs12;
mod requests;

use std::fs;
use std::path::Path;

use certificate::{Bundle, Input, check};
use model::certificate::CertificateRefusal as Refusal;
use model::secret::Secret;

/// 1 December 2026: after the day on which the fixtures were made.
const NOW: i64 = 1_796_083_200;
/// Of every encrypted fixture.
const PASSPHRASE: &str = "correct-horse";

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fixture_bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn input(certificate: &str, key: &str, passphrase: &str) -> Input {
    Input {
        certificate: Secret::new(certificate.to_owned()),
        key: Secret::new(key.to_owned()),
        passphrase: Secret::new(passphrase.to_owned()),
    }
}

fn try_texts(certificate: &str, key: &str, passphrase: &str) -> Result<Bundle, Refusal> {
    check(&input(certificate, key, passphrase), NOW)
}

fn try_files(certificate: &str, key: &str, passphrase: &str) -> Result<Bundle, Refusal> {
    try_texts(&fixture(certificate), &fixture(key), passphrase)
}
