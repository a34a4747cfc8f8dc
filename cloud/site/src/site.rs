//! What all requests share.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::Request;
use registry::{Registry, TenantId};

use crate::appliances::Appliances;
use crate::dispatch;
use crate::in_flight::InFlight;
use crate::limiter::Limiter;
use crate::places::Places;
use crate::throttle::Throttle;
use crate::tokens::Tokens;
use crate::web_servers::WebServers;

/// Requests a second of one tenant, and most at once.
const TENANT_RATE: (f64, f64) = (200.0, 400.0);
/// Calls for a token a second from one source, and most at once.
const TOKEN_RATE: (f64, f64) = (1.0, 30.0);
/// Codes a second that administrators of one tenant may type, and most at once: 40 in 15 minutes.
const CODE_RATE: (f64, f64) = (1.0 / 30.0, 10.0);
/// One-time passwords a second that one person may type, and most at once: who has a password has a
/// chance of 1 in 200 a day to guess one, and who owns it types three at most.
const SECOND_FACTOR_RATE: (f64, f64) = (1.0 / 60.0, 10.0);

/// Tells the time in seconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The REST interface. Clones share everything.
#[derive(Clone, Debug)]
pub struct Site(Arc<Shared>);

struct Shared {
    registry: Registry,
    appliances: Arc<dyn Appliances>,
    clock: Clock,
    tokens: Tokens,
    throttle: Mutex<Throttle>,
    token_calls: Mutex<Limiter<IpAddr>>,
    requests: Mutex<Limiter<TenantId>>,
    codes: Mutex<Limiter<TenantId>>,
    second_factors: Mutex<Limiter<String>>,
    in_flight: InFlight,
    relays: InFlight,
    web_servers: WebServers,
    places: Places,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Site").field("appliances", &self.appliances).finish_non_exhaustive()
    }
}

impl Site {
    /// A site on a registry, with the gateways that it asks.
    #[must_use]
    pub fn new(registry: Registry, appliances: Arc<dyn Appliances>, clock: Clock) -> Self {
        let limiter = |(rate, burst): (f64, f64)| Limiter::new(rate, burst);
        Self(Arc::new(Shared {
            registry,
            appliances,
            clock,
            tokens: Tokens::default(),
            throttle: Mutex::default(),
            token_calls: Mutex::new(Limiter::new(TOKEN_RATE.0, TOKEN_RATE.1)),
            requests: Mutex::new(limiter(TENANT_RATE)),
            codes: Mutex::new(limiter(CODE_RATE)),
            second_factors: Mutex::new(Limiter::new(SECOND_FACTOR_RATE.0, SECOND_FACTOR_RATE.1)),
            in_flight: InFlight::default(),
            relays: InFlight::default(),
            web_servers: WebServers::default(),
            places: Places::default(),
        }))
    }

    /// Answers every path of the interface, and 404 for any other: the fallback of a router that may
    /// have more.
    pub fn router(&self) -> Router {
        let site = self.clone();
        Router::new().fallback(move |request: Request| {
            let site = site.clone();
            async move { dispatch::serve(&site, request).await }
        })
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.0.registry
    }

    pub(crate) fn appliances(&self) -> &dyn Appliances {
        self.0.appliances.as_ref()
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    /// Requests that are on their way to appliances.
    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.0.in_flight
    }

    /// Requests that are relayed to web servers: they may last, and do not take the place of others.
    pub(crate) fn relays(&self) -> &InFlight {
        &self.0.relays
    }

    pub(crate) fn web_servers(&self) -> &WebServers {
        &self.0.web_servers
    }

    pub(crate) fn places(&self) -> &Places {
        &self.0.places
    }

    pub(crate) fn now(&self) -> i64 {
        (self.0.clock)()
    }

    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        lock(&self.0.throttle)
    }

    pub(crate) fn token_calls(&self) -> MutexGuard<'_, Limiter<IpAddr>> {
        lock(&self.0.token_calls)
    }

    pub(crate) fn requests(&self) -> MutexGuard<'_, Limiter<TenantId>> {
        lock(&self.0.requests)
    }

    pub(crate) fn codes(&self) -> MutexGuard<'_, Limiter<TenantId>> {
        lock(&self.0.codes)
    }

    /// By identifier of the person.
    pub(crate) fn second_factors(&self) -> MutexGuard<'_, Limiter<String>> {
        lock(&self.0.second_factors)
    }
}

/// Nothing panics while one is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
