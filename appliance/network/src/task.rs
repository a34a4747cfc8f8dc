//! Follows settings, links and DHCP, and keeps the interface as they say.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::{Client, SettingsRequest, bind, follow, report_ready, serve};
use model::role::Role;
use model::supervision;
use sys::netlink::{LOOPBACK_INDEX, LinkChanges, RouteSocket};
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;
use tracing::warn;

use crate::attachment::Attachment;
use crate::error::NetworkError;
use crate::host_name;
use crate::readiness::register;
use crate::service::NetworkService;
use crate::status::{channel, publish};

/// Pause before a step that failed is tried again.
const RETRY_PAUSE: Duration = Duration::from_secs(10);

/// Where things are.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// Socket to answer on.
    pub socket: String,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of PID 1.
    pub init: String,
    /// File for the DNS servers. Its directory must exist and be writable.
    pub resolver: PathBuf,
}

impl NetworkConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            socket: Role::Network.socket_path(),
            settings: Role::Settings.socket_path(),
            init: supervision::SOCKET.to_owned(),
            resolver: "/run/network/resolv.conf".into(),
        }
    }
}

/// Sets up the network, tells PID 1 that the role is ready, and answers.
///
/// # Errors
///
/// [`NetworkError`] when the role cannot work at all. What the kernel refuses of the settings is a
/// state of the network, and tried again.
pub async fn run(config: NetworkConfig) -> Result<Infallible, NetworkError> {
    let mut kernel = RouteSocket::open().map_err(NetworkError::Links)?;
    if let Err(error) = kernel.set_up(LOOPBACK_INDEX) {
        warn!(%error, "Cannot switch the loopback interface on");
    }
    let changes = LinkChanges::open().map_err(NetworkError::Links)?;
    let changes = register(changes).map_err(NetworkError::Reactor)?;
    let listener = bind(&config.socket)
        .map_err(|source| NetworkError::Listen { path: config.socket, source })?;
    let status = channel();
    let mut attachment = Attachment::new(kernel, config.resolver);
    let init = Client::new(config.init);
    let service = NetworkService::new(status.subscribe(), attachment.segment());
    tokio::spawn(serve(listener, Arc::new(service)));
    tokio::spawn(host_name::follow(init.clone(), attachment.host_name()));
    tokio::spawn(report_ready(init));
    let mut settings = follow::<SettingsRequest>(config.settings);
    loop {
        if let Some(settings) = &*settings.borrow_and_update() {
            attachment.take_settings(&settings.settings);
        }
        attachment.set_up();
        publish(&status, attachment.status());
        let has_failed = attachment.has_failed();
        let review = attachment.review();
        tokio::select! {
            // The sender lives as long as its receiver.
            _ = settings.changed() => {}
            () = changed(&changes) => {}
            news = attachment.wait() => attachment.take_news(news),
            () = tokio::time::sleep(RETRY_PAUSE), if has_failed => {}
            () = sleep_until(review), if review.is_some() => {}
        }
    }
}

/// Waits until a link has changed.
async fn changed(changes: &AsyncFd<LinkChanges>) {
    loop {
        let Ok(mut guard) = changes.readable().await else {
            return std::future::pending().await;
        };
        match guard.try_io(|changes| changes.get_ref().read_changes()) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => return warn!(%error, "Cannot follow the links"),
            // Nothing to read after all.
            Err(_) => {}
        }
    }
}

async fn sleep_until(moment: Option<Instant>) {
    if let Some(moment) = moment {
        tokio::time::sleep_until(moment).await;
    }
}
