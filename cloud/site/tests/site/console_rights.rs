//! Nobody reaches a page that is not theirs: every route of the console, with every wrong caller.

use axum::http::Method;
use registry::{Access, LogQuery, Right, Rights};
use site::{PageNeeds, PageRoute, page_routes};

use crate::bench::{Bench, Customer};
use crate::browser::Browser;

/// Pages that anybody may ask for: each checks itself how far a sign-in is.
const OPEN: [&str; 13] = [
    "GET ",
    "GET /sign-in",
    "POST /sign-in",
    "GET /sign-in/code",
    "POST /sign-in/code",
    "GET /sign-in/customer",
    "POST /sign-in/customer",
    "GET /set-up-totp",
    "POST /set-up-totp",
    "POST /sign-out",
    "GET /invitation",
    "POST /invitation",
    "GET /account/password",
];

fn protected() -> impl Iterator<Item = &'static PageRoute> {
    page_routes().filter(|route| route.needs != PageNeeds::Nothing)
}

/// Everything that a form could name, all of the owner's: a request that reaches what it should not
/// changes something.
struct Named {
    connector: String,
    location: String,
    /// A web server of the location.
    server: String,
    registration: String,
    client: String,
    administrator: String,
    notification: String,
}

impl Named {
    async fn of(owner: &Customer, bench: &Bench) -> Self {
        let connector = bench.connector(&owner.tenant, "named").await;
        let (registration, code) = bench.appliance("waiting").await;
        let change = registry::Change::by_system(bench.now());
        owner.tenant.confirm_registration(&code, &change).await.unwrap();
        let reported = [("corp.example".to_owned(), "corp.example".to_owned(), true)];
        owner.tenant.report_domains(&connector.id, &reported, bench.now()).await.unwrap();
        let text = || "x".to_owned();
        let content =
            vec![registry::Content { language_tag: text(), title: text(), description: text() }];
        let new = registry::NewNotification {
            component: text(),
            event_id: text(),
            severity: registry::Severity::Warning,
            priority: text(),
            destination: "*".to_owned(),
            content,
        };
        owner.tenant.notify(&new, &change).await.unwrap();
        let notification = owner.tenant.notifications("").await.unwrap().remove(0).id;
        let custom = Access::Custom([Right::Domains].into());
        let second = bench.administrator(&owner.tenant, "second@example.com", custom).await;
        let address = "http://wiki.example.com";
        let listed = owner.tenant.add_web_server(&connector.location, "wiki", address, &change);
        Self {
            server: listed.await.unwrap().id,
            location: connector.location,
            connector: connector.id,
            registration: registration.id,
            client: owner.client.clone(),
            administrator: second.id,
            notification,
        }
    }

    /// The identifier that a path is about.
    fn id(&self, path: &str) -> &str {
        match path {
            path if path.starts_with("/resource-locations") => &self.location,
            path if path.starts_with("/connectors") => &self.connector,
            path if path.contains("/product-registrations") => &self.registration,
            path if path.starts_with("/api-access") => &self.client,
            path if path.starts_with("/administrators") => &self.administrator,
            _ => &self.notification,
        }
    }

    fn fields<'a>(&'a self, path: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("id", self.id(path)),
            ("name", "Changed"),
            ("timezone", "UTC"),
            ("email", "new@example.com"),
            ("access", "full"),
            ("location", &self.location),
            ("server", &self.server),
            ("address", "http://other.example.com"),
            ("registration", &self.registration),
            ("domain", "corp.example"),
            ("served-by", "appliance"),
            ("when", "window"),
            ("start", "03:30"),
            ("order", "Late"),
            ("on", "1"),
            ("minutes", "60"),
            ("action", "backup-codes"),
            ("password", crate::bench::PASSWORD),
        ]
    }

    fn query(&self, path: &str) -> String {
        let (id, location, server) = (self.id(path), &self.location, &self.server);
        format!("/console{path}?id={id}&location={location}&server={server}&domain=corp.example")
    }
}

async fn picture(owner: &Customer, bench: &Bench) -> String {
    let tenant = &owner.tenant;
    let log = LogQuery { limit: 1000, ..LogQuery::default() };
    let person = owner.administrator.person.as_ref().unwrap();
    let mut servers = Vec::new();
    for location in tenant.locations().await.unwrap() {
        servers.extend(tenant.web_servers(&location.id).await.unwrap());
    }
    format!(
        "{servers:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        tenant.record().await.unwrap(),
        tenant.locations().await.unwrap(),
        tenant.connectors(&registry::ConnectorFilter::default()).await.unwrap(),
        tenant.maintenance_windows().await.unwrap(),
        tenant.clients(None).await.unwrap(),
        tenant.administrators().await.unwrap(),
        tenant.domains().await.unwrap(),
        tenant.registrations().await.unwrap(),
        tenant.notifications("").await.unwrap(),
        tenant.log(&log, bench.now()).await.unwrap(),
        bench.registry.backup_codes_left(person).await.unwrap(),
    )
}

async fn ask(browser: &mut Browser<'_>, route: &PageRoute, named: &Named) -> crate::bench::Reply {
    match route.method() {
        Method::POST => {
            let path = format!("/console{}", route.path);
            browser.post(&path, &named.fields(route.path)).await
        }
        _ => browser.get(&named.query(route.path)).await,
    }
}

/// Somebody who may do everything but what a page needs.
async fn without<'a>(
    needs: PageNeeds,
    bench: &'a Bench,
    owner: &Customer,
    number: usize,
) -> Browser<'a> {
    let mut rights = Rights::from(Right::ALL);
    match needs {
        PageNeeds::Right(right) => drop(rights.remove(&right)),
        PageNeeds::Overview => {
            rights.retain(|right| !matches!(right, Right::Dashboard | Right::ResourceLocations));
        }
        PageNeeds::Nothing | PageNeeds::Session | PageNeeds::FullAccess => {}
    }
    let email = format!("custom{number}@example.com");
    bench.administrator(&owner.tenant, &email, Access::Custom(rights)).await;
    let mut browser = Browser::new(bench);
    browser.enrol(&email).await;
    browser.get("/console").await;
    browser
}

#[test]
fn only_the_steps_of_a_sign_in_are_open_to_anybody() {
    let open: Vec<_> = page_routes()
        .filter(|route| route.needs == PageNeeds::Nothing)
        .map(|route| format!("{} {}", route.method(), route.path))
        .filter(|route| route != "POST /account/password")
        .collect();
    let mut known = OPEN.map(str::to_owned).to_vec();
    known.sort();
    let mut open = open;
    open.sort();
    assert_eq!(open, known);
    let mut all: Vec<_> =
        page_routes().map(|route| (route.method().to_string(), route.path)).collect();
    let number = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), number, "each route stands once");
}

database::on_both! {
    async fn every_page_needs_a_session(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let named = Named::of(&owner, &bench).await;
        let before = picture(&owner, &bench).await;
        for route in protected() {
            let mut browser = Browser::new(&bench);
            browser.get("/console/sign-in").await;
            let reply = ask(&mut browser, route, &named).await;
            let to = reply.headers.get("location").map(|to| to.to_str().unwrap().to_owned());
            assert_eq!((reply.status, to.as_deref()), (303, Some("/console/sign-in")), "{route:?}");
        }
        assert_eq!(picture(&owner, &bench).await, before);
    }

    async fn every_page_needs_its_right(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let named = Named::of(&owner, &bench).await;
        let mut browsers = Vec::new();
        for route in protected().filter(|route| route.needs != PageNeeds::Session) {
            let found = browsers.iter().position(|(needs, _)| *needs == route.needs);
            let index = match found {
                Some(index) => index,
                None => {
                    let number = browsers.len();
                    browsers.push((route.needs, without(route.needs, &bench, &owner, number).await));
                    number
                }
            };
            let before = picture(&owner, &bench).await;
            let reply = ask(&mut browsers[index].1, route, &named).await;
            assert_eq!(reply.status, 403, "{route:?}: {}", reply.text);
            let leave = "action=\"/console/sign-out\"";
            assert!(reply.text.contains(leave), "{route:?}: who is refused can sign out");
            assert_eq!(picture(&owner, &bench).await, before, "{route:?} changed something");
        }
    }

    async fn overview_is_seen_and_not_changed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let named = Named::of(&owner, &bench).await;
        let access = Access::Custom([Right::Dashboard].into());
        bench.administrator(&owner.tenant, "viewer@example.com", access).await;
        let mut browser = Browser::new(&bench);
        browser.enrol("viewer@example.com").await;
        let start = browser.get("/console").await;
        assert_eq!(browser.follow(start).await.0, "/console/resource-locations");
        for path in ["/resource-locations", "/connectors", "/connectors/details", "/updates"] {
            let page = browser.get(&named.query(path)).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            for change in ["/add", "/edit", "/delete", "/remove", "/policy"] {
                let is_offered = ['"', '?'].map(|end| format!("{change}{end}"));
                let is_offered = is_offered.iter().any(|link| page.text.contains(link));
                assert!(!is_offered, "{path} offers {change}");
            }
        }
    }

    async fn who_has_no_section_gets_to_the_own_account(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let access = Access::Custom([Right::Requests].into());
        bench.administrator(&owner.tenant, "script@example.com", access).await;
        let mut browser = Browser::new(&bench);
        browser.enrol("script@example.com").await;
        let start = browser.get("/console").await;
        let (path, page) = browser.follow(start).await;
        assert_eq!((path.as_str(), page.status), ("/console/account", 200), "{}", page.text);
    }

    async fn every_page_serves_its_own_customer_only(database: &Database) {
        let bench = Bench::new(database).await;
        let (owner, other) = (bench.customer("Owner").await, bench.customer("Other").await);
        let named = Named::of(&owner, &bench).await;
        let mut browser = Browser::new(&bench);
        browser.enrol(&other.administrator.email).await;
        browser.get("/console").await;
        let before = picture(&owner, &bench).await;
        for route in protected() {
            browser.get("/console/account").await;
            let reply = ask(&mut browser, route, &named).await;
            assert!(reply.status < 500, "{route:?}: {}", reply.text);
            let about_one = [
                "edit", "delete", "details", "remove", "access", "policy", "prechecks", "report",
            ];
            let is_about_one = about_one.contains(&route.path.rsplit('/').next().unwrap())
                || route.path.contains("/web-servers");
            if is_about_one {
                // A form says that it is gone, and keeps what was typed.
                let is_form = route.method() == Method::POST;
                assert!(
                    reply.status == 404 || (is_form && reply.status == 422),
                    "{route:?}: {}",
                    reply.text
                );
            }
            for secret in [&owner.tenant.id().as_str().to_owned(), &owner.administrator.email] {
                assert!(!reply.text.contains(secret.as_str()), "{route:?}: {}", reply.text);
            }
            assert_eq!(picture(&owner, &bench).await, before, "{route:?} changed something");
        }
        assert!(bench.orders.lock().unwrap().is_empty(), "no connector of the owner was asked");
    }

    async fn every_form_must_be_one_of_ours(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let named = Named::of(&owner, &bench).await;
        let mut browser = Browser::new(&bench);
        browser.enrol(&owner.administrator.email).await;
        browser.get("/console").await;
        browser.get("/console/account").await;
        let before = picture(&owner, &bench).await;
        for route in page_routes().filter(|route| route.method() == Method::POST) {
            let path = format!("/console{}", route.path);
            let token = browser.csrf.clone();
            let fields: String = named
                .fields(route.path)
                .iter()
                .map(|(name, value)| format!("&{name}={}", value.replace(' ', "+")))
                .collect();
            let foreign = browser.send("POST", &path, format!("csrf={token}{fields}"), "cross-site");
            assert_eq!(foreign.await.status, 403, "{route:?} from another site");
            let wrong = format!("csrf={}{fields}", "0".repeat(64));
            let forged = browser.send("POST", &path, wrong, "same-origin").await;
            assert!(matches!(forged.status, 303 | 403 | 410 | 422), "{route:?}: {}", forged.status);
            if route.needs != PageNeeds::Nothing {
                assert_eq!(forged.status, 403, "{route:?} without the token");
            }
            browser.csrf = token;
            assert_eq!(picture(&owner, &bench).await, before, "{route:?} changed something");
        }
        assert!(bench.orders.lock().unwrap().is_empty(), "no connector was asked");
        assert_eq!(browser.get("/console/account").await.status, 200, "still signed in");
    }
}
