//! Network settings changed on the page and over REST: tried with a restart, kept at the new address,
//! or taken back when nobody does.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use harness::namespace::{GATEWAY, LEASED};
use harness::rest::{PASSWORD, json};
use harness::{HttpsClient, Machine, Namespace, Reply, Request, RestClient, limits};
use model::settings::TRIAL_SECONDS;
use serde_json::{Value, json};

use crate::{must, screenshot};

/// Where the appliance moves to.
const MOVED: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 60);
/// How long after the end of a trial the settings from before may take to answer.
const SLACK: Duration = Duration::from_secs(40);

/// A machine that DHCP has given an address, with a password.
fn machine() -> (Namespace, Machine, HttpsClient) {
    let mut namespace = must(Namespace::new());
    must(namespace.start_dhcp_server());
    let mut machine = must(Machine::builder().attachment(namespace.attachment()).start());
    assert_eq!(must(machine.wait_for_landing_page()).address, LEASED);
    let client = must(machine.https(LEASED));
    must(namespace.enter(|| {
        must(client.wait_until_answering(limits::BOOT));
        must(RestClient::new(client.clone()).create_password(PASSWORD));
    }));
    (namespace, machine, client)
}

/// A browser without script: keeps cookies and sends the forms of pages.
struct Browser {
    https: HttpsClient,
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn signed_in(https: &HttpsClient) -> Self {
        let mut browser = Self { https: https.clone(), cookies: Vec::new() };
        let reply = browser.submit("/", "/sign-in", &[("password", PASSWORD)]);
        assert_eq!(reply.status, 303, "{}", reply.text());
        browser
    }

    fn get(&mut self, path: &str) -> Reply {
        self.send(Request::new("GET", path))
    }

    /// Sends a form with the token of the page that it stands on.
    fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Reply {
        let html = self.get(page).text();
        let token = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.get(..64));
        let token = token.unwrap_or_else(|| panic!("no form on {page}: {html}"));
        let pairs: Vec<_> = fields
            .iter()
            .chain(&[("csrf", token)])
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.send(
            Request::new("POST", action)
                .body("application/x-www-form-urlencoded", pairs.join("&"))
                .field("Sec-Fetch-Site", "same-origin"),
        )
    }

    fn send(&mut self, request: Request) -> Reply {
        let pairs: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            if pairs.is_empty() { request } else { request.field("Cookie", &pairs.join("; ")) };
        let reply = must(self.https.send(&request.field("Accept", "text/html")));
        for (name, value) in &reply.fields {
            if !name.eq_ignore_ascii_case("Set-Cookie") {
                continue;
            }
            let pair = value.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a cookie");
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        reply
    }
}

fn form<'a>(address: &'a str, gateway: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("method", "static"),
        ("address", address),
        ("mask", "24"),
        ("gateway", gateway),
        ("dns1", "10.99.0.1"),
        ("hostName", "moved"),
        ("current", PASSWORD),
        ("action", "save"),
    ]
}

/// Waits for the restart that follows, and for the page at the new address.
fn follow_to_new_address(namespace: &Namespace, machine: &mut Machine) -> HttpsClient {
    must(machine.wait_for_restart(limits::SHUTDOWN));
    let client = must(machine.https(MOVED));
    must(must(namespace.enter(|| client.wait_until_answering(limits::BOOT))));
    client
}

/// `GET /network` of somebody who signs in for it.
fn network(client: &HttpsClient) -> Value {
    let mut rest = RestClient::new(client.clone());
    must(rest.sign_in(PASSWORD));
    must(json(&must(rest.get("/network"))))
}

#[test]
fn address_that_nobody_keeps_goes_back_and_one_that_is_kept_stays() {
    let (namespace, mut machine, client) = machine();
    must(namespace.enter(|| {
        let mut browser = Browser::signed_in(&client);
        for (address, gateway, message) in [
            ("10.99.0.1", "", "Another machine"),
            ("10.99.0.60", "10.98.0.1", "Did you mean 10.99.0.1?"),
            ("169.254.64.5", "", "169.254.64.0/18"),
        ] {
            let fields = form(address, gateway);
            let reply = browser.submit("/network-settings", "/network-settings", &fields);
            assert_eq!(reply.status, 422, "{address} {}", reply.text());
            assert!(reply.text().contains(message), "{message} in {}", reply.text());
        }
    }));
    machine.qmp().forget_events();
    must(namespace.enter(|| save(&client)));
    let moved = follow_to_new_address(&namespace, &mut machine);
    let hint = ["sign in at https://10.99.0.60", "keep them within 60 s"];
    must(machine.wait_for_console(&hint, limits::CONSOLE));
    screenshot(&mut machine, "network-trial");

    // Nobody confirms.
    let start = Instant::now();
    let limit = Duration::from_secs(TRIAL_SECONDS) + SLACK;
    let explanation = [format!("https://{LEASED}"), "changes.network-reverted".to_owned()];
    let explanation = [explanation[0].as_str(), explanation[1].as_str()];
    must(machine.wait_for_console(&explanation, limit));
    println!("the address from before returned after {:?}", start.elapsed());
    screenshot(&mut machine, "network-reverted");
    must(namespace.enter(|| {
        must(client.wait_until_answering(limits::BOOT));
        assert_eq!(network(&client)["reverted"]["reason"], "notConfirmed");
        let mut browser = Browser::signed_in(&client);
        let page = browser.get("/network-settings/reverted").text();
        assert!(page.contains("10.99.0.60/24"), "{page}");
        let reply = browser.submit("/network-settings/reverted", "/changes/dismiss", &[]);
        assert_eq!(reply.status, 303, "{}", reply.text());
        assert_eq!(network(&client)["reverted"], Value::Null);
    }));
    assert!(
        must(namespace.enter(|| moved.send_within(&Request::new("GET", "/"), limits::ATTEMPT)))
            .is_err()
    );

    machine.qmp().forget_events();
    must(namespace.enter(|| save(&client)));
    let moved = follow_to_new_address(&namespace, &mut machine);
    must(namespace.enter(|| {
        let mut browser = Browser::signed_in(&moved);
        let front = browser.get("/");
        let location = front.field("location");
        assert_eq!(location, Some("/network-settings/trial"), "{} {}", front.status, front.text());
        let question = browser.get("/network-settings/trial").text();
        assert!(question.contains("You are using it"), "{question}");
        let reply = browser.submit("/network-settings/trial", "/network-settings/keep", &[]);
        assert_eq!(reply.field("location"), Some("/"), "{}", reply.text());
        assert_eq!(network(&moved)["trial"], Value::Null);
    }));
    must(machine.reset());
    assert_eq!(must(machine.wait_for_landing_page()).address, MOVED, "it is stored");
}

/// Saves the new address on the page.
fn save(client: &HttpsClient) {
    let mut browser = Browser::signed_in(client);
    let fields = form("10.99.0.60", "10.99.0.1");
    let reply = browser.submit("/network-settings", "/network-settings", &fields);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().contains("https://10.99.0.60/"), "{}", reply.text());
}

#[test]
fn script_moves_the_appliance_and_back_to_dhcp() {
    let (namespace, mut machine, client) = machine();
    let fixed = json!({
        "method": "static",
        "address": "10.99.0.60",
        "netmask": "255.255.255.0",
        "gateway": "10.99.0.1",
        "dns": ["10.99.0.1"],
        "ntp": ["10.99.0.1"],
        "hostName": "moved",
    });
    let with = |name: &str, value: Value| {
        let mut body = fixed.clone();
        body[name] = value;
        body
    };
    machine.qmp().forget_events();
    must(namespace.enter(|| {
        let mut taken = with("address", json!(GATEWAY));
        taken["gateway"] = json!("10.99.0.2");
        let reply = put(&client, &taken);
        assert!(reply.status == 400 && reply.text().contains("taken"), "{}", reply.text());
        let reply = put(&client, &fixed);
        assert!(reply.status == 400 && reply.text().contains("noTime"), "{}", reply.text());
        let reply = put(&client, &with("ignoreSilentServers", json!(true)));
        assert_eq!(reply.status, 202, "{}", reply.text());
    }));
    let moved = follow_to_new_address(&namespace, &mut machine);
    must(namespace.enter(|| {
        let mut rest = RestClient::new(moved.clone());
        must(rest.sign_in(PASSWORD));
        let network = must(json(&must(rest.get("/network"))));
        assert_eq!(network["trial"]["phase"], "running", "{network}");
        assert_eq!(network["hostName"]["value"], "moved", "{network}");
        assert_eq!(must(rest.post("/network/$confirm", &json!({}))).status, 204);
    }));
    machine.qmp().forget_events();
    must(namespace.enter(|| {
        assert_eq!(put(&moved, &json!({"method": "automatic"})).status, 202);
    }));
    must(machine.wait_for_restart(limits::SHUTDOWN));
    must(namespace.enter(|| {
        must(client.wait_until_answering(limits::BOOT));
        let mut rest = RestClient::new(client.clone());
        must(rest.sign_in(PASSWORD));
        assert_eq!(must(rest.post("/network/$revert", &json!({}))).status, 204);
    }));
    must(machine.wait_for_console(&["https://10.99.0.60"], limits::CONSOLE));
    must(namespace.enter(|| {
        must(moved.wait_until_answering(limits::BOOT));
        assert_eq!(network(&moved)["reverted"]["reason"], "operator");
    }));
}

fn put(client: &HttpsClient, body: &Value) -> Reply {
    let mut rest = RestClient::new(client.clone());
    must(rest.sign_in(PASSWORD));
    let token = format!("Bearer {}", rest.token().expect("signed in"));
    let request = Request::new("PUT", "/network").field("Authorization", &token);
    must(client.send(&request.body("application/json", body.to_string())))
}
