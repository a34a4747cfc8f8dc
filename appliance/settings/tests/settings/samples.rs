//! Files as releases wrote them: `samples/<format>/`, never changed once a release has written them.
//!
//! The files of format 1 were written by the code of release 0.1.0. Those of format 3 came with proxies,
//! added authorities and remote syslog, and with files of their own for what is secret about them.

use std::path::PathBuf;

use model::boot_parameter;
use model::network::NetworkSettings;
use model::settings::{CertificateTrial, RevertReason, TrialPhase};
use model::settings_file::SettingsFile;
use model::settings_schema::{self, Content, FORMAT, v1, v2};

use super::*;

/// The proxy of the samples that has a password.
const PROXY: &str = "4bc94059-f386-4411-aa80-ab2da95c8615";

fn directory(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(format.to_string())
}

fn samples(format: u32) -> Vec<(String, SettingsFile)> {
    let mut samples: Vec<_> = fs::read_dir(directory(format))
        .expect("a directory for each format")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "settings"))
        .map(|path| {
            let file = SettingsFile::decode(&fs::read(&path).expect("read"))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_stem().and_then(|name| name.to_str()).expect("name").to_owned(), file)
        })
        .collect();
    samples.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(samples.len() >= 3);
    samples
}

fn json(file: &SettingsFile) -> String {
    let text = String::from_utf8(file.encode()).expect("text");
    text.split_once('\n').expect("a header").1.to_owned()
}

fn parameter(settings: &NetworkSettings) -> String {
    boot_parameter::format(settings)
}

#[test]
fn every_file_of_an_earlier_release_means_what_it_meant() {
    let found: Vec<_> = samples(1)
        .into_iter()
        .map(|(name, SettingsFile { generation, content })| {
            let settings = content.settings;
            let deployment = settings.deployment.map_or_else(String::new, |name| name.to_string());
            let origin = settings.network.origin;
            assert!(settings.network_trial.is_none() && settings.host_name.is_none());
            (name, generation, parameter(&settings.network.value), origin, deployment)
        })
        .collect();
    let static_network = "network=static:ip=10.0.0.5;netmask=255.255.255.0;route=10.0.0.1;\
                          dns=10.0.0.2,10.0.0.3;ntp=ntp.example.com,10.0.0.4";
    let expected = [
        ("automatic", 1, "network=dhcp", Origin::Default, "productionjp"),
        (
            "bare",
            2,
            "network=static:ip=10.0.0.5;netmask=255.255.255.255",
            Origin::BootParameter,
            "eu-1",
        ),
        ("static", 7, static_network, Origin::BootParameter, ""),
    ];
    for (found, (name, generation, network, origin, deployment)) in found.iter().zip(expected) {
        let expected =
            (name.to_owned(), generation, network.to_owned(), origin, deployment.to_owned());
        assert_eq!(*found, expected);
    }
}

#[test]
fn what_this_release_writes_is_readable_for_the_first_one() {
    for format in 1..=FORMAT {
        for (name, file) in samples(format) {
            let written = file.encode();
            assert!(written.starts_with(b"connector-settings 1 "), "the envelope of 0.1.0");
            let settings: v1::Settings = serde_json::from_str(&json(&file))
                .unwrap_or_else(|error| panic!("{format}/{name}: {error}"));
            // It finds the confirmed values, whatever is on trial.
            let confirmed = file.content.settings.confirmed_network().network;
            match (settings.network.value, confirmed.value) {
                (v1::Network::Automatic, NetworkSettings::Automatic) => {}
                (v1::Network::Static(found), NetworkSettings::Static(expected)) => {
                    assert_eq!(found.address.address, expected.address.address);
                    assert_eq!(found.gateway, expected.gateway);
                }
                others => panic!("{format}/{name}: {others:?}"),
            }
        }
    }
}

#[test]
fn what_this_release_writes_survives_a_return_to_the_one_before() {
    for (name, file) in samples(FORMAT) {
        // As the release of format 2 reads, and writes again whatever it does not know.
        let before: v2::Settings = serde_json::from_str(&json(&file)).expect("readable");
        assert_eq!(before.format, FORMAT, "{name}");
        let proxies = before.later.get("proxies").and_then(|proxies| proxies.as_array());
        assert_eq!(proxies.map(Vec::len), Some(file.content.settings.proxies.len()), "{name}");
        let written = serde_json::to_string(&before).expect("JSON");
        assert_eq!(settings_schema::read(&written).expect("readable"), file.content, "{name}");
    }
}

#[test]
fn proxies_and_authorities_mean_what_they_meant() {
    let samples = samples(3);
    let (_, full) = samples.iter().find(|(name, _)| name == "full").expect("a sample");
    let Content { settings, root_pems, .. } = &full.content;
    let proxies: Vec<_> = settings
        .proxies
        .iter()
        .map(|proxy| {
            let (location, user_name) = (proxy.location.to_string(), proxy.user_name.as_deref());
            (proxy.id.as_str(), location, user_name, proxy.has_password)
        })
        .collect();
    let expected = [
        (PROXY, "proxy.example.com:3128".to_owned(), Some("svc-connector"), true),
        ("7d3f1c52-0e8b-4b6a-9d57-3b2f8a6c1e09", "10.0.0.8:8080".to_owned(), None, false),
    ];
    assert_eq!(proxies, expected);
    let rules: Vec<_> = settings.proxy_bypass.iter().map(ToString::to_string).collect();
    assert_eq!(rules, [".example.com", "192.0.2.0/24"]);
    let root = settings.roots.first().expect("an authority");
    assert_eq!(root.subject, "CN=Example Interception CA,O=Example");
    assert!(root_pems[&root.id].starts_with("-----BEGIN CERTIFICATE-----"));
    let syslog = settings.syslog.as_ref().expect("a server");
    let (port, transport) = (syslog.port.get(), syslog.transport.name());
    assert_eq!((syslog.server.as_str(), port, transport), ("logs.example.com", 6514, "tls"));
}

#[test]
fn the_present_format_is_frozen() {
    for (name, file) in samples(FORMAT) {
        let path = directory(FORMAT).join(format!("{name}.settings"));
        assert_eq!(file.encode(), fs::read(path).expect("read"), "{name}");
    }
}

#[tokio::test]
async fn the_role_starts_on_the_files_of_every_release() {
    for (format, settings) in [(1, "static"), (2, "trial"), (3, "full")] {
        let place = tempfile::tempdir().expect("directory");
        let stored = place.path().join("data/settings");
        fs::create_dir_all(&stored).expect("create");
        for entry in fs::read_dir(directory(format)).expect("directory") {
            let path = entry.expect("entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("name");
            let name = if name == format!("{settings}.settings") { "settings.a" } else { name };
            fs::copy(&path, stored.join(name)).expect("copy");
        }
        fs::write(place.path().join("cmdline"), "quiet").expect("write");
        let role = Running::start_in(place).await;
        let status = role.status().await;
        assert_eq!(status.storage, StorageState::Good, "{format}");
        assert!(status.has_administrator, "{format}");
        assert_eq!(status.certificate.expect("a certificate").names, ["10.0.0.5"], "{format}");
        if format == 1 {
            assert_eq!(status.settings.network.origin, Origin::BootParameter);
            assert_eq!(status.network_trial, None);
            continue;
        }
        if format == 3 {
            assert!(status.has_metrics_token && status.settings.proxies[0].has_password);
            let request = status.signing_request.expect("a request");
            assert_eq!(request.names, ["connector.example.com", "10.0.0.5"]);
            continue;
        }
        assert_eq!(status.network_trial, Some(TrialPhase::Starting));
        assert_eq!(
            parameter(&status.settings.network.value),
            "network=static:ip=10.0.0.9;netmask=255.255.255.0"
        );
        let reverted = status.certificate_trial;
        assert!(matches!(
            reverted,
            Some(CertificateTrial::Reverted { reason: RevertReason::Restarted, .. })
        ));
        // No machine is there, so nothing tells a copy.
        assert_eq!(status.identity, Identity::Known);
    }
}
