//! Replacing the certificate: over REST for good, on the page on trial, by itself after a move.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use model::network::{Origin, Sourced};
use model::settings::{CertificateTrial, RevertReason};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256, RsaKeySize};
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ProtocolVersion};
use serde_json::json;

use crate::appliance::{Appliance, Clock, PASSWORD};
use crate::client::{Answer, Connection, Request, tls_client, tls_client_offering};

/// A certificate for the loopback address with its key, as PEM.
struct Pair {
    certificate: String,
    key: String,
}

impl Pair {
    fn of(key: KeyPair) -> Self {
        let names = ["127.0.0.1", "appliance", "appliance.example.com"].map(str::to_owned);
        let mut parameters = CertificateParams::new(names).unwrap();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "operator");
        let certificate = parameters.self_signed(&key).unwrap().pem();
        Self { certificate, key: key.serialize_pem() }
    }

    fn new() -> Self {
        Self::of(KeyPair::generate().unwrap())
    }

    fn json(&self) -> String {
        json!({"certBytes": self.certificate, "key": self.key}).to_string()
    }

    fn fields(&self) -> [(&str, &str); 3] {
        [("certificate", &self.certificate), ("key", &self.key), ("passphrase", "")]
    }

    /// Connects and trusts nothing else.
    async fn connect(&self, appliance: &Appliance) -> std::io::Result<Connection> {
        Connection::open(appliance.address, "127.0.0.1", tls_client(&self.certificate)).await
    }
}

/// The certificate that the settings role holds.
fn stored(appliance: &Appliance) -> Pair {
    let stored = appliance.settings.certificate.lock().unwrap().clone().unwrap();
    Pair { certificate: stored.chain_pem, key: stored.key_pem.expose().to_owned() }
}

async fn replace(appliance: &Appliance, body: &str) -> Answer {
    let token = appliance.token().await;
    appliance.send(&Request::post("/$replaceSslCert").token(&token).json(body)).await
}

/// A signed-in browser whose connections the test chooses.
struct Session {
    cookies: String,
    token: String,
}

impl Session {
    async fn open(appliance: &Appliance) -> Self {
        let page = appliance.send(&Request::get("/").field("Accept", "text/html")).await;
        let csrf = page.cookie("__Host-csrf").unwrap().to_owned();
        let fields = [("password", PASSWORD), ("csrf", csrf.as_str())];
        let cookie = format!("__Host-csrf={csrf}");
        let request = Request::post("/sign-in").form(&fields).field("Cookie", &cookie);
        let answer = appliance.send(&request).await;
        let session = answer.cookie("__Host-session").unwrap();
        let mut session =
            Self { cookies: format!("{cookie}; __Host-session={session}"), token: String::new() };
        let page = session.get(&mut appliance.connect().await).await;
        let token = page.body.split("name=\"csrf\" value=\"").nth(1).unwrap();
        session.token = token.split('"').next().unwrap().to_owned();
        session
    }

    async fn get(&self, connection: &mut Connection) -> Answer {
        let request = Request::get("/certificate").field("Accept", "text/html");
        connection.send(&request.field("Cookie", &self.cookies)).await
    }

    async fn post(
        &self,
        connection: &mut Connection,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let fields: Vec<_> =
            fields.iter().copied().chain([("csrf", self.token.as_str())]).collect();
        connection.send(&Request::post(path).form(&fields).field("Cookie", &self.cookies)).await
    }

    /// Tries a certificate and gives the connection over which that was done.
    async fn try_new(&self, appliance: &Appliance, pair: &Pair) -> Connection {
        let mut connection = appliance.connect().await;
        let answer = self.post(&mut connection, "/certificate/replace", &pair.fields()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains("The new certificate is in use, on trial"), "{answer:?}");
        connection
    }
}

#[tokio::test]
async fn script_replaces_the_certificate_at_once_and_for_good() {
    let appliance = Appliance::start_with_password().await;
    let (old, new) = (stored(&appliance), Pair::new());
    let windows = json!({
        "certBytes": new.certificate.replace('\n', "\r\n").trim_end(),
        "key": new.key.replace('\n', "\r\n").trim_end(),
        "passphrase": "",
    });
    let token = appliance.token().await;
    let request = Request::post("/$replaceSslCert").token(&token).json(&windows.to_string());
    let answer = appliance.send(&request).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, r#"{"status":"accepted"}"#));

    assert!(old.connect(&appliance).await.is_err());
    let mut connection = new.connect(&appliance).await.unwrap();
    let status = connection.send(&Request::get("/status").token(&token)).await.json();
    let held = stored(&appliance);
    assert_eq!(held.certificate.replace('\r', ""), new.certificate.replace('\r', ""));
    let facts = appliance.settings.status.borrow().certificate.clone().unwrap();
    assert_eq!(status["certificate"]["sha1"], facts.sha1.to_string());
    assert_eq!(appliance.settings.status.borrow().certificate_trial, None);
}

#[tokio::test]
async fn replacing_needs_a_token() {
    let appliance = Appliance::start_with_password().await;
    let request = Request::post("/$replaceSslCert").json(&Pair::new().json());
    for (request, reason) in [(request.clone(), "missing"), (request.token("x"), "invalid")] {
        let answer = appliance.send(&request).await;
        assert_eq!((answer.status, answer.error().as_str()), (401, "common/authentication"));
        assert_eq!(answer.parameter("reason"), [reason]);
    }
}

#[tokio::test]
async fn refusal_names_property_and_reason_and_changes_nothing() {
    let appliance = Appliance::start_with_password().await;
    let (before, pair, other) = (stored(&appliance), Pair::new(), Pair::new());
    let large = "x".repeat(50_000);
    for (certificate, key, kind, property, reason) in [
        ("", pair.key.as_str(), "common/missing", "certBytes", "missing"),
        (&pair.certificate, "", "common/missing", "key", "missing"),
        (&large, &pair.key, "common/tooLong", "certBytes", "tooLarge"),
        (&pair.certificate, "x", "connapp/certificateRefused", "key", "notPem"),
        (&pair.key, &pair.key, "connapp/certificateRefused", "certBytes", "keyInCertificate"),
        (&pair.certificate, &other.key, "connapp/certificateRefused", "key", "keyMismatch"),
    ] {
        let body = json!({"certBytes": certificate, "key": key, "passphrase": ""});
        let answer = replace(&appliance, &body.to_string()).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, kind), "{answer:?}");
        assert_eq!(answer.parameter("property"), [property]);
        assert_eq!(answer.parameter("reason"), [reason]);
        assert!(!answer.body.contains("PRIVATE KEY-"), "{answer:?}");
    }
    assert_eq!(stored(&appliance).certificate, before.certificate);
    assert!(before.connect(&appliance).await.is_ok());
}

#[tokio::test]
async fn nothing_changes_when_it_cannot_be_stored() {
    let appliance = Appliance::start_with_password().await;
    let before = stored(&appliance);
    let token = appliance.token().await;
    let reason = "no space left on device".to_owned();
    let failure = bus::SettingsResponse::Failed { reason };
    appliance.settings.failures.lock().unwrap().push_back(failure);
    let request = Request::post("/$replaceSslCert").token(&token).json(&Pair::new().json());
    assert_eq!(appliance.send(&request).await.status, 500);
    assert!(before.connect(&appliance).await.is_ok());
}

#[tokio::test]
async fn rsa_and_ec_certificates_work_in_both_versions() {
    let appliance = Appliance::start_with_password().await;
    let mut pair = stored(&appliance);
    for key in [
        KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(),
        KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(),
    ] {
        let token = log_in(&mut pair.connect(&appliance).await.unwrap()).await;
        let new = Pair::of(key);
        let request = Request::post("/$replaceSslCert").token(&token).json(&new.json());
        let answer = pair.connect(&appliance).await.unwrap().send(&request).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        pair = new;
        for (version, expected) in
            [(&TLS13, ProtocolVersion::TLSv1_3), (&TLS12, ProtocolVersion::TLSv1_2)]
        {
            let tls = tls_client_offering(&pair.certificate, &[version], &["http/1.1"]);
            let connection = Connection::open(appliance.address, "127.0.0.1", tls).await.unwrap();
            assert_eq!(connection.agreed().0, Some(expected));
        }
    }
}

async fn log_in(connection: &mut Connection) -> String {
    let body = format!(r#"{{"username":"admin","password":"{PASSWORD}"}}"#);
    let answer = connection.send(&Request::post("/$login").json(&body)).await;
    answer.json()["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_session_of_the_old_certificate_is_resumed_with_the_new_one() {
    let appliance = Appliance::start_with_password().await;
    let (old, new) = (stored(&appliance), Pair::new());
    for version in [&TLS13, &TLS12] {
        let both = format!("{}{}", old.certificate, new.certificate);
        let tls = tls_client_offering(&both, &[version], &["http/1.1"]);
        let open = || Connection::open(appliance.address, "127.0.0.1", Arc::clone(&tls));
        // The answer brings the ticket with it.
        open().await.unwrap().send(&Request::get("/credentials")).await;
        let mut again = open().await.unwrap();
        assert_eq!(again.handshake_kind(), Some(HandshakeKind::Resumed), "{version:?}");
        let token = log_in(&mut again).await;
        let request = Request::post("/$replaceSslCert").token(&token).json(&new.json());
        assert_eq!(again.send(&request).await.status, 202);
        assert_eq!(open().await.unwrap().handshake_kind(), Some(HandshakeKind::Full));
        let request = Request::post("/$replaceSslCert").token(&token).json(&old.json());
        assert_eq!(again.send(&request).await.status, 202);
    }
}

#[tokio::test]
async fn new_certificate_is_kept_over_a_new_connection_by_the_same_session() {
    let appliance = Appliance::start_with_password().await;
    let (session, new) = (Session::open(&appliance).await, Pair::new());
    let mut old = session.try_new(&appliance, &new).await;
    let is_running = |trial: &Option<_>| matches!(trial, Some(CertificateTrial::Running { .. }));
    assert!(is_running(&appliance.settings.status.borrow().certificate_trial));

    let answer = session.post(&mut old, "/certificate/keep", &[]).await;
    assert_eq!((answer.status, answer.field("Connection")), (409, Some("close")), "{answer:?}");
    assert!(answer.body.contains("opened before the change"), "{answer:?}");
    assert!(is_running(&appliance.settings.status.borrow().certificate_trial));
    old.closed().await;

    let mut connection = new.connect(&appliance).await.unwrap();
    let page = session.get(&mut connection).await;
    assert!(page.body.contains("Keep this certificate?"), "{page:?}");
    assert!(page.body.contains("Reverting in "), "{page:?}");
    let front = Request::get("/").field("Cookie", &session.cookies);
    assert_eq!(connection.send(&front).await.field("Location"), Some("/certificate"));

    let answer = session.post(&mut connection, "/certificate/keep", &[]).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/certificate")));
    assert_eq!(appliance.settings.status.borrow().certificate_trial, None);
    let page = session.get(&mut connection).await;
    assert!(page.body.contains("CN=operator (self-signed)"), "{page:?}");
    assert!(page.body.contains("action=\"/certificate/replace\""), "{page:?}");
    let late = session.post(&mut connection, "/certificate/revert", &[]).await;
    assert_eq!(late.status, 409, "there is nothing to take back any more");
    assert_eq!(connection.send(&front).await.status, 200);
}

#[tokio::test]
async fn page_on_an_old_connection_leads_back_to_a_new_one() {
    let appliance = Appliance::start_with_password().await;
    let (session, new) = (Session::open(&appliance).await, Pair::new());
    let mut idle = appliance.connect().await;
    idle.send(&Request::get("/credentials")).await;
    let clock = Clock::stop();
    let mut old = session.try_new(&appliance, &new).await;
    // Style sheet and script of the page still arrive; then the connection ends.
    assert_eq!(old.send(&Request::get("/credentials")).await.status, 200);
    let page = session.get(&mut old).await;
    assert_eq!((page.status, page.field("Location")), (303, Some("/certificate")));
    assert_eq!(page.field("Connection"), Some("close"));
    old.closed().await;
    clock.advance(Duration::from_secs(4)).await;
    idle.closed().await;
    assert!(new.connect(&appliance).await.is_ok());
}

#[tokio::test]
async fn operator_takes_a_new_certificate_back() {
    let appliance = Appliance::start_with_password().await;
    let (session, old, new) = (Session::open(&appliance).await, stored(&appliance), Pair::new());
    session.try_new(&appliance, &new).await;
    let mut connection = new.connect(&appliance).await.unwrap();
    let answer = session.post(&mut connection, "/certificate/revert", &[]).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/certificate")));
    assert!(new.connect(&appliance).await.is_err());
    let page = session.get(&mut old.connect(&appliance).await.unwrap()).await;
    assert!(page.body.contains("as you asked"), "{page:?}");
}

#[tokio::test]
async fn end_of_the_trial_brings_the_previous_certificate_back() {
    let appliance = Appliance::start_with_password().await;
    let (session, old, new) = (Session::open(&appliance).await, stored(&appliance), Pair::new());
    session.try_new(&appliance, &new).await;
    appliance.settings.end_trial(Some(RevertReason::NotConfirmed));
    let mut connection = connect_when_in_use(&appliance, &old).await;
    let page = session.get(&mut connection).await;
    assert!(page.body.contains("because nobody kept it within 60 s"), "{page:?}");
}

#[tokio::test]
async fn refused_certificate_stands_in_the_form_again_and_its_key_does_not() {
    let appliance = Appliance::start_with_password().await;
    let session = Session::open(&appliance).await;
    let (pair, other) = (Pair::new(), Pair::new());
    let fields = [("certificate", pair.certificate.as_str()), ("key", other.key.as_str())];
    let mut connection = appliance.connect().await;
    let answer = session.post(&mut connection, "/certificate/replace", &fields).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("The private key does not belong to the certificate"));
    assert!(answer.body.contains(pair.certificate.lines().nth(1).unwrap()), "{answer:?}");
    assert!(!answer.body.contains(other.key.lines().nth(1).unwrap()));
    // Nor when it was pasted into the wrong field.
    let fields = [("certificate", other.key.as_str()), ("key", other.key.as_str())];
    let answer = session.post(&mut connection, "/certificate/replace", &fields).await;
    assert!(!answer.body.contains(other.key.lines().nth(1).unwrap()));
}

#[tokio::test]
async fn forms_need_a_session_and_the_token_of_their_page() {
    let appliance = Appliance::start_with_password().await;
    let session = Session::open(&appliance).await;
    for path in [
        "/certificate/replace",
        "/certificate/self-signed",
        "/certificate/keep",
        "/certificate/revert",
    ] {
        let form = Request::post(path).form(&[("csrf", "x")]);
        assert_eq!(appliance.send(&form).await.field("Location"), Some("/"), "{path}");
        let form = form.field("Cookie", &session.cookies);
        assert_eq!(appliance.send(&form).await.status, 403, "{path}");
        let form = form.field("Sec-Fetch-Site", "cross-site");
        assert_eq!(appliance.send(&form).await.status, 403, "{path}");
    }
    assert_eq!(appliance.settings.status.borrow().certificate_trial, None);
}

#[tokio::test]
async fn new_self_signed_certificate_has_a_new_key_and_is_on_trial() {
    let appliance = Appliance::start_with_password().await;
    let (session, old) = (Session::open(&appliance).await, stored(&appliance));
    let mut connection = appliance.connect().await;
    let answer = session.post(&mut connection, "/certificate/self-signed", &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let new = stored(&appliance);
    assert_ne!(new.key, old.key);
    let page = session.get(&mut new.connect(&appliance).await.unwrap()).await;
    assert!(page.body.contains("Keep this certificate?"), "{page:?}");
    assert!(!page.body.contains("browsers warn of it"), "it names the address: {page:?}");
}

#[tokio::test]
async fn own_certificate_follows_address_and_name_with_the_same_key() {
    let appliance = Appliance::start_with_password().await;
    let before = stored(&appliance);
    move_to(&appliance, Ipv4Addr::LOCALHOST, "moved");
    let clock = Clock::stop();
    let mut settings = appliance.settings.status.subscribe();
    let names = loop {
        let facts = settings.borrow_and_update().certificate.clone().unwrap();
        if facts.names.contains(&"moved".to_owned()) {
            break facts.names;
        }
        clock.advance(Duration::from_millis(100)).await;
    };
    assert_eq!(names, ["127.0.0.1", "moved", "moved.example.com"]);
    let after = stored(&appliance);
    assert_eq!(after.key, before.key);
    drop(clock);
    connect_when_in_use(&appliance, &after).await;
    assert_eq!(settings.borrow().certificate_trial, None, "nobody has to keep it");
}

#[tokio::test]
async fn certificate_of_an_operator_stays_wherever_the_appliance_moves() {
    let appliance = Appliance::start_with_password().await;
    let new = Pair::new();
    assert_eq!(replace(&appliance, &new.json()).await.status, 202);
    move_to(&appliance, Ipv4Addr::new(127, 0, 0, 9), "moved");
    let clock = Clock::stop();
    for _ in 0..100 {
        clock.advance(Duration::from_millis(100)).await;
    }
    drop(clock);
    assert!(new.connect(&appliance).await.is_ok());
}

fn move_to(appliance: &Appliance, address: Ipv4Addr, host_name: &str) {
    appliance.network.0.send_modify(|(generation, status)| {
        *generation += 1;
        status.address.as_mut().unwrap().value.address = address;
        status.host_name = Sourced::new(host_name.to_owned(), Origin::Operator);
    });
}

/// Connects as soon as this certificate is served, which happens a moment after it is stored.
async fn connect_when_in_use(appliance: &Appliance, pair: &Pair) -> Connection {
    loop {
        match pair.connect(appliance).await {
            Ok(connection) => return connection,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
