//! Registration by code.

use bus::{ChannelRequest, ChannelResponse};
use model::channel::{
    ConnectionTrouble, EndingReason, RegistrationRefusal, RegistrationState, RegistrationStep,
};
use protocol::code::Code;
use protocol::control;
use protocol::registration::{Application, FromAppliance, FromCloud, Refusal};
use protocol::security_number::security_number;

use crate::appliance::{Appliance, step};
use crate::cloud::{Authority, Cloud, Talk, pin_of};

const CODE: &str = "ABCD2345";

fn code(seconds: i64) -> FromCloud {
    FromCloud::Code {
        code: CODE.to_owned(),
        expires_in: seconds,
        ticket: "ticket-of-gold".to_owned(),
    }
}

async fn application(applicant: &mut Talk<FromAppliance, FromCloud>) -> Application {
    match applicant.hear().await {
        FromAppliance::Begin(application) => application,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_appliance_registers_by_code_and_connects_twice() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    appliance.register().await;
    let mut applicant = cloud.applicant().await;
    let application = application(&mut applicant).await;
    assert_eq!(application.name.as_str(), "one");
    assert_eq!(application.location.as_deref(), Some("tokyo"));
    applicant.say(&code(900)).await;
    let request = &application.certificate_request;
    let number =
        security_number(&Code::parse(CODE).unwrap(), &pin_of(request).0, &authority.pin().0);
    assert_eq!(appliance.shown().await, (CODE.to_owned(), number));
    applicant.say(&FromCloud::AreYouThere).await;
    assert_eq!(applicant.hear().await, FromAppliance::Here);
    let confirming = |step: &RegistrationStep| matches!(step, RegistrationStep::Confirming { .. });
    appliance.status(|status| step(status).is_some_and(confirming)).await;
    applicant.say(&FromCloud::Registered(authority.registered(request, 2050))).await;
    let (first, second) = (cloud.welcomed().await, cloud.welcomed().await);
    assert_eq!(first.peer, second.peer);
    let status = appliance.status(|status| status.connected() == 2).await;
    let registration = status.registered().unwrap();
    assert_eq!((registration.name.as_str(), registration.location_name.as_str()), ("one", "Tokyo"));
    let again = ChannelRequest::Register { application: appliance.application() };
    assert_eq!(appliance.ask(&again).await, ChannelResponse::Conflict);
}

#[tokio::test]
async fn a_registration_goes_on_after_the_connection_broke_and_after_a_restart() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let mut appliance = Appliance::start(&cloud).await;
    appliance.register().await;
    let mut applicant = cloud.applicant().await;
    let request = application(&mut applicant).await.certificate_request;
    applicant.say(&code(900)).await;
    let shown = appliance.shown().await;
    drop(applicant);
    let resume = FromAppliance::Resume { ticket: "ticket-of-gold".to_owned() };
    let mut applicant = cloud.applicant().await;
    assert_eq!(applicant.hear().await, resume);
    assert_eq!(appliance.shown().await, shown);
    appliance.restart().await;
    drop(applicant);
    assert_eq!(appliance.shown().await, shown);
    let mut applicant = cloud.applicant().await;
    assert_eq!(applicant.hear().await, resume);
    applicant.say(&FromCloud::Registered(authority.registered(&request, 2050))).await;
    let _before = (cloud.welcomed().await, cloud.welcomed().await);
    appliance.status(|status| status.connected() == 2).await;
    appliance.restart().await;
    let _after = (cloud.welcomed().await, cloud.welcomed().await);
    appliance.status(|status| status.connected() == 2).await;
}

#[tokio::test]
async fn another_cloud_cannot_finish_a_registration() {
    let (authority, other) = (Authority::new(), Authority::new());
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    appliance.register().await;
    let mut applicant = cloud.applicant().await;
    application(&mut applicant).await;
    applicant.say(&code(900)).await;
    appliance.shown().await;
    cloud.replace(&other);
    drop(applicant);
    let wrong = |state: &RegistrationState| match state {
        RegistrationState::Registering { trouble, .. } => {
            *trouble == Some(ConnectionTrouble::WrongIdentity)
        }
        _ => false,
    };
    appliance.status(|status| wrong(&status.registration)).await;
    assert!(cloud.is_deserted());
}

#[tokio::test]
async fn a_code_that_ran_out_is_replaced_on_request() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    assert_eq!(appliance.ask(&ChannelRequest::NewCode).await, ChannelResponse::Conflict);
    appliance.register().await;
    let mut applicant = cloud.applicant().await;
    application(&mut applicant).await;
    applicant.say(&code(0)).await;
    let expired = |step: &RegistrationStep| matches!(step, RegistrationStep::CodeExpired { .. });
    appliance.status(|status| step(status).is_some_and(expired)).await;
    assert_eq!(appliance.ask(&ChannelRequest::NewCode).await, ChannelResponse::Done);
    assert_eq!(applicant.hear().await, FromAppliance::NewCode);
    applicant.say(&code(900)).await;
    appliance.shown().await;
    // The cloud may be the first to know.
    applicant.say(&FromCloud::Refused { reason: Refusal::Expired }).await;
    appliance.status(|status| step(status).is_some_and(expired)).await;
    drop(applicant);
    assert_eq!(appliance.ask(&ChannelRequest::NewCode).await, ChannelResponse::Done);
    // Whether or not it has noticed the cut: without a ticket it begins anew.
    let mut applicant = cloud.applicant().await;
    application(&mut applicant).await;
}

#[tokio::test]
async fn a_registration_that_is_given_up_is_withdrawn_and_forgotten() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let mut appliance = Appliance::start(&cloud).await;
    appliance.register().await;
    let mut applicant = cloud.applicant().await;
    application(&mut applicant).await;
    applicant.say(&code(900)).await;
    appliance.shown().await;
    assert_eq!(appliance.ask(&ChannelRequest::Withdraw).await, ChannelResponse::Done);
    assert_eq!(applicant.hear().await, FromAppliance::Withdraw);
    drop(applicant);
    let nothing = RegistrationState::NotRegistered { last: None };
    appliance.status(|status| status.registration == nothing).await;
    appliance.restart().await;
    appliance.status(|status| status.registration == nothing).await;
    assert!(cloud.is_deserted());
}

#[tokio::test]
async fn refusals_and_wrong_certificates_end_a_registration_with_their_reason() {
    let (authority, other) = (Authority::new(), Authority::new());
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    let mut other_request = None;
    for round in 0..3 {
        appliance.register().await;
        let mut applicant = cloud.applicant().await;
        let request = application(&mut applicant).await.certificate_request;
        let (answer, expected) = match round {
            0 => (FromCloud::Refused { reason: Refusal::NameTaken }, "registration.name-taken"),
            1 => {
                // The key of the registration before.
                let request: String = other_request.take().unwrap();
                let registered = authority.registered(&request, 2050);
                (FromCloud::Registered(registered), "registration.wrong-certificate")
            }
            _ => {
                let registered = other.registered(&request, 2050);
                (FromCloud::Registered(registered), "registration.wrong-certificate")
            }
        };
        other_request = Some(request);
        applicant.say(&answer).await;
        let id = |state: &RegistrationState| match state {
            RegistrationState::NotRegistered { last: Some(last) } => match &last.reason {
                EndingReason::Refused { reason } => Some(RegistrationRefusal::id(reason)),
                EndingReason::Removed | EndingReason::Sealed { .. } => None,
            },
            _ => None,
        };
        appliance.status(|status| id(&status.registration) == Some(expected)).await;
    }
    assert!(cloud.is_deserted());
}

/// Registers an appliance; its first connection is welcomed by the test.
pub(crate) async fn registered(cloud: &mut Cloud, authority: &Authority, until: i32) -> Appliance {
    let appliance = Appliance::start(cloud).await;
    appliance.register().await;
    let mut applicant = cloud.applicant().await;
    let request = application(&mut applicant).await.certificate_request;
    applicant.say(&FromCloud::Registered(authority.registered(&request, until))).await;
    appliance.status(|status| status.registered().is_some()).await;
    appliance
}

#[tokio::test]
async fn an_appliance_tells_who_it_is_and_the_same_instance_on_both_connections() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let _appliance = registered(&mut cloud, &authority, 2050).await;
    let mut instances = Vec::new();
    for _ in 0..2 {
        let mut connector = cloud.connector().await;
        match connector.hear().await {
            control::FromAppliance::Hello { version, instance, about, capacity } => {
                assert_eq!(version, control::VERSION);
                assert_eq!(about.version, model::product::VERSION);
                assert!(capacity > 0);
                instances.push(instance);
            }
            other => panic!("{other:?}"),
        }
        connector.say(&crate::cloud::welcome()).await;
    }
    assert_eq!(instances[0], instances[1]);
    assert!(instances[0].len() >= 32);
}
