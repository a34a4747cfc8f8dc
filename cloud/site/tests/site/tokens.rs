//! Tokens: shapes, pauses, ends.

use axum::body::Body;
use axum::http::Request;
use registry::{Access, Change, Right};
use serde_json::{Value, json};
use site::TOKEN_FRESH_SECONDS;

use crate::bench::{Bench, Customer, NOW, Reply};

const FORM: &str = "application/x-www-form-urlencoded";

async fn ask(bench: &Bench, path: &str, media_type: &str, body: String) -> Reply {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("Content-Type", media_type)
        .header("Accept", "application/json");
    bench.send(request.body(Body::from(body)).unwrap()).await
}

/// As a form sends it.
fn form(client: &str, secret: &str) -> String {
    let secret = secret.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("grant_type=client_credentials&client_id={client}&client_secret={secret}")
}

async fn works(bench: &Bench, token: &Value) -> bool {
    bench.get(token.as_str().unwrap(), "/resourcelocations").await.status == 200
}

fn root(customer: &Customer) -> (String, String, String) {
    let path = "/cctrustoauth2/root/tokens/clients".to_owned();
    (path, customer.client.clone(), customer.secret.expose().to_owned())
}

database::on_both! {
    async fn documented_call_gives_a_bearer_token(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        for customer in ["root", owner.tenant.id().as_str()] {
            let path = format!("/cctrustoauth2/{customer}/tokens/clients");
            let reply = ask(&bench, &path, FORM, form(&owner.client, owner.secret.expose())).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            let body = reply.json();
            assert_eq!(body["token_type"], "bearer");
            assert_eq!(body["expires_in"], "3600", "a text, as known clients want it");
            assert!(works(&bench, &body["access_token"]).await);
        }
    }

    async fn older_calls_give_their_shapes(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (path, client, secret) = root(&owner);
        let body = json!({"clientId": client, "clientSecret": secret}).to_string();
        for path in [path.as_str(), "/root/tokens/clients"] {
            let reply = ask(&bench, path, "application/json; charset=utf-8", body.clone()).await;
            let body = reply.json();
            assert_eq!((reply.status, &body["expiresIn"]), (200, &json!(3600)));
            assert_eq!((&body["principal"], &body["subject"]), (&json!(client), &json!(client)));
            assert!(works(&bench, &body["token"]).await);
        }
        let path = format!("/{}/tokens/clients", owner.tenant.id());
        let body = json!({"ClientId": client, "ClientSecret": secret}).to_string();
        let body = ask(&bench, &path, "application/json", body).await.json();
        assert_eq!(body["CustomerId"], json!(owner.tenant.id()));
        assert_eq!(body["ExpiresAt"], json!(NOW + 3600));
        assert!(works(&bench, &body["Token"]).await);
    }

    async fn wrong_clients_are_refused_alike(database: &Database) {
        let bench = Bench::new(database).await;
        let (owner, other) = (bench.customer("Owner").await, bench.customer("Other").await);
        let secret = owner.secret.expose();
        let theirs = format!("/cctrustoauth2/{}/tokens/clients", other.tenant.id());
        let mut told = Vec::new();
        for (path, client, secret) in [
            ("/cctrustoauth2/root/tokens/clients", owner.client.as_str(), "wrong"),
            ("/cctrustoauth2/root/tokens/clients", "nobody", secret),
            (theirs.as_str(), owner.client.as_str(), secret),
        ] {
            let reply = ask(&bench, path, FORM, form(client, secret)).await;
            assert_eq!((reply.status, reply.kind()), (401, "common/authentication".to_owned()));
            assert_eq!(reply.json()["error"], "invalid_client");
            told.push(reply.text);
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
    }

    async fn wrong_secrets_are_paused_and_right_ones_come_through(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (path, client, secret) = root(&owner);
        let mut statuses = Vec::new();
        for _ in 0..5 {
            statuses.push(ask(&bench, &path, FORM, form(&client, "wrong")).await.status);
        }
        assert_eq!(statuses, [401, 401, 401, 401, 429]);
        let reply = ask(&bench, &path, FORM, form(&client, &secret)).await;
        assert_eq!((reply.status, reply.kind()), (429, "common/rateLimitExceeded".to_owned()));
        assert_eq!(reply.parameter("retryDelay").as_deref(), Some("1"));
        assert_eq!(reply.headers["retry-after"], "1");
    }

    async fn bad_bodies_are_explained(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let (path, client, secret) = root(&owner);
        for (media_type, body, status, kind) in [
            (FORM, String::new(), 400, "common/missing"),
            (FORM, format!("client_id={client}&client_secret=x"), 400, "common/missing"),
            (FORM, form(&client, ""), 400, "common/missing"),
            (FORM, form(&client, &secret).replace("client_credentials", "password"), 400, "common/invalidEnum"),
            ("application/json", String::new(), 400, "common/invalidJson"),
            ("application/json", "{}".to_owned(), 400, "common/missing"),
            ("application/json", json!({"clientId": 1, "clientSecret": "x"}).to_string(), 400, "common/invalidString"),
            ("application/json", json!({"clientId": client, "clientSecret": secret, "x": 1}).to_string(), 400, "cloud/unknownProperty"),
            ("text/plain", form(&client, &secret), 415, "common/unsupportedMediaType"),
            ("application/json", " ".repeat(70_000), 413, "cloud/bodyTooLarge"),
        ] {
            let reply = ask(&bench, &path, media_type, body).await;
            assert_eq!((reply.status, reply.kind().as_str()), (status, kind), "{reply:?}");
            assert!(!reply.text.contains(&secret));
        }
    }

    async fn token_ends_after_an_hour(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        bench.pass(3599);
        assert_eq!(bench.get(&owner.token, "/connectors").await.status, 200);
        bench.pass(1);
        let reply = bench.get(&owner.token, "/connectors").await;
        assert_eq!((reply.status, reply.parameter("reason").as_deref()), (401, Some("invalid")));
    }

    async fn change_on_another_node_counts_within_half_a_minute(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let bob = bench.administrator(&owner.tenant, "bob@example.com", Access::Full).await;
        let (client, _, token) = bench.client(&owner.tenant, &bob).await;
        assert_eq!(bench.get(&token, "/connectors").await.status, 200, "it is known now");
        let change = Change::by_system(NOW);
        let custom = Access::Custom([Right::Domains].into());
        owner.tenant.set_access(&bob.id, &custom, &change).await.unwrap();
        bench.pass(TOKEN_FRESH_SECONDS);
        assert_eq!(bench.get(&token, "/connectors").await.status, 403);
        assert_eq!(bench.get(&token, "/domains").await.status, 200);
        owner.tenant.revoke_client(&client, None, &change).await.unwrap();
        bench.pass(TOKEN_FRESH_SECONDS);
        assert_eq!(bench.get(&token, "/domains").await.status, 401);
    }

    async fn change_on_the_same_node_counts_at_once(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let bob = bench.administrator(&owner.tenant, "bob@example.com", Access::Full).await;
        let (client, _, first) = bench.client(&owner.tenant, &bob).await;
        let (_, _, second) = bench.client(&owner.tenant, &bob).await;
        for token in [&first, &second] {
            assert_eq!(bench.get(token, "/connectors").await.status, 200);
        }
        let path = format!("/secureclients/{client}");
        assert_eq!(bench.call(&owner.token, "DELETE", &path, None).await.status, 204);
        assert_eq!(bench.get(&first, "/connectors").await.status, 401);
        let path = format!("/administrators/{}", bob.id);
        let body = json!({"access": "Custom", "rights": ["SystemLog"]});
        assert_eq!(bench.call(&owner.token, "PUT", &path, Some(&body)).await.status, 200);
        assert_eq!(bench.get(&second, "/connectors").await.status, 403);
        assert_eq!(bench.call(&owner.token, "DELETE", &path, None).await.status, 204);
        assert_eq!(bench.get(&second, "/systemlog/records").await.status, 401);
    }

    async fn one_tenant_that_floods_is_slowed_down_alone(database: &Database) {
        let bench = Bench::new(database).await;
        let (owner, other) = (bench.customer("Owner").await, bench.customer("Other").await);
        let mut refused = None;
        for _ in 0..5000 {
            let reply = bench.get(&owner.token, "/domains/none").await;
            if reply.status == 429 {
                refused = Some(reply);
                break;
            }
        }
        let refused = refused.expect("five thousand at once are too many");
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(bench.get(&other.token, "/connectors").await.status, 200);
    }

    async fn guessing_codes_is_slowed_down(database: &Database) {
        let bench = Bench::new(database).await;
        let owner = bench.customer("Owner").await;
        let mut statuses = Vec::new();
        for _ in 0..11 {
            let body = json!({"code": "22222222"});
            let reply = bench.call(&owner.token, "POST", "/registrations/$confirm", Some(&body)).await;
            statuses.push(reply.status);
        }
        assert_eq!(statuses[..10], [404; 10]);
        assert_eq!(statuses[10], 429);
    }
}
