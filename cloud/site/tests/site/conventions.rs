//! What holds for every request.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::bench::{Bench, NOW};

database::on_both! {
    async fn answers_carry_the_documented_fields(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        for reply in [
            bench.get(&owner.token, "/resourcelocations").await,
            bench.get("wrong", "/resourcelocations").await,
            bench.get("", "/nowhere").await,
        ] {
            for (name, value) in [
                ("cache-control", "no-cache, no-store"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "deny"),
                ("content-type", "application/json; charset=utf-8"),
            ] {
                assert_eq!(reply.headers[name], value, "{reply:?}");
            }
            let csp = reply.headers["content-security-policy"].to_str().unwrap();
            assert!(csp.contains("frame-ancestors 'none'"));
            let id = reply.headers["citrix-transactionid"].to_str().unwrap();
            assert_eq!(id.len(), 36, "one was made: {id}");
        }
    }

    async fn transaction_is_echoed_and_logged(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let send = async |id: &str| {
            let name = json!({"name": format!("L {}", id.len())});
            let request = Request::builder()
                .method("POST")
                .uri("/resourcelocations")
                .header("Authorization", format!("bearer {}", owner.token))
                .header("Citrix-TransactionId", id);
            bench.send(request.body(Body::from(name.to_string())).unwrap()).await
        };
        let id = "bfc9b56c-bcd0-4cf1-9ea1-3da4d48a81c0";
        assert_eq!(send(id).await.headers["citrix-transactionid"], id);
        let log = bench.get(&owner.token, "/systemlog/records").await.json();
        assert_eq!(log["Items"][0]["TransactionId"], id);
        for bad in ["a b", "a\"b", &"x".repeat(65)] {
            let echoed = send(bad).await.headers["citrix-transactionid"].clone();
            assert_ne!(echoed, bad, "another one was made");
        }
    }

    async fn customer_may_be_named_in_every_way(database: &Database) {
        let bench = Bench::new(database).await;
        let (owner, other) = (bench.customer("Owner").await, bench.customer("Other").await);
        let own = owner.tenant.id().as_str();
        let send = async |path: String, customer: Option<&str>| {
            let mut request = Request::builder()
                .uri(path)
                .header("Authorization", format!("CWSAuth bearer={}", owner.token));
            if let Some(customer) = customer {
                request = request.header("citrix-customerid", customer);
            }
            bench.send(request.body(Body::empty()).unwrap()).await.status
        };
        for customer in [None, Some(own), Some("root"), Some(&own.to_uppercase())] {
            assert_eq!(send("/connectors".into(), customer).await, 200, "{customer:?}");
        }
        for customer in [other.tenant.id().as_str(), "", "nobody"] {
            assert_eq!(send("/connectors".into(), Some(customer)).await, 403, "{customer}");
        }
        for path in ["EdgeServers", "EdgeServers/", "resourcelocations", "maintenance/"] {
            assert_eq!(send(format!("/{own}/{path}"), None).await, 200, "{path}");
            assert_eq!(send(format!("/{}/{path}", other.tenant.id()), None).await, 403, "{path}");
        }
    }

    async fn accept_takes_json_or_everything(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let send = async |accept: Option<&str>, path: &str| {
            let mut request = Request::builder()
                .uri(path)
                .header("Authorization", format!("CwsAuth Bearer={}", owner.token));
            if let Some(accept) = accept {
                request = request.header("Accept", accept);
            }
            bench.send(request.body(Body::empty()).unwrap()).await.status
        };
        for accept in [
            None,
            Some("*/*"),
            Some("application/json"),
            Some("Application/JSON; charset=utf-8"),
            Some("text/html, application/*;q=0.5"),
        ] {
            assert_eq!(send(accept, "/connectors").await, 200, "{accept:?}");
        }
        for accept in ["text/html", "application/xml", "", "application/json;q=0"] {
            for path in ["/connectors", "/openapi.json", "/health"] {
                assert_eq!(send(Some(accept), path).await, 406, "{accept} {path}");
            }
        }
    }

    async fn token_is_checked_before_method_and_body(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let patch = |token: &str| {
            let request = Request::builder()
                .method("PATCH")
                .uri("/resourcelocations")
                .header("Authorization", format!("Bearer {token}"));
            request.body(Body::from("x".repeat(100_000))).unwrap()
        };
        assert_eq!(bench.send(patch("wrong")).await.status, 401);
        let reply = bench.send(patch(&owner.token)).await;
        assert_eq!((reply.status, reply.kind()), (405, "cloud/methodNotAllowed".to_owned()));
        assert_eq!(reply.headers["allow"], "GET, HEAD, POST");
        let reply = bench.get(&owner.token, "/nowhere/at/all").await;
        assert_eq!((reply.status, reply.kind()), (404, "common/notFound".to_owned()));
    }

    async fn head_is_answered_as_get_without_a_body(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let get = bench.get(&owner.token, "/resourcelocations").await;
        let head = bench.call(&owner.token, "HEAD", "/resourcelocations", None).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        assert_eq!(head.headers["content-length"], get.text.len().to_string());
    }

    async fn health_tells_whether_the_database_answers(database: &Database) {
        let bench = Bench::new(database).await;
        let reply = bench.get("", "/health").await;
        assert_eq!((reply.status, reply.json()), (200, json!({"status": "Healthy"})));
        bench.registry.close().await;
        let reply = bench.get("", "/health").await;
        assert_eq!((reply.status, reply.kind()), (503, "common/serviceUnavailable".to_owned()));
        assert_eq!(reply.headers["retry-after"], "5");
        assert!(bench.now() == NOW, "without waiting");
    }
}
