//! The REST interface.

use serde_json::json;

use crate::appliance::{Appliance, NEW_PASSWORD, PASSWORD};
use crate::client::{Answer, Request};

fn credentials(username: &str, password: &str) -> String {
    json!({"username": username, "password": password}).to_string()
}

fn change(username: &str, current: &str, new: &str) -> String {
    json!({"username": username, "currentPassword": current, "newPassword": new}).to_string()
}

fn assert_unauthorized(answer: &Answer, reason: &str, detail: &str) {
    let expected = json!({
        "type": "https://errors-api.cloud.com/common/authentication",
        "detail": detail,
        "parameters": [{"name": "reason", "value": reason}],
    });
    assert_eq!((answer.status, answer.json()), (401, expected));
}

fn assert_missing(answer: &Answer) {
    assert_unauthorized(answer, "missing", "Missing authentication details");
}

fn assert_invalid(answer: &Answer) {
    assert_unauthorized(answer, "invalid", "Invalid authentication details");
}

#[tokio::test]
async fn documented_header_fields_stand_on_every_answer() {
    let appliance = Appliance::start().await;
    let not_found = Request::get("/nothing");
    for request in [Request::get("/credentials"), Request::post("/$reboot"), not_found] {
        let answer = appliance.send(&request).await;
        assert!(answer.head.contains("\r\nCitrix-Transactionid: "), "{answer:?}");
        assert_eq!(answer.field("Citrix-Transactionid").unwrap().len(), 36);
        for (name, value) in [
            ("Cache-Control", "no-cache, no-store"),
            ("Content-Security-Policy", "frame-ancestors 'none'"),
            ("Content-Type", "application/json; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "deny"),
        ] {
            assert_eq!(answer.field(name), Some(value), "{name} of {request:?}");
        }
        assert!(answer.field("Date").is_some() && answer.field("Content-Length").is_some());
        assert!(answer.field("Server").is_none() && answer.field("Set-Cookie").is_none());
    }
}

#[tokio::test]
async fn credentials_are_set_up_once() {
    let appliance = Appliance::start().await;
    let ask = Request::get("/credentials").field("Accept", "appication/json");
    assert_eq!(appliance.send(&ask).await.json(), json!({"credentialsAreSetup": false}));
    assert_invalid(&appliance.log_in(PASSWORD).await);
    let set_up = Request::post("/credentials").json(&credentials("admin", PASSWORD));
    let answer = appliance.send(&set_up).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert!(answer.field("Content-Type").is_none());
    let again = Request::post("/credentials").json(&credentials("admin", NEW_PASSWORD));
    let answer = appliance.send(&again).await;
    assert_eq!((answer.status, answer.error().as_str()), (409, "connapp/credentialsAlreadySetUp"));
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200);
    assert_eq!(appliance.send(&ask).await.body, r#"{"credentialsAreSetup":true}"#);
}

#[tokio::test]
async fn two_first_passwords_at_once_leave_one() {
    let appliance = Appliance::start().await;
    let first = Request::post("/credentials").json(&credentials("admin", PASSWORD));
    let second = Request::post("/credentials").json(&credentials("admin", NEW_PASSWORD));
    let (first, second) = tokio::join!(appliance.send(&first), appliance.send(&second));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    let is_first = first.status == 204;
    assert_eq!(appliance.log_in(PASSWORD).await.status == 200, is_first);
    assert_eq!(appliance.log_in(NEW_PASSWORD).await.status == 200, !is_first);
}

#[tokio::test]
async fn weak_first_password_names_each_rule() {
    let appliance = Appliance::start().await;
    for (password, rules) in [
        ("Abcdef1", vec!["tooShort"]),
        ("abcdefg1", vec!["noUpperCase"]),
        ("ABCDEFG1", vec!["noLowerCase"]),
        ("Abcdefgh", vec!["noNonAlphabetic"]),
        ("Abcdefg1\u{7}", vec!["controlCharacter"]),
        ("", vec!["tooShort", "noUpperCase", "noLowerCase", "noNonAlphabetic"]),
    ] {
        let request = Request::post("/credentials").json(&credentials("admin", password));
        let answer = appliance.send(&request).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "common/invalidString"));
        assert_eq!(answer.parameter("property"), ["password"]);
        assert_eq!(answer.parameter("rule"), rules, "{password:?}");
    }
    for username in ["Admin", "root", "admin ", ""] {
        let request = Request::post("/credentials").json(&credentials(username, PASSWORD));
        let answer = appliance.send(&request).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "common/invalidEnum"));
    }
    let state = appliance.send(&Request::get("/credentials")).await.json();
    assert_eq!(state, json!({"credentialsAreSetup": false}), "nothing was stored");
}

#[tokio::test]
async fn token_opens_protected_paths() {
    let appliance = Appliance::start_with_password().await;
    let answer = appliance.log_in(PASSWORD).await;
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(answer.json(), json!({"token": token, "expiresIn": 900}));
    let answer = appliance.send(&Request::get("/status").token(&token)).await;
    assert_eq!(answer.status, 200);
    let status = answer.json();
    assert_eq!(status["network"]["address"], json!({"value": "127.0.0.1", "origin": "dhcp"}));
    assert_eq!(status["network"]["netmask"]["value"], "255.0.0.0");
    assert_eq!(status["certificate"]["sha1"], appliance.certificate.sha1.to_string());
    assert_eq!(status["version"], model::product::VERSION);
    assert_eq!(status["settings"]["network"]["value"]["method"], "automatic");
    assert_eq!(status["health"]["findings"][0]["cause"], "good");
    assert_eq!(status["machine"]["markedGood"], true);
}

#[tokio::test]
async fn missing_and_forged_tokens_are_told_apart() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    for target in ["/status", "/$reboot", "/$changePassword"] {
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
            let request = Request::new(method, target).body("{");
            assert_missing(&appliance.send(&request).await);
        }
        let forged = "0".repeat(64);
        let mut cut = token.clone();
        cut.pop();
        let too_much = format!("{token}0");
        for value in [
            format!("Bearer {forged}"),
            format!("Bearer {cut}"),
            format!("Bearer {too_much}"),
            format!("Bearer {}", token.to_uppercase()),
            "Bearer ".to_owned(),
            format!("Basic {token}"),
            format!("CwsAuth Bearer={token}"),
            token.clone(),
        ] {
            let request = Request::post(target).field("Authorization", &value);
            assert_invalid(&appliance.send(&request).await);
        }
        let twice = Request::post(target).token(&token).token(&token);
        assert_invalid(&appliance.send(&twice).await);
        let cookie = Request::post(target).field("Cookie", &format!("__Host-session={token}"));
        assert_missing(&appliance.send(&cookie).await);
    }
    assert_eq!(*appliance.init.requests.borrow(), (1, 0), "no restart");
}

#[tokio::test]
async fn change_of_the_password_ends_every_token() {
    let appliance = Appliance::start_with_password().await;
    let (token, other) = (appliance.token().await, appliance.token().await);
    let body = change("admin", PASSWORD, NEW_PASSWORD);
    let request = Request::post("/$changePassword").token(&token).json(&body);
    let answer = appliance.send(&request).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    for token in [token, other] {
        assert_invalid(&appliance.send(&Request::get("/status").token(&token)).await);
    }
    assert_invalid(&appliance.log_in(PASSWORD).await);
    assert_eq!(appliance.log_in(NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn refused_change_changes_nothing() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    let send = async |body: String| {
        let request = Request::post("/$changePassword").token(&token).json(&body);
        appliance.send(&request).await
    };
    assert_invalid(&send(change("admin", "wrong", NEW_PASSWORD)).await);
    assert_invalid(&send(change("Admin", PASSWORD, NEW_PASSWORD)).await);
    let answer = send(change("admin", PASSWORD, PASSWORD)).await;
    assert_eq!((answer.status, answer.parameter("rule")), (400, vec!["sameAsCurrent".into()]));
    let answer = send(change("admin", PASSWORD, "short")).await;
    assert_eq!(answer.parameter("property"), ["newPassword"]);
    let answer = send(change("admin", PASSWORD, &"Aa1".repeat(500))).await;
    assert_eq!((answer.status, answer.error().as_str()), (400, "common/tooLong"));
    assert_eq!(appliance.send(&Request::get("/status").token(&token)).await.status, 200);
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200);
}

#[tokio::test]
async fn reboot_asks_init() {
    let appliance = Appliance::start_with_password().await;
    let token = appliance.token().await;
    let reboot = Request::post("/$reboot").token(&token).field("Content-Type", "application/json");
    let answer = appliance.send(&reboot).await;
    assert_eq!((answer.status, answer.json()), (202, json!({"status": "Accepted"})));
    assert_eq!(appliance.init.requests.borrow().1, 1);
    *appliance.init.refuses_restart.lock().unwrap() = true;
    let answer = appliance.send(&reboot).await;
    let expected = json!({
        "type": "https://errors-api.cloud.com/connapp/error",
        "detail": "An error has occurred.",
    });
    assert_eq!((answer.status, answer.json()), (500, expected));
}

#[tokio::test]
async fn bad_bodies_are_named() {
    let appliance = Appliance::start_with_password().await;
    let post =
        async |body: Vec<u8>| appliance.send(&Request::post("/$login").json("").body(body)).await;
    for (body, error) in [
        (&b"{"[..], "common/invalidJson"),
        (b"", "common/invalidJson"),
        (b"\xff\xfe", "common/invalidJson"),
        (b"[1]", "common/invalidJson"),
        (b"{\"username\":\"admin\"}", "common/missing"),
        (b"{\"username\":\"admin\",\"password\":12345678}", "common/invalidString"),
        (b"{\"username\":\"admin\",\"password\":\"x\",\"otp\":\"1\"}", "connapp/unknownProperty"),
    ] {
        let answer = post(body.to_vec()).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, error), "{body:?}");
    }
    let answer = post(b"{\"username\":\n\"admin\",}".to_vec()).await;
    assert_eq!(
        (answer.parameter("line"), answer.parameter("column")),
        (vec!["2".into()], vec!["9".into()])
    );
    let answer = post(credentials("admin", &"x".repeat(2000)).into_bytes()).await;
    assert_eq!((answer.status, answer.error().as_str()), (400, "common/tooLong"));
    let answer = post(credentials("admin", &"x".repeat(1024 * 1024)).into_bytes()).await;
    assert_eq!((answer.status, answer.error().as_str()), (413, "connapp/bodyTooLarge"));
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200);
}

#[tokio::test]
async fn media_type_must_be_json_or_absent() {
    let appliance = Appliance::start_with_password().await;
    let post = async |media_type: Option<&str>| {
        let request = Request::post("/$login").body(credentials("admin", PASSWORD));
        let request = match media_type {
            Some(media_type) => request.field("Content-Type", media_type),
            None => request,
        };
        appliance.send(&request).await
    };
    for accepted in [None, Some("application/json"), Some("Application/JSON; charset=utf-8")] {
        assert_eq!(post(accepted).await.status, 200, "{accepted:?}");
    }
    for refused in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let answer = post(Some(refused)).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (415, "common/unsupportedMediaType"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn methods_and_paths_that_do_not_exist_are_named() {
    let appliance = Appliance::start_with_password().await;
    for (method, target, allow) in [
        ("PUT", "/credentials", "GET, HEAD, POST"),
        ("OPTIONS", "/credentials", "GET, HEAD, POST"),
        ("GET", "/$login", "POST"),
        ("DELETE", "/openapi.json", "GET, HEAD"),
    ] {
        let answer = appliance.send(&Request::new(method, target)).await;
        assert_eq!((answer.status, answer.field("Allow")), (405, Some(allow)), "{target}");
        assert_eq!(answer.error(), "connapp/methodNotAllowed");
        assert!(answer.field("Access-Control-Allow-Origin").is_none());
    }
    let token = appliance.token().await;
    let answer = appliance.send(&Request::get("/$reboot").token(&token)).await;
    assert_eq!((answer.status, answer.field("Allow")), (405, Some("POST")));
    for target in ["/$Login", "/credentials/", "/api", "/../etc/passwd", "/%24login%00"] {
        let answer = appliance.send(&Request::get(target)).await;
        assert_eq!((answer.status, answer.error().as_str()), (404, "common/notFound"), "{target}");
    }
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let appliance = Appliance::start().await;
    let mut connection = appliance.connect().await;
    connection.write(b"HEAD /credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let head = connection.read_head().await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.contains("\r\nContent-Length: 29\r\n"), "{head}");
    assert_eq!(connection.send(&Request::get("/credentials")).await.status, 200);
}

#[tokio::test]
async fn page_of_another_site_cannot_set_the_first_password() {
    let appliance = Appliance::start().await;
    let set_up = Request::post("/credentials").body(credentials("admin", PASSWORD));
    for request in [
        set_up.clone().field("Sec-Fetch-Site", "cross-site"),
        set_up.clone().field("Sec-Fetch-Site", "same-site"),
        set_up.clone().field("Origin", "https://evil.example"),
        set_up.clone().field("Origin", "null"),
    ] {
        let answer = appliance.send(&request).await;
        assert_eq!((answer.status, answer.error().as_str()), (403, "common/authorization"));
    }
    assert_eq!(appliance.send(&set_up.field("Origin", "https://127.0.0.1")).await.status, 204);
}

#[tokio::test]
async fn another_host_is_refused() {
    let appliance = Appliance::start().await;
    for host in ["evil.example", "127.0.0.1.evil.example", "connector", "appliance.evil.example"] {
        let answer = appliance.send(&Request::get("/credentials").host(host)).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (421, "connapp/misdirectedRequest"),
            "{host}"
        );
        let page = Request::get("/").host(host).field("Accept", "text/html");
        let answer = appliance.send(&page).await;
        assert_eq!(answer.status, 421);
        assert!(answer.body.contains("<html"), "{answer:?}");
    }
    for host in ["127.0.0.1:8443", "[::1]", "localhost", "Appliance", "appliance.example.com:443"] {
        let answer = appliance.send(&Request::get("/credentials").host(host)).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    let absolute = Request::get("https://evil.example/credentials");
    assert_eq!(appliance.send(&absolute).await.status, 421);
    assert_eq!(appliance.send(&Request::get("/credentials").host("")).await.status, 421);
}

#[tokio::test]
async fn answers_to_a_new_host_name() {
    let appliance = Appliance::start().await;
    let request = Request::get("/credentials").host("renamed");
    assert_eq!(appliance.send(&request).await.status, 421);
    appliance.network.0.send_modify(|(generation, status)| {
        *generation += 1;
        status.host_name.value = "renamed".into();
    });
    while appliance.send(&request).await.status == 421 {}
    assert_eq!(appliance.send(&request).await.status, 200);
    assert_eq!(appliance.send(&request.host("appliance")).await.status, 421);
}

#[tokio::test]
async fn settings_role_in_trouble_is_an_error_object() {
    let appliance = Appliance::start_with_password().await;
    let failed = bus::SettingsResponse::Failed { reason: "the disk is full".into() };
    appliance.settings.failures.lock().unwrap().push_back(failed);
    let answer = appliance.log_in(PASSWORD).await;
    assert_eq!((answer.status, answer.error().as_str()), (500, "connapp/error"));
    assert!(!answer.body.contains("disk"), "{answer:?}");
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200);
}

#[tokio::test]
async fn page_at_the_same_path_adds_no_method_to_the_interface() {
    let appliance = Appliance::start_with_password().await;
    let request = || Request::new("OPTIONS", "/certificate/request");
    let refused = appliance.send(&request()).await;
    assert_eq!((refused.status, refused.field("Allow")), (401, None), "{refused:?}");
    let token = appliance.token().await;
    let answer = appliance.send(&request().token(&token)).await;
    assert_eq!((answer.status, answer.field("Allow")), (405, Some("GET, HEAD, POST, DELETE")));
}
