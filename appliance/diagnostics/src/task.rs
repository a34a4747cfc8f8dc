//! Starts the checks and answers.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bus::{Client, NetworkRequest, bind, follow, report_ready, serve};
use model::network::{NetworkState, NetworkStatus};
use model::product::CLOUD_ADDRESSES;
use model::role::Role;
use model::supervision;
use tokio::sync::watch;

use crate::dialing::follow_settings;
use crate::error::DiagnosticsError;
use crate::prechecks::Prechecks;
use crate::probe::Prober;
use crate::reporting::Reporter;
use crate::service::DiagnosticsService;
use crate::status::Board;
use crate::{interception, proxies};

/// Port of DNS.
const DNS_PORT: u16 = 53;
/// Where the report is made.
const DIRECTORY: &str = "/run/diagnostics";

/// Where things are.
#[derive(Clone, Debug)]
pub struct DiagnosticsConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of the network role.
    pub network: String,
    /// Socket of the time role.
    pub time: String,
    /// Socket of the capture role.
    pub capture: String,
    /// Socket of the directory role.
    pub directory_role: String,
    /// Socket of the channel role.
    pub channel: String,
    /// Socket of the guest role.
    pub guest: String,
    /// Socket of the journal role.
    pub journal: String,
    /// Socket of PID 1.
    pub init: String,
    /// Directory for the report while it is made.
    pub directory: String,
    /// What the appliance must reach: host and port.
    pub cloud: Vec<(String, u16)>,
    /// UDP port of the DNS servers.
    pub dns_port: u16,
}

impl DiagnosticsConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Diagnostics.socket_path(),
            settings: Role::Settings.socket_path(),
            network: Role::Network.socket_path(),
            time: Role::Time.socket_path(),
            capture: Role::Capture.socket_path(),
            directory_role: Role::Directory.socket_path(),
            channel: Role::Channel.socket_path(),
            guest: Role::Guest.socket_path(),
            journal: Role::Journal.socket_path(),
            init: supervision::SOCKET.to_owned(),
            directory: DIRECTORY.to_owned(),
            cloud: CLOUD_ADDRESSES.map(|(host, port)| (host.to_owned(), port)).to_vec(),
            dns_port: DNS_PORT,
        }
    }
}

/// Keeps the state of the proxies, tells PID 1 that the role is ready, and answers.
///
/// # Errors
///
/// [`DiagnosticsError::Listen`]. Roles that do not answer do not end this one.
pub async fn run(config: DiagnosticsConfig) -> Result<Infallible, DiagnosticsError> {
    let listener = bind(&config.socket)
        .map_err(|source| DiagnosticsError::Listen { path: config.socket.clone(), source })?;
    let board = Board::new();
    let settings = follow_settings(config.settings.clone(), config.cloud.clone());
    let prober = Prober::new(board.clone(), settings.clone(), Client::new(config.capture.clone()));
    let prechecks = Arc::new(Prechecks::new(&config, board.clone(), settings.clone()));
    let service = DiagnosticsService {
        board: board.clone(),
        settings: settings.clone(),
        prober: Arc::new(prober),
        reporter: Reporter::new(&config, board.clone(), Arc::clone(&prechecks)),
        prechecks,
    };
    tokio::spawn(serve(listener, Arc::new(service)));
    tokio::spawn(report_ready(Client::new(config.init)));

    let mut network = follow::<NetworkRequest>(config.network);
    // Without an address every proxy would seem to be unreachable.
    let is_up = |status: &Option<NetworkStatus>| {
        status.as_ref().is_some_and(|status| status.state == NetworkState::Configured)
    };
    // The sender lives as long as its receiver.
    let _ = network.wait_for(is_up).await;
    let again = watch::Sender::new(0);
    tokio::spawn(proxies::watch_all(settings.followed.clone(), again.subscribe(), board.clone()));
    tokio::spawn(interception::watch(settings, again.subscribe(), board));
    let mut seen = way(network.borrow_and_update().as_ref());
    loop {
        // As above.
        let _ = network.changed().await;
        let present = way(network.borrow_and_update().as_ref());
        if present.is_some() && present != seen {
            seen = present;
            again.send_modify(|number| *number += 1);
        }
    }
}

/// What decides whether something outside is reached; `None` while the network role is silent.
type Way = (NetworkState, Option<Ipv4Addr>, Option<Ipv4Addr>, Vec<Ipv4Addr>);

fn way(status: Option<&NetworkStatus>) -> Option<Way> {
    status.map(|status| {
        let address = status.address.as_ref().map(|address| address.value.address);
        let gateway = status.gateway.as_ref().map(|gateway| gateway.value);
        (status.state.clone(), address, gateway, status.dns.value.clone())
    })
}
