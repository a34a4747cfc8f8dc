//! The certificate of the administration page: replaced for good, tried and taken back, kept; and
//! what a scanner says of TLS with it.

use std::process::Command;
use std::time::{Duration, Instant};

use harness::qemu::USER_ADDRESS;
use harness::rest::{PASSWORD, json};
use harness::{HttpsClient, Machine, Reply, Request, RestClient, limits, workspace};
use model::settings::TRIAL_SECONDS;
use serde_json::{Value, json};

use crate::{answer, must, rest, screenshot};

/// Where the scanner is installed.
const SCANNER: &str = "target/scanners/bin/sslyze";
/// What it looks for.
const SCANS: [&str; 12] = [
    "--sslv2",
    "--sslv3",
    "--tlsv1",
    "--tlsv1_1",
    "--tlsv1_2",
    "--tlsv1_3",
    "--compression",
    "--early_data",
    "--heartbleed",
    "--openssl_ccs",
    "--reneg",
    "--robot",
];
/// How long the console may lag behind before the connection is asked again.
const AGREEMENT_LOOK: Duration = Duration::from_secs(2);
/// Versions of TLS that must accept nothing.
const OLD_VERSIONS: [&str; 4] = ["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"];

/// A key or certificate of the tests of the crate `certificate`.
fn fixture(name: &str) -> String {
    let path = workspace::root().join("appliance/certificate/tests/fixtures").join(name);
    String::from_utf8(must(harness::disk::read(&path))).expect("PEM is text")
}

/// A machine with a password and a client that has signed in.
fn machine() -> (Machine, RestClient) {
    let mut machine = must(Machine::builder().start());
    must(machine.wait_for_landing_page());
    answer(&machine, USER_ADDRESS);
    let mut client = rest(&machine, USER_ADDRESS);
    must(client.create_password(PASSWORD));
    must(client.sign_in(PASSWORD));
    (machine, client)
}

fn replace(client: &RestClient, certificate: &str, key: &str, passphrase: &str) -> Reply {
    let body = json!({
        "certBytes": fixture(certificate),
        "key": fixture(key),
        "passphrase": passphrase,
    });
    must(client.post("/$replaceSslCert", &body))
}

/// The fingerprint that new connections and the console show. Each of them follows a change by
/// itself, so this waits until they agree.
fn shown(machine: &mut Machine) -> String {
    let deadline = Instant::now() + limits::CONSOLE;
    loop {
        let sha1 = answer(machine, USER_ADDRESS).sha1().to_string();
        let line = format!("SSL Fingerprint: {sha1}");
        match machine.wait_for_console(&[&line], AGREEMENT_LOOK) {
            Ok(_) => return sha1,
            Err(error) if Instant::now() > deadline => panic!("{error}"),
            Err(_) => {}
        }
    }
}

#[test]
fn script_replaces_the_certificate_for_good() {
    let (mut machine, client) = machine();
    let before = shown(&mut machine);
    let refused = replace(&client, "rsa-certificate.pem", "ec-pkcs8.pem", "");
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(refused.text().contains("keyMismatch"), "{refused:?}");
    assert_eq!(shown(&mut machine), before);

    let reply = replace(&client, "rsa-certificate.pem", "rsa-pkcs8-default.pem", "correct-horse");
    assert_eq!((reply.status, reply.text().as_str()), (202, r#"{"status":"accepted"}"#));
    let after = shown(&mut machine);
    assert_ne!(after, before);

    must(client.restart());
    must(machine.wait_for_restart(limits::SHUTDOWN));
    must(machine.wait_for_landing_page());
    assert_eq!(shown(&mut machine), after, "it survives a restart");
}

#[test]
fn certificate_on_trial_is_taken_back_unless_it_is_kept() {
    let (mut machine, client) = machine();
    let before = shown(&mut machine);
    let browser = Browser::sign_in(must(machine.https(USER_ADDRESS)));
    let (certificate, key) = (fixture("ec-certificate.pem"), fixture("ec-sec1.pem"));
    let fields = [("certificate", certificate.as_str()), ("key", key.as_str())];

    let page = browser.post("/certificate/replace", &fields);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text().contains("The new certificate is in use, on trial"), "{page:?}");
    let tried = shown(&mut machine);
    assert_ne!(tried, before);
    screenshot(&mut machine, "certificate-on-trial");
    let old = format!("SSL Fingerprint: {before}");
    must(machine.wait_for_console(&[&old], Duration::from_secs(TRIAL_SECONDS) + limits::CONSOLE));
    assert_eq!(shown(&mut machine), before);
    let status = must(json(&must(client.get("/status"))));
    let causes = status["health"]["findings"].to_string();
    assert!(causes.contains("changes.certificate-reverted"), "{causes}");

    // Every request of this client is a new connection, opened with the certificate on trial.
    assert_eq!(browser.post("/certificate/replace", &fields).status, 200);
    assert_eq!(shown(&mut machine), tried);
    assert!(browser.get("/certificate").text().contains("Keep this certificate?"));
    let kept = browser.post("/certificate/keep", &[]);
    assert_eq!(kept.status, 303, "{kept:?}");
    must(client.restart());
    must(machine.wait_for_restart(limits::SHUTDOWN));
    must(machine.wait_for_landing_page());
    assert_eq!(shown(&mut machine), tried, "what was kept survives a restart");
}

#[test]
fn scanner_finds_tls_1_2_and_1_3_with_forward_secrecy_only() {
    let (machine, client) = machine();
    assert_scan(&scan(&machine), "ECDSA");
    let reply = replace(&client, "rsa-certificate.pem", "rsa-pkcs1.pem", "");
    assert_eq!(reply.status, 202, "{reply:?}");
    assert_scan(&scan(&machine), "RSA");
}

/// Runs the scanner and gives its findings.
fn scan(machine: &Machine) -> Value {
    let port = must(machine.host_port(USER_ADDRESS));
    let output = workspace::root().join(format!("target/scan-{port}.json"));
    let run = Command::new(workspace::root().join(SCANNER))
        .args(SCANS)
        .args(["--quiet", "--mozilla_config", "disable", "--json_out"])
        .arg(&output)
        .arg(format!("127.0.0.1:{port}"))
        .output()
        .expect("the scanner, which `make deps` installs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let found = must(harness::disk::read(&output));
    std::fs::remove_file(&output).expect("the file of the scanner");
    let found: Value = serde_json::from_slice(&found).expect("JSON");
    let server = &found["server_scan_results"][0];
    assert_eq!(server["connectivity_status"], "COMPLETED", "{server}");
    server["scan_result"].clone()
}

fn assert_scan(found: &Value, kind: &str) {
    for version in OLD_VERSIONS {
        assert_eq!(suites(found, version), Vec::<String>::new(), "{version}");
    }
    let tls_1_2 = suites(found, "tls_1_2");
    assert!(!tls_1_2.is_empty());
    for suite in tls_1_2 {
        let has_forward_secrecy = suite.starts_with(&format!("TLS_ECDHE_{kind}_WITH_"));
        let is_strong = suite.contains("_GCM_") || suite.contains("_CHACHA20_POLY1305_");
        assert!(has_forward_secrecy && is_strong, "{suite}");
    }
    let mut tls_1_3 = suites(found, "tls_1_3");
    tls_1_3.sort();
    let strong =
        ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
    assert_eq!(tls_1_3, strong);
    for (scan, member, expected) in [
        ("tls_compression", "supports_compression", json!(false)),
        ("tls_1_3_early_data", "supports_early_data", json!(false)),
        ("heartbleed", "is_vulnerable_to_heartbleed", json!(false)),
        ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection", json!(false)),
        ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos", json!(false)),
        ("robot", "robot_result", json!("NOT_VULNERABLE_NO_ORACLE")),
    ] {
        let result = &found[scan]["result"];
        let is_robot_without_rsa = result[member] == "NOT_VULNERABLE_RSA_NOT_SUPPORTED";
        assert!(result[member] == expected || is_robot_without_rsa, "{scan}: {}", found[scan]);
    }
}

/// Names of the cipher suites that a version accepts.
fn suites(found: &Value, version: &str) -> Vec<String> {
    let scan = &found[format!("{version}_cipher_suites")];
    assert_eq!(scan["status"], "COMPLETED", "{version}: {scan}");
    let accepted = scan["result"]["accepted_cipher_suites"].as_array().expect("a list");
    let name = |suite: &Value| suite["cipher_suite"]["name"].as_str().expect("a name").to_owned();
    accepted.iter().map(name).collect()
}

/// A signed-in browser without script.
struct Browser {
    client: HttpsClient,
    cookies: String,
    token: String,
}

impl Browser {
    fn sign_in(client: HttpsClient) -> Self {
        let mut browser = Self { client, cookies: String::new(), token: String::new() };
        let page = browser.get("/");
        browser.cookies = cookies(&page);
        browser.token = token(&page);
        let answer = browser.post("/sign-in", &[("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{answer:?}");
        browser.cookies = format!("{}; {}", browser.cookies, cookies(&answer));
        browser.token = token(&browser.get("/certificate"));
        browser
    }

    fn get(&self, path: &str) -> Reply {
        let request = Request::new("GET", path).field("Accept", "text/html");
        must(self.client.send(&request.field("Cookie", &self.cookies)))
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let encode =
            |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let pairs: Vec<_> = fields
            .iter()
            .chain(&[("csrf", self.token.as_str())])
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let request = Request::new("POST", path)
            .field("Cookie", &self.cookies)
            .body("application/x-www-form-urlencoded", pairs.join("&"));
        must(self.client.send(&request))
    }
}

fn cookies(reply: &Reply) -> String {
    let pairs: Vec<_> = reply
        .fields
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .filter_map(|(_, value)| value.split(';').next())
        .collect();
    pairs.join("; ")
}

fn token(page: &Reply) -> String {
    let text = page.text();
    let value = text.split("name=\"csrf\" value=\"").nth(1).expect("a form with its token");
    value.split('"').next().expect("the end of the token").to_owned()
}
