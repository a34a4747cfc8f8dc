//! Registration with the cloud: REST.

use std::sync::{Arc, Mutex};

use bus::{Application, ApplicationProblem, ChannelRequest, ChannelResponse, Peer, Service};
use model::channel::{
    Applicant, ChannelStatus, CloudAddress, ConnectionTrouble, Ending, EndingReason, Registration,
    RegistrationRefusal, RegistrationState, RegistrationStep, ShownCode,
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::appliance::Appliance;
use crate::client::{Answer, Request};

pub(crate) const CODE: &str = "ABCD2345";
const SECRET: &str = "c2VjcmV0";

/// The role Channel, played by the test.
pub(crate) struct FakeChannel {
    status: watch::Sender<(u64, ChannelStatus)>,
    pub(crate) applications: Mutex<Vec<Application>>,
    /// What becomes of a registration by code after the first step; `None` = a code is shown.
    pub(crate) outcome: Mutex<Option<RegistrationState>>,
    /// What an unattended registration is answered.
    unattended: Mutex<ChannelResponse>,
    /// Whether the cloud is told of the end of a registration.
    pub(crate) is_told: Mutex<bool>,
}

pub(crate) fn cloud() -> CloudAddress {
    CloudAddress::parse("cloud.corp.example:8443").unwrap()
}

pub(crate) fn registering(
    step: RegistrationStep,
    trouble: Option<ConnectionTrouble>,
) -> RegistrationState {
    let applicant = Applicant { name: "one".to_owned(), cloud: cloud(), location: None };
    RegistrationState::Registering { applicant, step, trouble }
}

pub(crate) fn code_shown() -> RegistrationState {
    let step = RegistrationStep::CodeShown {
        code: ShownCode(CODE.to_owned()),
        security_number: "7KMD-2Q4T-XW3B-9ACE".to_owned(),
        expires_at: 1_795_276_202,
    };
    registering(step, None)
}

pub(crate) fn registered() -> RegistrationState {
    let registration = Registration {
        name: "one".to_owned(),
        cloud: cloud(),
        connector: "c-1".to_owned(),
        customer: "t-1".to_owned(),
        customer_name: "Acme".to_owned(),
        location: "l-1".to_owned(),
        location_name: "Tokyo".to_owned(),
        registered_at: 1,
        certificate_ends_at: 1_795_276_202,
        renewal_refused_at: None,
    };
    RegistrationState::Registered { registration }
}

impl FakeChannel {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            status: watch::Sender::new((1, ChannelStatus::default())),
            applications: Mutex::default(),
            outcome: Mutex::default(),
            unattended: Mutex::new(ChannelResponse::Done),
            is_told: Mutex::new(true),
        })
    }

    pub(crate) fn is(&self, registration: RegistrationState) {
        self.status.send_modify(|(generation, status)| {
            *generation += 1;
            status.registration = registration;
        });
    }

    pub(crate) fn state(&self) -> RegistrationState {
        self.status.borrow().1.registration.clone()
    }
}

impl Service for FakeChannel {
    type Request = ChannelRequest;
    type Response = ChannelResponse;

    async fn call(&self, _: Peer, request: ChannelRequest) -> ChannelResponse {
        let is_registered = matches!(self.state(), RegistrationState::Registered { .. });
        match request {
            ChannelRequest::Status { newer_than } => {
                let mut status = self.status.subscribe();
                let status = status.wait_for(|(it, _)| Some(*it) != newer_than).await.unwrap();
                let (generation, status) = status.clone();
                ChannelResponse::Status { generation, status }
            }
            ChannelRequest::Register { .. } | ChannelRequest::Unattended { .. }
                if is_registered =>
            {
                ChannelResponse::Conflict
            }
            ChannelRequest::Register { application } => {
                if application.name.contains('<') {
                    let detail = "a name cannot have `<`".to_owned();
                    let problem = ApplicationProblem::Name { detail };
                    return ChannelResponse::Invalid { problem };
                }
                self.applications.lock().unwrap().push(application);
                self.is(registering(RegistrationStep::Connecting, None));
                let outcome = self.outcome.lock().unwrap().take();
                self.is(outcome.unwrap_or_else(code_shown));
                ChannelResponse::Done
            }
            ChannelRequest::Unattended { application, client, secret } => {
                assert_eq!((client.as_str(), secret.expose()), ("client-1", SECRET));
                self.applications.lock().unwrap().push(application);
                self.unattended.lock().unwrap().clone()
            }
            ChannelRequest::NewCode
                if !matches!(self.state(), RegistrationState::Registering { .. }) =>
            {
                ChannelResponse::Conflict
            }
            ChannelRequest::NewCode => {
                self.is(code_shown());
                ChannelResponse::Done
            }
            ChannelRequest::Withdraw => {
                self.is(RegistrationState::default());
                ChannelResponse::Done
            }
            ChannelRequest::Unregister if is_registered => {
                self.is(RegistrationState::default());
                ChannelResponse::Unregistered { is_told: *self.is_told.lock().unwrap() }
            }
            _ => ChannelResponse::Conflict,
        }
    }
}

pub(crate) async fn appliance() -> (Appliance, Arc<FakeChannel>, String) {
    let appliance = Appliance::start_with_password().await;
    let channel = FakeChannel::new();
    appliance.serve("channel", &channel);
    let token = appliance.token().await;
    (appliance, channel, token)
}

async fn post(appliance: &Appliance, token: &str, path: &str, body: &Value) -> Answer {
    appliance.send(&Request::post(path).token(token).json(&body.to_string())).await
}

async fn read(appliance: &Appliance, token: &str) -> Value {
    let answer = appliance.send(&Request::get("/registration").token(token)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn start() -> Value {
    json!({"name": "one", "deployment": "production", "resource_location_id": "l-1"})
}

#[tokio::test]
async fn a_code_is_given_as_documented() {
    let (appliance, channel, token) = appliance().await;
    let answer = post(&appliance, &token, "/registration", &start()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let body = answer.json();
    assert_eq!((&body["code"], &body["status"]), (&json!(CODE), &json!("Unregistered")));
    assert_eq!(body["pollingInterval"], 30);
    let url = "https://cloud.corp.example:8443/identity/api-access/product-registrations";
    assert_eq!(body["verificationUrl"], url);
    assert_eq!(body["expiryTimestamp"], "2026-11-21T15:50:02.000Z");
    assert_eq!(body["securityNumber"], "7KMD-2Q4T-XW3B-9ACE");
    assert_eq!(read(&appliance, &token).await, body);
    let application = channel.applications.lock().unwrap().pop().unwrap();
    assert_eq!(application.location.as_deref(), Some("l-1"));
    assert_eq!(application.cloud, None);
    channel.is(registered());
    let body = read(&appliance, &token).await;
    assert_eq!((&body["status"], &body["connectorId"]), (&json!("Registered"), &json!("c-1")));
}

#[tokio::test]
async fn a_second_registration_is_refused_as_documented() {
    let (appliance, channel, token) = appliance().await;
    channel.is(registered());
    let unattended =
        json!({"applianceName": "one", "clientId": "client-1", "clientSecret": SECRET});
    for (path, body) in [("/registration", start()), ("/unattendedRegistration", unattended)] {
        let answer = post(&appliance, &token, path, &body).await;
        assert_eq!(answer.status, 500, "{answer:?}");
        assert_eq!(answer.json()["type"], "https://errors-api.cloud.com/connapp/error");
        assert!(answer.json()["detail"].as_str().unwrap().contains("registered already"));
    }
}

#[tokio::test]
async fn a_registration_that_is_under_way_is_replaced() {
    let (appliance, channel, token) = appliance().await;
    channel.is(code_shown());
    let mut own = start();
    own["cloud"] = json!("cloud.corp.example:8443");
    let answer = post(&appliance, &token, "/registration", &own).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let application = channel.applications.lock().unwrap().pop().unwrap();
    assert_eq!(application.cloud, Some(cloud()));
}

#[tokio::test]
async fn what_keeps_the_cloud_from_giving_a_code_is_told_and_the_registration_given_up() {
    let (appliance, channel, token) = appliance().await;
    let refused = RegistrationState::NotRegistered {
        last: Some(Ending {
            name: "one".to_owned(),
            cloud: cloud(),
            at: 1,
            reason: EndingReason::Refused { reason: RegistrationRefusal::NameTaken },
        }),
    };
    let stuck = registering(RegistrationStep::Connecting, Some(ConnectionTrouble::WrongIdentity));
    for (outcome, status, reason) in
        [(refused, 409, "registration.name-taken"), (stuck, 502, "registration.unreached")]
    {
        *channel.outcome.lock().unwrap() = Some(outcome);
        let answer = post(&appliance, &token, "/registration", &start()).await;
        assert_eq!((answer.status, answer.parameter("reason")), (status, vec![reason.to_owned()]));
        assert_eq!(channel.state(), RegistrationState::default());
    }
}

#[tokio::test]
async fn bad_bodies_are_refused_with_the_property() {
    let (appliance, _channel, token) = appliance().await;
    for (body, kind, property) in [
        (json!({}), "common/missing", "name"),
        (json!({"name": 1}), "common/invalidString", "name"),
        (json!({"name": "<b>"}), "connapp/registrationRefused", "name"),
        (json!({"name": "a", "deployment": "A B"}), "common/invalidEnum", "deployment"),
        (json!({"name": "a", "cloud": "https://x"}), "connapp/registrationRefused", "cloud"),
        (json!({"name": "a", "nam": "b"}), "connapp/unknownProperty", "nam"),
    ] {
        let answer = post(&appliance, &token, "/registration", &body).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert_eq!(answer.json()["type"], format!("https://errors-api.cloud.com/{kind}"), "{body}");
        assert_eq!(answer.parameter("property"), vec![property.to_owned()], "{body}");
    }
}

#[tokio::test]
async fn an_unattended_registration_is_answered_when_it_is_done() {
    let (appliance, channel, token) = appliance().await;
    let body = json!({
        "applianceName": "one.corp.example",
        "clientId": "client-1",
        "clientSecret": SECRET,
        "resourceLocationId": "l-1",
    });
    let answer = post(&appliance, &token, "/unattendedRegistration", &body).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "Registered"})));
    let application = channel.applications.lock().unwrap().pop().unwrap();
    assert_eq!(application.name, "one.corp.example");
    for (reason, status) in [
        (RegistrationRefusal::CloudNotProven, 400),
        (RegistrationRefusal::ClientRefused, 400),
        (RegistrationRefusal::Unavailable, 502),
        (RegistrationRefusal::NotStored { detail: "full".to_owned() }, 500),
    ] {
        let id = reason.id();
        *channel.unattended.lock().unwrap() = ChannelResponse::Refused { reason };
        let answer = post(&appliance, &token, "/unattendedRegistration", &body).await;
        assert_eq!((answer.status, answer.parameter("reason")), (status, vec![id.to_owned()]));
        assert!(!answer.body.contains(SECRET));
    }
}

#[tokio::test]
async fn a_registration_is_ended_once() {
    let (appliance, channel, token) = appliance().await;
    let end = Request::new("DELETE", "/registration").token(&token);
    assert_eq!(appliance.send(&end).await.status, 409);
    channel.is(registered());
    let answer = appliance.send(&end).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"cloudTold": true})));
    channel.is(code_shown());
    let answer = appliance.send(&end).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"cloudTold": false})));
    assert_eq!(read(&appliance, &token).await["state"], "notRegistered");
}

#[tokio::test]
async fn without_the_role_the_appliance_says_so() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    let answer = appliance.send(&Request::get("/registration").token(&token)).await;
    assert_eq!(answer.status, 503, "{answer:?}");
}
