//! The console, as a browser without script uses it.

use axum::body::Body;
use axum::http::Request;
use registry::{Access, Change, Right, SESSION_SECONDS};

use crate::bench::{Bench, PASSWORD};
use crate::browser::{Browser, code};

database::on_both! {
    async fn first_sign_in_sets_up_the_second_factor(database: &Database) {
        let bench = Bench::new(database).await;
        bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        let (path, _) = { let reply = browser.get("/console/resource-locations").await; browser.follow(reply).await };
        assert_eq!(path, "/console/sign-in");
        let shared = browser.enrol("root@owner.example").await;
        let reply = browser.get("/console").await;
        let (path, page) = browser.follow(reply).await;
        assert_eq!((path.as_str(), page.status), ("/console/resource-locations", 200));
        assert!(page.text.contains("Owner"), "the customer is named");
        let csp = page.headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("script-src 'self'") && csp.contains("frame-ancestors 'none'"));
        assert_eq!(page.headers["cache-control"], "no-store");
        let reply = browser.post("/console/sign-out", &[]).await;
        assert_eq!(browser.follow(reply).await.0, "/console/sign-in?notice=signed-out");
        assert_eq!(browser.get("/console/resource-locations").await.status, 303);
        bench.pass(60);
        let (path, _) = browser.enter("root@owner.example", PASSWORD).await;
        assert_eq!(path, "/console/sign-in/code");
        let wrong = browser.post("/console/sign-in/code", &[("factor", "app"), ("code", "000000")]).await;
        assert_eq!(wrong.status, 422);
        let typed = code(&shared, bench.now());
        let reply = browser.post("/console/sign-in/code", &[("factor", "app"), ("code", &typed)]).await;
        assert_eq!(browser.follow(reply).await.1.status, 200);
        bench.pass(SESSION_SECONDS);
        assert_eq!(browser.get("/console/resource-locations").await.status, 303, "72 hours");
    }

    async fn wrong_passwords_are_paused(database: &Database) {
        let bench = Bench::new(database).await;
        bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        browser.get("/console/sign-in").await;
        let mut statuses = Vec::new();
        for password in ["", "a", "b", "c", "d", PASSWORD] {
            let fields = [("email", "root@owner.example"), ("password", password)];
            statuses.push(browser.post("/console/sign-in", &fields).await.status);
        }
        assert_eq!(statuses, [422, 422, 422, 422, 422, 429], "an empty one is none");
    }

    async fn forms_of_others_are_refused(database: &Database) {
        let bench = Bench::new(database).await;
        bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        browser.get("/console/sign-in").await;
        let body = format!("csrf={}&email=root%40owner.example&password={PASSWORD}", browser.csrf);
        let reply = browser.send("POST", "/console/sign-in", body.clone(), "cross-site").await;
        assert_eq!(reply.status, 403, "the browser says where it comes from");
        let token = std::mem::replace(&mut browser.csrf, "0".repeat(64));
        let fields = [("email", "root@owner.example"), ("password", PASSWORD)];
        assert_eq!(browser.post("/console/sign-in", &fields).await.status, 403, "a wrong token");
        let mut other = Browser::new(&bench);
        other.get("/console/sign-in").await;
        other.csrf = token;
        assert_eq!(other.post("/console/sign-in", &fields).await.status, 403, "another browser's");
        let json = Request::builder()
            .method("POST")
            .uri("/console/sign-in")
            .header("Content-Type", "text/plain")
            .body(Body::from(body))
            .unwrap();
        assert_eq!(bench.send(json).await.status, 415);
    }

    async fn locations_are_added_changed_and_deleted(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        browser.enrol("root@owner.example").await;
        browser.get("/console").await;
        let page = browser.get("/console/resource-locations/add?lang=ja").await;
        assert!(page.text.contains("lang=\"ja\""), "in the language that was chosen");
        let bad = browser.post("/console/resource-locations/add", &[("name", "a/b"), ("timezone", "UTC")]).await;
        assert_eq!(bad.status, 422);
        let fields = [("name", "東京"), ("timezone", "Tokyo Standard Time")];
        assert_eq!(browser.post("/console/resource-locations/add", &fields).await.status, 200);
        let made = owner.tenant.locations().await.unwrap().remove(0);
        assert_eq!((made.name.as_str(), made.time_zone.as_str()), ("東京", "Tokyo Standard Time"));
        assert!(browser.get("/console/resource-locations").await.text.contains("東京"));
        browser.get(&format!("/console/resource-locations/edit?id={}", made.id)).await;
        let fields = [("id", made.id.as_str()), ("name", "Osaka"), ("timezone", "Tokyo Standard Time")];
        assert_eq!(browser.post("/console/resource-locations/edit", &fields).await.status, 200);
        browser.get(&format!("/console/resource-locations/delete?id={}", made.id)).await;
        let reply = browser.post("/console/resource-locations/delete", &[("id", &made.id)]).await;
        assert_eq!(reply.status, 200);
        assert!(owner.tenant.locations().await.unwrap().is_empty());
        let gone = browser.get(&format!("/console/resource-locations/edit?id={}", made.id)).await;
        assert_eq!(gone.status, 404);
        let log = bench.get(&owner.token, "/systemlog/records?Limit=1").await.json();
        assert_eq!(log["Items"][0]["ActorDisplayName"], "root@owner.example");
    }

    async fn person_of_two_customers_chooses(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let second = bench.registry.create_tenant("Second", bench.now()).await.unwrap();
        let tenant = bench.registry.tenant(&second.id);
        bench.administrator(&tenant, "root@owner.example", Access::Full).await;
        let mut browser = Browser::new(&bench);
        browser.enrol("root@owner.example").await;
        let reply = browser.get("/console").await;
        let (path, page) = browser.follow(reply).await;
        assert_eq!(path, "/console/sign-in/customer");
        assert!(page.text.contains("Second"));
        let other = bench.customer("Other").await;
        let theirs = other.tenant.id().as_str();
        let refused = browser.post("/console/sign-in/customer", &[("customer", theirs)]).await;
        assert_eq!(refused.status, 422, "nobody else's");
        let reply = browser.post("/console/sign-in/customer", &[("customer", second.id.as_str())]).await;
        assert_eq!(browser.follow(reply).await.0, "/console/resource-locations");
        assert_ne!(owner.tenant.id(), &second.id);
    }

    async fn rights_and_removal_count_at_once(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let custom = Access::Custom([Right::ResourceLocations].into());
        let eve = bench.administrator(&owner.tenant, "eve@example.com", custom).await;
        let mut browser = Browser::new(&bench);
        browser.enrol("eve@example.com").await;
        let reply = browser.get("/console").await;
        let (_, page) = browser.follow(reply).await;
        assert!(!page.text.contains("/console/administrators\""), "not in the menu");
        let change = Change::by_system(bench.now());
        let less = Access::Custom([Right::Domains].into());
        owner.tenant.set_access(&eve.id, &less, &change).await.unwrap();
        assert_eq!(browser.get("/console/resource-locations").await.status, 403);
        owner.tenant.remove_administrator(&eve.id, &change).await.unwrap();
        assert_eq!(browser.get("/console/resource-locations").await.status, 303);
    }

    async fn invitation_leads_to_a_password(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let new = registry::NewAdministrator {
            email: "new@example.com".into(),
            display_name: String::new(),
            access: Access::Full,
        };
        let invitation = owner.tenant.invite(&new, &Change::by_system(bench.now())).await.unwrap();
        let token = invitation.secret.expose();
        let mut browser = Browser::new(&bench);
        assert_eq!(browser.get("/console/invitation?token=wrong").await.status, 410);
        let page = browser.get(&format!("/console/invitation?token={token}")).await;
        assert!(page.text.contains("Owner") && page.text.contains("new@example.com"));
        let send = [("invitation", token), ("name", "新人"), ("password", "weak"), ("confirmation", "weak")];
        assert_eq!(browser.post("/console/invitation", &send).await.status, 422);
        let send = [("invitation", token), ("name", "新人"), ("password", PASSWORD), ("confirmation", "x")];
        assert_eq!(browser.post("/console/invitation", &send).await.status, 422);
        let send = [("invitation", token), ("name", "新人"), ("password", PASSWORD), ("confirmation", PASSWORD)];
        assert_eq!(browser.post("/console/invitation", &send).await.status, 303);
        let accepted = owner.tenant.administrators().await.unwrap().remove(0);
        assert_eq!((accepted.display_name.as_str(), accepted.person.is_some()), ("新人", true));
        assert_eq!(browser.get(&format!("/console/invitation?token={token}")).await.status, 410);
        browser.enrol("new@example.com").await;
    }

    async fn changed_password_ends_every_session(database: &Database) {
        let bench = Bench::new(database).await;
        bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        browser.enrol("root@owner.example").await;
        browser.get("/console").await;
        assert_eq!(browser.get("/console/account/password").await.status, 200);
        let send = [("current", "wrong"), ("password", "Another-99!"), ("confirmation", "Another-99!")];
        assert_eq!(browser.post("/console/account/password", &send).await.status, 422);
        let send = [("current", PASSWORD), ("password", "Another-99!"), ("confirmation", "Another-99!")];
        let reply = browser.post("/console/account/password", &send).await;
        assert_eq!(browser.follow(reply).await.0, "/console/sign-in?notice=password-changed");
        assert_eq!(browser.get("/console/resource-locations").await.status, 303);
        let (path, _) = browser.enter("root@owner.example", "Another-99!").await;
        assert_eq!(path, "/console/sign-in/code");
    }

    async fn one_time_passwords_cannot_be_tried_out(database: &Database) {
        let bench = Bench::new(database).await;
        bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        let shared = browser.enrol("root@owner.example").await;
        bench.pass(60);
        let mut looked_at = 0;
        for _ in 0..4 {
            let mut guesser = Browser::new(&bench);
            guesser.enter("root@owner.example", PASSWORD).await;
            for _ in 0..5 {
                let fields = [("factor", "app"), ("code", "000000")];
                let reply = guesser.post("/console/sign-in/code", &fields).await;
                looked_at += usize::from(reply.status == 422);
            }
        }
        assert_eq!(looked_at, 10, "over all sign-ins of the person");
        let mut owner = Browser::new(&bench);
        owner.enter("root@owner.example", PASSWORD).await;
        let typed = code(&shared, bench.now());
        let fields = [("factor", "app"), ("code", typed.as_str())];
        assert_eq!(owner.post("/console/sign-in/code", &fields).await.status, 429);
    }

    async fn wrong_current_passwords_are_paused(database: &Database) {
        let bench = Bench::new(database).await;
        bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        browser.enrol("root@owner.example").await;
        browser.get("/console").await;
        browser.get("/console/account/password").await;
        let mut statuses = Vec::new();
        for current in ["a", "b", "c", "d", PASSWORD] {
            let fields = [("current", current), ("password", "Another-99!"), ("confirmation", "Another-99!")];
            statuses.push(browser.post("/console/account/password", &fields).await.status);
        }
        assert_eq!(statuses, [422, 422, 422, 422, 429]);
    }

    async fn link_to_a_step_of_the_sign_in_does_not_sign_out(database: &Database) {
        let bench = Bench::new(database).await;
        bench.customer("Owner").await;
        let mut browser = Browser::new(&bench);
        browser.enrol("root@owner.example").await;
        browser.get("/console").await;
        for path in ["/console/sign-in/code", "/console/set-up-totp", "/console/sign-in/customer"] {
            let reply = browser.send("GET", path, String::new(), "cross-site").await;
            assert_eq!(browser.follow(reply).await.0, "/console/resource-locations", "{path}");
        }
    }

    async fn every_page_needs_a_session_and_files_none(database: &Database) {
        let bench = Bench::new(database).await;
        let mut browser = Browser::new(&bench);
        for path in [
            "/console", "/console/resource-locations", "/console/resource-locations/add",
            "/console/resource-locations/delete", "/console/sign-in/code", "/console/set-up-totp",
            "/console/sign-in/customer", "/console/account/password",
        ] {
            assert_eq!(browser.get(path).await.status, 303, "{path}");
        }
        for path in ["/console/nowhere", "/console/assets/nothing.css"] {
            assert_eq!(browser.get(path).await.status, 404, "{path}");
        }
        let page = browser.get("/console/sign-in").await;
        let style = page.text.split("href=\"/console/assets/").nth(1).unwrap();
        let style = style.split('"').next().unwrap();
        let file = browser.get(&format!("/console/assets/{style}")).await;
        assert_eq!(file.status, 200);
        assert!(file.headers["cache-control"].to_str().unwrap().contains("immutable"));
    }
}
