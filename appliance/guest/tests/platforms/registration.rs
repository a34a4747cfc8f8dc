//! The registration that first settings ask for.

use bus::ChannelResponse;
use model::channel::RegistrationRefusal;
use model::guest::FirstState;
use model::network::NetworkState;

use crate::site::{AWAITED, Site, in_namespace, registered, until};

const REGISTRATION: &[u8] = br#"{"clientId": "client", "clientSecret": "hunter2"}"#;

fn site() -> Site {
    let site = Site::new();
    site.put("fw_cfg/name", b"tokyo-1");
    site.put("fw_cfg/registration", REGISTRATION);
    site
}

fn is_done(state: &FirstState) -> bool {
    *state == FirstState::Taken
}

async fn until_ended(site: &Site) {
    while site.around.told().ended == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[test]
fn is_done_when_the_network_is_up_and_noted() {
    in_namespace(|| async {
        let site = site();
        site.around.network.send_modify(|network| network.state = NetworkState::NoLink);
        let mut status = site.start();
        let waits = |state: &FirstState| matches!(state, FirstState::Registering { trouble: None });
        until(&mut status, waits).await;
        assert!(site.around.told().registrations.is_empty(), "there is no network");
        site.around.network.send_modify(|network| network.state = NetworkState::Configured);
        until(&mut status, is_done).await;
        until_ended(&site).await;
        let told = site.around.told();
        let expected = ("tokyo-1".to_owned(), "client".to_owned(), "hunter2".to_owned());
        assert_eq!(told.registrations, [expected]);
        assert!(told.first[0].registers);
    });
}

#[test]
fn is_tried_again_after_a_refusal_which_is_said() {
    in_namespace(|| async {
        let site = site();
        let refused = ChannelResponse::Refused { reason: RegistrationRefusal::ClientRefused };
        site.around.register.lock().expect("not poisoned").push(refused);
        let mut status = site.start();
        let fails =
            |state: &FirstState| matches!(state, FirstState::Registering { trouble: Some(_) });
        let state = until(&mut status, fails).await;
        let FirstState::Registering { trouble: Some(trouble) } = state else { panic!("{state:?}") };
        assert!(trouble.contains("secure client") && !trouble.contains("hunter2"), "{trouble}");
        until(&mut status, is_done).await;
        assert_eq!(site.around.told().registrations.len(), 2);
    });
}

#[test]
fn goes_on_after_a_restart_without_taking_the_settings_again() {
    in_namespace(|| async {
        let site = site();
        site.around.settings.send_modify(|settings| {
            settings.first_taken = Some(AWAITED);
            settings.has_administrator = true;
        });
        until(&mut site.start(), is_done).await;
        until_ended(&site).await;
        let told = site.around.told();
        assert_eq!((told.first.len(), told.registrations.len(), told.ended), (0, 1, 1));
    });
}

#[test]
fn is_over_when_a_person_has_registered_the_appliance() {
    in_namespace(|| async {
        let site = Site::new();
        site.around.settings.send_modify(|settings| settings.first_taken = Some(AWAITED));
        let mut status = site.start();
        let state =
            until(&mut status, |state| matches!(state, FirstState::Registering { .. })).await;
        let FirstState::Registering { trouble: Some(trouble) } = state else { panic!("{state:?}") };
        assert!(trouble.contains("register on the page"), "{trouble}");
        site.around.channel.send_replace(registered());
        until(&mut status, is_done).await;
        until_ended(&site).await;
        assert!(site.around.told().registrations.is_empty());
    });
}
