//! What the site wants of the gateways, which hold the connections of the appliances.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use registry::{Change, Connector, Registration, RegistryError, TenantId};
use thiserror::Error;

use crate::order::{Answered, Order, Unanswered};
use crate::relay::{RelayOrder, Relayed};

/// The answer of a gateway.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, ApplianceError>> + Send + 'a>>;

/// The answer of a connector.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Answered, Unanswered>> + Send + 'a>>;

/// The answer of a web server.
pub type Relaying<'a> = Pin<Box<dyn Future<Output = Result<Relayed, Unanswered>> + Send + 'a>>;

/// An appliance whose details were confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// What it says of itself.
    pub registration: Registration,
    /// The number that the appliance's page shows as well, where nobody listens in between.
    pub security_number: String,
}

/// What is known of a connector that is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The name of the gateway.
    pub gateway: String,
    /// Its own addresses.
    pub addresses: Vec<String>,
    /// How busy it is, 0 to 100.
    pub load_percent: u8,
    /// Typical time until it answers; `None` = it was not asked anything yet.
    pub latency: Option<Duration>,
    /// Its connections to the gateway, the oldest first.
    pub connections: Vec<Origin>,
}

/// Where a connection comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Since when it is there, in seconds since 1970.
    pub since: i64,
    /// The address that it comes from.
    pub source: String,
}

/// Why a gateway did not do what it was asked.
#[derive(Debug, Error)]
pub enum ApplianceError {
    /// The registry refuses, or does not answer.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The appliance does not answer on the connection that it made.
    #[error("The appliance cannot be contacted. See that it runs and still shows the code.")]
    Unreachable,
    /// No gateway answers, or no certificate can be made.
    #[error("{0}")]
    Unavailable(String),
}

/// Gateways.
pub trait Appliances: fmt::Debug + Send + Sync {
    /// Finds the appliance that shows a code, for a tenant, and makes sure that it can be contacted.
    fn confirm<'a>(
        &'a self,
        tenant: &'a TenantId,
        code: &'a str,
        change: &'a Change,
    ) -> Answer<'a, Confirmed>;

    /// Registers an appliance whose details were confirmed, and tells it.
    fn register<'a>(
        &'a self,
        tenant: &'a TenantId,
        registration: &'a str,
        location: Option<&'a str>,
        change: &'a Change,
    ) -> Answer<'a, Connector>;

    /// Refuses an appliance whose details were confirmed, and tells it.
    fn refuse<'a>(
        &'a self,
        tenant: &'a TenantId,
        registration: &'a str,
        change: &'a Change,
    ) -> Answer<'a, ()>;

    /// Ends the connections of a connector that was removed, and tells it.
    fn forget<'a>(
        &'a self,
        tenant: &'a TenantId,
        location: &'a str,
        connector: &'a str,
    ) -> Answer<'a, ()>;

    /// Has a connector do something. Dropping the future gives the request up.
    fn ask(&self, order: Order) -> Asking<'_>;

    /// Has a connector relay a request to a web server. Dropping the future, or the data of the answer,
    /// gives the request up.
    fn relay(&self, order: RelayOrder) -> Relaying<'_>;

    /// What is known of a connector that is connected.
    fn connected(&self, tenant: &TenantId, location: &str, connector: &str) -> Option<Connected>;

    /// Whether this node stops soon, so that whoever can should go to another one.
    fn is_leaving(&self) -> bool {
        false
    }
}
