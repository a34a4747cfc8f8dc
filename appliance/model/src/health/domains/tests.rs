//! Domains in the state of the whole.

use super::*;
use crate::domain::failure::DomainFailure;
use crate::domain::status::{DirectoryStatus, DomainHealth};
use crate::domain::{DomainName, MachineName};
use crate::slot_report::SlotReport;
use crate::supervision::{DataState, InitStatus, RoleState, RoleStatus};

fn domain() -> DomainName {
    DomainName::parse("corp.example.com").unwrap()
}

fn joined(failure: Option<DomainFailure>) -> DomainStatus {
    DomainStatus {
        domain: domain(),
        forest: "example.com".to_owned(),
        netbios: "CORP".to_owned(),
        machine: MachineName::parse("CONN-HQ-01").unwrap(),
        account_place: None,
        dns_servers: Vec::new(),
        joined_at: 1,
        controller: None,
        health: Some(DomainHealth { at: 9, since: 5, failure }),
        validation: None,
        password_changed_at: 1,
        password_failure: None,
        forest_failure: None,
        trusts: Vec::new(),
    }
}

fn gone() -> DomainFailure {
    DomainFailure::MachineAccountGone { account: "CONN-HQ-01$".to_owned() }
}

fn found(domains: Vec<DomainStatus>) -> Vec<Cause> {
    let directory = DirectoryStatus { domains, ..DirectoryStatus::default() };
    let known = Known { directory: Some(&directory), ..Known::default() };
    findings(&known).into_iter().map(|finding| finding.cause).collect()
}

#[test]
fn a_domain_that_works_is_not_worth_a_word() {
    assert_eq!(found(vec![joined(None)]), []);
    assert_eq!(found(vec![DomainStatus { health: None, ..joined(None) }]), []);
}

#[test]
fn a_domain_that_fails_says_since_when_and_nothing_that_follows_from_it() {
    let failing = DomainStatus { forest_failure: Some(gone()), ..joined(Some(gone())) };
    let cause = Cause::DomainUnusable { domain: domain(), failure: gone(), since: 5 };
    assert_eq!(found(vec![failing, joined(None)]), [cause]);
}

#[test]
fn password_and_forest_are_told_of_a_domain_that_works() {
    let status = DomainStatus {
        password_failure: Some(gone()),
        forest_failure: Some(gone()),
        ..joined(None)
    };
    let ids: Vec<_> = found(vec![status]).iter().map(Cause::id).collect();
    assert_eq!(ids, ["domains.password-not-changed", "domains.forest-unreachable"]);
}

#[test]
fn a_role_that_was_ready_and_does_not_answer_is_silent() {
    let of_init = |state| {
        let status = RoleStatus { role: Role::Directory, state, restarts: 0, last_exit: None };
        let init = InitStatus {
            generation: 1,
            slot: None,
            marked_good: true,
            data: DataState::Mounted,
            slots: SlotReport::default(),
            roles: vec![status],
        };
        findings(&Known { init: Some(&init), ..Known::default() })
    };
    assert_eq!(of_init(RoleState::Ready)[0].cause, Cause::RoleSilent { role: Role::Directory });
    assert!(of_init(RoleState::Starting).is_empty());
}
