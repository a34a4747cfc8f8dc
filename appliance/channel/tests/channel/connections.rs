//! The connections of a registered appliance.

use bus::{ChannelRequest, ChannelResponse};
use model::channel::{
    ConnectionRefusal, ConnectionState, ConnectionTrouble, EndingReason, RegistrationState,
};
use protocol::control::{About, FromAppliance, FromCloud, Refusal};
use rcgen::date_time_ymd;
use tunnel::identity::Peer;

use crate::cloud::{Authority, Cloud, Talk};
use crate::registration::registered;

/// The next message that is no sign of life and no load.
async fn word(talk: &mut Talk<FromAppliance, FromCloud>) -> Option<FromAppliance> {
    loop {
        match talk.hear_or_end().await {
            Some(FromAppliance::Load(_) | FromAppliance::About(_)) => {}
            Some(FromAppliance::Ask) => talk.say(&FromCloud::Here).await,
            other => return other,
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_returns_and_the_other_one_stays() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let (first, mut second) = (cloud.welcomed().await, cloud.welcomed().await);
    appliance.status(|status| status.connected() == 2).await;
    drop(first);
    let connector = cloud.connector().await;
    let status = appliance.status(|status| status.connected() == 1).await;
    let lost = |state: &ConnectionState| {
        matches!(state, ConnectionState::Failed { trouble: ConnectionTrouble::Lost { .. } })
    };
    assert!(status.connections.iter().any(|it| lost(&it.state)), "{status:?}");
    let mut connector = connector;
    assert!(matches!(connector.hear().await, FromAppliance::Hello { .. }));
    connector.say(&crate::cloud::welcome()).await;
    appliance.status(|status| status.connected() == 2).await;
    second.say(&FromCloud::Ask).await;
    assert_eq!(word(&mut second).await, Some(FromAppliance::Here));
}

#[tokio::test]
async fn a_gateway_that_stops_is_left_only_when_another_one_has_taken_over() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let (mut first, _second) = (cloud.welcomed().await, cloud.welcomed().await);
    appliance.status(|status| status.connected() == 2).await;
    first.say(&FromCloud::Drain { within: 600 }).await;
    let mut next = cloud.connector().await;
    // The old one is still there, and works.
    first.say(&FromCloud::Ask).await;
    assert_eq!(word(&mut first).await, Some(FromAppliance::Here));
    assert!(matches!(next.hear().await, FromAppliance::Hello { .. }));
    next.say(&crate::cloud::welcome()).await;
    assert_eq!(word(&mut first).await, None);
    let status = appliance.status(|status| status.connected() == 2).await;
    assert_eq!(status.connections.len(), 2);
}

#[tokio::test]
async fn an_expired_certificate_is_renewed_before_anything_else() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2021).await;
    let welcome = FromCloud::Welcome {
        clock: date_time_ymd(2026, 1, 1).unix_timestamp(),
        gateway: "g-1".to_owned(),
        renewal_only: true,
    };
    let (mut one, mut other) = (cloud.connector().await, cloud.connector().await);
    let old = one.peer.clone();
    for talk in [&mut one, &mut other] {
        assert!(matches!(word(talk).await, Some(FromAppliance::Hello { .. })));
        talk.say(&welcome).await;
    }
    // One of both asks.
    let (asked, talk) = tokio::select! {
        asked = word(&mut one) => (asked, &mut one),
        asked = word(&mut other) => (asked, &mut other),
    };
    let Some(FromAppliance::Renew { certificate_request }) = asked else { panic!("{asked:?}") };
    let certified = authority.certify(&certificate_request, 2025, 2050);
    talk.say(&FromCloud::Certified(certified)).await;
    let renewed = cloud.welcomed().await;
    assert!(matches!(&renewed.peer, Peer::Appliance(_)) && renewed.peer != old);
    let end = date_time_ymd(2050, 1, 1).unix_timestamp();
    let is_renewed = |ends_at| ends_at == end;
    appliance
        .status(|status| status.registered().is_some_and(|it| is_renewed(it.certificate_ends_at)))
        .await;
}

#[tokio::test]
async fn a_certificate_is_renewed_at_two_thirds_by_the_clock_of_the_cloud_on_one_connection() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let mut appliance = registered(&mut cloud, &authority, 2050).await;
    let (mut one, mut other) = (cloud.connector().await, cloud.connector().await);
    for talk in [&mut one, &mut other] {
        assert!(matches!(word(talk).await, Some(FromAppliance::Hello { .. })));
        // Two thirds of 2020 to 2050.
        let clock = date_time_ymd(2040, 1, 2).unix_timestamp();
        let gateway = "g-1".to_owned();
        talk.say(&FromCloud::Welcome { clock, gateway, renewal_only: false }).await;
    }
    let (asked, talk, silent) = tokio::select! {
        asked = word(&mut one) => (asked, &mut one, &mut other),
        asked = word(&mut other) => (asked, &mut other, &mut one),
    };
    let Some(FromAppliance::Renew { certificate_request }) = asked else { panic!("{asked:?}") };
    silent.say(&FromCloud::Ask).await;
    assert_eq!(word(silent).await, Some(FromAppliance::Here));
    // A certificate for another key is not taken.
    talk.say(&FromCloud::NotCertified).await;
    appliance
        .status(|status| status.registered().is_some_and(|it| it.renewal_refused_at.is_some()))
        .await;
    let certified = authority.certify(&certificate_request, 2040, 2060);
    talk.say(&FromCloud::Certified(certified)).await;
    let end = date_time_ymd(2060, 1, 1).unix_timestamp();
    let status = appliance
        .status(|status| status.registered().is_some_and(|it| it.certificate_ends_at == end))
        .await;
    assert_eq!(status.registered().unwrap().renewal_refused_at, None);
    // It is on the disk.
    appliance.restart().await;
    let status = appliance.status(|status| status.registered().is_some()).await;
    assert_eq!(status.registered().unwrap().certificate_ends_at, end);
}

#[tokio::test]
async fn an_appliance_that_was_removed_dials_no_more() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    for is_told_at_once in [true, false] {
        let mut appliance = registered(&mut cloud, &authority, 2050).await;
        let (mut first, mut second) = (cloud.connector().await, cloud.connector().await);
        for talk in [&mut first, &mut second] {
            assert!(matches!(word(talk).await, Some(FromAppliance::Hello { .. })));
        }
        if is_told_at_once {
            first.say(&crate::cloud::welcome()).await;
            first.say(&FromCloud::Unregistered).await;
        } else {
            let reason = Refusal::Unregistered;
            first.say(&FromCloud::Refused { reason, retry_after: 0 }).await;
        }
        let removed = |state: &RegistrationState| match state {
            RegistrationState::NotRegistered { last } => {
                last.as_ref().is_some_and(|last| last.reason == EndingReason::Removed)
            }
            _ => false,
        };
        appliance.status(|status| removed(&status.registration)).await;
        assert_eq!(second.hear_or_end().await, None);
        appliance.restart().await;
        appliance.status(|status| removed(&status.registration)).await;
        assert!(cloud.is_deserted());
    }
}

#[tokio::test]
async fn the_administrator_ends_a_registration_in_the_cloud_as_well() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let (mut first, _second) = (cloud.welcomed().await, cloud.welcomed().await);
    appliance.status(|status| status.connected() == 2).await;
    let serve = async {
        assert_eq!(word(&mut first).await, Some(FromAppliance::Unregister));
        first.say(&FromCloud::Unregistered).await;
    };
    let (answer, ()) = tokio::join!(appliance.ask(&ChannelRequest::Unregister), serve);
    assert_eq!(answer, ChannelResponse::Unregistered { is_told: true });
    let nothing = RegistrationState::NotRegistered { last: None };
    appliance.status(|status| status.registration == nothing).await;
    assert_eq!(appliance.ask(&ChannelRequest::Unregister).await, ChannelResponse::Conflict);
}

#[tokio::test]
async fn without_the_cloud_a_registration_ends_here_and_says_so() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let answer = appliance.ask(&ChannelRequest::Unregister).await;
    assert_eq!(answer, ChannelResponse::Unregistered { is_told: false });
}

#[tokio::test]
async fn both_machines_with_one_key_say_so() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let (mut kept, mut refused) = (cloud.welcomed().await, cloud.connector().await);
    assert!(matches!(word(&mut refused).await, Some(FromAppliance::Hello { .. })));
    let reason = Refusal::Clone;
    refused.say(&FromCloud::Refused { reason, retry_after: 3600 }).await;
    let clone = ConnectionTrouble::Refused { reason: ConnectionRefusal::Clone };
    let failed = ConnectionState::Failed { trouble: clone };
    appliance.status(|status| status.connections.iter().any(|it| it.state == failed)).await;
    let about = About { host_name: "two".to_owned(), ..About::default() };
    kept.say(&FromCloud::CloneRefused { about }).await;
    let seen = appliance.status(|status| status.clone_refused.is_some()).await;
    assert_eq!(seen.clone_refused.unwrap().host_name, "two");
    // It is left alone for as long as the cloud wants.
    assert!(cloud.is_deserted());
}

#[tokio::test]
async fn a_cloud_with_another_authority_is_not_the_cloud() {
    let (authority, other) = (Authority::new(), Authority::new());
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let (first, second) = (cloud.welcomed().await, cloud.welcomed().await);
    appliance.status(|status| status.connected() == 2).await;
    cloud.replace(&other);
    drop((first, second));
    let wrong = ConnectionState::Failed { trouble: ConnectionTrouble::WrongIdentity };
    appliance.status(|status| status.connections.iter().all(|it| it.state == wrong)).await;
    assert!(cloud.is_deserted());
}

#[tokio::test]
async fn a_reset_leaves_nothing() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = registered(&mut cloud, &authority, 2050).await;
    let _first = cloud.welcomed().await;
    assert_eq!(appliance.ask(&ChannelRequest::Forget).await, ChannelResponse::Done);
    assert_eq!(std::fs::read_dir(appliance.data()).unwrap().count(), 0);
    appliance.status(|status| status.registered().is_none()).await;
}
