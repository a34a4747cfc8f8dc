//! Starts the server and ends it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bus::{
    CaptureRequest, ChannelRequest, Client, DiagnosticsRequest, DirectoryRequest, GuestRequest,
    JournalRequest, NetworkRequest, SettingsRequest, TimeRequest, follow,
};
use model::fingerprint::CertificateFacts;
use model::role::Role;
use model::supervision::{self, InitRequest};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use crate::administrator::Administrator;
use crate::certificate::Certificates;
use crate::changes::Changers;
use crate::error::WebError;
use crate::password_hash::HashCost;
use crate::state::{Shared, State};
use crate::{listener, readiness, router};

/// Port of HTTPS.
const PORT: u16 = 443;

/// Where things are.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// Address and port to listen on; port 0 = any free one.
    pub listen: SocketAddr,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of the network role.
    pub network: String,
    /// Socket of the time role.
    pub time: String,
    /// Socket of the diagnostics role.
    pub diagnostics: String,
    /// Socket of the capture role.
    pub capture: String,
    /// Socket of the journal role.
    pub journal: String,
    /// Socket of the directory role.
    pub directory: String,
    /// Socket of the channel role.
    pub channel: String,
    /// Socket of the guest role.
    pub guest: String,
    /// Socket of PID 1.
    pub init: String,
    /// What hashing a password costs.
    pub hash_cost: HashCost,
}

impl WebConfig {
    /// As on the appliance.
    #[must_use]
    pub fn appliance() -> Self {
        Self {
            listen: (Ipv4Addr::UNSPECIFIED, PORT).into(),
            settings: Role::Settings.socket_path(),
            network: Role::Network.socket_path(),
            time: Role::Time.socket_path(),
            diagnostics: Role::Diagnostics.socket_path(),
            capture: Role::Capture.socket_path(),
            journal: Role::Journal.socket_path(),
            directory: Role::Directory.socket_path(),
            channel: Role::Channel.socket_path(),
            guest: Role::Guest.socket_path(),
            init: supervision::SOCKET.to_owned(),
            hash_cost: HashCost::APPLIANCE,
        }
    }
}

/// Serves until the process is told to end (`SIGTERM`).
///
/// # Errors
///
/// [`WebError`]: the port or the certificate is not to be had, or the server does not answer itself.
pub async fn run(config: WebConfig) -> Result<(), WebError> {
    let mut termination = signal(SignalKind::terminate()).map_err(WebError::Signal)?;
    let server = Server::start(config).await?;
    let stop = async {
        termination.recv().await;
        info!("The role is told to end");
    };
    server.serve(stop).await
}

/// A server with an open port and a certificate.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: Shared,
}

impl Server {
    /// Opens the port, then loads or makes the certificate. Clients that come meanwhile wait.
    ///
    /// # Errors
    ///
    /// [`WebError`]: the port or the certificate is not to be had.
    pub async fn start(config: WebConfig) -> Result<Self, WebError> {
        let listen_error = |source| WebError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let changers = Changers {
            settings: Client::new(config.settings.clone()),
            network: Client::new(config.network.clone()),
            time: Client::new(config.time.clone()),
            diagnostics: Client::new(config.diagnostics.clone()),
            capture: Client::new(config.capture.clone()),
            journal: Client::new(config.journal.clone()),
            directory: Client::new(config.directory.clone()),
            channel: Client::new(config.channel.clone()),
            init: Client::new(config.init.clone()),
        };
        let network = follow::<NetworkRequest>(config.network);
        let client = changers.settings.clone();
        let certificates = Certificates::load_or_make(client.clone(), network.clone()).await?;
        let state = State {
            settings: follow::<SettingsRequest>(config.settings),
            network,
            clock: follow::<TimeRequest>(config.time),
            diagnostics: follow::<DiagnosticsRequest>(config.diagnostics),
            capture: follow::<CaptureRequest>(config.capture),
            journal: follow::<JournalRequest>(config.journal),
            directory: follow::<DirectoryRequest>(config.directory),
            channel: follow::<ChannelRequest>(config.channel),
            guest: follow::<GuestRequest>(config.guest),
            init: follow::<InitRequest>(config.init),
            changers,
            administrator: Arc::new(Administrator::new(client, config.hash_cost)),
            certificates: Arc::new(certificates),
        };
        Ok(Self { listener, address, state: Arc::new(state) })
    }

    /// The address and port that is open.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is shown of the certificate in use.
    #[must_use]
    pub fn certificate(&self) -> CertificateFacts {
        self.state.certificates.facts()
    }

    /// Serves until `stop` resolves, and tells PID 1 once the own question is answered.
    ///
    /// # Errors
    ///
    /// [`WebError`]: the server does not answer itself, or PID 1 does not take the report.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<(), WebError> {
        let state = Arc::clone(&self.state);
        let ready = async {
            let leaf = state.certificates.active().leaf.clone();
            readiness::report(self.address, leaf, &state.changers.init).await?;
            // Only now may the certificate change: the question above expects this one.
            state.certificates.follow(state.settings.clone(), state.network.clone()).await;
            std::future::pending().await
        };
        let certificates = Arc::clone(&self.state.certificates);
        let serve = listener::serve(self.listener, certificates, router::router(self.state), stop);
        tokio::select! {
            () = serve => Ok(()),
            result = ready => result,
        }
    }
}
