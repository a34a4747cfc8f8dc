//! Requests of scripts to the cloud: a byte that chooses the route, a line with the values in the path
//! and the query, and the body. Whatever they are, the cloud answers as its OpenAPI document says, and
//! never that it failed itself.
#![no_main]

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use libfuzzer_sys::fuzz_target;
use model::secret::Secret;
use registry::{
    Access, Change, Connector, HashCost, MasterKey, NewAdministrator, Registry, RegistryError, TenantId,
};
use serde_json::Value;
use site::{
    Answer, ApplianceError, Appliances, Asking, Confirmed, Connected, Order, Site, Unanswered,
};
use tokio::runtime::Runtime;
use tower::Service as _;

/// 1 January 2026.
const NOW: i64 = 1_767_225_600;
/// Customers that requests are spread over, so that the limit of each is not reached.
const CUSTOMERS: usize = 64;

static CLOUD: LazyLock<Cloud> = LazyLock::new(Cloud::start);

struct Cloud {
    runtime: Runtime,
    site: Site,
    tokens: Vec<String>,
    document: Value,
}

/// No appliance is connected.
#[derive(Debug)]
struct Nobody;

impl Appliances for Nobody {
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

    fn connected(&self, _: &TenantId, _: &str, _: &str) -> Option<Connected> {
        None
    }
}

impl Cloud {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("runtime");
        let (site, tokens) = runtime.block_on(set_up()).expect("set up");
        Self { runtime, site, tokens, document: site::document() }
    }
}

async fn set_up() -> Result<(Site, Vec<String>), RegistryError> {
    // Kept until the process ends, and with it the file.
    let directory = Box::leak(Box::new(tempfile::tempdir().expect("a directory")));
    let path = directory.path().join("cloud.db");
    let registry = Registry::open(&path.to_string_lossy(), &MasterKey::generate()).await?;
    let registry = registry.with_hash_cost(HashCost::CHEAPEST);
    let mut tokens = Vec::new();
    for number in 0..CUSTOMERS {
        let tenant = registry.create_tenant(&format!("customer {number}"), NOW).await?;
        let tenant = registry.tenant(&tenant.id);
        let change = Change::by_system(NOW);
        let email = format!("root@{number}.example");
        let new = NewAdministrator { email, display_name: String::new(), access: Access::Full };
        let invitation = tenant.invite(&new, &change).await?;
        let password = Secret::new("Correct-horse-7".to_owned());
        let (_, person) =
            registry.accept_invitation(&invitation.secret, &password, NOW).await?;
        let client = tenant.create_client("fuzzer", &person.id, &change).await?;
        let id = client.client.id;
        let issued = registry.issue_token(&id, &client.secret, None, NOW).await?;
        tokens.push(issued.0.expose().to_owned());
    }
    Ok((Site::new(registry, Arc::new(Nobody), Arc::new(|| NOW)), tokens))
}

fuzz_target!(|bytes: &[u8]| {
    let [which, whose, rest @ ..] = bytes else { return };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (line, body) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
    let line = percent(line);
    let (value, query) = line.split_once("%3F").unwrap_or((&line, ""));
    let count = site::routes().count();
    let route = site::routes().nth(usize::from(*which) % count).expect("a route");
    let path = route.path.split('/').map(|part| if part.starts_with('{') { value } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    // Signs that part a query are meant as such.
    let query = query.replace("%26", "&").replace("%3D", "=");
    let cloud = &*CLOUD;
    let token = &cloud.tokens[usize::from(*whose) % cloud.tokens.len()];
    let request = Request::builder()
        .method(route.method.clone())
        .uri(format!("{path}?{query}"))
        .header("Authorization", format!("CwsAuth Bearer={token}"))
        .body(Body::from(body.to_vec()));
    let Ok(request) = request else { return };
    cloud.runtime.block_on(async {
        let response: Result<_, Infallible> = cloud.site.router().call(request).await;
        let Ok(response) = response;
        let status = response.status();
        let operation =
            &cloud.document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
        // A value that is empty makes another path.
        let is_promised = operation["responses"][status.as_str()].is_object();
        assert!(is_promised || matches!(status.as_u16(), 404 | 405), "{path}: {status}");
        assert_ne!(status.as_u16(), 500, "{path}");
        let answer = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        if status.is_client_error() {
            let error: Value = serde_json::from_slice(&answer).expect("an error object");
            assert!(error["type"].is_string() && error["detail"].is_string(), "{error}");
        }
    });
});

/// Octets as they stand in a URL.
fn percent(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            _ if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) => {
                char::from(*byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
