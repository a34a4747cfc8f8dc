//! Reads what is stored, then answers.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bus::{Client, NetworkRequest, bind, follow, report_ready, serve};
use model::confinement;
use model::machine::{MachineUuid, MachineUuidError};
use model::role::Role;
use model::supervision::{self, DataState, InitRequest};
use tracing::{debug, info, warn};

use crate::error::SettingsError;
use crate::file_system::Directory;
use crate::moment::Moment;
use crate::service::SettingsService;
use crate::store::{Start, Store};

/// Where things are.
#[derive(Clone, Debug)]
pub struct SettingsConfig {
    /// Directory of the stored files; made when it is missing.
    pub directory: PathBuf,
    /// File with the kernel's command line.
    pub command_line: PathBuf,
    /// File with the UUID of the machine, as its firmware gives it.
    pub machine_uuid: PathBuf,
    /// Socket to answer on.
    pub socket: String,
    /// Socket of PID 1.
    pub init: String,
    /// Socket of the network role.
    pub network: String,
}

impl SettingsConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            directory: "/data/settings".into(),
            command_line: "/proc/cmdline".into(),
            // A copy that PID 1 makes, because roles have no /sys.
            machine_uuid: confinement::SYSTEM_UUID.into(),
            socket: Role::Settings.socket_path(),
            init: supervision::SOCKET.to_owned(),
            network: Role::Network.socket_path(),
        }
    }
}

/// Reads the settings and the boot parameter, tells PID 1 that the role is ready, and answers.
///
/// # Errors
///
/// [`SettingsError::Listen`]. A disk that fails does not end the role: the status says so.
pub async fn run(config: SettingsConfig) -> Result<Infallible, SettingsError> {
    let data = data_state(config.init.clone()).await;
    let machine = machine(&config.machine_uuid);
    let files = Box::new(Directory::open(config.directory));
    let mut store = Store::open(files, Start { now: Moment::now(), machine, data });
    store.try_disk();
    match fs::read(&config.command_line) {
        Ok(line) => store.take_boot_parameter(&String::from_utf8_lossy(&line)),
        Err(error) => warn!(%error, "Cannot read the kernel's command line"),
    }
    let listener = bind(&config.socket)
        .map_err(|source| SettingsError::Listen { path: config.socket, source })?;
    let service = Arc::new(SettingsService::new(store, Moment::now));
    info!("The settings are served");
    tokio::spawn(serve(listener, Arc::clone(&service)));
    tokio::spawn(report_ready(Client::new(config.init)));
    Ok(service.keep_time(|| follow::<NetworkRequest>(config.network.clone())).await)
}

/// Asks PID 1 whether the directory is on the data disk. Nothing is decided before it has answered:
/// memory that stands in for the disk looks like a new appliance, which whoever comes first may take.
async fn data_state(init: String) -> DataState {
    let mut status = follow::<InitRequest>(init);
    match status.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(status)) => status.data.clone(),
        // Following ends only with its receiver.
        Ok(None) | Err(_) => DataState::Unavailable { reason: "PID 1 does not answer".to_owned() },
    }
}

/// The machine, when its firmware gives it a UUID that tells it from others.
fn machine(path: &Path) -> Option<MachineUuid> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            debug!(%error, "The machine has no UUID");
            return None;
        }
    };
    match MachineUuid::parse(&text) {
        Ok(uuid) => Some(uuid),
        Err(error @ (MachineUuidError::Malformed | MachineUuidError::Shared)) => {
            info!(%error, "A copy of this machine cannot be told from it");
            None
        }
    }
}
