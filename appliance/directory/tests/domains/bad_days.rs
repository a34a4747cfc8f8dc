//! Name servers and domain controllers that do not answer, or not as they should.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use directory::JoinError;
use forest::{Block, Controller, Forest, Recipe, role};
use model::domain::check::{CheckFact, CheckItem, CheckResult, DomainCheck};
use model::domain::failure::{ControllerTrouble, DomainFailure, PortTrouble};
use model::domain::lookup::{Lookup, LookupKey, ObjectKind};

use crate::support::{Appliance, CORP, domain, join, within};

/// Longest time for a change to get to the other domain controller: five seconds are usual.
const REPLICATION_LIMIT: Duration = Duration::from_secs(60);

fn lookup_alice() -> Lookup {
    Lookup {
        domain: domain(CORP),
        kind: ObjectKind::User,
        key: LookupKey::AccountName,
        value: "alice".to_owned(),
        with_groups: false,
        cursor: None,
    }
}

async fn failure(appliance: &Appliance, join: &bus::Join) -> DomainFailure {
    match appliance.domains.join(join).await {
        Err(JoinError::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

/// Until an account that was made on another domain controller is on this one.
fn wait_for_account(controller: &Controller, account: &str) {
    let end = Instant::now() + REPLICATION_LIMIT;
    let filter = format!("(sAMAccountName={account})");
    while controller.ldbsearch(&filter, &["cn"]).unwrap().is_empty() {
        assert!(Instant::now() < end, "{account} is replicated");
    }
}

#[test]
fn name_servers_that_do_not_know_or_do_not_answer_are_told_apart() {
    let forest = Forest::start(Recipe::Single).unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        let mut join = join("APPL-1", "administrator");
        join.domain = domain("missing.corp.example.com");
        let own = IpAddr::V4(role::DNS_SERVER);
        let unknown =
            DomainFailure::DomainUnknown { domain: join.domain.clone(), servers: vec![own] };
        assert_eq!(failure(&appliance, &join).await, unknown);

        // Nobody has this address.
        let nobody = IpAddr::from([10, 99, 0, 250]);
        join.dns_servers = vec![nobody];
        let silent = DomainFailure::DnsSilent { servers: vec![nobody] };
        assert_eq!(failure(&appliance, &join).await, silent);

        // The domain's own name server, given with it.
        join.domain = domain(CORP);
        join.dns_servers = vec![IpAddr::V4(role::DC1.address)];
        appliance.domains.join(&join).await.unwrap();
        assert_eq!(appliance.domain(CORP).unwrap().dns_servers, join.dns_servers);
    });
}

#[test]
fn ports_that_are_closed_are_named() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let dc1 = forest.controller("dc1").unwrap().host();
    within(&forest, async || {
        let appliance = Appliance::new();
        let join = join("APPL-1", "administrator");
        dc1.block(88, Block::Refused).unwrap();
        let host = "dc1.corp.example.com".to_owned();
        let closed = DomainFailure::PortClosed { host, port: 88, trouble: PortTrouble::Refused };
        assert_eq!(failure(&appliance, &join).await, closed);
        dc1.unblock().unwrap();

        dc1.block(389, Block::Silent).unwrap();
        let found = failure(&appliance, &join).await;
        let DomainFailure::NoControllerAnswers { tried, .. } = found else { panic!("{found:?}") };
        assert_eq!(tried.len(), 1);
        assert_eq!(tried[0].trouble, PortTrouble::Silent);
    });
}

#[test]
fn other_domain_controller_is_used_when_one_is_gone() {
    let forest = Forest::start(Recipe::TwoControllers).unwrap();
    within(&forest, async || {
        let appliance = Appliance::new();
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
        // Another domain controller may not know of the account for a while: the first is preferred.
        let first = appliance.domain(CORP).unwrap().controller.unwrap().host;
        let validation = appliance.domains.validate(&domain(CORP)).await.unwrap();
        assert_eq!((validation.failure, validation.host), (None, Some(first.clone())));
        let (gone, other) = match first.starts_with("dc1") {
            true => ("dc1", "dc2"),
            false => ("dc2", "dc1"),
        };
        let other = forest.controller(other).unwrap();
        wait_for_account(other, "APPL-1$");
        assert_eq!(appliance.domains.lookup(&lookup_alice()).await.unwrap().host, first);

        // In the middle of a session, without a word.
        forest.controller(gone).unwrap().host().set_cable(false).unwrap();
        let page = appliance.domains.lookup(&lookup_alice()).await.unwrap();
        assert_eq!(page.host, other.role().host_name());
        appliance.domains.check_all().await;
        let status = appliance.domain(CORP).unwrap();
        assert_eq!(status.health.unwrap().failure, None);
        assert_eq!(status.controller.unwrap().host, other.role().host_name());
    });
}

#[test]
fn read_only_domain_controller_is_near_and_not_written_to() {
    let forest = Forest::start(Recipe::ReadOnly).unwrap();
    let place = |address| format!("{address}/16");
    let ip = |arguments: &[&str]| forest.appliance().run("ip", arguments).unwrap();
    ip(&["address", "del", &place(role::APPLIANCE), "dev", "eth0"]);
    ip(&["address", "add", &place(role::APPLIANCE_IN_BRANCH), "dev", "eth0"]);
    within(&forest, async || {
        let appliance = Appliance::new();
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
        let used = appliance.domain(CORP).unwrap().controller.unwrap();
        assert_eq!(used.host, "dc1.corp.example.com");
        assert_eq!(used.client_site, "Branch");
        appliance.domains.change_password(&domain(CORP)).await.unwrap();
    });
}

/// What the check of a domain says in the end.
async fn checked(appliance: &Appliance, name: &str) -> DomainCheck {
    let begun = appliance.domains.begin_check(domain(name), Vec::new());
    assert_eq!(appliance.domains.status().begun, begun);
    loop {
        let check = appliance.domains.status().check.unwrap();
        if !check.is_running {
            return check;
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn check_names_what_is_there_and_what_is_missing() {
    let forest = Forest::start(Recipe::Single).unwrap();
    let dc1 = forest.controller("dc1").unwrap().host();
    within(&forest, async || {
        let appliance = Appliance::new();
        let check = checked(&appliance, CORP).await;
        assert!(check.has_passed(), "{check:?}");
        assert_eq!(check.forest.as_deref(), Some(CORP));
        assert_eq!(check.netbios.as_deref(), Some("CORP"));

        let check = checked(&appliance, "missing.corp.example.com").await;
        assert!(matches!(check.failure(), Some(DomainFailure::DomainUnknown { .. })));
        dc1.block(88, Block::Refused).unwrap();
        let check = checked(&appliance, CORP).await;
        let failure = check.failure().unwrap();
        assert!(matches!(failure, DomainFailure::PortClosed { port: 88, .. }), "{failure:?}");
        dc1.unblock().unwrap();
        dc1.block(3268, Block::Refused).unwrap();
        assert!(checked(&appliance, CORP).await.has_passed(), "a catalog is not needed to join");
        dc1.unblock().unwrap();

        let appliance = Appliance::with_clock(-400);
        let check = checked(&appliance, CORP).await;
        assert!(matches!(check.failure(), Some(DomainFailure::ClockDiffers { .. })));
    });
}

#[test]
fn check_names_domain_controllers_that_do_not_answer_and_lets_join() {
    let forest = Forest::start(Recipe::TwoControllers).unwrap();
    let dc2 = forest.controller("dc2").unwrap().host();
    within(&forest, async || {
        let appliance = Appliance::new();
        let answers = async || {
            let check = checked(&appliance, CORP).await;
            assert!(check.has_passed(), "{check:?}");
            let item = check.items.into_iter().find(|it| it.item == CheckItem::Controllers);
            item.unwrap().result
        };
        let CheckResult::Passed { fact } = answers().await else { panic!("both answer") };
        let CheckFact::Answering { answering: 2, count: 2, silent, .. } = fact else {
            panic!("{fact:?}")
        };
        assert!(silent.is_empty(), "{silent:?}");

        dc2.block(389, Block::Silent).unwrap();
        let CheckResult::Warned { fact } = answers().await else { panic!("one does not answer") };
        let CheckFact::Answering { answering: 1, count: 2, host, silent, .. } = fact else {
            panic!("{fact:?}")
        };
        assert_eq!(host, "dc1.corp.example.com");
        let dc2 = ControllerTrouble {
            host: role::DC2.host_name(),
            address: IpAddr::V4(role::DC2.address),
            trouble: PortTrouble::Silent,
        };
        assert_eq!(silent, [dc2]);
        appliance.domains.join(&join("APPL-1", "administrator")).await.unwrap();
    });
}
