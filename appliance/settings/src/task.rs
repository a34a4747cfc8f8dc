//! Reads what is stored, then answers.

use std::convert::Infallible;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use bus::{Client, bind, report_ready, serve};
use model::role::Role;
use model::supervision;
use tracing::{info, warn};

use crate::error::SettingsError;
use crate::file_system::Directory;
use crate::service::SettingsService;
use crate::store::Store;

/// Where things are.
#[derive(Clone, Debug)]
pub struct SettingsConfig {
    /// Directory of the stored files; made when it is missing.
    pub directory: PathBuf,
    /// File with the kernel's command line.
    pub command_line: PathBuf,
    /// Socket to answer on.
    pub socket: String,
    /// Socket of PID 1.
    pub init: String,
}

impl SettingsConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            directory: "/data/settings".into(),
            command_line: "/proc/cmdline".into(),
            socket: Role::Settings.socket_path(),
            init: supervision::SOCKET.to_owned(),
        }
    }
}

/// Reads the settings and the boot parameter, tells PID 1 that the role is ready, and answers.
///
/// # Errors
///
/// [`SettingsError::Listen`]. A disk that fails does not end the role: the status says so.
pub async fn run(config: SettingsConfig) -> Result<Infallible, SettingsError> {
    let mut store = Store::open(Box::new(Directory::open(config.directory)));
    match fs::read(&config.command_line) {
        Ok(line) => store.take_boot_parameter(&String::from_utf8_lossy(&line)),
        Err(error) => warn!(%error, "Cannot read the kernel's command line"),
    }
    let listener = bind(&config.socket)
        .map_err(|source| SettingsError::Listen { path: config.socket, source })?;
    let service = Arc::new(SettingsService::new(store));
    info!("The settings are served");
    tokio::join!(serve(listener, service), report_ready(Client::new(config.init)));
    std::future::pending().await
}
