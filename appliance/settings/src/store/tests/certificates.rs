//! Certificates on trial.

use model::settings::{CertificateTrial as Report, RevertReason};

use super::*;

fn with_trial() -> (Disk, Store) {
    let disk = Disk::default();
    let mut store = disk.store();
    assert!(matches!(store.store_certificate(certificate("old")), SettingsResponse::Done));
    let answer = store.try_certificate(certificate("new"), START);
    assert!(matches!(answer, SettingsResponse::Done));
    (disk, store)
}

pub(super) fn name(store: &Store) -> Option<String> {
    match store.certificate() {
        SettingsResponse::Certificate { certificate: Some(certificate) } => {
            assert_eq!(store.status().certificate, Some(certificate.facts.clone()));
            certificate.facts.names.first().cloned()
        }
        SettingsResponse::Certificate { certificate: None } => None,
        other => panic!("{other:?}"),
    }
}

fn reason(store: &Store) -> Option<RevertReason> {
    match store.status().certificate_trial {
        Some(Report::Reverted { tried, reason, .. }) => {
            assert_eq!(tried.names, ["new"]);
            Some(reason)
        }
        _ => None,
    }
}

fn at(uptime_ms: u64) -> Moment {
    Moment { uptime_ms, ..START }
}

#[test]
fn a_tried_certificate_is_in_use_at_once_and_the_stored_one_returns() {
    let (_, mut store) = with_trial();
    assert_eq!(name(&store).as_deref(), Some("new"));
    let Some(Report::Running { ends_at_uptime_ms, previous }) = store.status().certificate_trial
    else {
        panic!("a trial");
    };
    assert_eq!((ends_at_uptime_ms, store.deadline()), (65_000, Some(65_000)));
    assert_eq!(previous.names, ["old"]);
    store.take_time(at(64_999));
    assert_eq!(name(&store).as_deref(), Some("new"));
    store.take_time(at(65_000));
    assert_eq!(name(&store).as_deref(), Some("old"));
    assert_eq!(reason(&store), Some(RevertReason::NotConfirmed));
    assert_eq!(store.deadline(), None);
    assert!(matches!(store.confirm_certificate(), SettingsResponse::Conflict));
}

#[test]
fn a_confirmed_certificate_is_stored() {
    let (disk, mut store) = with_trial();
    assert!(matches!(store.confirm_certificate(), SettingsResponse::Done));
    assert_eq!((name(&store).as_deref(), store.deadline()), (Some("new"), None));
    assert!(matches!(store.confirm_certificate(), SettingsResponse::Conflict));
    let store = disk.store();
    assert_eq!((name(&store).as_deref(), reason(&store)), (Some("new"), None));
}

#[test]
fn a_start_during_the_trial_falls_back_and_says_so_once() {
    let (disk, _) = with_trial();
    let store = disk.store();
    assert_eq!(name(&store).as_deref(), Some("old"));
    assert_eq!(reason(&store), Some(RevertReason::Restarted));
    assert_eq!(reason(&disk.store()), None);
}

#[test]
fn the_operator_takes_a_certificate_back_and_dismisses_the_report() {
    let (disk, mut store) = with_trial();
    let revert = |store: &mut Store| store.revert_certificate(RevertReason::Operator, START);
    assert!(matches!(revert(&mut store), SettingsResponse::Done));
    assert_eq!(reason(&store), Some(RevertReason::Operator));
    assert!(matches!(revert(&mut store), SettingsResponse::Conflict));
    assert_eq!(reason(&disk.store()), None, "the start has nothing to report");
    assert!(matches!(store.dismiss_reverted(), SettingsResponse::Done));
    assert_eq!(store.status().certificate_trial, None);
}

#[test]
fn a_certificate_stored_for_good_ends_the_trial() {
    let (disk, mut store) = with_trial();
    assert!(matches!(store.store_certificate(certificate("third")), SettingsResponse::Done));
    assert_eq!((name(&store).as_deref(), store.deadline()), (Some("third"), None));
    assert_eq!(reason(&disk.store()), None);
}

#[test]
fn a_trial_needs_something_to_return_to_and_a_disk() {
    let disk = Disk::default();
    let mut store = disk.store();
    let answer = store.try_certificate(certificate("new"), START);
    assert!(matches!(answer, SettingsResponse::Failed { .. }));
    drop(store.store_certificate(certificate("old")));
    disk.fail_after(Some(1));
    let answer = store.try_certificate(certificate("new"), START);
    assert!(matches!(answer, SettingsResponse::Failed { .. }));
    assert_eq!(name(&store).as_deref(), Some("old"));
}

#[test]
fn a_trial_that_cannot_be_stored_goes_on() {
    let (disk, mut store) = with_trial();
    disk.fail_after(Some(0));
    assert!(matches!(store.confirm_certificate(), SettingsResponse::Failed { .. }));
    assert_eq!((name(&store).as_deref(), store.deadline()), (Some("new"), Some(65_000)));
}

#[test]
fn the_first_certificate_is_in_use_even_when_the_disk_does_not_take_it() {
    let disk = Disk::default();
    let mut store = disk.store();
    disk.fail_after(Some(0));
    let answer = store.store_certificate(certificate("first"));
    assert!(matches!(answer, SettingsResponse::Failed { .. }));
    assert_eq!(name(&store).as_deref(), Some("first"));
    drop(store.store_certificate(certificate("second")));
    assert_eq!(name(&store).as_deref(), Some("first"), "what is in use stays");
}
