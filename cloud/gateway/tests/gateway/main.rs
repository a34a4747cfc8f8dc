//! Appliances and a gateway: registration, control and requests.

#![expect(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

mod contacts;
mod relay;
mod renewal;
mod site;

use std::time::Duration;

use base64ct::{Base64, Encoding};
use gateway::{ConfirmError, Order, Undelivered};
use protocol::code::Code;
use protocol::control;
use protocol::proof::{Prover, Transcript, Verifier};
use protocol::registration::{FromAppliance, FromCloud, Refusal};
use protocol::request::{Answer, Failure, FailureKind, Operation, Request};
use protocol::security_number::security_number;
use rcgen::KeyPair;
use serde_json::json;
use site::{Appliance, Site, application, change, send_until_given_up};
use tunnel::Pin;

fn order(site: &Site, appliance: &Appliance, operation: Operation) -> Order {
    Order {
        tenant: site.tenant.clone(),
        location: appliance.registered.location.clone(),
        id: "request".to_owned(),
        operation,
        connector: None,
        within: Duration::from_secs(20),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "answers an appliance's handler, which may also die")]
fn done(body: &str) -> Option<Answer> {
    Some(Answer::Done { body: json!(body), has_data: false })
}

fn failed(kind: FailureKind) -> Option<Answer> {
    Some(Answer::Failed(Failure { kind, detail: "no".to_owned() }))
}

fn pin(key: &KeyPair) -> Pin {
    Pin::of_key(&rcgen::PublicKeyData::subject_public_key_info(key))
}

#[tokio::test]
async fn a_code_registers_the_appliance_that_shows_it() {
    let site = Site::new().await;
    let key = KeyPair::generate().unwrap();
    let mut applicant = site.applicant(&FromAppliance::Begin(application("ca-1", &key))).await;
    let FromCloud::Code { code, expires_in, .. } = applicant.hear().await else { panic!() };
    assert!((895..=900).contains(&expires_in));
    let (gateway, tenant, typed) = (site.gateway.clone(), site.tenant.clone(), code.to_lowercase());
    let confirming = tokio::spawn(async move { gateway.confirm(&tenant, &typed, &change()).await });
    assert_eq!(applicant.hear().await, FromCloud::AreYouThere);
    applicant.writer.message(&FromAppliance::Here).await.unwrap();
    let (registration, number) = confirming.await.unwrap().unwrap();
    assert_eq!(registration.appliance_name, "ca-1");
    let code = Code::parse(&code).unwrap();
    assert_eq!(number, security_number(&code, &pin(&key).0, &site.pin.0));
    let connector =
        site.gateway.register(&site.tenant, &registration.id, None, &change()).await.unwrap();
    let FromCloud::Registered(registered) = applicant.hear().await else { panic!() };
    assert_eq!((registered.connector, registered.location), (connector.id, connector.location));
    assert_eq!(registered.customer_name, "Example Bank");
}

#[tokio::test]
async fn an_appliance_that_has_gone_cannot_be_confirmed() {
    let site = Site::new().await;
    let key = KeyPair::generate().unwrap();
    let mut applicant = site.applicant(&FromAppliance::Begin(application("ca-1", &key))).await;
    let FromCloud::Code { code, ticket, .. } = applicant.hear().await else { panic!() };
    drop(applicant);
    let error = site.gateway.confirm(&site.tenant, &code, &change()).await.unwrap_err();
    assert!(matches!(error, ConfirmError::Unreachable), "{error}");
    let mut again = site.applicant(&FromAppliance::Resume { ticket }).await;
    let confirming = async {
        // The gateway has to have taken the registration up before it can ask.
        while let Err(error) = site.gateway.confirm(&site.tenant, &code, &change()).await {
            assert!(matches!(error, ConfirmError::Unreachable), "{error}");
            tokio::task::yield_now().await;
        }
    };
    let answering = async {
        assert_eq!(again.hear().await, FromCloud::AreYouThere);
        again.writer.message(&FromAppliance::Here).await.unwrap();
    };
    tokio::join!(confirming, answering);
}

#[tokio::test]
async fn a_refused_appliance_is_told() {
    let site = Site::new().await;
    let key = KeyPair::generate().unwrap();
    let mut applicant = site.applicant(&FromAppliance::Begin(application("ca-1", &key))).await;
    let FromCloud::Code { code, .. } = applicant.hear().await else { panic!() };
    let change = change();
    let (confirmed, ()) = tokio::join!(site.gateway.confirm(&site.tenant, &code, &change), async {
        assert_eq!(applicant.hear().await, FromCloud::AreYouThere);
        applicant.writer.message(&FromAppliance::Here).await.unwrap();
    });
    let (registration, _) = confirmed.unwrap();
    site.gateway.refuse(&site.tenant, &registration.id, &change).await.unwrap();
    assert_eq!(applicant.hear().await, FromCloud::Refused { reason: Refusal::Rejected });
}

#[tokio::test]
async fn a_further_code_takes_the_place_of_the_first() {
    let site = Site::new().await;
    let key = KeyPair::generate().unwrap();
    let mut applicant = site.applicant(&FromAppliance::Begin(application("ca-1", &key))).await;
    let FromCloud::Code { code: first, .. } = applicant.hear().await else { panic!() };
    applicant.writer.message(&FromAppliance::NewCode).await.unwrap();
    let FromCloud::Code { code: second, .. } = applicant.hear().await else { panic!() };
    assert_ne!(first, second);
}

#[tokio::test]
async fn one_source_gets_no_more_than_its_codes() {
    let site = Site::new().await;
    let key = KeyPair::generate().unwrap();
    let mut applicant = site.applicant(&FromAppliance::Begin(application("ca-1", &key))).await;
    for _ in 0..19 {
        assert!(matches!(applicant.hear().await, FromCloud::Code { .. }));
        applicant.writer.message(&FromAppliance::NewCode).await.unwrap();
    }
    assert!(matches!(applicant.hear().await, FromCloud::Code { .. }));
    applicant.writer.message(&FromAppliance::NewCode).await.unwrap();
    assert_eq!(applicant.hear().await, FromCloud::Refused { reason: Refusal::TooMany });
}

/// Registers unattended; gives what the cloud says in the end and whether its proof was right.
async fn unattended(site: &Site, client: &str, secret: &str) -> (FromCloud, bool) {
    let key = KeyPair::generate().unwrap();
    let first = FromAppliance::Unattended {
        client: client.to_owned(),
        nonce: Base64::encode_string(&[7; 32]),
        application: application("ca-1", &key),
    };
    let mut applicant = site.applicant(&first).await;
    let FromCloud::Challenge { nonce, proof } = applicant.hear().await else { panic!() };
    let nonce = Base64::decode_vec(&nonce).unwrap().try_into().unwrap();
    let transcript = Transcript {
        appliance_nonce: &[7; 32],
        cloud_nonce: &nonce,
        appliance_key: &pin(&key).0,
        authority_key: &site.pin.0,
    };
    let verifier = Verifier::of_secret(secret.as_bytes());
    let is_cloud =
        transcript.is_proven(&verifier, Prover::Cloud, &Base64::decode_vec(&proof).unwrap());
    let proof = Base64::encode_string(&transcript.prove(&verifier, Prover::Appliance));
    applicant.writer.message(&FromAppliance::Proof { proof }).await.unwrap();
    (applicant.hear().await, is_cloud)
}

#[tokio::test]
async fn the_secret_of_a_client_registers_without_a_person() {
    let site = Site::new().await;
    let client = site.client().await;
    let refused = FromCloud::Refused { reason: Refusal::ClientRefused };
    let wrong = unattended(&site, &client.client.id, "wrong").await;
    assert_eq!(wrong, (refused.clone(), false));
    let unknown = unattended(&site, "nobody", client.secret.expose()).await;
    assert_eq!(unknown, (refused.clone(), false));
    let (answer, is_cloud) = unattended(&site, &client.client.id, client.secret.expose()).await;
    assert!(is_cloud && matches!(answer, FromCloud::Registered(_)), "{answer:?}");
    let (answer, _) = unattended(&site, &client.client.id, client.secret.expose()).await;
    assert_eq!(answer, FromCloud::Refused { reason: Refusal::NameTaken });
    let tenant = site.registry.tenant(&site.tenant);
    tenant.revoke_client(&client.client.id, None, &change()).await.unwrap();
    let revoked = unattended(&site, &client.client.id, client.secret.expose()).await;
    assert_eq!(revoked, (refused, false));
}

#[tokio::test]
async fn requests_go_to_connectors_of_the_location() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut asked = appliance.connect(&site, "first").await.answer(|_| done("healthy"));
    let reply = site.gateway.send(order(&site, &appliance, Operation::Health)).await.unwrap();
    assert_eq!((reply.body, reply.attempts), (json!("healthy"), 1));
    assert_eq!(reply.connector, appliance.registered.connector);
    let request = asked.recv().await.unwrap();
    assert_eq!((request.attempt, request.operation), (0, Operation::Health));
    assert!(request.deadline_millis <= 20_000);
}

#[tokio::test]
async fn a_body_that_is_longer_than_a_message_comes_as_data() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "first").await;
    let body = json!("x".repeat(200_000));
    let sent = serde_json::to_vec(&body).unwrap();
    let answering = tokio::spawn(async move {
        let mut stream = channel.link.incoming.accept().await.unwrap();
        let done = Answer::Done { body: json!(null), has_data: true };
        stream.writer.message(&done).await.unwrap();
        stream.writer.data(&sent).await.unwrap();
        stream.writer.end().await.unwrap();
        stream.writer.close().await.unwrap();
        channel
    });
    let reply = site.gateway.send(order(&site, &appliance, Operation::Health)).await.unwrap();
    assert!(reply.body == body && reply.data.is_none());
    answering.await.unwrap();
}

#[tokio::test]
async fn a_request_of_a_connector_that_dies_goes_to_a_sibling() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    for round in 0..20 {
        let dying = one.connect(&site, &format!("life {round}")).await.answer(|_| None);
        let _living = two.connect(&site, "two").await.answer(|_| done("from the living"));
        let reply = site.gateway.send(order(&site, &one, Operation::Health)).await.unwrap();
        assert_eq!(reply.connector, two.registered.connector);
        drop(dying);
    }
}

#[tokio::test]
async fn a_connector_hears_that_nobody_waits_any_more() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "one").await;
    let (gateway, lookup) = (site.gateway.clone(), order(&site, &appliance, Operation::Health));
    let waiting = tokio::spawn(async move { gateway.send(lookup).await });
    let mut stream = channel.link.incoming.accept().await.unwrap();
    let _: Request = stream.reader.message().await.unwrap().unwrap();
    waiting.abort();
    while let Ok(Some(_)) = stream.reader.piece().await {}
    assert!(stream.reader.is_over());
    let (gateway, report) = (site.gateway.clone(), order(&site, &appliance, Operation::Report));
    let downloading = tokio::spawn(async move { gateway.send(report).await });
    let mut stream = channel.link.incoming.accept().await.unwrap();
    stream.writer.message(&Answer::Done { body: json!({}), has_data: true }).await.unwrap();
    drop(downloading.await.unwrap().unwrap());
    send_until_given_up(&mut stream).await;
}

#[tokio::test]
async fn a_request_moves_to_another_connector_before_another_connection() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    for round in 0..20 {
        let life = format!("life {round}");
        let first = one.connect(&site, &life).await.answer(|_| None);
        let second = one.connect(&site, &life).await.answer(|_| None);
        let _living = two.connect(&site, "two").await.answer(|_| done("from the living"));
        let reply = site.gateway.send(order(&site, &one, Operation::Health)).await.unwrap();
        assert!(reply.attempts <= 2, "{} attempts", reply.attempts);
        drop((first, second));
    }
}

#[tokio::test]
async fn a_request_waits_for_a_connector_until_its_deadline() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let sending = {
        let (gateway, order) = (site.gateway.clone(), order(&site, &appliance, Operation::Health));
        tokio::spawn(async move { gateway.send(order).await })
    };
    let _asked = appliance.connect(&site, "first").await.answer(|_| done("came late"));
    assert_eq!(sending.await.unwrap().unwrap().body, json!("came late"));
    let empty = Order {
        location: "another".to_owned(),
        within: Duration::from_millis(1),
        ..order(&site, &appliance, Operation::Health)
    };
    assert_eq!(site.gateway.send(empty).await.unwrap_err(), Undelivered::NobodyThere);
}

#[tokio::test]
async fn a_failure_that_is_one_everywhere_is_not_tried_elsewhere() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let _one = one.connect(&site, "one").await.answer(|_| failed(FailureKind::NotFound));
    let _two = two.connect(&site, "two").await.answer(|_| failed(FailureKind::NotFound));
    let error = site.gateway.send(order(&site, &one, Operation::Health)).await.unwrap_err();
    assert!(matches!(error, Undelivered::Failed(Failure { kind: FailureKind::NotFound, .. })));
}

#[tokio::test]
async fn a_failure_of_one_is_tried_at_the_others_and_then_told() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let mut asked = [
        one.connect(&site, "one").await.answer(|_| failed(FailureKind::Unreachable)),
        two.connect(&site, "two").await.answer(|_| failed(FailureKind::Unreachable)),
    ];
    let error = site.gateway.send(order(&site, &one, Operation::Health)).await.unwrap_err();
    assert!(matches!(error, Undelivered::Failed(Failure { kind: FailureKind::Unreachable, .. })));
    for asked in &mut asked {
        assert!(asked.recv().await.is_some(), "both were asked");
    }
}

#[tokio::test]
async fn after_a_failure_of_one_another_one_without_room_is_waited_for() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let mut asked = one.connect(&site, "one").await.answer(|_| failed(FailureKind::Unreachable));
    let mut full = two.connect(&site, "two").await;
    let only = |appliance: &Appliance| Order {
        connector: Some(appliance.registered.connector.clone()),
        ..order(&site, appliance, Operation::Health)
    };
    let send = |order: Order| {
        let gateway = site.gateway.clone();
        tokio::spawn(async move { gateway.send(order).await })
    };
    let filling: Vec<_> = (0..8).map(|_| send(only(&two))).collect();
    let mut taken = Vec::new();
    for _ in 0..8 {
        let mut stream = full.link.incoming.accept().await.unwrap();
        let _: Option<Request> = stream.reader.message().await.unwrap();
        taken.push(stream);
    }
    let waiting = send(order(&site, &one, Operation::Health));
    assert!(asked.recv().await.is_some());
    // Answered after the one that waits.
    site.gateway.send(only(&one)).await.unwrap_err();
    for mut stream in taken {
        stream.writer.message(&done("full")).await.unwrap();
        stream.writer.close().await.unwrap();
    }
    for filling in filling {
        filling.await.unwrap().unwrap();
    }
    let mut stream = full.link.incoming.accept().await.unwrap();
    stream.writer.message(&done("healthy")).await.unwrap();
    stream.writer.close().await.unwrap();
    let reply = waiting.await.unwrap().unwrap();
    assert_eq!((reply.body, reply.attempts), (json!("healthy"), 2));
}

#[tokio::test]
async fn a_request_goes_as_soon_as_another_one_is_done() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    // It takes eight at once, on both connections together.
    let mut channels =
        [appliance.connect(&site, "one").await, appliance.connect(&site, "one").await];
    let sending: Vec<_> = (0..9)
        .map(|_| {
            let gateway = site.gateway.clone();
            let order = order(&site, &appliance, Operation::Health);
            tokio::spawn(async move { gateway.send(order).await })
        })
        .collect();
    let mut taken = Vec::new();
    for number in 0..9 {
        let [one, two] = &mut channels;
        let mut stream = tokio::select! {
            stream = one.link.incoming.accept() => stream.unwrap(),
            stream = two.link.incoming.accept() => stream.unwrap(),
        };
        let _: Option<Request> = stream.reader.message().await.unwrap();
        taken.push(stream);
        if number == 7 {
            // Without an answer the ninth would wait until its deadline.
            let mut first = taken.swap_remove(0);
            first.writer.message(&done("healthy")).await.unwrap();
            first.writer.close().await.unwrap();
        }
    }
    for mut stream in taken {
        stream.writer.message(&done("healthy")).await.unwrap();
        stream.writer.close().await.unwrap();
    }
    for sending in sending {
        assert_eq!(sending.await.unwrap().unwrap().attempts, 1);
    }
}

#[tokio::test]
async fn a_connector_that_is_busy_is_asked_again() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut asked = appliance.connect(&site, "one").await.answer({
        let first = std::sync::atomic::AtomicBool::new(true);
        move |_| match first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            true => failed(FailureKind::Busy),
            false => done("healthy"),
        }
    });
    let reply = site.gateway.send(order(&site, &appliance, Operation::Health)).await.unwrap();
    assert_eq!((reply.body, reply.attempts), (json!("healthy"), 2));
    assert_eq!(asked.recv().await.unwrap().attempt, 0);
    assert_eq!(asked.recv().await.unwrap().attempt, 1);
}

#[tokio::test]
async fn one_connector_that_is_not_there_is_not_called_busy() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let _two = two.connect(&site, "two").await.answer(|_| done("healthy"));
    let only = Order {
        connector: Some(one.registered.connector.clone()),
        within: Duration::from_millis(50),
        ..order(&site, &one, Operation::Health)
    };
    assert_eq!(site.gateway.send(only).await.unwrap_err(), Undelivered::NobodyThere);
}

/// A request that must not be sent twice.
fn post() -> Operation {
    Operation::Web(relay::request("POST"))
}

#[tokio::test]
async fn a_request_that_must_not_be_sent_twice_is_not() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    let mut dying = one.connect(&site, "one").await.answer(|_| None);
    let gateway = site.gateway.clone();
    let sent = order(&site, &one, post());
    let sending = tokio::spawn(async move { gateway.send(sent).await });
    assert_eq!(dying.recv().await.unwrap().operation, post());
    let mut sibling = two.connect(&site, "two").await.answer(|_| done("twice"));
    let mut back = one.connect(&site, "one again").await.answer(|request: &Request| {
        assert!(matches!(request.operation, Operation::Outcome { .. }), "{request:?}");
        done("it was done")
    });
    assert_eq!(sending.await.unwrap().unwrap().body, json!("it was done"));
    assert!(matches!(back.recv().await.unwrap().operation, Operation::Outcome { .. }));
    assert!(sibling.try_recv().is_err(), "the sibling was asked as well");
}

#[tokio::test]
async fn a_copy_of_a_connector_is_refused_and_both_are_told() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut original = appliance.connect(&site, "original").await;
    let mut copy = appliance.hello(&site, "copy").await;
    let mut question = original.link.incoming.accept().await.unwrap();
    question.writer.message(&failed(FailureKind::Invalid)).await.unwrap();
    let refused = copy.hear().await;
    assert!(
        matches!(refused, control::FromCloud::Refused { reason: control::Refusal::Clone, .. }),
        "{refused:?}"
    );
    assert!(matches!(original.hear().await, control::FromCloud::CloneRefused { .. }));
}

#[tokio::test]
async fn a_restarted_appliance_takes_the_place_of_its_dead_connection() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    // Nobody reads its streams, as after a power cut.
    let _dead = appliance.connect(&site, "before").await;
    let _asked = appliance.connect(&site, "after").await.answer(|_| done("after"));
    let reply = site.gateway.send(order(&site, &appliance, Operation::Health)).await.unwrap();
    assert_eq!((reply.body, reply.attempts), (json!("after"), 1));
}

#[tokio::test]
async fn a_removed_connector_is_told_and_not_admitted_again() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "one").await;
    let tenant = site.registry.tenant(&site.tenant);
    let (id, location) = (&appliance.registered.connector, &appliance.registered.location);
    tenant.remove_connector(id, &change()).await.unwrap();
    site.gateway.forget(&site.tenant, location, id).await;
    assert_eq!(channel.hear().await, control::FromCloud::Unregistered);
    let mut again = appliance.hello(&site, "one").await;
    let refused = again.hear().await;
    assert!(
        matches!(
            refused,
            control::FromCloud::Refused { reason: control::Refusal::Unregistered, .. }
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_certificate_is_renewed_for_its_own_key_only() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "one").await;
    let request = |key: &KeyPair| control::FromAppliance::Renew {
        certificate_request: application("ca-1", key).certificate_request,
    };
    channel.writer.message(&request(&KeyPair::generate().unwrap())).await.unwrap();
    assert_eq!(channel.hear().await, control::FromCloud::NotCertified);
    channel.writer.message(&request(&appliance.key)).await.unwrap();
    let control::FromCloud::Certified(certified) = channel.hear().await else { panic!() };
    assert_ne!(certified.certificate, appliance.registered.certified.certificate);
    let mut renewed = appliance.clone();
    renewed.registered.certified = certified;
    renewed.connect(&site, "one").await;
}

#[tokio::test]
async fn a_gateway_that_drains_is_left_without_losing_a_request() {
    let site = Site::new().await;
    let appliance = site.register("ca-1").await;
    let mut channel = appliance.connect(&site, "one").await;
    let gateway = site.gateway.clone();
    let draining = tokio::spawn(async move { gateway.drain(Duration::from_secs(30)).await });
    assert_eq!(channel.hear().await, control::FromCloud::Drain { within: 30 });
    assert!(!site.gateway.has_room());
    let sending = {
        let (gateway, order) = (site.gateway.clone(), order(&site, &appliance, Operation::Health));
        tokio::spawn(async move { gateway.send(order).await })
    };
    let mut stream = channel.link.incoming.accept().await.unwrap();
    let _: Option<Request> = stream.reader.message().await.unwrap();
    channel.writer.close().await.unwrap();
    stream.writer.message(&done("answered")).await.unwrap();
    assert_eq!(sending.await.unwrap().unwrap().body, json!("answered"));
    drop(channel);
    draining.await.unwrap();
}

#[tokio::test]
async fn silence_is_noticed_within_five_seconds_while_a_request_waits() {
    let site = Site::new().await;
    let (one, two) = (site.register("ca-1").await, site.register("ca-2").await);
    // It takes the request and never says anything again, with its connection open.
    let silent = one.connect(&site, "one").await;
    let gateway = site.gateway.clone();
    let sent = order(&site, &one, Operation::Health);
    let began = tokio::time::Instant::now();
    let sending = tokio::spawn(async move { gateway.send(sent).await });
    tokio::task::yield_now().await;
    let _living = two.connect(&site, "two").await.answer(|_| done("from the living"));
    let reply = sending.await.unwrap().unwrap();
    assert_eq!(reply.connector, two.registered.connector);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    drop(silent);
}
