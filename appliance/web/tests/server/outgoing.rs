//! Proxy servers, their exceptions and root certificate authorities: REST and pages.

use model::outbound::{FailureCause, ProxyState, ProxyTrouble};
use model::proxy::ProxyLocation;
use serde_json::json;

use crate::appliance::Appliance;
use crate::client::Request;
use crate::outgoing_roles::FakeProxyChecks;
use crate::pages::{Browser, token};

const ROOT: &str = include_str!("../../../certificate/tests/fixtures/ec-certificate-authority.pem");
const LEAF: &str = include_str!("../../../certificate/tests/fixtures/ec-certificate.pem");
const KEY: &str = include_str!("../../../certificate/tests/fixtures/ec-pkcs8.pem");

/// An appliance on which every proxy has this state, and a token.
async fn appliance(state: ProxyState) -> (Appliance, String) {
    let appliance = Appliance::start_with_password().await;
    appliance.serve("diagnostics", &FakeProxyChecks::new(&appliance.settings, state));
    let token = appliance.token().await;
    (appliance, token)
}

fn reachable() -> ProxyState {
    ProxyState::Reachable { milliseconds: 2, beyond: None }
}

fn refusing() -> ProxyState {
    let proxy = ProxyLocation::parse("proxy.example.com:3128").unwrap();
    let reason = ProxyTrouble::Refused;
    ProxyState::Unreachable { cause: FailureCause::ProxyUnreachable { proxy, reason } }
}

/// A body with files, as browsers send it.
fn multipart(request: Request, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Request {
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        body.extend(format!("--XbX\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in fields {
        part(format!("name=\"{name}\""), value.as_bytes());
    }
    for (name, content) in files {
        part(format!("name=\"{name}\"; filename=\"f\""), content);
    }
    body.extend_from_slice(b"--XbX--\r\n");
    request
        .field("Content-Type", "multipart/form-data; boundary=XbX")
        .field("Sec-Fetch-Site", "same-origin")
        .body(body)
}

#[tokio::test]
async fn proxies_have_the_documented_shape_and_states() {
    for (state, status) in [(reachable(), "reachable"), (refusing(), "unreachable")] {
        let (appliance, token) = appliance(state).await;
        let add = Request::post("/proxies").token(&token);
        let body =
            r#"{"location":"Proxy.example.com:3128","username":"svc","password":"S3cret-x"}"#;
        let added = appliance.send(&add.json(body)).await;
        assert_eq!(added.status, 201, "{added:?}");
        let id = added.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(added.field("Location"), Some(format!("/proxies/{id}").as_str()));
        let item = json!({"id": id, "location": "proxy.example.com:3128", "status": status});
        assert_eq!(added.json(), item);
        let list = appliance.send(&Request::get("/proxies").token(&token)).await;
        assert_eq!(list.json(), json!({"items": [item]}));
        let details = appliance.send(&Request::get(&format!("/proxies/{id}")).token(&token)).await;
        let details = details.json();
        assert_eq!((&details["username"], &details["hasPassword"]), (&json!("svc"), &json!(true)));
        match status {
            "reachable" => assert_eq!(details["milliseconds"], 2),
            _ => assert_eq!(details["cause"]["id"], "outbound.proxy-unreachable"),
        }
        assert!(!details.to_string().contains("S3cret-x"), "{details}");
    }
}

#[tokio::test]
async fn every_mistake_in_a_proxy_is_named() {
    let (appliance, token) = appliance(reachable()).await;
    for (body, property, reason) in [
        (json!({"location": "proxy"}), "location", "noPort"),
        (json!({"location": "proxy:0"}), "location", "portRange"),
        (json!({"location": "proxy:99999"}), "location", "portRange"),
        (json!({"location": "my proxy:3128"}), "location", "spaces"),
        (json!({"location": "http://proxy:3128"}), "location", "scheme"),
        (json!({"location": "[2001:db8::1]:3128"}), "location", "ipv6"),
        (json!({"location": "p:1", "password": "x"}), "username", "missing"),
        (json!({"location": "p:1", "username": "a:b"}), "username", "colon"),
        (json!({"location": "p:1", "username": "a".repeat(256)}), "username", "tooLong"),
    ] {
        let request = Request::post("/proxies").token(&token).json(&body.to_string());
        let answer = appliance.send(&request).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "connapp/proxyRefused"));
        assert_eq!(answer.parameter("property"), [property], "{body}");
        assert_eq!(answer.parameter("reason"), [reason], "{body}");
    }
    let add = |location: &str| {
        let body = json!({"location": location}).to_string();
        Request::post("/proxies").token(&token).json(&body)
    };
    assert_eq!(appliance.send(&add("proxy:1")).await.status, 201);
    let twice = appliance.send(&add("PROXY:1")).await;
    assert_eq!((twice.status, twice.error().as_str()), (409, "connapp/alreadyExists"));
    for port in 2..=16 {
        assert_eq!(appliance.send(&add(&format!("proxy:{port}"))).await.status, 201);
    }
    let too_many = appliance.send(&add("proxy:17")).await;
    assert_eq!((too_many.status, too_many.error().as_str()), (409, "connapp/limitReached"));
}

#[tokio::test]
async fn proxies_are_ordered_changed_and_deleted() {
    let (appliance, token) = appliance(reachable()).await;
    let mut ids = Vec::new();
    for body in [r#"{"location":"a:1","username":"u","password":"p"}"#, r#"{"location":"b:2"}"#] {
        let answer = appliance.send(&Request::post("/proxies").token(&token).json(body)).await;
        ids.push(answer.json()["id"].as_str().unwrap().to_owned());
    }
    let order = |ids: &[&str]| {
        let body = json!({"ids": ids}).to_string();
        Request::post("/proxies/$order").token(&token).json(&body)
    };
    let wrong = appliance.send(&order(&[&ids[0]])).await;
    assert_eq!((wrong.status, wrong.parameter("reason")), (400, vec!["proxyOrder".to_owned()]));
    assert_eq!(appliance.send(&order(&[&ids[1], &ids[0]])).await.status, 204);
    let list = appliance.send(&Request::get("/proxies").token(&token)).await.json();
    assert_eq!(list["items"][0]["id"], ids[1].as_str());

    let put =
        |body: &str| Request::new("PUT", &format!("/proxies/{}", ids[0])).token(&token).json(body);
    let moved = appliance.send(&put(r#"{"location":"c:3","username":"u"}"#)).await;
    assert_eq!(moved.parameter("reason"), ["proxyPasswordNeeded"], "{moved:?}");
    let set = appliance.send(&put(r#"{"location":"c:3","username":"u","password":"q"}"#)).await;
    assert_eq!(set.status, 204);
    let (id, password) = appliance.settings.proxy_passwords.lock().unwrap().pop().unwrap();
    assert_eq!((id.as_str(), password.expose()), (ids[0].as_str(), "q"));

    let path = format!("/proxies/{}", ids[0]);
    let delete = || Request::new("DELETE", &path).token(&token);
    assert_eq!(appliance.send(&delete()).await.status, 204);
    let again = appliance.send(&delete()).await;
    assert_eq!((again.status, again.error().as_str()), (404, "common/notFound"));
}

#[tokio::test]
async fn exceptions_are_replaced_as_a_whole() {
    let (appliance, token) = appliance(reachable()).await;
    let put = |items: &[&str]| {
        let body = json!({"items": items}).to_string();
        Request::new("PUT", "/proxyBypass").token(&token).json(&body)
    };
    for (rule, reason) in [
        ("192.0.2.7/24", "hostBits"),
        ("http://a.example", "scheme"),
        ("a.example:80", "port"),
        ("2001:db8::/32", "ipv6"),
        ("a.*.example", "wildcard"),
        ("a.example b.example", "notOneRule"),
    ] {
        let answer = appliance.send(&put(&["ok.example", rule])).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "connapp/proxyBypassRefused"));
        assert_eq!(answer.parameter("property"), ["items[1]"]);
        assert_eq!(answer.parameter("reason"), [reason], "{rule}");
    }
    assert_eq!(appliance.send(&put(&["*.Example.com", "192.0.2.0/24"])).await.status, 204);
    let list = appliance.send(&Request::get("/proxyBypass").token(&token)).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn authorities_are_added_listed_and_deleted() {
    let (appliance, token) = appliance(reachable()).await;
    let add = |pem: &str| {
        let body = json!({"rootCA": pem}).to_string();
        Request::post("/rootCA").token(&token).json(&body)
    };
    for (pem, reason) in [
        (String::new(), "missing"),
        ("garbage".to_owned(), "notPem"),
        (format!("{ROOT}{ROOT}"), "severalCertificates"),
        (format!("{ROOT}{KEY}"), "privateKey"),
        (LEAF.to_owned(), "notAuthority"),
    ] {
        let answer = appliance.send(&add(&pem)).await;
        assert_eq!((answer.status, answer.parameter("reason")), (400, vec![reason.to_owned()]));
        assert_eq!(answer.parameter("property"), ["rootCA"]);
        assert!(!answer.body.contains("PRIVATE KEY-----"), "{answer:?}");
    }
    let added = appliance.send(&add(ROOT)).await;
    assert_eq!(added.status, 201, "{added:?}");
    let id = added.json()["id"].as_str().unwrap().to_owned();
    let twice = appliance.send(&add(ROOT)).await;
    assert_eq!((twice.status, twice.error().as_str()), (409, "connapp/alreadyExists"));
    let list = appliance.send(&Request::get("/rootCA").token(&token)).await.json();
    assert_eq!(list["items"][0], added.json());
    let delete = Request::new("DELETE", &format!("/rootCA/{id}")).token(&token);
    assert_eq!(appliance.send(&delete).await.status, 204);
    assert_eq!(appliance.send(&delete).await.status, 404);
}

#[tokio::test]
async fn pages_add_order_and_delete_proxies() {
    let (appliance, _) = appliance(refusing()).await;
    let mut browser = Browser::signed_in(&appliance).await;
    let wrong = browser
        .submit("/proxy-servers/add", &[("location", "proxy"), ("password", "S3cret-x")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("The port is missing."), "{}", wrong.body);
    assert!(!wrong.body.contains("S3cret-x"));
    for location in ["proxy.example.com:3128", "10.71.0.80:3128"] {
        let answer = browser.submit("/proxy-servers/add", &[("location", location)]).await;
        assert_eq!((answer.status, answer.field("Location")), (303, Some("/#proxies")));
    }
    let page = browser.get("/").await.body;
    assert!(page.contains("outbound.proxy-unreachable"), "{page}");
    let summary = browser.get("/summary").await.body;
    let live = summary.split("id=\"proxies-live\"").nth(1).unwrap();
    let live = live.split("</table>").next().unwrap();
    assert!(page.contains(live) && !summary.contains("csrf"), "{summary}");

    let ids = || {
        let status = appliance.settings.status.borrow();
        status.settings.proxies.iter().map(|proxy| proxy.id.clone()).collect::<Vec<_>>()
    };
    let before = ids();
    browser.submit("/proxy-servers/order", &[("up", &before[1])]).await;
    assert_eq!(ids(), [before[1].clone(), before[0].clone()]);
    browser.submit("/proxy-servers/order", &[("up", &before[1])]).await;
    assert_eq!(ids()[0], before[1], "the first stays the first");
    let question = browser.get(&format!("/proxy-servers/delete?id={}", before[0])).await;
    assert!(question.body.contains("Delete the proxy server proxy.example.com:3128?"));
    browser.submit("/proxy-servers/delete", &[("id", &before[0])]).await;
    assert_eq!(ids(), [before[1].clone()]);
}

#[tokio::test]
async fn exceptions_that_were_changed_meanwhile_are_not_overwritten() {
    let (appliance, _) = appliance(reachable()).await;
    let mut browser = Browser::signed_in(&appliance).await;
    let mine = [("rules", "mine.example"), ("seen", "")];
    assert_eq!(browser.submit("/proxy-bypass", &mine).await.status, 303);
    let other = browser.submit("/proxy-bypass", &[("rules", "x.example"), ("seen", "")]).await;
    assert_eq!(other.status, 409);
    assert!(other.body.contains("mine.example") && other.body.contains("x.example"));
}

#[tokio::test]
async fn authorities_come_as_text_or_file_without_script() {
    let (appliance, _) = appliance(reachable()).await;
    let mut browser = Browser::signed_in(&appliance).await;
    let csrf = token(&browser.get("/root-certificates/add").await);
    let fields = |text| [("csrf", csrf.as_str()), ("rootCA", text)];
    let post = || Request::post("/root-certificates/add");
    let forged = multipart(post(), &[("rootCA", ROOT)], &[]);
    assert_eq!(browser.send(forged).await.status, 403);
    let both = multipart(post(), &fields(ROOT), &[("file", ROOT.as_bytes())]);
    assert_eq!(browser.send(both).await.status, 422);
    let key = browser.send(multipart(post(), &fields(KEY), &[])).await;
    assert!(key.status == 422 && !key.body.contains("BEGIN PRIVATE KEY"), "{key:?}");
    let huge = vec![b'A'; 10 * 1024 * 1024];
    let huge = browser.send(multipart(post(), &fields(""), &[("file", &huge)])).await;
    assert_eq!(huge.status, 413);
    assert!(huge.body.contains("This is larger than 64 KiB"), "{}", huge.body);
    let added = browser.send(multipart(post(), &fields(""), &[("file", ROOT.as_bytes())])).await;
    assert_eq!((added.status, added.field("Location")), (303, Some("/#roots")), "{added:?}");
    let root = appliance.settings.status.borrow().settings.roots[0].clone();
    assert!(browser.get("/").await.body.contains("id=\"root-delete-"));
    let deleted = browser.submit("/root-certificates/delete", &[("id", &root.id)]).await;
    assert_eq!(deleted.status, 303, "{deleted:?}");
    assert!(appliance.settings.status.borrow().settings.roots.is_empty());
}
