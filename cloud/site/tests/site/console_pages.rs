//! The pages of the console behind the sign-in: what they show and what their forms do.

use registry::{
    Access, AdministratorStatus, Change, Content, Load, NewNotification, Right, Severity,
    VersionState,
};

use crate::bench::{AWAY, Bench, Customer, NOW, PASSWORD};
use crate::browser::{Browser, code};

pub(crate) async fn signed_in<'a>(bench: &'a Bench, owner: &Customer) -> Browser<'a> {
    let mut browser = Browser::new(bench);
    browser.enrol(&owner.administrator.email).await;
    browser.get("/console").await;
    browser.get("/console/account").await;
    browser
}

/// What stands in a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no {name}: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

async fn notify(owner: &Customer, event_id: &str, destination: &str) {
    let content = ["en-US", "ja-JP"].map(|tag| Content {
        language_tag: tag.to_owned(),
        title: format!("{event_id} in {tag}"),
        description: "Do something.".to_owned(),
    });
    let new = NewNotification {
        component: "Connectors".to_owned(),
        event_id: event_id.to_owned(),
        severity: Severity::Error,
        priority: "Normal".to_owned(),
        destination: destination.to_owned(),
        content: content.to_vec(),
    };
    owner.tenant.notify(&new, &Change::by_system(NOW)).await.unwrap();
}

database::on_both! {
    async fn appliance_is_added_by_its_code(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let there = bench.connector(&owner.tenant, "first").await;
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get(&format!("/console/connectors/add?location={}", there.location)).await;
        assert!(page.text.contains(&there.location));
        let (_, code) = bench.appliance("tokyo-1").await;
        let location = there.location.as_str();
        let typed = [("location", location), ("code", &code)];
        let page = browser.post("/console/connectors/add", &typed).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for shown in ["tokyo-1", "12-34", "fingerprint of tokyo-1", "192.0.2.1"] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let registration = hidden(&page.text, "registration");
        let fields = [("location", location), ("registration", registration.as_str())];
        let page = browser.post("/console/connectors/add/register", &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let filter = registry::ConnectorFilter { location: Some(location.to_owned()), kind: None };
        let made = owner.tenant.connectors(&filter).await.unwrap();
        assert_eq!(made.len(), 2);
        let again = browser.post("/console/connectors/add/register", &fields).await;
        assert_eq!(again.status, 422, "the code was used");
    }

    async fn refused_codes_say_why_and_keep_what_was_typed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = signed_in(&bench, &owner).await;
        let (first, expired) = bench.appliance("old").await;
        bench.pass(first.expires_at - bench.now());
        let (_, away) = bench.appliance(AWAY).await;
        let mut said = std::collections::BTreeSet::new();
        for code in ["", "ABC", "22222222", &expired, &away] {
            let page = browser.post("/console/connectors/add", &[("code", code)]).await;
            assert_eq!(page.status, 422, "{code}: {}", page.text);
            let problem = page.text.split("role=\"alert\"").nth(1).unwrap();
            said.insert(problem.chars().take(300).collect::<String>());
        }
        assert!(said.len() >= 4, "{said:?}");
        let gone = [("location", "nowhere"), ("code", expired.as_str())];
        assert_eq!(browser.post("/console/connectors/add", &gone).await.status, 422);
        let mut statuses = Vec::new();
        for _ in 0..12 {
            let page = browser.post("/console/connectors/add", &[("code", "33333333")]).await;
            statuses.push(page.status);
        }
        assert_eq!(statuses.last(), Some(&429), "codes cannot be tried out: {statuses:?}");
    }

    async fn cancelled_appliance_is_refused(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = signed_in(&bench, &owner).await;
        let (registration, code) = bench.appliance("unwanted").await;
        browser.post("/console/connectors/add", &[("code", &code)]).await;
        let fields = [("registration", registration.id.as_str())];
        let page = browser.post("/console/connectors/add/cancel", &fields).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let known = owner.tenant.registration(&registration.id).await.unwrap();
        assert_eq!(known.state(bench.now()), registry::RegistrationState::Refused);
        let again = browser.post("/console/connectors/add/cancel", &fields).await;
        assert_eq!(again.status, 200, "asked twice, it is refused all the same");
        let page = browser.post("/console/connectors/add", &[("code", &code)]).await;
        assert_eq!(page.status, 422);
    }

    async fn connectors_are_listed_worst_first_and_removed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let well = bench.connector(&owner.tenant, "a-well").await;
        let silent = bench.connector(&owner.tenant, "z-silent").await;
        for (connector, at) in [(&well, bench.now()), (&silent, bench.now() - 3600)] {
            bench.hear(connector, at, "1.2.3.4").await;
        }
        let load = Load { requests: 1234, failures: 5, total_milliseconds: 9000, ..Load::default() };
        owner.tenant.add_load(&well.id, bench.now() - 600, &load).await.unwrap();
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get("/console/connectors").await.text;
        let place = |name: &str| page.find(name).unwrap_or_else(|| panic!("{name}: {page}"));
        assert!(place(">z-silent</") < place(">a-well</"), "the worst first");
        assert!(page.contains("1,234") && page.contains("42"), "load: {page}");
        let page = browser.get("/console/connectors?state=not-in-contact").await.text;
        assert!(page.contains(">z-silent</") && !page.contains(">a-well</"), "filtered");
        let page = browser.get("/console/connectors?text=WELL").await.text;
        assert!(page.contains(">a-well</") && !page.contains(">z-silent</"), "found");
        let page = browser.get(&format!("/console/connectors/details?id={}", well.id)).await;
        assert_eq!(page.status, 200);
        for shown in ["fingerprint of a-well", "10.9.8.7", "198.51.100.9", "gateway.example", "0a"] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        assert!(!page.text.contains("value=\"updates/now\""), "not offered");
        browser.get(&format!("/console/connectors/remove?id={}", silent.id)).await;
        let page = browser.post("/console/connectors/remove", &[("id", &silent.id)]).await;
        assert_eq!(page.status, 200);
        assert!(owner.tenant.connector(&silent.id).await.is_err());
        assert!(bench.forgotten.lock().unwrap().contains(&silent.id), "its connections end");
        let page = browser.post("/console/connectors/remove", &[("id", &silent.id)]).await;
        assert_eq!(page.status, 404);
    }

    async fn rest_ends_connections_of_a_removed_connector(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let connector = bench.connector(&owner.tenant, "gone").await;
        let path = format!("/connectors/{}", connector.id);
        assert_eq!(bench.call(&owner.token, "DELETE", &path, None).await.status, 200);
        assert_eq!(*bench.forgotten.lock().unwrap(), [connector.id]);
    }

    async fn secure_clients_are_made_shown_once_and_deleted(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.post("/console/api-access/create", &[("name", "Nightly")]).await;
        assert_eq!((page.status, &page.headers["cache-control"]), (200, &"no-store".parse().unwrap()));
        let all = owner.tenant.clients(None).await.unwrap();
        let made = all.into_iter().find(|one| one.name == "Nightly").unwrap();
        assert!(page.text.contains(&made.id));
        assert!(browser.get("/console/api-access").await.text.contains("Nightly"));
        for name in ["", "a/b", &"x".repeat(65)] {
            let page = browser.post("/console/api-access/create", &[("name", name)]).await;
            assert_eq!(page.status, 422, "{name}");
        }
        let path = format!("/console/api-access/delete?id={}", made.id);
        assert!(browser.get(&path).await.text.contains("Nightly"));
        let page = browser.post("/console/api-access/delete", &[("id", &made.id)]).await;
        assert_eq!(page.status, 200);
        assert!(owner.tenant.clients(None).await.unwrap().iter().all(|one| one.id != made.id));
    }

    async fn custom_access_sees_its_own_clients_only(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let custom = Access::Custom([Right::SecureClients].into());
        bench.administrator(&owner.tenant, "eve@example.com", custom).await;
        let mut browser = Browser::new(&bench);
        browser.enrol("eve@example.com").await;
        browser.get("/console").await;
        let page = browser.get("/console/api-access").await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains(&owner.client));
        let path = format!("/console/api-access/delete?id={}", owner.client);
        assert_eq!(browser.get(&path).await.status, 404);
        let page = browser.post("/console/api-access/delete", &[("id", &owner.client)]).await;
        assert_eq!(page.status, 404);
        assert_eq!(owner.tenant.clients(None).await.unwrap().len(), 1);
    }

    async fn product_registrations_are_listed_and_removed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let connector = bench.connector(&owner.tenant, "kept").await;
        let mut browser = signed_in(&bench, &owner).await;
        let path = "/console/api-access/product-registrations";
        assert!(browser.get(path).await.text.contains("kept"));
        let id = owner.tenant.registrations().await.unwrap().remove(0).id;
        assert_eq!(browser.get(&format!("{path}/remove?id={id}")).await.status, 200);
        assert_eq!(browser.post(&format!("{path}/remove"), &[("id", &id)]).await.status, 200);
        assert!(owner.tenant.registrations().await.unwrap().is_empty());
        assert!(owner.tenant.connector(&connector.id).await.is_ok(), "the connector stays");
    }

    async fn administrators_are_invited_with_a_link_changed_and_deleted(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = signed_in(&bench, &owner).await;
        for (fields, why) in [
            ([("email", "none"), ("access", "full")], "no address"),
            ([("email", "a@example.com"), ("access", "custom")], "no right"),
            ([("email", "root@owner.example"), ("access", "full")], "taken"),
        ] {
            let page = browser.post("/console/administrators/invite", &fields).await;
            assert_eq!(page.status, 422, "{why}");
        }
        let fields = [
            ("email", "new@example.com"), ("name", "New"), ("access", "custom"),
            ("right", "Domains"), ("right", "SystemLog"),
        ];
        let page = browser.post("/console/administrators/invite", &fields).await;
        assert_eq!((page.status, &page.headers["cache-control"]), (200, &"no-store".parse().unwrap()));
        let link = page.text.split("https://cloud.example.com/console/invitation?token=").nth(1);
        let token = link.unwrap().split(['"', '<', '&']).next().unwrap().to_owned();
        let mut guest = Browser::new(&bench);
        let shown = guest.get(&format!("/console/invitation?token={token}")).await;
        assert!(shown.text.contains("new@example.com"), "the link works");
        let all = owner.tenant.administrators().await.unwrap();
        let new = all.iter().find(|one| one.email == "new@example.com").unwrap().clone();
        assert_eq!(new.access, Access::Custom([Right::Domains, Right::SystemLog].into()));
        let page = browser.post("/console/administrators/resend", &[("id", &new.id)]).await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains(&token), "another link");
        let old = guest.get(&format!("/console/invitation?token={token}")).await;
        assert_eq!(old.status, 410);
        let own = owner.administrator.id.as_str();
        let page = browser.post("/console/administrators/resend", &[("id", own)]).await;
        assert_eq!(page.status, 422, "accepted long ago");
        let fields = [("id", new.id.as_str()), ("access", "custom"), ("right", "Notifications")];
        assert_eq!(browser.post("/console/administrators/access", &fields).await.status, 200);
        let changed = owner.tenant.administrator(&new.id).await.unwrap();
        assert_eq!(changed.access, Access::Custom([Right::Notifications].into()));
        let fields = [("id", own), ("access", "custom"), ("right", "Domains")];
        let page = browser.post("/console/administrators/access", &fields).await;
        assert_eq!(page.status, 422, "the last with full access");
        assert_eq!(browser.post("/console/administrators/delete", &[("id", own)]).await.status, 422);
        bench.pass(registry::INVITATION_SECONDS - 3600);
        assert_eq!(changed.status(bench.now()), AdministratorStatus::InviteSent);
        let mut browser = Browser::new(&bench);
        assert_eq!(browser.get("/console/administrators").await.status, 303, "72 hours");
    }

    async fn deleted_administrator_is_signed_out(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        bench.administrator(&owner.tenant, "second@example.com", Access::Full).await;
        let mut browser = signed_in(&bench, &owner).await;
        let id = owner.administrator.id.as_str();
        assert_eq!(browser.get(&format!("/console/administrators/delete?id={id}")).await.status, 200);
        let reply = browser.post("/console/administrators/delete", &[("id", id)]).await;
        assert_eq!(browser.follow(reply).await.0, "/console/sign-in");
        assert_eq!(owner.tenant.administrators().await.unwrap().len(), 1);
        let reply = bench.get(&owner.token, "/resourcelocations").await;
        assert_eq!(reply.status, 401, "with the clients");
    }

    async fn idle_session_ends_and_a_page_left_open_does_not_keep_it(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = signed_in(&bench, &owner).await;
        for minutes in ["9", "721", "x", "", "99999999999999999999"] {
            let fields = [("on", "1"), ("minutes", minutes)];
            let page = browser.post("/console/administrators/timeout", &fields).await;
            assert_eq!(page.status, 422, "{minutes}");
        }
        let fields = [("on", "1"), ("minutes", "10")];
        assert_eq!(browser.post("/console/administrators/timeout", &fields).await.status, 200);
        bench.pass(300);
        assert_eq!(browser.get("/console/connectors").await.status, 200, "in use");
        bench.pass(300);
        assert_eq!(browser.refresh("/console/connectors").await.status, 200);
        bench.pass(300);
        assert_eq!(browser.refresh("/console/connectors").await.status, 303, "nobody is there");
    }

    async fn log_is_filtered_paged_and_exported(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = signed_in(&bench, &owner).await;
        for number in 0..60 {
            let name = format!("=client {number}");
            owner.tenant.create_client(&name, &owner.administrator.id, &Change::by_system(bench.now()))
                .await.unwrap();
        }
        let page = browser.get("/console/system-log").await.text;
        assert!(page.contains("=client 59") && !page.contains("=client 5<"), "newest first");
        let older = page.split("after=").nth(1).unwrap().split(['"', '&']).next().unwrap();
        let page = browser.get(&format!("/console/system-log?days=30&after={older}&first=51")).await;
        assert!(page.text.contains("=client 5<"), "{}", page.text);
        let page = browser.get("/console/system-log?text=CLIENT+42").await.text;
        assert!(page.contains("=client 42") && !page.contains("=client 41"));
        let file = browser.get("/console/system-log/export?days=90").await;
        assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
        assert!(file.headers["content-disposition"].to_str().unwrap().contains("system-log.csv"));
        assert!(file.text.matches("\r\n").count() > 60, "{}", file.text);
        assert!(file.text.contains(",\"'=client 0\""), "not computed by a spreadsheet");
        let file = browser.get("/console/system-log/export?text=client+42").await;
        assert_eq!(file.text.matches("\r\n").count(), 2, "the filtered ones");
    }

    async fn notifications_speak_the_language_and_are_dismissed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        for event in ["one", "two", "three"] {
            notify(&owner, event, "*").await;
        }
        notify(&owner, "private", "somebody else").await;
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get("/console/notifications?lang=ja").await.text;
        assert!(page.contains("one in ja-JP") && !page.contains("private"));
        let theirs = owner.tenant.notifications("somebody else").await.unwrap();
        let theirs = theirs.iter().find(|one| one.notification.event_id == "private").unwrap();
        browser.post("/console/notifications/dismiss", &[("id", &theirs.id)]).await;
        let left = owner.tenant.notifications("somebody else").await.unwrap();
        assert_eq!(left.len(), 4, "somebody else's stays");
        let shown = owner.tenant.notifications("").await.unwrap();
        let page = browser.post("/console/notifications/dismiss", &[("id", &shown[0].id)]).await;
        assert_eq!(page.status, 200);
        assert_eq!(owner.tenant.notifications("").await.unwrap().len(), 2);
        browser.post("/console/notifications/dismiss-all", &[]).await;
        assert!(owner.tenant.notifications("").await.unwrap().is_empty());
    }

    async fn domains_are_shown_and_changed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let connector = bench.connector(&owner.tenant, "joined").await;
        let reported = [("corp.example".to_owned(), "forest.example".to_owned(), true)];
        owner.tenant.report_domains(&connector.id, &reported, bench.now()).await.unwrap();
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get("/console/domains").await.text;
        assert!(page.contains("corp.example") && page.contains("at joined"), "{page}");
        assert_eq!(browser.get("/console/domains/edit?domain=corp.example").await.status, 200);
        let fields = [("domain", "corp.example"), ("served-by", "windows"), ("enabled", "1")];
        let page = browser.post("/console/domains/edit", &fields).await;
        assert_eq!(page.status, 422, "no such connector has joined it");
        let fields = [("domain", "corp.example"), ("served-by", "appliance")];
        assert_eq!(browser.post("/console/domains/edit", &fields).await.status, 200);
        assert!(!owner.tenant.domain("corp.example").await.unwrap().is_enabled);
        assert_eq!(browser.get("/console/domains/edit?domain=none.example").await.status, 404);
    }

    async fn windows_of_updates_are_set_and_removed(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let connector = bench.connector(&owner.tenant, "old").await;
        let failure = Some("the disk is full".to_owned());
        let upgrade = registry::Upgrade { failure, ..registry::Upgrade::default() };
        let change = Change::by_system(bench.now());
        owner.tenant
            .note_upgrade(&connector.id, Some("2.0.0.0"), VersionState::UpdateFailed, &upgrade, &change)
            .await.unwrap();
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get("/console/updates").await.text;
        assert!(page.contains("the disk is full"), "{page}");
        assert!(!page.contains("name=\"connector\""), "nobody could carry an order out");
        let location = connector.location.as_str();
        let path = "/console/updates/policy";
        assert_eq!(browser.get(&format!("{path}?location={location}")).await.status, 200);
        let window = |day, start| {
            [("location", location), ("when", "window"), ("day", day), ("start", start), ("order", "Early")]
        };
        assert_eq!(browser.post(path, &window("Someday", "03:30")).await.status, 422);
        assert_eq!(browser.post(path, &window("", "25:00")).await.status, 422);
        assert_eq!(browser.post(path, &window("Friday", "03:30")).await.status, 200);
        let set = owner.tenant.maintenance_windows().await.unwrap().remove(0);
        assert_eq!((set.day, set.start_second, set.order), (registry::Day::Friday, 12_600, registry::UpdateOrder::Early));
        let at_once = [("location", location), ("when", "immediately")];
        for _ in 0..2 {
            assert_eq!(browser.post(path, &at_once).await.status, 200);
        }
        assert!(owner.tenant.maintenance_windows().await.unwrap().is_empty());
    }

    async fn second_step_is_renewed_with_the_password(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut browser = signed_in(&bench, &owner).await;
        let page = browser.get("/console/account").await.text;
        assert!(page.contains(owner.tenant.id().as_str()) && page.contains("root@owner.example"));
        let path = "/console/account/second-step";
        let wrong = [("password", "wrong"), ("action", "backup-codes")];
        assert_eq!(browser.post(path, &wrong).await.status, 422);
        let right = [("password", PASSWORD), ("action", "backup-codes")];
        let page = browser.post(path, &right).await;
        assert_eq!((page.status, &page.headers["cache-control"]), (200, &"no-store".parse().unwrap()));
        let backup = page.text.split("<code>").nth(1).map(|rest| rest.split('<').next().unwrap().to_owned());
        let person = owner.administrator.person.as_ref().unwrap();
        assert_eq!(bench.registry.backup_codes_left(person).await.unwrap(), 10);
        let mut second = Browser::new(&bench);
        assert_eq!(second.enter("root@owner.example", PASSWORD).await.0, "/console/sign-in/code");
        let backup = backup.unwrap_or_else(|| panic!("no code: {}", page.text));
        let fields = [("factor", "backup-code"), ("code", backup.as_str())];
        let reply = second.post("/console/sign-in/code", &fields).await;
        assert_eq!(second.follow(reply).await.0, "/console/resource-locations");
        assert_eq!(bench.registry.backup_codes_left(person).await.unwrap(), 9);
        let device = [("password", PASSWORD), ("action", "device")];
        let reply = browser.post(path, &device).await;
        assert_eq!(browser.follow(reply).await.0, "/console/sign-in");
        assert_eq!(second.get("/console/account").await.status, 303, "every session has ended");
        bench.pass(60);
        let shared = browser.enrol("root@owner.example").await;
        browser.get("/console").await;
        browser.get("/console/account").await;
        browser.post("/console/sign-out", &[]).await;
        bench.pass(60);
        browser.enter("root@owner.example", PASSWORD).await;
        let typed = code(&shared, bench.now());
        let fields = [("factor", "app"), ("code", typed.as_str())];
        let reply = browser.post("/console/sign-in/code", &fields).await;
        assert_eq!(browser.follow(reply).await.0, "/console/resource-locations");
    }

    async fn name_of_the_host_alone_leads_to_the_console(database: &Database) {
        let bench = Bench::new(database).await;
        let mut browser = Browser::new(&bench);
        let reply = browser.get("/").await;
        assert_eq!(browser.follow(reply).await.0, "/console/sign-in");
        let posted = browser.post("/", &[]).await;
        assert_eq!(posted.status, 404);
        // What the appliance tells scripts as `verificationUrl`.
        let reply = browser.get(protocol::code::VERIFICATION_PATH).await;
        assert_eq!(reply.headers["location"], "/console/connectors/add");
    }
}
