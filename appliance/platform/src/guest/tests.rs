use base64ct::{Base64, Encoding as _};
use proptest::prelude::*;

use super::*;

const ROOT_RSA: &str = include_str!("samples/root-rsa.pem");
const ROOT_ED25519: &str = include_str!("samples/root-ed25519.pem");
/// In the form that `argon2 <salt> -id -k 19456 -t 2 -p 1 -e` prints; of no password.
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$eeUZfzCpoTFFjBdNmyXMqiHkgSXgQK0zqOQxeeGz1jM";
const STATIC: &str = "static:ip=10.0.2.77;netmask=255.255.255.0;route=10.0.2.2;dns=10.0.2.3";

fn whole() -> String {
    let roots = serde_json::to_string(&[ROOT_RSA, ROOT_ED25519]).unwrap();
    format!(
        r#"{{"connector": {{
            "name": "Tokyo-1.example.com",
            "network": "{STATIC}",
            "proxies": ["proxy.example.com:3128",
                {{"location": "10.0.0.8:8080", "userName": "me", "password": "hunter2"}}],
            "rootCas": {roots},
            "registration": {{"applianceName": "Tokyo 1", "cloud": "cloud.example.com",
                "clientId": "c1", "clientSecret": "hunter3", "resourceLocationId": "l1"}},
            "passwordHash": "{HASH}"
        }}}}"#
    )
}

fn problems(result: Result<FirstSettings, FirstSettingsError>) -> Vec<String> {
    match result.unwrap_err() {
        FirstSettingsError::Members(problems) => {
            problems.iter().map(MemberProblem::to_string).collect()
        }
        other => vec![other.to_string()],
    }
}

fn problems_of(members: &str) -> Vec<String> {
    problems(FirstSettings::from_json(format!(r#"{{"connector": {{{members}}}}}"#).as_bytes()))
}

#[test]
fn reads_a_document_with_everything() {
    let settings = FirstSettings::from_json(whole().as_bytes()).unwrap();
    assert_eq!(settings.name.as_deref(), Some("tokyo-1.example.com"));
    let network = boot_parameter(&settings);
    assert!(network.starts_with(&format!("network={STATIC}")), "{network}");
    let [plain, authenticated] = &settings.proxies[..] else { panic!("two proxies") };
    assert_eq!(plain.location.to_string(), "proxy.example.com:3128");
    assert!(plain.credentials.is_none());
    let (user, password) = authenticated.credentials.as_ref().unwrap();
    assert_eq!((user.as_str(), password.expose()), ("me", "hunter2"));
    assert_eq!(settings.roots.len(), 2);
    let registration = settings.registration.as_ref().unwrap();
    assert_eq!(registration.name.as_str(), "Tokyo 1");
    assert_eq!(registration.cloud.as_ref().unwrap().host(), "cloud.example.com");
    assert_eq!((registration.client.as_str(), registration.secret.expose()), ("c1", "hunter3"));
    assert_eq!(registration.location.as_deref(), Some("l1"));
    assert_eq!(settings.password_hash.as_ref().unwrap().expose(), HASH);
}

fn boot_parameter(settings: &FirstSettings) -> String {
    model::boot_parameter::format(settings.network.as_ref().unwrap())
}

#[test]
fn an_empty_object_tells_nothing() {
    assert!(FirstSettings::from_json(br#"{"connector": {}}"#).unwrap().is_empty());
    assert!(!FirstSettings::from_json(whole().as_bytes()).unwrap().is_empty());
}

#[test]
fn debug_shows_no_secret() {
    let text = format!("{:?}", FirstSettings::from_json(whole().as_bytes()).unwrap());
    assert!(text.contains("proxy.example.com"), "{text}");
    for secret in ["hunter", "argon2id"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn one_wrong_member_refuses_all_and_every_problem_is_named() {
    let found = problems_of(
        r#""name": "no name", "network": "dhcp6", "proxies": ["a", "a:1", "a:1"],
           "rootCas": ["x"], "registration": {"clientId": ""}, "passwordHash": "hunter2", "dns": 1"#,
    );
    let expected = [
        "connector.dns: is unknown; the members here are name, network,",
        "connector.name: is not a host name",
        "connector.network: it must be network=dhcp or",
        "connector.proxies[0]: the location of the proxy lacks its port; give host:port",
        "connector.proxies[2]: stands in the list already",
        "connector.rootCas[0]: is refused: no PEM block",
        "connector.registration.clientSecret: is missing",
        "connector.registration.clientId: is empty",
        "connector.registration.applianceName: is missing; give it, or the host name",
        "connector.passwordHash: is a password in clear text",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}, not {expected}");
    }
    assert!(!found.concat().contains("hunter2"));
}

#[test]
fn refuses_members_given_twice_and_of_another_kind() {
    assert_eq!(
        problems_of(r#""name": "a", "name": "b""#),
        ["connector.name: is given twice; give it once"]
    );
    assert_eq!(problems_of(r#""name": 5"#), ["connector.name: is a number; give a text"]);
    assert_eq!(
        problems(FirstSettings::from_json(b"[]")),
        ["the document: is a list; give an object"]
    );
    assert_eq!(problems(FirstSettings::from_json(b"{}")), ["connector: is missing; give it"]);
    assert_eq!(
        problems(FirstSettings::from_json(br#"{"connector": {}, "b\u0000": 1}"#)),
        [r"b\0: is unknown; the members here are connector"]
    );
}

#[test]
fn refuses_a_password_in_clear_text_under_every_name() {
    for members in [
        r#""password": "hunter2""#,
        r#""adminPassword": "hunter2""#,
        r#""passwordHash": "hunter2""#,
    ] {
        let found = problems_of(members).concat();
        assert!(
            found.contains("clear text") && found.contains("connector.passwordHash"),
            "{found}"
        );
        assert!(!found.contains("hunter2"), "{found}");
    }
    let found = problems(FirstSettings::from_properties([("connector.password", "hunter2")]));
    assert!(found.concat().contains("argon2id hash as connector.password-hash"), "{found:?}");
}

#[test]
fn refuses_hashes_that_are_none_or_cost_too_much() {
    for (from, to, part) in [
        ("argon2id", "argon2i", "no argon2id hash"),
        ("v=19", "v=16", "no argon2id hash"),
        ("$eeUZ", "$e!UZ", "no argon2id hash"),
        ("$c2FsdHNhbHQ", "$c2Fs", "no argon2id hash"),
        ("t=2", "t=+2", "no argon2id hash"),
        ("p=1", "p=1,x=1", "no argon2id hash"),
        ("m=19456", "m=4194304", "has a cost outside"),
        ("m=19456", "m=8", "has a cost outside"),
        ("t=2", "t=17", "has a cost outside"),
        ("p=1", "p=0", "has a cost outside"),
    ] {
        let found = problems_of(&format!(r#""passwordHash": "{}""#, HASH.replace(from, to)));
        assert!(found.concat().contains(part), "{from} {to}: {found:?}");
    }
}

#[test]
fn refuses_a_private_key_among_the_authorities() {
    let text = format!("{ROOT_RSA}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    let found = problems_of(&format!(r#""rootCas": [{}]"#, serde_json::to_string(&text).unwrap()));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found.concat().contains("a private key"), "{found:?}");
}

#[test]
fn says_where_the_json_is_wrong() {
    for (document, part) in [
        (&b"{\"connector\":\n {\"name\" 1}}"[..], "line 2, column 10"),
        (b"{\"connector\": {", "breaks off in line 1"),
        (b"{} x", "not well-formed"),
        (b"\xff{}", "not UTF-8 from byte 0"),
        (b"[[[[[[[[[]]]]]]]]]", "nested too deeply"),
    ] {
        let text = FirstSettings::from_json(document).unwrap_err().to_string();
        assert!(text.contains(part), "{text}");
    }
    let long = format!("{{\"connector\": {{}}}}{}", " ".repeat(MAX_BYTES));
    assert_eq!(
        FirstSettings::from_json(long.as_bytes()).unwrap_err(),
        FirstSettingsError::TooLarge
    );
    // Far deeper than a stack is.
    let deep = "[".repeat(MAX_BYTES);
    let error = FirstSettings::from_json(deep.as_bytes()).unwrap_err();
    assert_eq!(error, FirstSettingsError::TooDeep { line: 1 });
}

#[test]
fn reads_properties_of_one_line_each() {
    let registration = r#"{"clientId": "c1", "clientSecret": "hunter3"}"#;
    let encoded_roots = Base64::encode_string(format!("{ROOT_RSA}{ROOT_ED25519}").as_bytes());
    let encoded_registration = Base64::encode_string(registration.as_bytes());
    let properties = [
        ("connector.name", "tokyo-1"),
        ("connector.network", "network=dhcp"),
        ("connector.proxies", "a.example.com:3128, b.example.com:3128"),
        ("connector.rootcas", &encoded_roots),
        ("connector.registration", &encoded_registration),
        ("connector.password-hash", HASH),
        ("vami.ip0.tokyo", "10.0.0.1"),
    ];
    let strings = properties.map(|(key, value)| format!("{key}={value}"));
    let files = properties
        .map(|(key, value)| (key.replace("connector.", "opt/connector/"), format!("{value}\n")));
    for settings in [
        FirstSettings::from_properties(properties),
        FirstSettings::from_oem_strings(strings.iter().map(String::as_str)),
        FirstSettings::from_fw_cfg(files.iter().map(|(key, text)| (key.as_str(), text.as_bytes()))),
    ] {
        let settings = settings.unwrap();
        assert_eq!(settings.name.as_deref(), Some("tokyo-1"));
        assert_eq!(settings.network, Some(NetworkSettings::Automatic));
        assert_eq!(settings.proxies.len(), 2);
        assert_eq!(settings.roots.len(), 2);
        assert_eq!(settings.registration.as_ref().unwrap().name.as_str(), "tokyo-1");
        assert_eq!(settings.password_hash.as_ref().unwrap().expose(), HASH);
    }
    let plain = [
        (
            "connector.registration",
            r#"{"applianceName": "a", "clientId": "c", "clientSecret": "s"}"#,
        ),
        ("connector.rootcas", ROOT_RSA),
        ("connector.proxies", r#"[{"location": "a:1"}]"#),
    ];
    let settings = FirstSettings::from_properties(plain).unwrap();
    assert!(settings.registration.is_some());
    assert_eq!((settings.roots.len(), settings.proxies.len()), (1, 1));
}

#[test]
fn empty_properties_were_not_filled_in() {
    let empty = ["name", "network", "proxies", "rootcas", "registration", "password-hash"];
    let keys = empty.map(|key| format!("connector.{key}"));
    let settings = FirstSettings::from_properties(keys.iter().map(|key| (key.as_str(), " ")));
    assert!(settings.unwrap().is_empty());
}

#[test]
fn names_properties_as_they_were_given() {
    let found = problems(FirstSettings::from_properties([
        ("connector.rootCas", ""),
        ("connector.rootcas", "???"),
        ("connector.registration", "{"),
        ("connector.name", "a"),
        ("connector.name", "b"),
    ]));
    let expected = [
        "connector.rootCas: is unknown; the members here are name, network, proxies, rootcas, ",
        "connector.rootcas: is neither certificates in PEM nor base64 of it",
        "connector.registration: is not well-formed JSON; give the JSON object of a registration",
        "connector.name: is given twice",
    ];
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}, not {expected}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    let strings = ["Welcome to the Virtual Machine", "connector.name"];
    assert!(FirstSettings::from_oem_strings(strings).unwrap().is_empty());
    let found = problems(FirstSettings::from_oem_strings(["connector.hostname"]));
    assert!(found.concat().starts_with("connector.hostname: is unknown"), "{found:?}");
}

#[test]
fn takes_user_data_with_and_without_its_header() {
    let document = r#"{"connector": {"name": "a"}}"#;
    for text in [
        document.to_owned(),
        format!("#connector\n{document}"),
        format!("\u{feff}#connector\r\n{document}\r\n"),
    ] {
        let settings = FirstSettings::from_user_data(text.as_bytes()).unwrap();
        assert_eq!(settings.name.as_deref(), Some("a"), "{text}");
    }
    assert!(FirstSettings::from_user_data(b" \n").unwrap().is_empty());
}

#[test]
fn refuses_user_data_of_other_programs_by_name() {
    for (text, part) in [
        (&b"#cloud-config\npassword: hunter2\n"[..], "#cloud-config"),
        (b"#!/bin/sh\nrm -rf /\n", "a script (#!)"),
        (b"Content-Type: multipart/mixed", "a MIME message"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"#connectors\n{}", "not well-formed JSON in line 1"),
        (b"hello", "not well-formed JSON in line 1"),
    ] {
        let text = FirstSettings::from_user_data(text).unwrap_err().to_string();
        assert!(text.contains(part) && !text.contains("hunter2"), "{text}");
    }
}

proptest! {
    #[test]
    fn user_data_of_any_kind_ends_in_settings_or_an_error(bytes: Vec<u8>, text in "\\PC{0,200}") {
        let _ = FirstSettings::from_user_data(&bytes);
        let _ = FirstSettings::from_user_data(text.as_bytes());
        let _ = FirstSettings::from_fw_cfg([("opt/connector/rootcas", bytes.as_slice())]);
        let _ = FirstSettings::from_oem_strings([text.as_str()]);
    }

    #[test]
    fn a_cut_or_changed_document_never_shows_a_secret(at in 0..1200_usize, byte: u8) {
        let whole = whole();
        let mut changed = whole.clone().into_bytes();
        let at = at % changed.len();
        changed[at] = byte;
        for bytes in [&whole.as_bytes()[..at], &changed] {
            if let Err(error) = FirstSettings::from_json(bytes) {
                let text = format!("{error} {error:?}");
                prop_assert!(!text.contains("hunter") && !text.contains("$argon2id$v=19$m=19456,t=2,p=1$c2"), "{text}");
            }
        }
    }

    #[test]
    fn a_host_name_is_taken_as_written(name in "[a-z][a-z0-9]{0,20}(\\.[a-z][a-z0-9]{0,20}){0,1}") {
        let settings = FirstSettings::from_properties([("connector.name", name.as_str())]);
        prop_assert_eq!(settings.unwrap().name, Some(name));
    }
}
