//! Finds out where the machine runs, then does everything beside each other.

use std::convert::Infallible;
use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use bus::{Client, NetworkRequest, bind, follow, report_ready, serve};
use model::confinement::GUEST_DIRECTORY;
use model::guest_files::{CHANNEL, HostChannel};
use model::role::Role;
use model::supervision;
use platform::detect::{Detection, Platform, Signature, detect};
use tokio::sync::watch;
use tracing::{info, warn};

use crate::board::Board;
use crate::error::GuestError;
use crate::first::First;
use crate::host::vmware::{self, HostPort};
use crate::host::{self, Surroundings};
use crate::local;
use crate::metadata::Cloud;
use crate::registration::Registrar;
use crate::report::report;
use crate::service::GuestService;

/// Where things are.
#[derive(Clone, Debug)]
pub struct GuestConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of the network role.
    pub network: String,
    /// Socket of the channel role.
    pub channel: String,
    /// Socket of PID 1.
    pub init: String,
    /// Directory of the files that PID 1 has copied ([`model::guest_files`]).
    pub directory: PathBuf,
    /// What the hypervisor calls itself; `None` = there is none.
    pub signature: Option<[u8; 12]>,
}

impl GuestConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Guest.socket_path(),
            settings: Role::Settings.socket_path(),
            network: Role::Network.socket_path(),
            channel: Role::Channel.socket_path(),
            init: supervision::SOCKET.to_owned(),
            directory: GUEST_DIRECTORY.into(),
            signature: sys::hypervisor::signature(),
        }
    }
}

/// Tells PID 1 that the role is ready, answers, takes first settings and speaks with the platform.
///
/// `input` is the channel to the hypervisor where the directory names one.
///
/// # Errors
///
/// [`GuestError::Listen`]. A platform that misbehaves does not end the role.
pub async fn run(config: GuestConfig, input: OwnedFd) -> Result<Infallible, GuestError> {
    let listener = bind(&config.socket)
        .map_err(|source| GuestError::Listen { path: config.socket, source })?;
    let tables = local::tables(&config.directory);
    let signature = config.signature.as_ref().and_then(Signature::read);
    let detection = detect(&tables, signature);
    match &detection {
        Some(Detection { platform, contradiction: None }) => {
            info!(platform = platform.name(), "The platform is known");
        }
        Some(Detection { platform, contradiction: Some(signature) }) => {
            warn!(
                platform = platform.name(),
                ?signature,
                "The hypervisor is another one than the tables say"
            );
        }
        None => info!("The platform is unknown, or the machine is no virtual one"),
    }
    let platform = detection.map(|detection| detection.platform);
    let board = Board::new(platform.map(|platform| platform.name()));
    let cloud = platform.and_then(Cloud::of);
    let network = follow::<NetworkRequest>(config.network);
    tokio::spawn(serve(listener, std::sync::Arc::new(GuestService(board.clone()))));
    tokio::spawn(report_ready(Client::new(config.init.clone())));
    if let Some(cloud) = cloud {
        tokio::spawn(report(cloud, config.init.clone(), network.clone(), board.clone()));
    }
    let registrar = Registrar {
        channel: config.channel,
        settings: config.settings.clone(),
        network: network.clone(),
    };
    let (directory, settings) = (config.directory.clone(), config.settings);
    let first =
        First { directory, tables, platform, board, settings, network: network.clone(), registrar };
    tokio::spawn(first.take());
    if platform == Some(Platform::Vmware) {
        let surroundings =
            Surroundings { network: network.clone(), init: Client::new(config.init.clone()) };
        tokio::spawn(vmware::speak(HostPort, surroundings));
    }
    let channel = fs::read_to_string(config.directory.join(CHANNEL));
    if let Some(channel) = channel.ok().and_then(|name| HostChannel::from_name(&name)) {
        let surroundings = Surroundings { network, init: Client::new(config.init) };
        tokio::spawn(host::speak(channel, input, surroundings));
    }
    Ok(std::future::pending().await)
}

/// Waits until a role that is followed answers.
pub(crate) async fn answer<T: Clone>(status: &mut watch::Receiver<Option<T>>) -> T {
    match status.wait_for(Option::is_some).await.ok().and_then(|status| status.clone()) {
        Some(status) => status,
        // Following ends only with its receiver.
        None => std::future::pending().await,
    }
}
