//! What goes to web servers inside and what comes back.

use axum::body::Body;
use axum::http::Request;
use registry::{Change, LocationForm};
use serde_json::json;
use site::TOKEN_FRESH_SECONDS;

use crate::bench::{Bench, Customer, NOW, Reply};

/// A web server in a location; gives the path before its own.
async fn listed(owner: &Customer, address: &str) -> String {
    let change = Change::by_system(NOW);
    let name = address.replace("://", " ");
    let form = LocationForm { name: Some(name.replace('/', " ")), ..LocationForm::default() };
    let location = owner.tenant.create_location(&form, &change).await.unwrap().id;
    let server = owner.tenant.add_web_server(&location, "wiki", address, &change).await.unwrap();
    format!("/resourcelocations/{location}/web/{}", server.id)
}

async fn send(
    bench: &Bench,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    bench.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

database::on_both! {
    async fn a_request_arrives_as_it_was_sent_without_what_is_the_clouds(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let prefix = listed(&owner, "http://wiki.example.com").await;
        let token = format!("CwsAuth Bearer={}", owner.token);
        let fields = [
            ("Authorization", token.as_str()),
            ("Citrix-CustomerId", owner.tenant.id().as_str()),
            ("Cookie", "__Host-cloud-session=secret; wiki=2"),
            ("Relay-Authorization", "Basic eDp5"),
            ("Accept", "text/html"),
            ("Content-Type", "text/plain"),
            ("X-Own", "1"),
            ("Connection", "x-hop"),
            ("X-Hop", "1"),
        ];
        let path = format!("{prefix}/a%2Fb/../c//?d=%20&e");
        let reply = send(&bench, "PUT", &path, &fields, "sent").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let (first, rest) = reply.text.split_once('\n').unwrap();
        assert_eq!(first, "PUT /a%2Fb/../c//?d=%20&e");
        assert!(rest.ends_with("true sent"), "{rest}");
        for sent in ["cookie: wiki=2\n", "authorization: Basic eDp5\n", "accept: text/html\n", "x-own: 1\n"] {
            assert!(rest.contains(sent), "{sent}: {rest}");
        }
        for kept in [owner.token.as_str(), "secret", "customerid", "x-hop", "connection"] {
            assert!(!rest.contains(kept), "{kept}: {rest}");
        }
    }

    async fn an_answer_is_the_servers_and_told_apart(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let prefix = listed(&owner, "https://wiki.example.com").await;
        let missing = bench.get(&owner.token, &format!("{prefix}/missing")).await;
        assert_eq!((missing.status, missing.headers["relay-connector"].to_str().unwrap()), (404, "any"));
        assert_eq!(missing.headers["location"], format!("{prefix}/next"));
        let cookies: Vec<_> = missing.headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, [&format!("wiki=1; Path={prefix}/")]);
        assert!(!missing.headers.contains_key("connection"));
        assert!(missing.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert!(missing.headers.contains_key("citrix-transactionid"));
        for (path, first) in [("", "GET /\n"), ("/", "GET /\n"), ("?a", "GET /?a\n")] {
            let reply = bench.get(&owner.token, &format!("{prefix}{path}")).await;
            assert!(reply.text.starts_with(first), "{path}: {reply:?}");
        }
        let unlisted = bench.get(&owner.token, &format!("{prefix}x/")).await;
        assert_eq!((unlisted.status, unlisted.kind()), (404, "common/notFound".to_owned()));
        assert_eq!(unlisted.parameter("entityType").as_deref(), Some("WebServer"));
        assert!(!unlisted.headers.contains_key("relay-connector"));
    }

    async fn methods_are_relayed_whatever_they_are(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let prefix = listed(&owner, "http://wiki.example.com").await;
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
            let reply = bench.call(&owner.token, method, &prefix, None).await;
            assert!(reply.text.starts_with(&format!("{method} /\n")), "{method}: {reply:?}");
        }
        let head = bench.call(&owner.token, "HEAD", &prefix, None).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        for method in ["TRACE", "CONNECT"] {
            assert_eq!(bench.call(&owner.token, method, &prefix, None).await.status, 405, "{method}");
        }
    }

    async fn a_removed_web_server_is_not_reached_any_more(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let prefix = listed(&owner, "http://wiki.example.com").await;
        assert_eq!(bench.get(&owner.token, &prefix).await.status, 200);
        let entry = prefix.replace("/web/", "/webservers/");
        let list = entry.rsplit_once('/').unwrap().0;
        assert_eq!(bench.get(&owner.token, list).await.json()["items"][0]["name"], "wiki");
        assert_eq!(bench.call(&owner.token, "DELETE", &entry, None).await.status, 204);
        assert_eq!(bench.get(&owner.token, &prefix).await.status, 404);
        assert_eq!(bench.call(&owner.token, "DELETE", &entry, None).await.status, 404);
        let wrong = json!({"name": "x", "address": "http://127.0.0.1"});
        let refused = bench.call(&owner.token, "POST", list, Some(&wrong)).await;
        assert_eq!((refused.status, refused.kind()), (400, "common/invalidString".to_owned()));
        assert_eq!(refused.parameter("reason").as_deref(), Some("forbiddenAddress"));
        assert_eq!(refused.parameter("property").as_deref(), Some("address"));
    }

    async fn why_a_server_does_not_answer_is_told(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        for (host, status, kind, reason) in [
            ("nobody.example.com", 503, "common/serviceUnavailable", Some("noConnector")),
            ("busy.example.com", 503, "common/serviceUnavailable", Some("busy")),
            ("late.example.com", 504, "cloud/deadline", None),
            ("later.example.com", 504, "cloud/deadline", None),
            ("old.example.com", 501, "common/notImplemented", None),
            ("unreachable.example.com", 502, "cloud/connectorFailed", Some("unreachable")),
            ("refused.example.com", 502, "cloud/connectorFailed", Some("refused")),
            ("lost.example.com", 502, "cloud/connectorFailed", Some("unknown")),
        ] {
            let prefix = listed(&owner, &format!("http://{host}")).await;
            let reply = bench.get(&owner.token, &prefix).await;
            assert_eq!((reply.status, reply.kind()), (status, kind.to_owned()), "{host}");
            assert_eq!(reply.parameter("reason").as_deref(), reason, "{host}");
            assert!(reply.headers.contains_key("citrix-transactionid"));
        }
    }

    async fn open_relays_are_limited_and_lookups_go_on(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let prefix = listed(&owner, "http://wiki.example.com").await;
        let held = format!("{prefix}/held");
        let mut open = Vec::new();
        for _ in 0..256 {
            open.push(bench.open(&owner.token, &held).await);
        }
        let refused = bench.get(&owner.token, &prefix).await;
        assert_eq!((refused.status, refused.parameter("reason").as_deref()), (429, Some("inFlight")));
        let connector = bench.connector(&owner.tenant, "ca-1").await;
        let path = format!("/resourcelocations/{}/directory/$lookup", connector.location);
        let lookup = crate::asked::lookup("corp.example.com");
        assert_eq!(bench.call(&owner.token, "POST", &path, Some(&lookup)).await.status, 200);
        open.pop();
        assert_eq!(bench.get(&owner.token, &prefix).await.status, 200);
    }

    async fn relays_go_on_while_the_database_is_away(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let prefix = listed(&owner, "http://wiki.example.com").await;
        assert_eq!(bench.get(&owner.token, &prefix).await.status, 200);
        bench.registry.close().await;
        bench.pass(TOKEN_FRESH_SECONDS);
        assert_eq!(bench.get(&owner.token, &prefix).await.status, 200);
    }
}
