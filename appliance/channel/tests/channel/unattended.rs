//! Registration by the secret of a secure client.

use base64ct::{Base64, Encoding};
use bus::{ChannelRequest, ChannelResponse};
use model::channel::{ConnectionTrouble, RegistrationRefusal};
use model::secret::Secret;
use protocol::proof::{Prover, Transcript, Verifier};
use protocol::registration::{FromAppliance, FromCloud, Refusal};
use tunnel::Pin;

use crate::appliance::Appliance;
use crate::cloud::{Authority, Cloud, Talk, pin_of};

const SECRET: &str = "c2VjcmV0IG9mIGEgY2xpZW50";
const CLOUD_NONCE: [u8; 32] = [9; 32];

/// What an unattended appliance has said.
struct Said {
    request: String,
    nonce: [u8; 32],
}

impl Said {
    async fn hear(applicant: &mut Talk<FromAppliance, FromCloud>) -> Self {
        match applicant.hear().await {
            FromAppliance::Unattended { client, nonce, application } => {
                assert_eq!(client, "client-1");
                let nonce = Base64::decode_vec(&nonce).unwrap().try_into().unwrap();
                Self { request: application.certificate_request, nonce }
            }
            other => panic!("{other:?}"),
        }
    }

    /// What somebody proves who knows a secret and shows a key.
    fn proof(&self, secret: &str, authority: Pin, prover: Prover) -> [u8; 32] {
        Transcript {
            appliance_nonce: &self.nonce,
            cloud_nonce: &CLOUD_NONCE,
            appliance_key: &pin_of(&self.request).0,
            authority_key: &authority.0,
        }
        .prove(&Verifier::of_secret(secret.as_bytes()), prover)
    }

    fn challenge(&self, secret: &str, authority: Pin) -> FromCloud {
        FromCloud::Challenge {
            nonce: Base64::encode_string(&CLOUD_NONCE),
            proof: Base64::encode_string(&self.proof(secret, authority, Prover::Cloud)),
        }
    }
}

async fn register(appliance: &Appliance) -> ChannelResponse {
    let request = ChannelRequest::Unattended {
        application: appliance.application(),
        client: "client-1".to_owned(),
        secret: Secret::new(SECRET.to_owned()),
    };
    appliance.ask(&request).await
}

/// Registers whoever knows the secret.
async fn admit(cloud: &mut Cloud, authority: &Authority) {
    let mut applicant = cloud.applicant().await;
    let said = Said::hear(&mut applicant).await;
    applicant.say(&said.challenge(SECRET, authority.pin())).await;
    let proof = said.proof(SECRET, authority.pin(), Prover::Appliance);
    let expected = FromAppliance::Proof { proof: Base64::encode_string(&proof) };
    assert_eq!(applicant.hear().await, expected);
    applicant.say(&FromCloud::Registered(authority.registered(&said.request, 2050))).await;
}

#[tokio::test]
async fn an_appliance_registers_when_both_know_the_secret() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    let (answer, ()) = tokio::join!(register(&appliance), admit(&mut cloud, &authority));
    assert_eq!(answer, ChannelResponse::Done);
    appliance.status(|status| status.registered().is_some()).await;
    assert_eq!(register(&appliance).await, ChannelResponse::Conflict);
}

#[tokio::test]
async fn settings_count_as_soon_as_they_are_stored_and_not_when_the_news_of_them_comes() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    let trusting = std::mem::take(&mut *appliance.outbound.lock().unwrap());
    match register(&appliance).await {
        ChannelResponse::Refused { reason: RegistrationRefusal::Unreached { .. } } => {}
        other => panic!("{other:?}"),
    }
    *appliance.outbound.lock().unwrap() = trusting;
    let (answer, ()) = tokio::join!(register(&appliance), admit(&mut cloud, &authority));
    assert_eq!(answer, ChannelResponse::Done);
}

#[tokio::test]
async fn nothing_is_sent_to_a_cloud_that_cannot_prove_itself() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    for round in 0..3 {
        let serve = async {
            let mut applicant = cloud.applicant().await;
            let said = Said::hear(&mut applicant).await;
            let challenge = match round {
                0 => said.challenge("another secret", authority.pin()),
                // Somebody in between passes on the proof of the cloud, which sees another key.
                1 => said.challenge(SECRET, Authority::new().pin()),
                _ => FromCloud::Challenge { nonce: "AAAA".to_owned(), proof: "ä".to_owned() },
            };
            applicant.say(&challenge).await;
            assert_eq!(applicant.hear_or_end().await, None);
        };
        let (answer, ()) = tokio::join!(register(&appliance), serve);
        let reason = RegistrationRefusal::CloudNotProven;
        assert_eq!(answer, ChannelResponse::Refused { reason });
    }
    assert!(cloud.is_deserted());
    assert_eq!(std::fs::read_dir(appliance.data()).unwrap().count(), 2);
    let stored = std::fs::read_to_string(appliance.data().join("registration.json")).unwrap();
    assert!(!stored.contains(SECRET) && !stored.contains("key"), "{stored}");
}

#[tokio::test]
async fn a_refusal_is_told_and_a_lost_connection_is_tried_again_with_the_same_key() {
    let authority = Authority::new();
    let mut cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    let serve = async {
        let mut keys = Vec::new();
        for attempt in 0..3 {
            let mut applicant = cloud.applicant().await;
            let said = Said::hear(&mut applicant).await;
            keys.push(pin_of(&said.request));
            applicant.say(&said.challenge(SECRET, authority.pin())).await;
            assert!(matches!(applicant.hear().await, FromAppliance::Proof { .. }));
            if attempt == 2 {
                applicant.say(&FromCloud::Refused { reason: Refusal::ClientRefused }).await;
            }
        }
        assert!(keys.iter().all(|key| *key == keys[0]));
    };
    let (answer, ()) = tokio::join!(register(&appliance), serve);
    let reason = RegistrationRefusal::ClientRefused;
    assert_eq!(answer, ChannelResponse::Refused { reason });
}

#[tokio::test]
async fn a_cloud_that_is_not_there_is_told_at_once() {
    let authority = Authority::new();
    let cloud = Cloud::start(&authority).await;
    let appliance = Appliance::start(&cloud).await;
    let mut application = appliance.application();
    // Nobody listens on port 1.
    application.cloud = model::channel::CloudAddress::new("127.0.0.1", 1).ok();
    let request = ChannelRequest::Unattended {
        application,
        client: "client-1".to_owned(),
        secret: Secret::new(SECRET.to_owned()),
    };
    match appliance.ask(&request).await {
        ChannelResponse::Refused { reason: RegistrationRefusal::Unreached { trouble } } => {
            assert!(matches!(trouble, ConnectionTrouble::Outbound { .. }), "{trouble:?}");
        }
        other => panic!("{other:?}"),
    }
}
