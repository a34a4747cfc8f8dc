//! Every route of the server, tried without what it needs. The routes come from the tables that the
//! router is made from, so that a new one cannot be forgotten.

use std::time::Duration;

use web::{Access, Route, routes};

use crate::appliance::{Appliance, Clock};
use crate::client::{Answer, Request};
use crate::pages::{Browser, token};

/// Stands for any value in a path.
const VALUE: &str = "0000";
/// Long enough for every session and token to end.
const EVERY_LIMIT: Duration = Duration::from_secs(13 * 60 * 60);

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    /// Somebody without session and token.
    Nobody,
    /// Somebody whose session or token has ended.
    Ended,
    /// Somebody who has a credential of the other kind only: the value of a token as cookie, that of
    /// a cookie as token.
    OtherKind,
    /// Somebody who has signed in, by a form that bears the token of another session, or with the
    /// session of a browser where a token is needed.
    OtherSession,
    /// Somebody who has signed in, by a form without a token.
    NoFormToken,
    /// Somebody who has signed in, in a browser that says that another site sent it.
    ForeignSite,
    /// The same in a browser that only names the origin.
    ForeignOrigin,
    /// Somebody who has signed in and names another host.
    ForeignHost,
}

const SENDERS: [Sender; 8] = [
    Sender::Nobody,
    Sender::Ended,
    Sender::OtherKind,
    Sender::OtherSession,
    Sender::NoFormToken,
    Sender::ForeignSite,
    Sender::ForeignOrigin,
    Sender::ForeignHost,
];

/// What the documents promise: [`Access`] for each kind of route, the OpenAPI document for those of
/// the REST interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// Led to the front page.
    ToFront,
    /// The status, and the kind of the error object where there is one.
    Status(u16, &'static str),
    /// It is not refused: the route needs nothing of what is missing.
    Open,
}

/// What has been promised for this route and sender.
fn promised(route: &Route, sender: Sender) -> Refusal {
    let is_get = route.method == "GET";
    if sender == Sender::ForeignHost {
        return Refusal::Status(421, "connapp/misdirectedRequest");
    }
    if matches!(sender, Sender::ForeignSite | Sender::ForeignOrigin) {
        // Looking at something changes nothing, and the answer cannot be read from another site.
        let refusal = Refusal::Status(403, "common/authorization");
        return match route.access {
            _ if !is_get => refusal,
            // These senders hold a session and a token, but none for metrics.
            Access::Metrics => Refusal::Status(401, "common/authentication"),
            Access::Entrance => Refusal::ToFront,
            _ => Refusal::Open,
        };
    }
    let has_signed_in = matches!(sender, Sender::OtherSession | Sender::NoFormToken);
    match route.access {
        Access::Anybody => Refusal::Open,
        Access::Entrance if is_get => Refusal::ToFront,
        // Who has signed in is led to the front page before the form is looked at, and so is everybody
        // who sends the first password when there is one.
        Access::Entrance if has_signed_in || route.path == "/create-password" => Refusal::ToFront,
        Access::Entrance => Refusal::Status(403, ""),
        Access::Session | Access::Fragment if has_signed_in && is_get => Refusal::Open,
        Access::Session | Access::Fragment if has_signed_in => Refusal::Status(403, ""),
        Access::Session => Refusal::ToFront,
        Access::Fragment => Refusal::Status(401, ""),
        Access::Bearer | Access::Metrics => Refusal::Status(401, "common/authentication"),
    }
}

/// Credentials of somebody who has signed in with a browser and with a script.
struct Credentials {
    cookie: String,
    /// Token of the forms of this session, and of another one.
    form: String,
    other_form: String,
    bearer: String,
}

impl Credentials {
    async fn of(appliance: &Appliance) -> Self {
        let mut browser = Browser::signed_in(appliance).await;
        let form = token(&browser.get("/").await);
        let mut other = Browser::signed_in(appliance).await;
        let other_form = token(&other.get("/").await);
        let cookie = browser.cookie("__Host-session").unwrap();
        Self { cookie, form, other_form, bearer: appliance.token().await }
    }
}

/// The request of a route with everything that it needs but the credentials.
fn bare(route: &Route) -> Request {
    let path: Vec<_> = route
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { VALUE } else { part })
        .collect();
    let request = Request::new(route.method, &path.join("/"));
    match (route.is_page, route.method) {
        (true, "GET") => request.field("Accept", "text/html"),
        (true, _) => request,
        (false, _) => request.field("Accept", "application/json"),
    }
}

fn request(route: &Route, sender: Sender, credentials: &Credentials) -> Request {
    let Credentials { cookie, form, other_form, bearer } = credentials;
    let (cookie, bearer) = match sender {
        Sender::Nobody => (None, None),
        Sender::OtherKind => (Some(bearer), Some(cookie)),
        // A browser signs in for pages only: its cookie opens no operation.
        Sender::OtherSession | Sender::NoFormToken => (Some(cookie), None),
        _ => (Some(cookie), Some(bearer)),
    };
    let form = match sender {
        Sender::NoFormToken => None,
        Sender::OtherSession => Some(other_form),
        _ => Some(form),
    };
    let mut request = bare(route);
    if let Some(cookie) = cookie {
        request = request.field("Cookie", &format!("__Host-session={cookie}"));
    }
    if let Some(bearer) = bearer.filter(|_| !route.is_page) {
        request = request.token(bearer);
    }
    match (route.is_page, route.method) {
        (_, "GET") => {}
        (true, _) => {
            let fields: Vec<_> = form.map(|token| ("csrf", token.as_str())).into_iter().collect();
            request = request.form(&fields);
        }
        (false, _) => request = request.json("{}"),
    }
    match sender {
        Sender::ForeignSite => request.field("Sec-Fetch-Site", "cross-site"),
        Sender::ForeignOrigin => request.field("Origin", "https://evil.example"),
        Sender::ForeignHost => request.host("evil.example"),
        _ => request,
    }
}

/// Whether an answer is the refusal that was promised.
fn check(route: &Route, sender: Sender, answer: &Answer) {
    let name = format!("{} {} by {sender:?}", route.method, route.path);
    match promised(route, sender) {
        Refusal::ToFront => {
            let led = (answer.status, answer.field("Location"));
            assert_eq!(led, (303, Some("/")), "{name}: {answer:?}");
            assert!(answer.body.is_empty(), "{name}: {answer:?}");
        }
        Refusal::Status(status, kind) => {
            assert_eq!(answer.status, status, "{name}: {answer:?}");
            if !route.is_page {
                assert_eq!(answer.error(), kind, "{name}");
            }
        }
        Refusal::Open => {
            assert!(![401, 403, 421].contains(&answer.status), "{name}: {answer:?}");
        }
    }
}

/// What must be as before when everything has been refused.
fn state(appliance: &Appliance) -> String {
    let settings = appliance.settings.status.borrow().clone();
    let restarts = appliance.init.requests.borrow().1;
    let reset = *appliance.settings.reset.lock().unwrap();
    format!("{settings:?} {restarts} {reset:?}")
}

#[tokio::test]
async fn every_route_refuses_who_may_not_use_it() {
    let appliance = Appliance::start_with_password().await;
    let before = state(&appliance);
    for sender in SENDERS {
        let clock = Clock::stop();
        let credentials = Credentials::of(&appliance).await;
        if sender == Sender::Ended {
            clock.advance(EVERY_LIMIT).await;
        }
        for route in routes() {
            // What is not refused is the business of other tests, and signing out in between would
            // spoil the rest.
            if promised(&route, sender) == Refusal::Open && route.method != "GET" {
                continue;
            }
            let answer = appliance.send(&request(&route, sender, &credentials)).await;
            check(&route, sender, &answer);
        }
        assert_eq!(state(&appliance), before, "{sender:?} has changed something");
    }
}

#[tokio::test]
async fn every_path_refuses_methods_that_it_does_not_have() {
    let appliance = Appliance::start_with_password().await;
    let credentials = Credentials::of(&appliance).await;
    let routes = routes();
    for route in &routes {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
            let is_known = routes.iter().any(|known| {
                (known.path, known.method, known.is_page) == (route.path, method, route.is_page)
            });
            if is_known || route.access == Access::Metrics {
                continue;
            }
            let mut request = request(
                &Route { method, ..*route },
                if route.is_page { Sender::OtherSession } else { Sender::Ended },
                &credentials,
            );
            if route.is_page {
                request = request.field("Accept", "text/html");
            }
            let answer = appliance.send(&request).await;
            assert_eq!(answer.status, 405, "{method} {}: {answer:?}", route.path);
            assert!(answer.field("Allow").is_some(), "{method} {}: {answer:?}", route.path);
        }
    }
}

#[test]
fn routes_are_those_of_the_documents() {
    let routes = routes();
    let document = web::api::document();
    let documented: usize = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|methods| methods.as_object().unwrap().len())
        .sum();
    assert_eq!(routes.iter().filter(|route| !route.is_page).count(), documented);
    for route in routes.iter().filter(|route| !route.is_page) {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        let has_401 = operation["responses"]["401"].is_object();
        let is_protected = matches!(route.access, Access::Bearer | Access::Metrics);
        assert!(has_401 || !is_protected, "{} {}", route.method, route.path);
        let has_403 = operation["responses"]["403"].is_object();
        assert_eq!(has_403, route.method != "GET", "{} {}", route.method, route.path);
    }
    // A mistake in the table must not leave pages open to anybody.
    let open: Vec<_> = routes
        .iter()
        .filter(|route| matches!(route.access, Access::Anybody | Access::Entrance))
        .map(|route| (route.method, route.path))
        .collect();
    assert_eq!(
        open,
        [
            ("GET", "/credentials"),
            ("POST", "/credentials"),
            ("POST", "/$login"),
            ("GET", "/openapi.json"),
            ("GET", "/"),
            ("GET", "/create-password"),
            ("POST", "/create-password"),
            ("GET", "/sign-in"),
            ("POST", "/sign-in"),
            ("GET", "/assets/{name}"),
        ]
    );
}
