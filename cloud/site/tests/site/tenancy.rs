//! Nobody reaches what is not theirs: every route of the table, with every wrong caller.

use axum::body::Body;
use axum::http::Request;
use registry::{
    Access, Change, Content, LocationForm, LogQuery, NewAdministrator, NewNotification, Right,
    Rights, Severity,
};
use serde_json::{Value, json};
use site::{Needs, Route, routes};

use crate::bench::{Bench, Customer, NOW};

/// What a route is called with: its path filled in, and its body.
struct Example {
    path: String,
    body: Option<Value>,
}

/// A request that succeeds for the customer, for each route. A new route without one fails the test.
async fn example(route: &Route, bench: &Bench, owner: &Customer, number: usize) -> Example {
    let (tenant, change) = (&owner.tenant, Change::by_system(NOW));
    let name = format!("{}-{number}", route.id);
    let form = LocationForm { name: Some(name.clone()), ..LocationForm::default() };
    let location = tenant.create_location(&form, &change).await.unwrap().id;
    let mut server = String::new();
    let (id, body) = match route.id {
        "getResourceLocations"
        | "getConnectors"
        | "getEdgeServers"
        | "getMaintenanceWindows"
        | "getSystemLogRecords"
        | "getSecureClients"
        | "getAdministrators"
        | "getDomains"
        | "getRegistrations"
        | "getNotifications" => (String::new(), None),
        "createResourceLocation" => (String::new(), Some(json!({"name": format!("new {name}")}))),
        "getResourceLocation" | "deleteResourceLocation" => (location, None),
        "updateResourceLocation" => (location, Some(json!({"internalOnly": true}))),
        "lookUpInDirectory" => (location, Some(crate::asked::lookup("corp.example.com"))),
        "getWebServers" => (location, None),
        "addWebServer" => {
            (location, Some(json!({"name": "wiki", "address": "http://wiki.example.com"})))
        }
        "deleteWebServer" | "relayGet" | "relayPost" | "relayPut" | "relayPatch"
        | "relayDelete" | "relayOptions" => {
            let address = "http://wiki.example.com";
            let listed = tenant.add_web_server(&location, "wiki", address, &change).await.unwrap();
            server = listed.id;
            (location, None)
        }
        "deleteConnector"
        | "getEdgeServer"
        | "getConnectorHealth"
        | "runConnectorPrechecks"
        | "getConnectorReport" => (bench.connector(tenant, &name).await.id, None),
        "createMaintenanceWindow" => {
            let body = json!({"location": location, "dayOfWeek": "Friday", "start": "12:00:00"});
            (String::new(), Some(body))
        }
        "updateMaintenanceWindow" => {
            (location, Some(json!({"dayOfWeek": "Everyday", "start": "02:30", "order": "Late"})))
        }
        "deleteMaintenanceWindow" => {
            let window = registry::MaintenanceWindow {
                location: location.clone(),
                day: registry::Day::Monday,
                start_second: 0,
                order: registry::UpdateOrder::Normal,
            };
            tenant.set_maintenance_window(&window, &change).await.unwrap();
            (location, None)
        }
        "createSecureClient" => (String::new(), Some(json!({"name": name}))),
        "deleteSecureClient" => (bench.client(tenant, &owner.administrator).await.0, None),
        "inviteAdministrator" => {
            (String::new(), Some(json!({"email": format!("{name}@example.com")})))
        }
        "getAdministrator" | "updateAdministrator" | "deleteAdministrator" | "resendInvitation" => {
            let new = NewAdministrator {
                email: format!("{name}@example.com"),
                display_name: name,
                access: Access::Full,
            };
            let invited = tenant.invite(&new, &change).await.unwrap().administrator.id;
            let body = (route.id == "updateAdministrator")
                .then(|| json!({"access": "Custom", "rights": ["Domains"]}));
            (invited, body)
        }
        "getDomain" | "updateDomain" => {
            let made = bench.connector(tenant, &name).await;
            let domain = format!("{}.example", name.to_lowercase());
            let reported = [(domain.clone(), domain.clone(), true)];
            tenant.report_domains(&made.id, &reported, NOW).await.unwrap();
            (domain, (route.id == "updateDomain").then(|| json!({"enabled": false})))
        }
        "confirmRegistration" => {
            let (_, code) = bench.appliance(&name).await;
            (String::new(), Some(json!({"code": code})))
        }
        "getRegistration" | "registerConnector" | "refuseRegistration" | "deleteRegistration" => {
            let (registration, code) = bench.appliance(&name).await;
            tenant.confirm_registration(&code, &change).await.unwrap();
            (registration.id, (route.id == "registerConnector").then(|| json!({})))
        }
        "createNotification" => {
            let content = json!([{"languageTag": "en", "title": "x", "description": "x"}]);
            let body = json!({
                "component": "x", "eventId": name, "severity": "Warning", "content": content,
            });
            (String::new(), Some(body))
        }
        "dismissNotification" => {
            let text = || "x".to_owned();
            let new = NewNotification {
                component: text(),
                event_id: name,
                severity: Severity::Warning,
                priority: text(),
                destination: "*".to_owned(),
                content: vec![Content { language_tag: text(), title: text(), description: text() }],
            };
            tenant.notify(&new, &change).await.unwrap();
            (tenant.notifications("").await.unwrap().remove(0).id, None)
        }
        other => panic!("give {other} an example"),
    };
    let path = route.path.replace("{id}", &id).replace("{name}", &id);
    Example { path: path.replace("{server}", &server).replace("{path}", "a/b"), body }
}

/// Everything that a tenant has, as one text.
async fn picture(owner: &Customer, bench: &Bench) -> String {
    let tenant = &owner.tenant;
    let log = LogQuery { limit: 1000, ..LogQuery::default() };
    let mut servers = Vec::new();
    for location in tenant.locations().await.unwrap() {
        servers.extend(tenant.web_servers(&location.id).await.unwrap());
    }
    format!(
        "{servers:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        tenant.locations().await.unwrap(),
        tenant.connectors(&registry::ConnectorFilter::default()).await.unwrap(),
        tenant.maintenance_windows().await.unwrap(),
        tenant.clients(None).await.unwrap(),
        tenant.administrators().await.unwrap(),
        tenant.domains().await.unwrap(),
        tenant.registrations().await.unwrap(),
        tenant.notifications("").await.unwrap(),
        tenant.log(&log, bench.now()).await.unwrap(),
    )
}

fn protected() -> impl Iterator<Item = (usize, &'static Route)> {
    routes().enumerate().filter(|(_, route)| route.needs != Needs::Nothing)
}

/// A token of an administrator who may do everything but what a route needs.
async fn token_without(needs: Needs, bench: &Bench, owner: &Customer, number: usize) -> String {
    let mut rights = Rights::from(Right::ALL);
    if let Needs::Right(right) = needs {
        rights.remove(&right);
    }
    let email = format!("custom{number}@example.com");
    let custom = bench.administrator(&owner.tenant, &email, Access::Custom(rights)).await;
    bench.client(&owner.tenant, &custom).await.2
}

database::on_both! {
    async fn every_route_serves_who_may(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        for (number, route) in protected() {
            let example = example(route, &bench, &owner, number).await;
            let method = route.method.as_str();
            let reply = bench.call(&owner.token, method, &example.path, example.body.as_ref()).await;
            assert_eq!(reply.status, route.success_status(), "{route:?}: {reply:?}");
        }
    }

    async fn every_route_refuses_wrong_callers(database: &Database) {
        let bench = Bench::new(database).await;
        let (owner, other) = (bench.customer("Owner").await, bench.customer("Other").await);
        let (client, _, revoked) = bench.client(&owner.tenant, &owner.administrator).await;
        owner.tenant.revoke_client(&client, None, &Change::by_system(NOW)).await.unwrap();
        for (number, route) in protected() {
            let example = example(route, &bench, &owner, number).await;
            let without = token_without(route.needs, &bench, &owner, number).await;
            let before = picture(&owner, &bench).await;
            let own = owner.tenant.id().as_str();
            for (who, token, accept, expected) in [
                ("no token", None, "application/json", (401, "common/authentication")),
                ("a made-up token", Some("x"), "application/json", (401, "common/authentication")),
                ("a revoked client", Some(revoked.as_str()), "application/json", (401, "common/authentication")),
                ("another customer", Some(other.token.as_str()), "application/json", (403, "common/authorization")),
                ("no right", Some(without.as_str()), "application/json", (403, "common/authorization")),
                ("a wrong Accept", Some(owner.token.as_str()), "text/html", (406, "common/notAcceptable")),
            ] {
                // What is relayed goes to whoever takes it.
                if expected.0 == 406 && route.path.ends_with("{path}") {
                    continue;
                }
                let mut request = Request::builder()
                    .method(&route.method)
                    .uri(&example.path)
                    .header("Accept", accept)
                    .header("Citrix-CustomerId", own);
                if let Some(token) = token {
                    request = request.header("Authorization", format!("CwsAuth Bearer={token}"));
                }
                let body = example.body.as_ref().map_or_else(Body::empty, |body| Body::from(body.to_string()));
                let reply = bench.send(request.body(body).unwrap()).await;
                let told = (reply.status, reply.kind());
                assert_eq!(told, (expected.0, expected.1.to_owned()), "{who}: {route:?}");
            }
            assert_eq!(picture(&owner, &bench).await, before, "{route:?} changed something");
        }
    }

    async fn identifiers_of_another_customer_are_unknown(database: &Database) {
        let bench = Bench::new(database).await;
        let (owner, other) = (bench.customer("Owner").await, bench.customer("Other").await);
        for (number, route) in protected() {
            let example = example(route, &bench, &owner, number).await;
            let before = picture(&owner, &bench).await;
            let method = route.method.as_str();
            let reply = bench.call(&other.token, method, &example.path, example.body.as_ref()).await;
            let has_identifier = route.path.contains('{') || route.id == "createMaintenanceWindow";
            let expected = if has_identifier { 404 } else { route.success_status() };
            assert_eq!(reply.status, expected, "{route:?}: {reply:?}");
            // An error repeats the identifier that was asked for.
            if reply.status < 300 && route.id != "confirmRegistration" {
                for theirs in owner.tenant.locations().await.unwrap() {
                    assert!(!reply.text.contains(&theirs.id), "{route:?}: {reply:?}");
                }
                assert!(!reply.text.contains(&owner.administrator.id), "{route:?}: {reply:?}");
                assert!(!reply.text.contains(&owner.client), "{route:?}: {reply:?}");
            }
            assert_eq!(picture(&owner, &bench).await, before, "{route:?} changed something");
        }
    }
}

#[test]
fn every_route_has_a_name_of_its_own_and_one_of_a_method_and_path() {
    let mut seen = std::collections::HashSet::new();
    for route in routes() {
        assert!(seen.insert(route.id.to_owned()), "{route:?}");
        assert!(seen.insert(format!("{} {}", route.method, route.path)), "{route:?}");
    }
}
