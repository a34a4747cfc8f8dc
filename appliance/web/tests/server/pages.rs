//! The pages, as a browser without script sees them.

use std::time::Duration;

use crate::appliance::{Appliance, Clock, NEW_PASSWORD, PASSWORD};
use crate::client::{Answer, Request};

/// A browser: keeps cookies and follows forms.
pub(crate) struct Browser<'a> {
    appliance: &'a Appliance,
    cookies: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(appliance: &'a Appliance) -> Self {
        Self { appliance, cookies: Vec::new() }
    }

    /// A browser in which the administrator has signed in.
    pub(crate) async fn signed_in(appliance: &'a Appliance) -> Self {
        let mut browser = Self::new(appliance);
        browser.get("/").await;
        let answer = browser.submit("/sign-in", &[("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.field("Location")), (303, Some("/")), "{answer:?}");
        browser
    }

    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        self.send(Request::get(target).field("Accept", "text/html")).await
    }

    /// Sends a form with the token of the page that was looked at last.
    pub(crate) async fn submit(&mut self, target: &str, fields: &[(&str, &str)]) -> Answer {
        let page = match target {
            "/change-password" | "/restart" | "/network-settings" | "/reset" | "/identity" => {
                target
            }
            "/network-settings/keep" | "/network-settings/revert" => "/network-settings/trial",
            "/changes/dismiss" => "/network-settings/reverted",
            "/identity/keep" => "/identity",
            _ => "/",
        };
        let token = token(&self.get(page).await);
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", token.as_str())]).collect();
        let request = Request::post(target).form(&fields).field("Sec-Fetch-Site", "same-origin");
        self.send(request).await
    }

    pub(crate) async fn send(&mut self, request: Request) -> Answer {
        let pairs: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            if pairs.is_empty() { request } else { request.field("Cookie", &pairs.join("; ")) };
        let answer = self.appliance.send(&request).await;
        for line in answer.head.lines().filter_map(|line| line.strip_prefix("Set-Cookie: ")) {
            assert!(line.contains("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{line}");
            self.cookies.retain(|(known, _)| known != name);
            if !line.ends_with("; Max-Age=0") {
                self.cookies.push((name.into(), value.into()));
            }
        }
        answer
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookie = self.cookies.iter().find(|(known, _)| known == name);
        cookie.map(|(_, value)| value.clone())
    }

    /// Whether the front page is that of somebody who has signed in.
    async fn is_signed_in(&mut self) -> bool {
        let page = self.get("/").await;
        assert_eq!(page.status, 200);
        page.body.contains("action=\"/sign-out\"")
    }
}

/// The token in the first form of a page.
pub(crate) fn token(page: &Answer) -> String {
    let field = page.body.split("name=\"csrf\"").nth(1).unwrap_or_else(|| panic!("{page:?}"));
    let value = field.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(value.len(), 64);
    value.to_owned()
}

fn new_password<'a>(password: &'a str, confirmation: &'a str) -> [(&'a str, &'a str); 2] {
    [("password", password), ("confirmation", confirmation)]
}

#[tokio::test]
async fn first_visit_sets_the_password_and_keeps_the_deployment() {
    let appliance = Appliance::start().await;
    let mut browser = Browser::new(&appliance);
    let page = browser.get("/?deployment=productionjp").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("action=\"/create-password\""), "{page:?}");
    assert!(page.body.contains("value=\"productionjp\""), "{page:?}");
    let mut fields = new_password(PASSWORD, PASSWORD).to_vec();
    fields.push(("deployment", "productionjp"));
    let answer = browser.submit("/create-password", &fields).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/")), "{answer:?}");
    let deployment = appliance.settings.status.borrow().settings.deployment.clone().unwrap();
    assert_eq!(deployment.to_string(), "productionjp");
    assert!(browser.get("/").await.body.contains("action=\"/sign-in\""));
    let answer = browser.submit("/sign-in", &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn weak_or_mistyped_first_password_is_not_stored_or_repeated() {
    let appliance = Appliance::start().await;
    let mut browser = Browser::new(&appliance);
    for (password, confirmation) in
        [("Sh0rt!!", "Sh0rt!!"), ("Secretly1", "Secretly2"), ("", ""), ("Secretly1", "")]
    {
        let answer =
            browser.submit("/create-password", &new_password(password, confirmation)).await;
        assert_eq!(answer.status, 422, "{password}");
        assert!(!answer.body.contains("Sh0rt") && !answer.body.contains("Secretly"), "{answer:?}");
    }
    assert!(appliance.settings.hash.lock().unwrap().is_none());
}

#[tokio::test]
async fn second_first_password_leads_to_the_front_page() {
    let appliance = Appliance::start().await;
    let mut browser = Browser::new(&appliance);
    let token = token(&browser.get("/").await);
    let body = format!(r#"{{"username":"admin","password":"{PASSWORD}"}}"#);
    appliance.send(&Request::post("/credentials").json(&body)).await;
    let mut fields = new_password(NEW_PASSWORD, NEW_PASSWORD).to_vec();
    fields.push(("csrf", &token));
    let answer = browser.send(Request::post("/create-password").form(&fields)).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/")));
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200);
}

#[tokio::test]
async fn pages_carry_the_strict_policy() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    for target in ["/", "/change-password", "/restart", "/nothing"] {
        let page = browser.get(target).await;
        let policy = page.field("Content-Security-Policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"));
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(page.field("Content-Type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.field("Cache-Control"), Some("no-cache, no-store"));
        assert_eq!(page.field("Referrer-Policy"), Some("same-origin"));
        assert!(page.field("Strict-Transport-Security").is_none());
    }
}

#[tokio::test]
async fn wrong_password_is_refused_and_right_one_signs_in() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    for password in ["Wrong-Password-1", "", &"x".repeat(5000)] {
        let answer = browser.submit("/sign-in", &[("password", password)]).await;
        assert_eq!(answer.status, 422, "{answer:?}");
        assert!(answer.cookie("__Host-session").is_none());
    }
    let before = browser.cookie("__Host-csrf");
    let answer = browser.submit("/sign-in", &[("username", "admin"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303);
    assert!(browser.is_signed_in().await);
    assert_ne!(browser.cookie("__Host-csrf"), before);
}

#[tokio::test]
async fn pause_after_wrong_passwords_stands_on_the_page() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    let mut browser = Browser::new(&appliance);
    for _ in 0..5 {
        browser.submit("/sign-in", &[("password", "Wrong-Password-1")]).await;
    }
    let answer = browser.submit("/sign-in", &[("password", PASSWORD)]).await;
    assert_eq!((answer.status, answer.field("Retry-After")), (429, Some("1")), "{answer:?}");
    clock.advance(Duration::from_secs(1)).await;
    let answer = browser.submit("/sign-in", &[("password", PASSWORD)]).await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn form_of_another_site_or_without_token_is_refused() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let token = token(&browser.get("/").await);
    for (field, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
    ] {
        for target in ["/sign-out", "/restart", "/change-password", "/sign-in", "/create-password"]
        {
            let form = Request::post(target).form(&[("csrf", &token)]).field(field, value);
            assert_eq!(browser.send(form).await.status, 403, "{target} {field}: {value}");
        }
    }
    let other = "0".repeat(64);
    for fields in [&[][..], &[("csrf", "")], &[("csrf", &other)]] {
        for target in ["/sign-out", "/restart", "/change-password"] {
            let answer = browser.send(Request::post(target).form(fields)).await;
            assert_eq!(answer.status, 403, "{target} {fields:?}");
        }
    }
    assert!(browser.is_signed_in().await);
    assert_eq!(appliance.init.requests.borrow().1, 0);
}

#[tokio::test]
async fn sign_in_needs_the_token_of_its_page() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    let without_page = Request::post("/sign-in").form(&[("password", PASSWORD)]);
    assert_eq!(browser.send(without_page).await.status, 403);
    let mut other = Browser::new(&appliance);
    let token = token(&other.get("/").await);
    let with_token_of_other =
        Request::post("/sign-in").form(&[("password", PASSWORD), ("csrf", &token)]);
    assert_eq!(browser.send(with_token_of_other).await.status, 403);
}

#[tokio::test]
async fn sign_out_ends_the_session_on_the_server() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let mut thief = Browser::new(&appliance);
    thief.cookies.clone_from(&browser.cookies);
    let answer = browser.submit("/sign-out", &[]).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/")));
    assert!(browser.cookie("__Host-session").is_none());
    assert!(!browser.is_signed_in().await && !thief.is_signed_in().await);
}

#[tokio::test]
async fn change_of_the_password_signs_out_everywhere() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    let mut other = Browser::signed_in(&appliance).await;
    let token = appliance.token().await;
    let mut fields = new_password(NEW_PASSWORD, NEW_PASSWORD).to_vec();
    fields.push(("current", PASSWORD));
    let answer = browser.submit("/change-password", &fields).await;
    assert_eq!((answer.status, answer.field("Location")), (303, Some("/")), "{answer:?}");
    assert!(!browser.is_signed_in().await && !other.is_signed_in().await);
    let status = Request::get("/status").token(&token);
    assert_eq!(appliance.send(&status).await.status, 401);
    assert_eq!(browser.submit("/sign-in", &[("password", PASSWORD)]).await.status, 422);
    assert_eq!(browser.submit("/sign-in", &[("password", NEW_PASSWORD)]).await.status, 303);
}

#[tokio::test]
async fn refused_change_of_the_password_keeps_the_session() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    for (current, password, confirmation) in [
        ("Wrong-Password-1", NEW_PASSWORD, NEW_PASSWORD),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, NEW_PASSWORD, "Battery-Staple-3"),
        (PASSWORD, "weak", "weak"),
        ("", NEW_PASSWORD, NEW_PASSWORD),
    ] {
        let mut fields = new_password(password, confirmation).to_vec();
        fields.push(("current", current));
        let answer = browser.submit("/change-password", &fields).await;
        assert_eq!(answer.status, 422, "{current} {password} {confirmation}");
        assert!(!answer.body.contains(PASSWORD) && !answer.body.contains(NEW_PASSWORD));
    }
    assert!(browser.is_signed_in().await);
    assert_eq!(appliance.log_in(PASSWORD).await.status, 200);
}

#[tokio::test]
async fn session_ends_without_use_and_the_summary_is_no_use() {
    let appliance = Appliance::start_with_password().await;
    let clock = Clock::stop();
    let mut browser = Browser::signed_in(&appliance).await;
    for _ in 0..14 {
        clock.advance(Duration::from_secs(60)).await;
        assert_eq!(browser.get("/summary").await.status, 200);
    }
    clock.advance(Duration::from_secs(60)).await;
    assert_eq!(browser.get("/summary").await.status, 401);
    let page = browser.get("/").await;
    assert!(page.body.contains("action=\"/sign-in\""));
    assert!(browser.cookie("__Host-session").is_none());
    let again = browser.get("/").await;
    assert_ne!(page.body, again.body, "it says once that the session has ended");
}

#[tokio::test]
async fn pages_of_the_administrator_need_a_session() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    let token = appliance.token().await;
    browser.cookies.push(("__Host-session".into(), token));
    for target in ["/change-password", "/restart"] {
        let answer = browser.get(target).await;
        assert_eq!((answer.status, answer.field("Location")), (303, Some("/")), "{target}");
        let form = Request::post(target).form(&[]);
        assert_eq!(browser.send(form).await.status, 303, "{target}");
    }
    assert_eq!(browser.get("/summary").await.status, 401);
    assert_eq!(appliance.init.requests.borrow().1, 0);
}

#[tokio::test]
async fn restart_asks_first_and_then_init() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::signed_in(&appliance).await;
    *appliance.init.refuses_restart.lock().unwrap() = true;
    assert_eq!(browser.submit("/restart", &[]).await.status, 503);
    *appliance.init.refuses_restart.lock().unwrap() = false;
    assert_eq!(browser.submit("/restart", &[]).await.status, 200);
    assert_eq!(appliance.init.requests.borrow().1, 1);
}

#[tokio::test]
async fn language_of_the_link_is_kept() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    assert!(browser.get("/").await.body.contains("<html lang=\"en\""));
    let preferred = Request::get("/").field("Accept-Language", "ja,en;q=0.5");
    assert!(browser.send(preferred).await.body.contains("<html lang=\"ja\""));
    assert!(browser.get("/?lang=ja").await.body.contains("<html lang=\"ja\""));
    assert!(browser.get("/").await.body.contains("<html lang=\"ja\""));
    assert!(browser.get("/?lang=en").await.body.contains("<html lang=\"en\""));
}

#[tokio::test]
async fn bad_forms_get_pages_that_say_so() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    let form = "application/x-www-form-urlencoded";
    let post = Request::post("/sign-in");
    for (request, status) in [
        (post.clone().field("Content-Type", form).body("password=%ff"), 400),
        (post.clone().field("Content-Type", form).body("password=a&password=b"), 400),
        (post.clone().field("Content-Type", form).body("x".repeat(1024 * 1024)), 413),
        (post.clone().field("Content-Type", "multipart/form-data").body("x"), 415),
        (post.clone().body("password=x"), 415),
        (Request::new("PUT", "/sign-in"), 405),
        (Request::new("DELETE", "/"), 405),
        (Request::get("/nothing").field("Accept", "text/html"), 404),
        (Request::get("/assets/nothing"), 404),
        (Request::get("/assets/..%2f..%2fetc%2fpasswd"), 404),
    ] {
        let answer = browser.send(request.clone()).await;
        assert_eq!(answer.status, status, "{request:?}");
        assert!(answer.body.contains("<html"), "{answer:?}");
        assert_eq!(answer.field("Allow").is_some(), status == 405, "{answer:?}");
    }
}

#[tokio::test]
async fn address_of_a_form_leads_to_the_front_page() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    for target in ["/sign-in", "/create-password", "/sign-out"] {
        let answer = browser.get(target).await;
        assert_eq!((answer.status, answer.field("Location")), (303, Some("/")), "{target}");
    }
}

#[tokio::test]
async fn assets_may_be_cached() {
    let appliance = Appliance::start_with_password().await;
    let mut browser = Browser::new(&appliance);
    let page = browser.get("/").await;
    let assets: Vec<_> = page.body.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(!assets.is_empty());
    for asset in assets {
        let answer = browser.get(asset).await;
        assert_eq!(answer.status, 200, "{asset}");
        assert!(answer.field("Cache-Control").unwrap().ends_with("immutable"));
        assert_eq!(answer.field("X-Content-Type-Options"), Some("nosniff"));
    }
}
