//! A forest, and the domains of an appliance in it.

use std::net::IpAddr;
use std::sync::Arc;

use bus::{Credentials, Join};
use directory::{Clock, Domains, Store};
use forest::fixtures::PASSWORD;
use forest::{Forest, role};
use model::domain::status::DomainStatus;
use model::domain::{DomainName, MachineName, UserName};
use model::secret::Secret;
use tempfile::TempDir;
use tokio::sync::watch;

/// The domain of most tests.
pub(crate) const CORP: &str = "corp.example.com";

/// The domains of an appliance, and where they are stored.
pub(crate) struct Appliance {
    pub(crate) domains: Arc<Domains>,
    pub(crate) directory: TempDir,
    _dns: watch::Sender<Vec<IpAddr>>,
}

impl Appliance {
    pub(crate) fn new() -> Self {
        Self::with_clock(0)
    }

    /// With a clock that is wrong by this many seconds.
    pub(crate) fn with_clock(offset: i64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (dns, own_dns) = watch::channel(vec![IpAddr::V4(role::DNS_SERVER)]);
        let store = Store::new(directory.path().to_owned());
        let domains = Domains::open(store, Clock { offset }, own_dns).unwrap();
        Self { domains, directory, _dns: dns }
    }

    pub(crate) fn domain(&self, name: &str) -> Option<DomainStatus> {
        self.domains.status().of(&domain(name)).cloned()
    }
}

/// Runs the code of an appliance in its network.
pub(crate) fn within<T: Send>(forest: &Forest, work: impl AsyncFnOnce() -> T + Send) -> T {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work())
    };
    forest.appliance().enter(run).unwrap()
}

pub(crate) fn domain(name: &str) -> DomainName {
    DomainName::parse(name).unwrap()
}

pub(crate) fn credentials(user: &str) -> Credentials {
    with_password(user, PASSWORD)
}

pub(crate) fn with_password(user: &str, password: &str) -> Credentials {
    let user = UserName::parse(user).unwrap();
    Credentials { user, password: Secret::new(password.to_owned()) }
}

/// A join of the domain of most tests.
pub(crate) fn join(machine: &str, user: &str) -> Join {
    Join {
        domain: domain(CORP),
        credentials: credentials(user),
        machine: MachineName::parse(machine).unwrap(),
        unit: None,
        dns_servers: Vec::new(),
        takes_over: false,
    }
}
