//! First settings on the machine itself, and whom they do not beat.

use bus::SettingsResponse;
use model::guest::{FirstSource, FirstState, FirstTaken};

use crate::site::{AWAITED, Site, in_namespace, outcome};

#[test]
fn files_of_fw_cfg_are_taken_without_a_network() {
    in_namespace(|| async {
        let site = Site::new();
        site.around.network.send_modify(|network| {
            network.state = model::network::NetworkState::NoLink;
        });
        site.machine("QEMU", "Standard PC");
        site.put("fw_cfg/name", b"tokyo-1\n");
        site.put("fw_cfg/proxies", b"proxy.example:3128");
        assert_eq!(outcome(&mut site.start()).await, FirstState::Taken);
        let first = site.around.told().first.remove(0);
        assert_eq!((first.host_name.as_deref(), first.proxies.len()), (Some("tokyo-1"), 1));
        assert_eq!((first.source, first.registers), (FirstSource::FwCfg, false));
    });
}

#[test]
fn an_appliance_that_somebody_has_set_up_is_left_alone() {
    in_namespace(|| async {
        let site = Site::new();
        site.around.settings.send_modify(|settings| settings.has_administrator = true);
        site.put("fw_cfg/name", b"tokyo-1");
        assert_eq!(outcome(&mut site.start()).await, FirstState::None);
        assert!(site.around.told().first.is_empty());
    });
}

#[test]
fn who_sets_the_appliance_up_meanwhile_wins() {
    in_namespace(|| async {
        let site = Site::new();
        *site.around.take.lock().expect("not poisoned") = SettingsResponse::Conflict;
        site.put("fw_cfg/name", b"tokyo-1");
        assert_eq!(outcome(&mut site.start()).await, FirstState::None);
    });
}

#[test]
fn what_was_taken_is_not_taken_again() {
    in_namespace(|| async {
        let site = Site::new();
        let taken = FirstTaken { awaits_registration: false, ..AWAITED };
        site.around.settings.send_modify(|settings| settings.first_taken = Some(taken));
        site.put("fw_cfg/name", b"tokyo-1");
        assert_eq!(outcome(&mut site.start()).await, FirstState::Taken);
        assert!(site.around.told().first.is_empty());
    });
}

#[test]
fn a_full_disk_is_said() {
    in_namespace(|| async {
        let site = Site::new();
        let reason = "cannot write first: the disk is full".to_owned();
        *site.around.take.lock().expect("not poisoned") =
            SettingsResponse::Failed { reason: reason.clone() };
        site.put("fw_cfg/name", b"tokyo-1");
        let source = FirstSource::FwCfg;
        assert_eq!(outcome(&mut site.start()).await, FirstState::NotStored { source, reason });
    });
}

#[test]
fn a_mistake_refuses_all_and_names_every_one() {
    in_namespace(|| async {
        let site = Site::new();
        site.put("fw_cfg/name", b"not a name");
        site.put("fw_cfg/proxies", b"proxy.example");
        site.put("fw_cfg/password", b"hunter2");
        let state = outcome(&mut site.start()).await;
        let FirstState::Refused { source, reason } = state else { panic!("{state:?}") };
        assert_eq!(source, FirstSource::FwCfg);
        for word in ["connector.name", "connector.proxies", "connector.password-hash"] {
            assert!(reason.contains(word), "{reason}");
        }
        assert!(!reason.contains("hunter2") && site.around.told().first.is_empty());
    });
}
