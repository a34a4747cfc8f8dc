//! The signing request of the certificate of the page, and PKCS #12 files: REST and pages.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::json;

use crate::appliance::Appliance;
use crate::client::Request;
use crate::pages::Browser;

/// What an authority makes of a request for this key and these names.
fn sign(key: &KeyPair, names: &[String]) -> String {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Example Root CA");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = Issuer::new(authority, KeyPair::generate().unwrap());
    let mut server = CertificateParams::new(names.to_vec()).unwrap();
    server.is_ca = IsCa::ExplicitNoCa;
    server.signed_by(key, &issuer).unwrap().pem()
}

#[tokio::test]
async fn request_is_made_signed_and_installed_by_a_script() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    let none = appliance.send(&Request::get("/certificate/request").token(&token)).await;
    assert_eq!((none.status, none.error().as_str()), (404, "common/notFound"));
    let make = |body: &str| Request::post("/certificate/request").token(&token).json(body);
    for (body, property, reason) in [
        (r#"{"names":["a b"]}"#, "names", "notAName"),
        (r#"{"country":"Japan"}"#, "country", "country"),
    ] {
        let answer = appliance.send(&make(body)).await;
        assert_eq!(answer.error(), "connapp/signingRequestRefused");
        assert_eq!(answer.parameter("property"), [property]);
        assert_eq!(answer.parameter("reason"), [reason]);
    }
    let made = appliance.send(&make("{}")).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.json()["names"][0], "127.0.0.1");
    assert!(!made.body.contains("PRIVATE KEY"));
    let read = appliance.send(&Request::get("/certificate/request").token(&token)).await;
    assert_eq!(read.json(), made.json());

    let install = |pem: &str| {
        let body = json!({"certBytes": pem}).to_string();
        Request::post("/certificate/$install").token(&token).json(&body)
    };
    let names = ["127.0.0.1".to_owned(), "appliance".to_owned()];
    let wrong = appliance.send(&install(&sign(&KeyPair::generate().unwrap(), &names))).await;
    assert_eq!(wrong.parameter("reason"), ["keyMismatch"], "{wrong:?}");
    let key_pem = {
        let waiting = appliance.settings.signing_request.lock().unwrap();
        waiting.as_ref().unwrap().key_pem.clone()
    };
    let key = KeyPair::from_pem(key_pem.expose()).unwrap();
    let signed = sign(&key, &names);
    let installed = appliance.send(&install(&signed)).await;
    assert_eq!(installed.status, 202, "{installed:?}");
    let stored = appliance.settings.certificate.lock().unwrap().clone().unwrap();
    assert!(stored.facts.names.contains(&"127.0.0.1".to_owned()));
}

#[tokio::test]
async fn certificate_in_use_is_described() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    let body = appliance.send(&Request::get("/certificate").token(&token)).await.json();
    assert_eq!((&body["isSelfSigned"], &body["madeHere"]), (&json!(true), &json!(true)));
    assert_eq!(body["chain"][0]["sha256"], appliance.certificate.sha256.to_string());
    assert_eq!(body["chain"][0]["validity"], "valid");
    let without = appliance.send(&Request::get("/certificate")).await;
    assert_eq!(without.status, 401);
}

#[tokio::test]
async fn request_is_dropped_once() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    appliance.send(&Request::post("/certificate/request").token(&token).json("{}")).await;
    let delete = Request::new("DELETE", "/certificate/request").token(&token);
    assert_eq!(appliance.send(&delete).await.status, 204);
    assert_eq!(appliance.send(&delete).await.status, 404);
}

#[tokio::test]
async fn pages_make_hand_out_and_drop_a_request() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let form = browser.get("/certificate/request").await;
    assert!(form.body.contains("127.0.0.1\nappliance"), "{}", form.body);
    let wrong = browser.submit("/certificate/request", &[("names", "")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("There is no name"), "{wrong:?}");
    let made = browser.submit("/certificate/request", &[("names", "127.0.0.1")]).await;
    assert_eq!(made.field("Location"), Some("/certificate/request"), "{made:?}");
    let file = browser.get("/certificate/request.csr").await;
    assert!(file.body.starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{file:?}");
    assert_eq!(file.field("Content-Type"), Some("application/pkcs10"));
    assert!(browser.get("/certificate/request").await.body.contains("id=\"request\""));
    assert_eq!(appliance.send(&Request::get("/certificate/request.csr")).await.status, 401);
    let dropped = browser.submit("/certificate/request/drop", &[]).await;
    assert_eq!(dropped.field("Location"), Some("/certificate"), "{dropped:?}");
    assert!(appliance.settings.signing_request.lock().unwrap().is_none());
}

#[tokio::test]
async fn file_that_is_no_pkcs12_is_refused_with_the_reason() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    for (file, error, reason) in [
        ("?", "connapp/invalidBase64", None),
        ("", "common/missing", Some("missing")),
        ("Z2FyYmFnZQ==", "connapp/certificateRefused", Some("notPkcs12")),
    ] {
        let body = json!({"pkcs12": file, "passphrase": ""}).to_string();
        let request = Request::post("/certificate/$importPkcs12").token(&token).json(&body);
        let answer = appliance.send(&request).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, error));
        assert_eq!(answer.parameter("reason").first().map(String::as_str), reason);
    }
}
