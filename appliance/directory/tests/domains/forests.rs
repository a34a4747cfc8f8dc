//! Several forests, and what one finds in them.

use forest::fixtures::{CROWD, JAPANESE, LARGE, SPECIAL};
use forest::{Forest, Recipe};
use model::domain::lookup::{Lookup, LookupKey, LookupPage, ObjectKind};
use model::domain::status::{TrustDirection, TrustKind};

use crate::support::{Appliance, CORP, domain, join, within};

const PARTNER: &str = "partner.example.net";

async fn find(
    appliance: &Appliance,
    name: &str,
    kind: ObjectKind,
    key: LookupKey,
    value: &str,
) -> LookupPage {
    let (domain, value) = (domain(name), value.to_owned());
    let lookup = Lookup { domain, kind, key, value, with_groups: true, cursor: None };
    appliance.domains.lookup(&lookup).await.unwrap()
}

#[test]
fn two_forests_side_by_side_with_their_trust() {
    let forest = Forest::start(Recipe::TrustedForests).unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        let corp = join("APPL-1", "administrator");
        let mut partner = corp.clone();
        partner.domain = domain(PARTNER);
        appliance.domains.join(&corp).await.unwrap();
        appliance.domains.join(&partner).await.unwrap();
        appliance.domains.check_all().await;
        for (name, other) in [(CORP, PARTNER), (PARTNER, CORP)] {
            let status = appliance.domain(name).unwrap();
            assert_eq!(status.forest, name);
            assert_eq!(status.health.unwrap().failure, None);
            let trust = status.trusts.iter().find(|trust| trust.name == other).unwrap();
            assert_eq!(trust.direction, TrustDirection::Bidirectional);
            assert_eq!(trust.kind, TrustKind::Forest);
            assert_eq!(trust.is_reachable, Some(true));
        }
        let by_name = LookupKey::AccountName;
        let carol = find(&appliance, PARTNER, ObjectKind::User, by_name, "carol").await;
        assert_eq!(carol.objects.len(), 1);
        let none = find(&appliance, CORP, ObjectKind::User, by_name, "carol").await;
        assert!(none.objects.is_empty());
    });
}

#[test]
fn objects_are_found_by_each_key_with_their_groups() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let dc1 = forest.controller("dc1").unwrap();
    let sid_of = |name: &str| {
        let found = dc1.ldbsearch(&format!("(sAMAccountName={name})"), &["objectSid"]).unwrap();
        found[0].text("objectSid").unwrap()
    };
    let groups = ["inner", "middle", "outer", "Domain Users"].map(sid_of);
    let alice_sid = sid_of("alice");
    within(&forest, async || {
        let appliance = Appliance::new();
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
        let user = async |key, value: &str| {
            let page = find(&appliance, CORP, ObjectKind::User, key, value).await;
            assert_eq!(page.objects.len(), 1, "{value}");
            page.objects.into_iter().next().unwrap()
        };
        let alice = user(LookupKey::Sid, &alice_sid).await;
        assert_eq!(alice.account_name, "alice");
        let found = alice.groups.clone().unwrap();
        for group in &groups {
            assert!(found.contains(group), "{group} of {found:?}");
        }
        for (key, value) in [
            (LookupKey::Guid, alice.guid.as_str()),
            (LookupKey::UserPrincipalName, "alice@corp.example.com"),
            (LookupKey::AccountName, "ALICE"),
            (LookupKey::Mail, "alice.example@corp.example.com"),
            (LookupKey::DisplayName, "Alice E"),
        ] {
            assert_eq!(user(key, value).await, alice, "{value}");
        }
        assert_eq!(user(LookupKey::DisplayName, JAPANESE).await.account_name, "yamada");
        assert_eq!(user(LookupKey::DisplayName, SPECIAL).await.account_name, "special");
        assert!(!user(LookupKey::AccountName, "disabled").await.is_enabled);
        let everything =
            find(&appliance, CORP, ObjectKind::User, LookupKey::AccountName, "*").await;
        assert!(everything.objects.is_empty(), "an asterisk is a character");

        let by_name = LookupKey::AccountName;
        let large = find(&appliance, CORP, ObjectKind::Group, by_name, "large").await;
        assert_eq!(large.objects[0].members.as_ref().unwrap().len(), LARGE);
        let machine = find(&appliance, CORP, ObjectKind::Computer, by_name, "APPL-1$").await;
        assert_eq!(machine.objects.len(), 1);
    });
}

#[test]
fn many_objects_come_page_by_page() {
    let forest = Forest::start(Recipe::Crowd).unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
        let mut lookup = Lookup {
            domain: domain(CORP),
            kind: ObjectKind::User,
            key: LookupKey::DisplayName,
            value: "Bulk".to_owned(),
            with_groups: false,
            cursor: None,
        };
        let mut pages = Vec::new();
        loop {
            let page = appliance.domains.lookup(&lookup).await.unwrap();
            pages.extend(Some(page.objects.len()).filter(|count| *count > 0));
            lookup.cursor = page.cursor;
            if lookup.cursor.is_none() {
                break;
            }
        }
        assert_eq!(pages, [500; CROWD / 500]);
        lookup.cursor = Some("0.AAAA".to_owned());
        assert!(
            appliance.domains.lookup(&lookup).await.is_err(),
            "the cursor of another connection"
        );
    });
}

/// Memory of this process, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn twelve_domains_that_are_used_do_not_grow() {
    let forest = Forest::start(Recipe::TrustedForests).unwrap();
    within(&forest, async || {
        // Six appliances with two domains each hold what one with twelve does.
        let mut appliances = Vec::new();
        for number in 1..=6 {
            let appliance = Appliance::new();
            for name in [CORP, PARTNER] {
                let mut join = join(&format!("APPL-{number}"), "administrator");
                join.domain = domain(name);
                appliance.domains.join(&join).await.unwrap();
            }
            appliances.push(appliance);
        }
        let use_all = async || {
            for appliance in &appliances {
                appliance.domains.check_all().await;
                for (name, user) in [(CORP, "alice"), (PARTNER, "carol")] {
                    let by_name = LookupKey::AccountName;
                    let page = find(appliance, name, ObjectKind::User, by_name, user).await;
                    assert_eq!(page.objects.len(), 1);
                }
            }
        };
        for _ in 0..5 {
            use_all().await;
        }
        let before = resident();
        for _ in 0..20 {
            use_all().await;
        }
        let after = resident();
        println!("{before} KiB with twelve domains, {after} KiB after 240 checks and lookups");
        assert!(after <= before + 1024, "{before} KiB has become {after} KiB");
    });
}
