//! Active Directory domains on the whole machine, with real domain controllers: joined, used,
//! restarted, found broken and left.

use forest::{Forest, ForestError, Recipe, fixtures, role};
use harness::namespace::LEASED;
use harness::rest::json;
use harness::{Namespace, limits};
use serde_json::{Value, json};

use crate::in_use::InUse;
use crate::must;

const MACHINE: &str = "CONN-1";

/// An appliance in a network with domain controllers.
struct Site {
    appliance: InUse,
    forest: Forest,
}

/// An answer of the forest that the test cannot do without.
fn done<T>(outcome: Result<T, ForestError>) -> T {
    outcome.unwrap_or_else(|error| panic!("{error}"))
}

impl Site {
    fn new(recipe: Recipe) -> Self {
        let forest = done(Forest::start(recipe));
        let mut namespace = must(Namespace::new());
        must(namespace.start_dhcp_server());
        done(forest.reach(namespace.name(), &[(namespace.device(), LEASED)]));
        Self { appliance: InUse::start(namespace), forest }
    }

    /// Asks until the answer is as wanted.
    fn wait_for(&self, path: &str, is_wanted: impl Fn(&Value) -> bool + Send) -> Value {
        must(self.appliance.wait_for(path, is_wanted))
    }

    /// Checks the domain of a controller and joins it.
    fn join(&self, domain: &str) {
        let dns_servers = [role::DNS_SERVER.to_string()];
        let check = json!({"domain_name": domain, "dns_servers": dns_servers});
        let reply = self.appliance.post("/domains/$check", &check);
        assert_eq!(reply.status, 202, "{reply:?}");
        let check = self.wait_for("/domains/$check", |check| check["check"]["state"] != "running");
        assert_eq!(check["check"]["state"], "passed", "{check:#}");
        let reply = self.appliance.post(
            "/domains",
            &json!({
                "domain_name": domain,
                "user_name": "administrator",
                "password": fixtures::PASSWORD,
                "machine_account": MACHINE,
                "dns_servers": dns_servers,
            }),
        );
        assert_eq!((reply.status, reply.text().as_str()), (200, ""), "{reply:?}");
    }

    fn validate(&self, domain: &str) -> Value {
        let reply = self.appliance.post(&format!("/domains/{domain}/$validate"), &json!({}));
        assert_eq!(reply.status, 200, "{reply:?}");
        must(json(&reply))
    }

    /// Finds a user with groups.
    fn look_up(&self, domain: &str, user: &str) -> Value {
        let lookup = json!({"kind": "user", "key": "accountName", "value": user, "groups": true});
        let reply = self.appliance.post(&format!("/domains/{domain}/$lookup"), &lookup);
        assert_eq!(reply.status, 200, "{reply:?}");
        let answer = must(json(&reply));
        let [found] = &answer["objects"].as_array().expect("objects")[..] else {
            panic!("{answer:#}")
        };
        found.clone()
    }

    fn leave(&self, domain: &str) {
        let reply = self.appliance.delete(&format!("/domains/{domain}"));
        assert_eq!(reply.status, 204, "{reply:?}");
    }

    /// Security identifiers of an object, as its controller has them.
    fn sid(&self, controller: &str, account: &str) -> String {
        let filter = format!("(sAMAccountName={account})");
        let entries = done(done(self.forest.controller(controller)).ldbsearch(&filter, &[]));
        let [entry] = &entries[..] else { panic!("{entries:?}") };
        entry.text("objectSid").expect("an identifier")
    }

    /// The machine accounts that a controller has of us.
    fn accounts(&self, controller: &str) -> usize {
        let filter = format!("(&(objectClass=computer)(sAMAccountName={MACHINE}$))");
        done(done(self.forest.controller(controller)).ldbsearch(&filter, &["cn"])).len()
    }
}

/// A row of the documented list.
fn row(domain: &str) -> Value {
    json!({"domain_name": domain, "forest": domain, "machine_account": MACHINE})
}

#[test]
fn a_domain_is_joined_and_used_over_a_restart_and_its_deleted_account_is_noticed() {
    let mut site = Site::new(Recipe::Single);
    let domain = role::DC1.domain;
    site.join(domain);
    assert_eq!(site.appliance.get("/domains"), json!({"items": [row(domain)]}));
    assert_eq!(site.accounts("dc1"), 1);
    let validation = site.validate(domain);
    assert_eq!(validation["passed"], true, "{validation:#}");
    assert_eq!(validation["host"], role::DC1.host_name());
    let alice = site.look_up(domain, "alice");
    assert_eq!(alice["sid"], site.sid("dc1", "alice"));
    let groups = alice["groups"].as_array().expect("groups");
    for group in ["inner", "middle", "outer"] {
        assert!(groups.contains(&json!(site.sid("dc1", group))), "{group}: {alice:#}");
    }

    site.appliance.restart();
    let is_read = |domains: &Value| domains["items"][0].is_object();
    assert_eq!(site.wait_for("/domains", is_read), json!({"items": [row(domain)]}));
    let validation = site.validate(domain);
    assert_eq!(validation["passed"], true, "{validation:#}");
    assert_eq!(site.accounts("dc1"), 1);
    assert!(!site.appliance.get("/status").to_string().contains("domains.unusable"));

    let dc1 = done(site.forest.controller("dc1"));
    done(dc1.samba_tool(&["computer", "delete", MACHINE]));
    let validation = site.validate(domain);
    assert_eq!(validation["passed"], false, "{validation:#}");
    assert_eq!(validation["cause"]["id"], "domain.machine-account-gone", "{validation:#}");
    let status = site.wait_for("/status", |status| {
        status["health"]["findings"].to_string().contains("domains.unusable")
    });
    assert_ne!(status["health"]["severity"], "good", "{status:#}");
    must(site.appliance.machine.wait_for_console(&["domains.unusable"], limits::CONSOLE));

    site.leave(domain);
    assert_eq!(site.appliance.get("/domains"), json!({"items": []}));
    site.wait_for("/status", |status| {
        !status["health"]["findings"].to_string().contains("domains.unusable")
    });
}

#[test]
fn two_forests_are_joined_side_by_side() {
    let mut site = Site::new(Recipe::TrustedForests);
    let (ours, partner) = (role::DC1.domain, role::PARTNER1.domain);
    site.join(ours);
    site.join(partner);
    let both = json!({"items": [row(ours), row(partner)]});
    assert_eq!(site.appliance.get("/domains"), both);
    for (domain, controller, user) in
        [(ours, role::DC1, "alice"), (partner, role::PARTNER1, "carol")]
    {
        assert_eq!(site.accounts(controller.name), 1);
        let validation = site.validate(domain);
        assert_eq!(validation["passed"], true, "{validation:#}");
        assert_eq!(validation["host"], controller.host_name());
        assert_eq!(site.look_up(domain, user)["sid"], site.sid(controller.name, user));
    }
    for (domain, other) in [(ours, partner), (partner, ours)] {
        let trusts = site.wait_for(&format!("/domains/{domain}/trusts"), |trusts| {
            trusts["items"][0]["is_reachable"].is_boolean()
        });
        let trust = json!({
            "name": other, "direction": "bidirectional", "kind": "forest", "is_reachable": true,
        });
        assert_eq!(trusts, json!({"items": [trust]}));
    }

    site.appliance.restart();
    assert_eq!(site.wait_for("/domains", |domains| domains["items"][1].is_object()), both);
    site.leave(ours);
    assert_eq!(site.appliance.get("/domains"), json!({"items": [row(partner)]}));
    let validation = site.validate(partner);
    assert_eq!(validation["passed"], true, "the other forest is not concerned: {validation:#}");
    // Only the appliance has forgotten it.
    assert_eq!(site.accounts("dc1"), 1);
}
