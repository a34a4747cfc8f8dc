//! What releases wrote into the settings file, one frozen schema for each time that it changed.
//!
//! Every release reads all schemas up to its own, step by step, and writes its own. It has to be
//! readable for the releases before as well, because a slot that fails its health check gives way to
//! the previous release, which then finds this file. So a schema only ever adds members; none is
//! removed, renamed or given another meaning, and an old member holds what an old release should do
//! when it does not know the new one: while network settings are on trial, `network` holds the
//! confirmed ones.
//!
//! A schema that a release has written is never edited again; `tests/samples` of the settings role
//! holds files of each. Values in a schema are plain: a change of the product's types must not change
//! what an old file means.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::settings::Settings;

mod present;
pub mod v1;
pub mod v2;
pub mod v3;

/// The schema that this release writes.
pub const FORMAT: u32 = v3::FORMAT;

/// The certificate, PEM, of each authority in the settings, by its id. It stands in the file and not
/// in [`Settings`], which every role gets with each change.
pub type RootPems = BTreeMap<String, String>;

/// What the JSON holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The settings.
    pub settings: Settings,
    /// The certificate of each authority; others are not written.
    pub root_pems: RootPems,
    /// What a later release added.
    pub later: Later,
}

/// What a later release wrote into the file and this one does not know. It is kept and written again,
/// so that a release that gives way for an hour loses nothing. Kept are whole members of the
/// outermost object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Later {
    /// The schema of that release; this one's when it is not later.
    format: Option<u32>,
    members: Map<String, Value>,
}

impl Eq for Later {}

/// Reads the JSON of any schema.
///
/// # Errors
///
/// No release wrote this.
pub fn read(json: &str) -> Result<Content, serde_json::Error> {
    let format = serde_json::from_str::<Written>(json)?.format;
    let written = match format {
        0 => return Err(serde_json::Error::custom("format 0 does not exist")),
        1 => v2::Settings::from(serde_json::from_str::<v1::Settings>(json)?).into(),
        // Later schemas only add members, all of which may be missing.
        _ => serde_json::from_str::<v3::Settings>(json)?,
    };
    let later =
        Later { format: (format > FORMAT).then_some(format), members: written.later.clone() };
    let (settings, root_pems) = present::meant(written)?;
    Ok(Content { settings, root_pems, later })
}

/// Writes the JSON of [`FORMAT`].
#[must_use]
pub fn write(content: &Content) -> String {
    let Content { settings, root_pems, later } = content;
    let mut written = present::written(settings, root_pems);
    written.format = later.format.unwrap_or(FORMAT);
    written.later = later.members.clone();
    serde_json::to_string_pretty(&written).expect("settings are plain values")
}

/// The member that tells the schemas apart.
#[derive(serde::Deserialize)]
struct Written {
    /// The first schema had no such member.
    #[serde(default = "first")]
    format: u32,
}

const fn first() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::bypass::BypassRule;
    use crate::fingerprint::Fingerprint;
    use crate::journal::Severity;
    use crate::proxy::{ProxyLocation, ProxyServer};
    use crate::root_ca::RootCaFacts;
    use crate::syslog::{SyslogSetting, SyslogTransport};

    const V2: &str =
        r#"{"format":2,"network":{"value":{"method":"automatic"},"origin":"default"}}"#;

    fn content(settings: Settings) -> Content {
        Content { settings, ..Content::default() }
    }

    #[test]
    fn reads_the_first_schema_which_did_not_name_itself() {
        let json = r#"{"network":{"value":{"method":"automatic"},"origin":"default"}}"#;
        for json in [json, V2] {
            assert_eq!(read(json).expect("readable"), content(Settings::default()));
        }
    }

    #[test]
    fn what_a_later_release_added_is_written_again() {
        let json = V2.replacen('2', "5", 1).replacen('{', r#"{"domains":["a",{"b":1}],"#, 1);
        let content = read(&json).expect("readable");
        let written = write(&content);
        let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(value(&written)["domains"], value(&json)["domains"]);
        assert_eq!(value(&written)["format"], 5);
        assert_eq!(read(&written).expect("readable"), content);
    }

    #[test]
    fn member_of_a_later_schema_stands_once_in_what_is_written() {
        let json = V2.replacen('{', r#"{"proxies":[{"id":"a","location":"proxy:1"}],"#, 1);
        let content = read(&json).expect("readable");
        assert_eq!(content.settings.proxies.len(), 1);
        assert_eq!(read(&write(&content)).expect("readable"), content);
    }

    #[test]
    fn refuses_what_no_release_wrote() {
        for json in ["", "{}", "[]", &V2.replacen('2', "0", 1), &V2.replace("automatic", "magic")] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_origin_of_a_later_release_counts_as_the_operators() {
        let settings = read(&V2.replace("default", "platform")).expect("readable").settings;
        assert_eq!(settings.network.origin, crate::network::Origin::Operator);
    }

    #[test]
    fn what_this_release_does_not_understand_takes_nothing_else_with_it() {
        let entries = r#"{
            "proxies": [
                {"id": "1", "location": "socks5://proxy:1080"},
                {"id": "2", "location": "proxy:3128", "priority": 9}
            ],
            "proxy_bypass": ["<local>", ".example.com"],
            "roots": [{"pem": "", "sha256": "blake3", "sha1": "", "subject": "", "issuer": "",
                "serial": "", "not_before": 0, "not_after": 0, "key": "", "is_self_signed": true}],
            "syslog": {"server": "logs", "port": 514, "transport": "quic", "severity": "error"},"#;
        let json = V2.replacen('2', "4", 1).replacen('{', entries, 1);
        let settings = read(&json).expect("readable").settings;
        let proxies: Vec<_> = settings.proxies.iter().map(|proxy| proxy.id.as_str()).collect();
        assert_eq!(proxies, ["2"]);
        let rules: Vec<_> = settings.proxy_bypass.iter().map(ToString::to_string).collect();
        assert_eq!(rules, [".example.com"]);
        assert!(settings.roots.is_empty() && settings.syslog.is_none());
    }

    fn proxies() -> impl Strategy<Value = Vec<ProxyServer>> {
        let proxy = ("[a-f0-9-]{36}", "[a-z]{1,20}", 1..u16::MAX, any::<bool>()).prop_map(
            |(id, host, port, has_password)| ProxyServer {
                id,
                location: ProxyLocation::parse(&format!("{host}:{port}")).expect("valid"),
                user_name: has_password.then(|| "\u{e9}va \"x\"".to_owned()),
                has_password,
            },
        );
        vec(proxy, 0..4)
    }

    fn root() -> impl Strategy<Value = (RootCaFacts, String)> {
        let digests = (vec(any::<u8>(), 32), vec(any::<u8>(), 20));
        (digests, "\\PC{0,40}", any::<i64>(), any::<bool>(), "\\PC{0,80}").prop_map(
            |((sha256, sha1), name, time, is_self_signed, pem)| {
                let sha256 = Fingerprint::new(&sha256);
                let facts = RootCaFacts {
                    id: sha256.id(),
                    subject: name.clone(),
                    issuer: name,
                    serial: "01:FF".to_owned(),
                    not_before: time,
                    not_after: time.saturating_add(1),
                    sha1: Fingerprint::new(&sha1),
                    sha256,
                    key: "EC P-256".to_owned(),
                    is_self_signed,
                };
                (facts, pem)
            },
        )
    }

    fn syslog() -> impl Strategy<Value = Option<SyslogSetting>> {
        let transports = select(SyslogTransport::ALL.to_vec());
        let setting = ("[a-z]{1,20}", 1..u16::MAX, transports, select(Severity::ALL.to_vec()))
            .prop_map(|(server, port, transport, severity)| SyslogSetting {
                server,
                port: port.try_into().expect("not 0"),
                transport,
                severity,
            });
        of(setting)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            proxies in proxies(),
            rules in vec("[.]?[a-z]{1,9}[.]example", 0..4),
            roots in vec(root(), 0..3),
            syslog in syslog(),
        ) {
            let rule = |rule: &String| BypassRule::parse(rule).expect("valid");
            let settings = Settings {
                proxies,
                proxy_bypass: rules.iter().map(rule).collect(),
                roots: roots.iter().map(|(facts, _)| facts.clone()).collect(),
                syslog,
                ..Settings::default()
            };
            let root_pems = roots.into_iter().map(|(facts, pem)| (facts.id, pem)).collect();
            let content = Content { root_pems, ..content(settings) };
            prop_assert_eq!(read(&write(&content)).expect("readable"), content);
        }
    }
}
