//! Authorities that are to be trusted.

use certificate::check_root;
use model::expiry::Expiry;
use model::root_ca::{MAX_ROOT_CA_BYTES, MAX_SHOWN_NAME_BYTES, RootCa, RootCaRefusal as Refusal};
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use time::{Duration, OffsetDateTime};

use crate::{NOW, fixture, fixture_bytes};

fn authority(name: &str) -> Vec<u8> {
    fixture_bytes(&format!("authorities/{name}"))
}

fn refusal(bytes: &[u8]) -> Refusal {
    check_root(bytes).unwrap_err()
}

#[test]
fn an_authority_is_taken_in_every_form_that_people_have_it_in() {
    let pem = fixture("authorities/root-rsa.pem");
    let utf8_bom = format!("\u{feff}{pem}");
    let commented =
        format!("Bag Attributes\n  friendlyName: \u{30eb}\u{30fc}\u{30c8}\n{pem}\n# end");
    let latin_1 = [b"subject=O = Beh\xf6rde\n".as_slice(), pem.as_bytes()].concat();
    for bytes in [
        pem.clone().into_bytes(),
        pem.replace('\n', "\r\n").into_bytes(),
        pem.trim_end().as_bytes().to_vec(),
        pem.replace("BEGIN CERT", "BEGIN X509 CERT")
            .replace("END CERT", "END X509 CERT")
            .into_bytes(),
        utf8_bom.into_bytes(),
        commented.into_bytes(),
        latin_1,
        authority("root-rsa.der"),
    ] {
        let RootCa { facts, pem: kept } = check_root(&bytes).unwrap();
        assert_eq!(kept, pem);
        assert_eq!(facts.subject, "CN=Example Interception CA,O=Example");
        assert_eq!((facts.issuer.as_str(), facts.is_self_signed), (facts.subject.as_str(), true));
        assert_eq!(facts.key, "RSA 2048");
    }
}

#[test]
fn facts_of_an_authority_are_those_of_openssl() {
    // openssl x509 -noout -serial -fingerprint -sha256, and -sha1
    let facts = check_root(&authority("root-rsa.pem")).unwrap().facts;
    let shown = format!(
        "serial={}\nsha256 Fingerprint={}\nsha1 Fingerprint={}\n",
        facts.serial.replace(':', ""),
        facts.sha256,
        facts.sha1
    );
    assert_eq!(shown, fixture("authorities/root-rsa.facts"));
    assert_eq!(facts.id, facts.sha256.to_string().replace(':', "").to_lowercase());
}

#[test]
fn authorities_of_every_usable_kind_are_taken() {
    for (name, key, is_self_signed) in [
        ("root-p521.pem", "EC P-521", true),
        ("root-ed25519.pem", "Ed25519", true),
        ("root-no-usage.pem", "EC P-256", true),
        ("root-intermediate.pem", "EC P-256", false),
        // Nobody relies on the signature of a root.
        ("root-sha1.pem", "RSA 2048", true),
    ] {
        let facts = check_root(&authority(name)).unwrap().facts;
        assert_eq!((facts.key.as_str(), facts.is_self_signed), (key, is_self_signed), "{name}");
    }
}

#[test]
fn what_is_no_authority_is_named() {
    let subject = |name: &str| name.to_owned();
    for (name, expected) in [
        ("leaf.pem", Refusal::NotAuthority { subject: subject("CN=server.example.com") }),
        ("root-no-sign.pem", Refusal::MayNotSign { subject: subject("CN=Root without signing") }),
        ("root-rsa1024.pem", Refusal::WeakKey { bits: 1024 }),
        ("root-secp256k1.pem", Refusal::UnsupportedKey { kind: "EC secp256k1".to_owned() }),
        ("root-pss.pem", Refusal::UnsupportedKey { kind: "RSA-PSS".to_owned() }),
        ("pkcs7.der", Refusal::WrongBlock { label: "PKCS7".to_owned() }),
        ("request.der", Refusal::WrongBlock { label: "CERTIFICATE REQUEST".to_owned() }),
        ("crl.der", Refusal::WrongBlock { label: "X509 CRL".to_owned() }),
        ("key-pkcs8.der", Refusal::PrivateKey),
        ("key-pkcs1.der", Refusal::PrivateKey),
        ("key-encrypted.der", Refusal::PrivateKey),
    ] {
        assert_eq!(refusal(&authority(name)), expected, "{name}");
    }
    let pkcs12 = Refusal::WrongBlock { label: "PKCS#12".to_owned() };
    assert_eq!(refusal(&fixture_bytes("pkcs12/default.p12")), pkcs12);
    let old = Refusal::OldVersion { subject: "CN=connector".to_owned() };
    assert_eq!(refusal(&fixture_bytes("ec-certificate-version-1.pem")), old);
}

#[test]
fn each_thing_in_place_of_one_certificate_is_named() {
    let pem = fixture("authorities/root-rsa.pem");
    let other = fixture("authorities/root-p521.pem");
    let key = fixture("ec-pkcs8.pem");
    let lines: Vec<_> = pem.lines().collect();
    let label = |label: &str| Refusal::WrongBlock { label: label.to_owned() };
    let limit_bytes = MAX_ROOT_CA_BYTES;
    for (text, expected) in [
        (String::new(), Refusal::Missing),
        (" \r\n\t".to_owned(), Refusal::Missing),
        ("x".repeat(10 * 1024 * 1024), Refusal::TooLarge { limit_bytes }),
        ("MIIB".to_owned(), Refusal::NotPem),
        ("0 is no DER".to_owned(), Refusal::NotPem),
        (lines[..lines.len() - 1].join("\n"), Refusal::Truncated),
        (pem.replace(lines[3], "!!!!"), Refusal::WrongBase64),
        (pem.replace(&lines[3][..1], "\u{e9}"), Refusal::WrongBase64),
        (pem.replace(&format!("{}\n", lines[3]), ""), Refusal::Damaged),
        (format!("{pem}{other}"), Refusal::SeveralCertificates { count: 2 }),
        (format!("{pem}{pem}{other}"), Refusal::SeveralCertificates { count: 3 }),
        (key.clone(), Refusal::PrivateKey),
        (format!("{pem}{key}"), Refusal::PrivateKey),
        (format!("{pem}{other}{}", key.replace('M', "!")), Refusal::PrivateKey),
        (fixture("rsa-traditional-aes256.pem"), Refusal::PrivateKey),
        (fixture("request.pem"), label("CERTIFICATE REQUEST")),
        (fixture("pkcs7.pem"), label("PKCS7")),
        (fixture("ec-certificate-trusted.pem"), label("TRUSTED CERTIFICATE")),
        (format!("{pem}{}", fixture("request.pem")), label("CERTIFICATE REQUEST")),
    ] {
        let shown: String = text.chars().take(200).collect();
        assert_eq!(refusal(text.as_bytes()), expected, "{shown}");
    }
    // Whatever is said never repeats what was handed in.
    let said = refusal(key.as_bytes());
    assert!(!format!("{said:?} {said}").contains(key.lines().nth(1).unwrap()));
}

#[test]
fn texts_in_other_encodings_are_named() {
    let pem = fixture("authorities/root-rsa.pem");
    let units: Vec<_> = pem.encode_utf16().collect();
    let little: Vec<_> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<_> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let wide: Vec<_> =
        pem.chars().flat_map(|character| u32::from(character).to_le_bytes()).collect();
    for (bytes, encoding) in [
        ([[0xff, 0xfe].as_slice(), &little].concat(), "UTF-16"),
        ([[0xfe, 0xff].as_slice(), &big].concat(), "UTF-16"),
        (little, "UTF-16"),
        (big, "UTF-16"),
        ([[0xff, 0xfe, 0, 0].as_slice(), &wide].concat(), "UTF-32"),
        (wide, "UTF-32"),
    ] {
        assert_eq!(refusal(&bytes), Refusal::Encoding { encoding });
    }
}

#[test]
fn an_altered_authority_is_refused() {
    let mut der = authority("root-rsa.der");
    let length = der.len();
    der[length - 1] ^= 1;
    let subject = "CN=Example Interception CA,O=Example".to_owned();
    assert_eq!(refusal(&der), Refusal::WrongSignature { subject });
    der.truncate(length - 1);
    assert_eq!(refusal(&der), Refusal::Damaged);
    der.resize(length + 1, 0);
    assert_eq!(refusal(&der), Refusal::Damaged);
}

fn made(change: impl Fn(&mut CertificateParams)) -> RootCa {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut parameters);
    let root = parameters.self_signed(&KeyPair::generate().unwrap()).unwrap();
    check_root(root.der()).unwrap()
}

#[test]
fn an_authority_that_has_expired_or_soon_will_is_taken_with_a_warning() {
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    for (days, expected) in [
        (31, Expiry::Good),
        (30, Expiry::ExpiresSoon { days: 30 }),
        (29, Expiry::ExpiresSoon { days: 29 }),
        (-1, Expiry::Expired),
    ] {
        let facts = made(|parameters| {
            parameters.not_before = now - Duration::days(400);
            parameters.not_after = now + Duration::days(days);
        })
        .facts;
        assert_eq!(facts.expiry(NOW), expected, "{days}");
    }
    let facts = made(|parameters| parameters.not_before = now + Duration::days(1)).facts;
    assert_eq!(facts.expiry(NOW), Expiry::NotYetValid);
}

#[test]
fn long_and_strange_names_are_shown_short_and_on_one_line() {
    let facts = made(|parameters| {
        parameters.distinguished_name.push(DnType::CommonName, "line\nand\u{1b}[31m".to_owned());
        parameters.distinguished_name.push(DnType::OrganizationName, "\u{30eb}".repeat(4000));
    })
    .facts;
    for name in [facts.subject, facts.issuer] {
        assert!(name.len() <= MAX_SHOWN_NAME_BYTES && !name.contains(char::is_control), "{name}");
        assert!(name.ends_with('\u{2026}'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn damage_anywhere_never_panics(position in 0_usize..2000, byte: u8, is_der: bool) {
        let name = if is_der { "root-rsa.der" } else { "root-rsa.pem" };
        let mut bytes = authority(name);
        let position = position % bytes.len();
        bytes[position] = byte;
        if let Ok(root) = check_root(&bytes) {
            // What was taken is taken again, and is the same.
            prop_assert_eq!(check_root(root.pem.as_bytes()), Ok(root));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(check_root(&bytes).is_err());
        prop_assert!(check_root(&[[0x30, 0x82].as_slice(), &bytes].concat()).is_err());
    }
}
