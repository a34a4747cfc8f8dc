//! The whole machine and the real control plane: registered by a script on both sides, through the
//! proxies that networks have, cut off and removed.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use harness::namespace::GATEWAY;
use harness::rest::json;
use harness::{Cloud, Daemon, Namespace, limits};
use serde_json::{Value, json};
use swtpm::Chip;

use crate::in_use::InUse;
use crate::must;

/// An address that is not private, in the same namespace: connections to it take the proxies.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 10);
const PROXY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(GATEWAY), 3128);
const PROXY_USER: &str = "connector";
const PROXY_PASSWORD: &str = "Proxy-Secret-4711";
const NAME: &str = "connector-hq-01";

/// An appliance and a control plane in one network.
struct Site {
    appliance: InUse,
    cloud: Cloud,
}

impl Site {
    fn new() -> Self {
        Self::with(&[])
    }

    /// The same with more arguments of QEMU for the appliance.
    fn with(extra: &[String]) -> Self {
        let mut namespace = must(Namespace::new());
        must(namespace.start_dhcp_server());
        must(namespace.add_addresses([OUTSIDE].into_iter()));
        let cloud = must(Cloud::start(&namespace, SocketAddr::from((OUTSIDE, 443))));
        Self { appliance: InUse::start_with(namespace, extra), cloud }
    }

    /// Asks until the answer is as wanted.
    fn wait_for(&self, path: &str, what: &str, is_wanted: impl Fn(&Value) -> bool + Send) -> Value {
        self.appliance.wait_for(path, is_wanted).unwrap_or_else(|error| {
            let log = self.cloud.log();
            panic!("{what} did not happen: {error}\n{log}")
        })
    }

    fn trust(&self, authority: &str) {
        let reply = self.appliance.post("/rootCA", &json!({"rootCA": authority}));
        assert_eq!(reply.status, 201, "{reply:?}");
    }

    fn add_proxy(&self, login: Option<(&str, &str)>) {
        let mut proxy = json!({"location": PROXY.to_string()});
        if let Some((user, password)) = login {
            proxy["username"] = user.into();
            proxy["password"] = password.into();
        }
        let reply = self.appliance.post("/proxies", &proxy);
        assert_eq!(reply.status, 201, "{reply:?}");
    }

    fn application(&self) -> Value {
        json!({"name": NAME, "cloud": self.cloud.address().ip()})
    }

    /// Asks for a code and gives the registration with it.
    fn code(&self) -> Value {
        let reply = self.appliance.post("/registration", &self.application());
        assert_eq!(reply.status, 201, "{reply:?}");
        must(json(&reply))
    }

    /// Does in the cloud what an administrator does with the code, and gives the connector.
    fn register(&self, code: &str) -> Value {
        let client = self.cloud.client();
        must(must(self.appliance.namespace.enter(|| client.register(code))))
    }

    fn wait_until_connected(&self) -> Value {
        self.wait_for("/registration", "both connections", |registration| {
            let all = registration["connections"].as_array().map(Vec::as_slice).unwrap_or_default();
            registration["status"] == "Registered"
                && all.len() == 2
                && all.iter().all(|connection| connection["state"] == "connected")
        })
    }

    /// Waits until the cloud shows its only connector as connected, which it stores after it has
    /// welcomed the appliance, and gives it.
    fn wait_until_listed(&self) -> Value {
        let client = self.cloud.client();
        let deadline = Instant::now() + limits::DIAGNOSIS;
        loop {
            let reply = must(must(self.appliance.namespace.enter(|| client.get("/connectors"))));
            let list = must(json(&reply));
            let [connector] = &list.as_array().expect("a list")[..] else { panic!("{list:#}") };
            if connector["status"] == "Connected" {
                return connector.clone();
            }
            assert!(Instant::now() < deadline, "not connected: {connector:#}");
            std::thread::sleep(limits::POLL_INTERVAL);
        }
    }
}

#[test]
fn an_appliance_is_registered_by_its_code_comes_back_by_itself_and_is_removed() {
    let mut site = Site::new();
    let refused = site.appliance.post("/registration", &site.application());
    assert_eq!(refused.status, 502, "{refused:?}");
    assert!(refused.text().contains("Root of 203.0.113.10"), "who signed it: {refused:?}");
    site.trust(&must(site.cloud.root_ca()));
    let waiting = site.code();
    let code = waiting["code"].as_str().expect("a code");
    assert_eq!(code.len(), 8, "{waiting:#}");
    must(site.appliance.machine.wait_for_console(&["being registered"], limits::CONSOLE));
    let connector = site.register(code);
    let registered = site.wait_until_connected();
    assert_eq!(registered["connectorId"], connector["id"], "{registered:#}");
    assert_eq!(registered["customerName"], harness::cloud::CUSTOMER);
    let listed = site.wait_until_listed();
    assert_eq!(listed["fqdn"], NAME, "{listed:#}");
    must(site.appliance.machine.wait_for_console(&["connected (2 of 2)"], limits::CONSOLE));

    site.appliance.restart();
    assert_eq!(site.wait_until_connected()["connectorId"], connector["id"]);
    must(site.cloud.restart(&site.appliance.namespace));
    site.wait_for("/registration", "the end of the old connections", |it| {
        it["connections"].to_string().contains("failed")
    });
    site.wait_until_connected();

    let path = format!("/connectors/{}", connector["id"].as_str().expect("an identifier"));
    let client = site.cloud.client();
    let removed = must(must(site.appliance.namespace.enter(|| client.delete(&path))));
    assert_eq!(removed.status, 200, "{removed:?}");
    let end = site.wait_for("/registration", "the removal", |it| it["status"] == "Unregistered");
    assert_eq!(end["cause"]["id"], "registration.removed", "{end:#}");
    // After a reinstallation or a removal the same name is free again.
    let code = site.code();
    site.register(code["code"].as_str().expect("a code"));
    site.wait_until_connected();
}

#[test]
fn a_tpm_seals_the_key_and_a_copy_of_the_disk_cannot_use_it() {
    let chip = Chip::new().expect("a TPM");
    let tpm = chip.build_in().expect("it is free");
    let mut site = Site::with(&tpm.qemu_arguments());
    site.trust(&must(site.cloud.root_ca()));
    let code = site.code();
    let connector = site.register(code["code"].as_str().expect("a code"));
    let registered = site.wait_until_connected();
    assert_eq!(registered["keySealed"], true, "{registered:#}");

    // In a machine without it.
    site.appliance.switch_off_and_on(Vec::new());
    let copy = site
        .wait_for("/registration", "the refusal", |it| it["cause"]["id"] == "registration.sealed");
    assert_eq!(copy["status"], "Unregistered", "{copy:#}");
    must(site.appliance.machine.wait_for_console(&["sealed"], limits::CONSOLE));

    let tpm = chip.build_in().expect("it is free");
    site.appliance.switch_off_and_on(tpm.qemu_arguments());
    assert_eq!(site.wait_until_connected()["connectorId"], connector["id"]);
}

#[test]
fn a_secure_client_registers_through_a_proxy_that_asks_for_a_password() {
    let site = Site::new();
    let login = Some((PROXY_USER, PROXY_PASSWORD));
    let squid = must(Daemon::squid(&site.appliance.namespace, PROXY, login));
    site.add_proxy(None);
    site.trust(&must(site.cloud.root_ca()));
    let first = site.cloud.first();
    let mut body = json!({
        "applianceName": NAME,
        "clientId": first.client,
        "clientSecret": "not-the-secret",
        "cloud": OUTSIDE.to_string(),
    });
    let refused = site.appliance.post("/unattendedRegistration", &body);
    assert_eq!(refused.status, 502, "{refused:?}");
    assert!(refused.text().contains("outbound.proxy-authentication"), "{refused:?}");
    let proxies = site.appliance.get("/proxies");
    let path = format!("/proxies/{}", proxies["items"][0]["id"].as_str().expect("an identifier"));
    let proxy = json!({
        "location": PROXY.to_string(), "username": PROXY_USER, "password": PROXY_PASSWORD,
    });
    assert_eq!(site.appliance.put(&path, &proxy).status, 204);

    let refused = site.appliance.post("/unattendedRegistration", &body);
    assert_eq!(refused.status, 400, "{refused:?}");
    body["clientSecret"] = json!(first.secret);
    let done = site.appliance.post("/unattendedRegistration", &body);
    assert_eq!((done.status, done.text().as_str()), (200, r#"{"status":"Registered"}"#));
    site.wait_until_connected();
    site.wait_until_listed();
    // Nothing else leads to the cloud.
    drop(squid);
    let cut = site.wait_for("/registration", "the end of the connections", |registration| {
        registration["connections"].to_string().contains("outbound.proxy-unreachable")
    });
    assert_eq!(cut["status"], "Registered", "{cut:#}");
    let _squid = must(Daemon::squid(&site.appliance.namespace, PROXY, login));
    site.wait_until_connected();
}

#[test]
fn an_interceptor_is_named_and_once_it_is_trusted_it_reads_nothing() {
    let site = Site::new();
    let interceptor = must(Daemon::interceptor(&site.appliance.namespace, PROXY));
    site.add_proxy(None);
    let refused = site.appliance.post("/registration", &site.application());
    assert_eq!(refused.status, 502, "{refused:?}");
    assert!(refused.text().contains("outbound.tls-intercepted"), "{refused:?}");
    assert!(refused.text().contains("mitmproxy"), "{refused:?}");

    site.trust(&must(interceptor.file("mitmproxy-ca-cert.pem")));
    let waiting = site.code();
    let code = waiting["code"].as_str().expect("a code").to_owned();
    let connector = site.register(&code);
    site.wait_until_connected();
    let path = format!("/connectors/{}", connector["id"].as_str().expect("an identifier"));
    let client = site.cloud.client();
    must(must(site.appliance.namespace.enter(|| client.delete(&path))));
    site.wait_for("/registration", "the removal", |it| it["status"] == "Unregistered");

    // It writes a connection down when it has ended.
    let seen = must(interceptor.octets("flows"));
    let contains = |text: &str| seen.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains("/connector/v1"), "it saw the connections");
    for secret in [&*code, NAME, "begin", "welcome", "unregister"] {
        assert!(!contains(secret), "the interceptor read {secret}");
    }
}
