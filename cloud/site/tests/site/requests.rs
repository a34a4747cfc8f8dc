//! What connectors are asked for, and how it is told what they answer.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use model::domain::lookup::{LookupKey, ObjectKind};
use protocol::request::Operation;
use registry::LogQuery;
use serde_json::json;

use crate::asked::{REPORT, lookup};
use crate::bench::{Bench, Customer, NOW};

/// A connector, and the path of lookups in its location.
async fn place(bench: &Bench, owner: &Customer) -> (String, String) {
    // A key belongs to one customer, and the test's keys follow the names.
    let name = format!("ca-{}", owner.tenant.id());
    let connector = bench.connector(&owner.tenant, &name).await;
    (connector.id, format!("/resourcelocations/{}/directory/$lookup", connector.location))
}

database::on_both! {
    async fn a_lookup_answers_as_the_appliance_does(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (_, path) = place(&bench, &owner).await;
        let mut body = lookup("CORP.example.com");
        body["groups"] = json!(true);
        body["cursor"] = json!("from here");
        let reply = bench.call(&owner.token, "POST", &format!("{path}?timeout=5"), Some(&body)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let page = reply.json();
        assert_eq!(page["objects"][0]["account_name"], "ada");
        assert_eq!((&page["cursor"], &page["connector"]), (&json!("next"), &json!("any")));
        let order = bench.orders.lock().unwrap().remove(0);
        assert_eq!((order.within, order.connector), (Duration::from_secs(5), None));
        let Operation::Lookup(asked) = order.operation else { panic!("no lookup") };
        assert_eq!((asked.kind, asked.key), (ObjectKind::User, LookupKey::AccountName));
        assert_eq!((asked.with_groups, asked.cursor.as_deref()), (true, Some("from here")));
        let log = owner.tenant.log(&LogQuery { limit: 1, ..LogQuery::default() }, NOW).await.unwrap();
        assert_ne!(log.records[0].transaction_id.as_deref(), Some("x"), "lookups are not logged");
        assert!(!format!("{log:?}").contains("lookup"));
    }

    async fn wrong_lookups_are_explained_and_go_nowhere(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (_, path) = place(&bench, &owner).await;
        for (name, value, kind) in [
            ("domain_name", json!("localhost"), "common/invalidString"),
            ("domain_name", json!(null), "common/missing"),
            ("kind", json!("printer"), "common/invalidEnum"),
            ("key", json!("name"), "common/invalidEnum"),
            ("value", json!(""), "common/missing"),
            ("value", json!("x".repeat(257)), "common/tooLong"),
            ("value", json!(7), "common/invalidString"),
            ("groups", json!("yes"), "cloud/invalidBoolean"),
            ("cursor", json!("x".repeat(16_385)), "common/tooLong"),
            ("cursor", json!(1), "common/invalidString"),
            ("page", json!(1), "cloud/unknownProperty"),
        ] {
            let mut body = lookup("corp.example.com");
            body[name] = value;
            let reply = bench.call(&owner.token, "POST", &path, Some(&body)).await;
            assert_eq!((reply.status, reply.kind()), (400, kind.to_owned()), "{name}");
            assert_eq!(reply.parameter("property").as_deref(), Some(name));
        }
        for (key, value) in [("sid", "ada"), ("guid", "ada"), ("displayName", "a")] {
            let mut body = lookup("corp.example.com");
            (body["key"], body["value"]) = (json!(key), json!(value));
            let reply = bench.call(&owner.token, "POST", &path, Some(&body)).await;
            assert_eq!((reply.status, reply.kind()), (400, "common/invalidString".to_owned()));
        }
        for seconds in ["0", "301", "-1", "+5", "soon", "99999999999"] {
            let path = format!("{path}?Timeout={seconds}");
            let reply = bench.call(&owner.token, "POST", &path, Some(&lookup("corp.example.com"))).await;
            assert_eq!((reply.status, reply.kind()), (400, "common/outOfRange".to_owned()), "{seconds}");
        }
        let mut body = lookup("corp.example.com");
        body["value"] = json!("x".repeat(70_000));
        assert_eq!(bench.call(&owner.token, "POST", &path, Some(&body)).await.status, 413);
        assert!(bench.orders.lock().unwrap().is_empty());
    }

    async fn what_connectors_cannot_do_is_told_apart(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (_, path) = place(&bench, &owner).await;
        for (domain, status, kind, reason) in [
            ("nobody.example.com", 503, "common/serviceUnavailable", Some("noConnector")),
            ("full.example.com", 503, "common/serviceUnavailable", Some("busy")),
            ("busy.example.com", 503, "common/serviceUnavailable", Some("busy")),
            ("away.example.com", 503, "common/serviceUnavailable", None),
            ("late.example.com", 504, "cloud/deadline", None),
            ("later.example.com", 504, "cloud/deadline", None),
            ("old.example.com", 501, "common/notImplemented", None),
            ("unreachable.example.com", 502, "cloud/connectorFailed", Some("unreachable")),
            ("refused.example.com", 502, "cloud/connectorFailed", Some("refused")),
            ("lost.example.com", 502, "cloud/connectorFailed", Some("unknown")),
            ("strange.example.com", 502, "cloud/connectorFailed", Some("strangeAnswer")),
        ] {
            let reply = bench.call(&owner.token, "POST", &path, Some(&lookup(domain))).await;
            assert_eq!((reply.status, reply.kind()), (status, kind.to_owned()), "{domain}");
            assert_eq!(reply.parameter("reason").as_deref(), reason, "{domain}");
            assert_eq!(reply.headers.contains_key("retry-after"), status == 503, "{domain}");
            if matches!(reason, Some("unreachable" | "refused")) {
                assert!(reply.text.contains(&format!("no {domain}")), "{reply:?}");
            }
        }
    }

    async fn one_customer_does_not_flood_and_others_go_on(database: &Database) {
        let bench = Bench::new(database).await;
        let (owner, other) = (bench.customer("Owner").await, bench.customer("Other").await);
        let (_, path) = place(&bench, &owner).await;
        let (_, theirs) = place(&bench, &other).await;
        let never = lookup("never.example.com");
        let mut waiting: Vec<_> =
            (0..256).map(|_| Box::pin(bench.call(&owner.token, "POST", &path, Some(&never)))).collect();
        while bench.orders.lock().unwrap().len() < 256 {
            for call in &mut waiting {
                let _ = tokio::time::timeout(Duration::from_millis(1), call.as_mut()).await;
            }
        }
        let good = lookup("corp.example.com");
        let refused = bench.call(&owner.token, "POST", &path, Some(&good)).await;
        assert_eq!((refused.status, refused.kind()), (429, "common/rateLimitExceeded".to_owned()));
        assert_eq!(refused.parameter("reason").as_deref(), Some("inFlight"));
        assert_eq!(refused.headers["retry-after"], "1");
        assert_eq!(bench.call(&other.token, "POST", &theirs, Some(&good)).await.status, 200);
        waiting.pop();
        assert_eq!(bench.call(&owner.token, "POST", &path, Some(&good)).await.status, 200, "one was given up");
    }

    async fn lookups_are_not_limited_a_second(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (_, path) = place(&bench, &owner).await;
        let body = lookup("corp.example.com");
        for _ in 0..600 {
            assert_eq!(bench.call(&owner.token, "POST", &path, Some(&body)).await.status, 200);
        }
    }

    async fn health_and_prechecks_of_a_connector_are_told(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (connector, _) = place(&bench, &owner).await;
        let health = bench.get(&owner.token, &format!("/connectors/{connector}/health")).await;
        assert_eq!(health.status, 200, "{health:?}");
        assert_eq!(health.json()["findings"][0]["id"], "time.waiting");
        let path = format!("/connectors/{connector}/prechecks/$run");
        let run = bench.call(&owner.token, "POST", &path, None).await;
        assert_eq!(run.status, 200, "{run:?}");
        let run = run.json();
        assert_eq!((&run["severity"], &run["checks"][0]["subject"]), (&json!("attention"), &json!("10.0.0.1")));
        assert_eq!(run["checks"][1]["cause"], "precheck.no-gateway");
        let orders = bench.orders.lock().unwrap().clone();
        assert!(orders.iter().all(|order| order.connector.as_deref() == Some(connector.as_str())));
        assert_eq!(events(&bench, &owner).await[0], "connector/prechecks");
    }

    async fn a_report_is_a_file_and_noted(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (connector, _) = place(&bench, &owner).await;
        let path = format!("/connectors/{connector}/report");
        let request = Request::get(&path)
            .header("Authorization", format!("Bearer {}", owner.token))
            .header("Accept", "application/zip");
        let reply = bench.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, REPORT));
        assert_eq!(reply.headers["content-type"], "application/zip");
        let disposition = reply.headers["content-disposition"].to_str().unwrap();
        let name = format!("report-ca-{}-20261115T000000Z.zip", owner.tenant.id());
        assert!(disposition.contains(&name), "{disposition}");
        assert_eq!(events(&bench, &owner).await[0], "connector/report");
        let head = bench.call(&owner.token, "HEAD", &path, None).await;
        assert_eq!((head.status, head.headers["allow"].to_str().unwrap()), (405, "GET"));
        assert_eq!(bench.orders.lock().unwrap().len(), 1, "no file is made for nothing");
    }

    async fn a_revoked_connector_is_not_asked(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (connector, _) = place(&bench, &owner).await;
        let change = registry::Change::by_system(NOW);
        owner.tenant.revoke_connector(&connector, &change).await.unwrap();
        let reply = bench.get(&owner.token, &format!("/connectors/{connector}/health")).await;
        assert_eq!((reply.status, reply.parameter("reason").as_deref()), (503, Some("noConnector")));
        assert!(bench.orders.lock().unwrap().is_empty());
    }
}

/// Events of the log, the newest first.
async fn events(bench: &Bench, owner: &Customer) -> Vec<&'static str> {
    let query = LogQuery { limit: 10, ..LogQuery::default() };
    let page = owner.tenant.log(&query, bench.now()).await.unwrap();
    page.records.iter().map(|record| record.event.id()).collect()
}
