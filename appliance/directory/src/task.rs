//! Reads the accounts, keeps the domains checked, and answers.

use std::convert::Infallible;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::{Client, NetworkRequest, bind, follow, report_ready, serve};
use model::confinement::DIRECTORY_DIRECTORY;
use model::domain::CHECK_SECONDS;
use model::network::{NetworkState, NetworkStatus};
use model::role::Role;
use model::supervision;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::domains::Domains;
use crate::error::DirectoryError;
use crate::service::DirectoryService;
use crate::store::Store;

/// Where things are.
#[derive(Clone, Debug)]
pub struct DirectoryConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the network role.
    pub network: String,
    /// Socket of PID 1.
    pub init: String,
    /// Directory of the accounts.
    pub directory: PathBuf,
}

impl DirectoryConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Directory.socket_path(),
            network: Role::Network.socket_path(),
            init: supervision::SOCKET.to_owned(),
            directory: PathBuf::from(DIRECTORY_DIRECTORY),
        }
    }
}

/// Tells PID 1 that the role is ready, answers, and checks all domains every few minutes and whenever
/// the network changes.
///
/// # Errors
///
/// [`DirectoryError`]. Domains that cannot be reached do not end the role.
pub async fn run(config: DirectoryConfig) -> Result<Infallible, DirectoryError> {
    let listener = bind(&config.socket)
        .map_err(|source| DirectoryError::Listen { path: config.socket.clone(), source })?;
    let path = config.directory.display().to_string();
    let (servers, own_dns) = watch::channel(Vec::new());
    let domains = Domains::open(Store::new(config.directory), Clock::default(), own_dns)
        .map_err(|source| DirectoryError::Store { path, source })?;
    let service = DirectoryService { domains: Arc::clone(&domains) };
    tokio::spawn(serve(listener, Arc::new(service)));
    tokio::spawn(report_ready(Client::new(config.init)));

    let mut network = follow::<NetworkRequest>(config.network);
    loop {
        let present = network.borrow_and_update().clone();
        // Without an address every domain would seem to be unreachable.
        if let Some(status) = present.filter(|it| it.state == NetworkState::Configured) {
            servers.send_replace(name_servers(&status));
            domains.check_all().await;
        }
        // The sender lives as long as its receiver; the time is up when nothing has changed.
        let _ = timeout(Duration::from_secs(CHECK_SECONDS), network.changed()).await;
    }
}

fn name_servers(status: &NetworkStatus) -> Vec<IpAddr> {
    status.dns.value.iter().copied().map(IpAddr::V4).collect()
}
