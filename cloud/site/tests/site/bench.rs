//! A site with two tenants, one of which has something of everything.

use std::future::ready;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response};
use database::Database;
use model::secret::Secret;
use protocol::control::About;
use protocol::name::Name;
use registry::{
    Access, Administrator, Certificate, Change, Connector, Contact, HashCost, LocationForm,
    MasterKey, NewAdministrator, NewRegistration, Registration, Registry, Tenant, TenantId,
};
use serde_json::Value;
use site::{
    Answer, ApplianceError, Appliances, Asking, Confirmed, Connected, Order, Origin, RelayOrder,
    Relaying, Site, Unanswered,
};
use tower::ServiceExt as _;

use crate::asked;

/// When tests begin: 15 November 2026.
pub(crate) const NOW: i64 = 1_794_700_800;
/// An appliance of this name is never reached.
pub(crate) const AWAY: &str = "away";
pub(crate) const PASSWORD: &str = "Correct-horse-7";

/// Gateways, played by the test: they do with the registry what real ones do, and issue a
/// certificate that is none.
#[derive(Debug)]
struct Gateways(
    Registry,
    Arc<Mutex<Vec<String>>>,
    Arc<Mutex<Vec<Order>>>,
    Arc<Mutex<Option<Unanswered>>>,
);

impl Appliances for Gateways {
    fn confirm<'a>(
        &'a self,
        tenant: &'a TenantId,
        code: &'a str,
        change: &'a Change,
    ) -> Answer<'a, Confirmed> {
        Box::pin(async move {
            let registration = self.0.tenant(tenant).confirm_registration(code, change).await?;
            if registration.appliance_name == AWAY {
                return Err(ApplianceError::Unreachable);
            }
            Ok(Confirmed { registration, security_number: "12-34".to_owned() })
        })
    }

    fn register<'a>(
        &'a self,
        tenant: &'a TenantId,
        registration: &'a str,
        location: Option<&'a str>,
        change: &'a Change,
    ) -> Answer<'a, Connector> {
        Box::pin(async move {
            let tenant = self.0.tenant(tenant);
            Ok(tenant.register(registration, location, &certificate(), change).await?)
        })
    }

    fn forget<'a>(&'a self, _: &'a TenantId, _: &'a str, connector: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            self.1.lock().unwrap().push(connector.to_owned());
            Ok(())
        })
    }

    fn ask(&self, order: Order) -> Asking<'_> {
        self.2.lock().unwrap().push(order.clone());
        match self.3.lock().unwrap().take() {
            Some(cause) => Box::pin(ready(Err(cause))),
            None => Box::pin(asked::answer(order)),
        }
    }

    fn relay(&self, order: RelayOrder) -> Relaying<'_> {
        Box::pin(asked::relay(order))
    }

    fn connected(&self, _: &TenantId, _: &str, _: &str) -> Option<Connected> {
        Some(Connected {
            gateway: "gateway.example".to_owned(),
            addresses: vec!["10.9.8.7".to_owned()],
            load_percent: 42,
            latency: Some(Duration::from_millis(17)),
            connections: vec![Origin { since: NOW, source: "198.51.100.9".to_owned() }],
        })
    }

    fn refuse<'a>(
        &'a self,
        tenant: &'a TenantId,
        registration: &'a str,
        change: &'a Change,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            Ok(self.0.tenant(tenant).refuse_registration(registration, change).await?)
        })
    }
}

fn certificate() -> Certificate {
    Certificate { pem: "PEM".to_owned(), serial: "0a".to_owned(), expires_at: NOW + 30 * 86_400 }
}

/// What a client hears.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The part of `type` behind the common beginning.
    pub(crate) fn kind(&self) -> String {
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        kind.trim_start_matches("https://errors-api.cloud.com/").to_owned()
    }

    /// The value of a parameter of an error.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let json = self.json();
        let found = json["parameters"].as_array()?.iter().find(|one| one["name"] == name)?;
        found["value"].as_str().map(str::to_owned)
    }
}

/// A site.
pub(crate) struct Bench {
    pub(crate) registry: Registry,
    pub(crate) site: Site,
    clock: Arc<AtomicI64>,
    /// Connectors whose connections the gateways were asked to end.
    pub(crate) forgotten: Arc<Mutex<Vec<String>>>,
    /// What connectors were asked to do.
    pub(crate) orders: Arc<Mutex<Vec<Order>>>,
    /// Why the next request to a connector is not answered.
    pub(crate) unanswered: Arc<Mutex<Option<Unanswered>>>,
}

/// A tenant with an administrator of full access and a token.
pub(crate) struct Customer {
    pub(crate) tenant: Tenant,
    pub(crate) administrator: Administrator,
    pub(crate) client: String,
    pub(crate) secret: Secret,
    pub(crate) token: String,
}

impl Bench {
    pub(crate) async fn new(database: &Database) -> Self {
        let key = MasterKey::generate();
        let registry = Registry::open(&database.address(), &key).await.unwrap();
        let registry = registry.with_hash_cost(HashCost::CHEAPEST);
        let clock = Arc::new(AtomicI64::new(NOW));
        let now = Arc::clone(&clock);
        let forgotten = Arc::new(Mutex::default());
        let orders = Arc::new(Mutex::default());
        let unanswered = Arc::new(Mutex::default());
        let gateways = Arc::new(Gateways(
            registry.clone(),
            Arc::clone(&forgotten),
            Arc::clone(&orders),
            Arc::clone(&unanswered),
        ));
        let clock_of_site = Arc::new(move || now.load(Ordering::Relaxed));
        let site = Site::new(registry.clone(), gateways, clock_of_site);
        Self { registry, site, clock, forgotten, orders, unanswered }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub(crate) async fn customer(&self, name: &str) -> Customer {
        let record = self.registry.create_tenant(name, NOW).await.unwrap();
        let tenant = self.registry.tenant(&record.id);
        let email = format!("root@{}.example", name.to_lowercase());
        let administrator = self.administrator(&tenant, &email, Access::Full).await;
        let (client, secret, token) = self.client(&tenant, &administrator).await;
        Customer { tenant, administrator, client, secret, token }
    }

    pub(crate) async fn administrator(
        &self,
        tenant: &Tenant,
        email: &str,
        access: Access,
    ) -> Administrator {
        let new = NewAdministrator { email: email.to_owned(), display_name: String::new(), access };
        let invitation = tenant.invite(&new, &Change::by_system(NOW)).await.unwrap();
        let password = Secret::new(PASSWORD.to_owned());
        let accepted = self.registry.accept_invitation(&invitation.secret, &password, NOW).await;
        accepted.unwrap().1
    }

    /// A secure client of an administrator, and a token of it.
    pub(crate) async fn client(
        &self,
        tenant: &Tenant,
        administrator: &Administrator,
    ) -> (String, Secret, String) {
        let change = Change::by_system(NOW);
        let new = tenant.create_client("CI", &administrator.id, &change).await.unwrap();
        let id = new.client.id;
        let issued = self.registry.issue_token(&id, &new.secret, None, self.now()).await.unwrap();
        (id, new.secret, issued.0.expose().to_owned())
    }

    /// An appliance that shows a code.
    pub(crate) async fn appliance(&self, name: &str) -> (Registration, String) {
        let new = NewRegistration {
            name: Name::parse(name).unwrap(),
            public_key: "key".to_owned(),
            key_fingerprint: format!("fingerprint of {name}"),
            about: About { version: "1.2.3.4".to_owned(), ..About::default() },
            wanted_location: None,
            source: "192.0.2.1".to_owned(),
        };
        let opened = self.registry.open_registration(&new, self.now()).await.unwrap();
        let registration = self.registry.registration(&opened.id).await.unwrap().unwrap();
        (registration, opened.code.as_str().to_owned())
    }

    /// A connector is heard of, as a gateway notes it.
    pub(crate) async fn hear(&self, connector: &Connector, at: i64, version: &str) {
        let contact = Contact {
            tenant: connector.tenant.clone(),
            connector: connector.id.clone(),
            at,
            version: version.to_owned(),
            in_maintenance: false,
        };
        self.registry.note_contacts(&[contact]).await.unwrap();
    }

    /// A connector in a location of its own.
    pub(crate) async fn connector(&self, tenant: &Tenant, name: &str) -> Connector {
        let change = Change::by_system(NOW);
        let form = LocationForm { name: Some(format!("at {name}")), ..LocationForm::default() };
        let location = tenant.create_location(&form, &change).await.unwrap();
        let (registration, code) = self.appliance(name).await;
        tenant.confirm_registration(&code, &change).await.unwrap();
        let (location, certificate) = (Some(location.id.as_str()), certificate());
        tenant.register(&registration.id, location, &certificate, &change).await.unwrap()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.site.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// Begins to read an answer, and no more.
    pub(crate) async fn open(&self, token: &str, path: &str) -> Response<Body> {
        let request = Request::get(path).header("Authorization", format!("Bearer {token}"));
        self.site.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// Sends a request with a token, as scripts do.
    pub(crate) async fn call(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Reply {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("Authorization", format!("CwsAuth Bearer={token}"))
            .header("Accept", "application/json")
            .header("Content-Type", "application/json")
            .body(body);
        self.send(request.unwrap()).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Reply {
        self.call(token, "GET", path, None).await
    }
}
