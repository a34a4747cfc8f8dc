use super::*;
use crate::settings::Settings;
use crate::slot_report::SlotReport;

fn settings() -> SettingsStatus {
    SettingsStatus::new(1, Settings::default())
}

fn clock() -> ClockStatus {
    ClockStatus { trust: ClockTrust::Hypervisor, ..ClockStatus::starting(0) }
}

fn init(state: RoleState) -> InitStatus {
    let last_exit = Some("exit status 3".to_owned());
    InitStatus {
        generation: 1,
        slot: None,
        marked_good: false,
        slots: SlotReport::default(),
        data: DataState::Mounted,
        roles: vec![RoleStatus { role: Role::Web, state, restarts: 1, last_exit }],
    }
}

fn network() -> NetworkStatus {
    let mut status = NetworkStatus::starting(0);
    status.state = NetworkState::Configured;
    status.dns.value.push([10, 0, 0, 2].into());
    status
}

#[test]
fn all_well_is_good() {
    let health = Health::judge(&Known {
        network: Some(&network()),
        settings: Some(&settings()),
        clock: Some(&clock()),
        init: Some(&init(RoleState::Ready)),
        ..Known::default()
    });
    assert_eq!(health.severity(), Severity::Good);
    assert!(health.causes().is_empty());
}

#[test]
fn a_failed_role_is_named_and_one_that_starts_is_waited_for() {
    let health = Health::judge(&Known {
        network: None,
        settings: Some(&settings()),
        clock: Some(&clock()),
        init: Some(&init(RoleState::Failed)),
        ..Known::default()
    });
    let ids: Vec<_> = health.causes().iter().map(|finding| finding.cause.id()).collect();
    assert_eq!(ids, ["services.failed", "services.starting"]);
}

#[test]
fn a_role_that_was_ready_and_does_not_answer_is_silent() {
    let mut init = init(RoleState::Ready);
    init.roles[0].role = Role::Network;
    let health = Health::judge(&Known {
        network: None,
        settings: Some(&settings()),
        clock: Some(&clock()),
        init: Some(&init),
        ..Known::default()
    });
    assert_eq!(health.causes()[0].cause, Cause::RoleSilent { role: Role::Network });
}

#[test]
fn nothing_is_healthy_that_init_does_not_vouch_for() {
    let health = Health::judge(&Known {
        network: Some(&network()),
        settings: Some(&settings()),
        clock: Some(&clock()),
        init: None,
        ..Known::default()
    });
    assert!(health.is_starting());
}

#[test]
fn worst_causes_come_first() {
    let mut settings = settings();
    let (parameter, reason) = ("network=x".to_owned(), "it must be".to_owned());
    settings.boot_parameter = Some(BootParameterReport::Refused { parameter, reason });
    let mut network = network();
    network.state = NetworkState::NoLease { since: 5 };
    let health = Health::judge(&Known {
        network: Some(&network),
        settings: Some(&settings),
        clock: Some(&clock()),
        init: Some(&init(RoleState::Ready)),
        ..Known::default()
    });
    let ids: Vec<_> = health.causes().iter().map(|finding| finding.cause.id()).collect();
    assert_eq!(ids, ["network.no-lease", "boot-parameter.refused"]);
    assert_eq!(health.severity(), Severity::Failing);
}
