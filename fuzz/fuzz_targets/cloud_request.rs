//! Bodies of REST requests to the control plane, with a real database of SQLite: whatever is sent gets an answer
//! that the OpenAPI document knows, and none says that the control plane failed. The first byte picks the route.
#![no_main]

use std::fs;
use std::sync::{Arc, LazyLock};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use libfuzzer_sys::fuzz_target;
use model::secret::Secret;
use registry::{
    Access, Change, Connector, HashCost, LocationForm, MasterKey, NewAdministrator, Registry,
    TenantId,
};
use site::{
    Answer, ApplianceError, Appliances, Asking, Confirmed, Connected, Order, RelayOrder, Relaying,
    Site, Unanswered,
};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// Where the database is made, anew each time.
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/cloud_request");
/// 15 November 2026.
const NOW: i64 = 1_794_700_800;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, body)) = bytes.split_first() else { return };
    BENCH.send(&BENCH.calls[usize::from(*which) % BENCH.calls.len()], body);
});

static BENCH: LazyLock<Bench> = LazyLock::new(Bench::start);

/// A route that takes a body.
struct Call {
    method: String,
    path: String,
    /// Status codes that its answer may have.
    documented: Vec<u16>,
}

struct Bench {
    runtime: Runtime,
    registry: Registry,
    token: String,
    calls: Vec<Call>,
}

impl Bench {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("runtime");
        // The first time there is none.
        let _ = fs::remove_dir_all(DIRECTORY);
        fs::create_dir_all(DIRECTORY).expect("directory");
        let (registry, token, location) = runtime.block_on(async {
            let address = format!("{DIRECTORY}/cloud.sqlite");
            let registry = Registry::open(&address, &MasterKey::generate()).await;
            let registry = registry.expect("registry").with_hash_cost(HashCost::CHEAPEST);
            let record = registry.create_tenant("Owner", NOW).await.expect("tenant");
            let tenant = registry.tenant(&record.id);
            let new = NewAdministrator {
                email: "root@owner.example".to_owned(),
                display_name: String::new(),
                access: Access::Full,
            };
            let change = Change::by_system(NOW);
            let invitation = tenant.invite(&new, &change).await.expect("invitation");
            let password = Secret::new("Correct-horse-7".to_owned());
            let accepted = registry.accept_invitation(&invitation.secret, &password, NOW).await;
            let administrator = accepted.expect("administrator").1;
            let client = tenant.create_client("CI", &administrator.id, &change).await;
            let client = client.expect("client");
            let issued = registry.issue_token(&client.client.id, &client.secret, None, NOW).await;
            let token = issued.expect("token").0.expose().to_owned();
            let form = LocationForm { name: Some("Tokyo".to_owned()), ..LocationForm::default() };
            let location = tenant.create_location(&form, &change).await.expect("location");
            (registry, token, location.id)
        });
        Self { runtime, registry, token, calls: calls(&location) }
    }

    fn send(&self, call: &Call, body: &[u8]) {
        let request = Request::builder()
            .method(call.method.as_str())
            .uri(&call.path)
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", "application/json")
            .body(Body::from(body.to_vec()))
            .expect("request");
        // A new one has its limits on requests unused.
        let site = Site::new(self.registry.clone(), Arc::new(NoGateways), Arc::new(|| NOW));
        let (status, text) = self.runtime.block_on(async {
            let response = site.router().oneshot(request).await.expect("response");
            let status = response.status().as_u16();
            (status, to_bytes(response.into_body(), usize::MAX).await.expect("body"))
        });
        let is_known = call.documented.contains(&status) && status != 500;
        assert!(is_known, "{} {}: {status} {}", call.method, call.path, text.escape_ascii());
    }
}

/// The routes whose body is JSON. Their identifiers are those of a location, which is the right one for some.
fn calls(location: &str) -> Vec<Call> {
    let document = site::document();
    let mut calls = Vec::new();
    for route in site::routes() {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        if operation["requestBody"]["content"]["application/json"].is_null() {
            continue;
        }
        let responses = operation["responses"].as_object().expect("responses");
        calls.push(Call {
            method: route.method.to_string(),
            path: filled(route.path, location),
            documented: responses.keys().filter_map(|status| status.parse().ok()).collect(),
        });
    }
    assert!(calls.len() > 10, "few routes take a body: {}", calls.len());
    calls
}

fn filled(path: &str, identifier: &str) -> String {
    let part = |part: &str| {
        if part.starts_with('{') { identifier.to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// No appliance is there.
#[derive(Debug)]
struct NoGateways;

impl Appliances for NoGateways {
    fn confirm<'a>(&'a self, _: &'a TenantId, _: &'a str, _: &'a Change) -> Answer<'a, Confirmed> {
        Box::pin(async { Err(ApplianceError::Unreachable) })
    }

    fn register<'a>(
        &'a self,
        _: &'a TenantId,
        _: &'a str,
        _: Option<&'a str>,
        _: &'a Change,
    ) -> Answer<'a, Connector> {
        Box::pin(async { Err(ApplianceError::Unreachable) })
    }

    fn refuse<'a>(&'a self, _: &'a TenantId, _: &'a str, _: &'a Change) -> Answer<'a, ()> {
        Box::pin(async { Err(ApplianceError::Unreachable) })
    }

    fn forget<'a>(&'a self, _: &'a TenantId, _: &'a str, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn ask(&self, _: Order) -> Asking<'_> {
        Box::pin(async { Err(Unanswered::NobodyThere) })
    }

    fn relay(&self, _: RelayOrder) -> Relaying<'_> {
        Box::pin(async { Err(Unanswered::NobodyThere) })
    }

    fn connected(&self, _: &TenantId, _: &str, _: &str) -> Option<Connected> {
        None
    }
}
