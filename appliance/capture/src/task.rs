//! The role.

use std::convert::Infallible;
use std::future::pending;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use bus::{Client, bind, report_ready, serve};
use model::role::Role;
use model::supervision;

use crate::error::CaptureError;
use crate::keeper::Keeper;
use crate::service::CaptureService;
use crate::store::Store;

/// Largest file of a trace in bytes.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// Bytes of the data disk that traces leave to settings and logs.
const MIN_FREE_BYTES: u64 = 256 << 20;
/// Directory of the traces on the appliance.
const DIRECTORY: &str = "/data/capture";

/// Where things are, and their limits.
#[derive(Clone, Debug)]
pub struct CaptureConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of PID 1.
    pub init: String,
    /// Directory of the traces.
    pub directory: PathBuf,
    /// Largest file of a trace in bytes.
    pub max_file_bytes: u64,
    /// Bytes of the file system that traces leave free.
    pub min_free_bytes: u64,
}

impl CaptureConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Capture.socket_path(),
            init: supervision::SOCKET.to_owned(),
            directory: DIRECTORY.into(),
            max_file_bytes: MAX_FILE_BYTES,
            min_free_bytes: MIN_FREE_BYTES,
        }
    }
}

/// Records traces with this packet socket, which
/// [`open_unbound`](sys::packet_ring::open_unbound) made; tells PID 1 that the role is ready, and
/// answers. Needs no capability.
///
/// # Errors
///
/// [`CaptureError`]. A trace that fails does not end the role: the status says so.
pub async fn run(
    config: CaptureConfig,
    packet_socket: OwnedFd,
) -> Result<Infallible, CaptureError> {
    let path = config.directory.display().to_string();
    let store = Store::open(config.directory, config.min_free_bytes)
        .map_err(|source| CaptureError::Directory { path, source })?;
    let listener = bind(&config.socket)
        .map_err(|source| CaptureError::Listen { path: config.socket, source })?;
    let keeper = Keeper::open(store, packet_socket, config.max_file_bytes);
    tokio::spawn(serve(listener, Arc::new(CaptureService { keeper })));
    tokio::spawn(report_ready(Client::new(config.init)));
    pending().await
}
