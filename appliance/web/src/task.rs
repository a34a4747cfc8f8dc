//! Starts the server and ends it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bus::{
    BusError, Client, NetworkRequest, SettingsRequest, SettingsResponse, StoredCertificate, follow,
};
use model::fingerprint::CertificateFacts;
use model::network::NetworkStatus;
use model::role::Role;
use model::supervision::{self, InitRequest};
use rustls::pki_types::CertificateDer;
use rustls::server::{ResolvesServerCert, ServerConfig};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use crate::administrator::Administrator;
use crate::certificate::{CertificateError, Subject, certified_key, make};
use crate::error::WebError;
use crate::password_hash::HashCost;
use crate::state::{Shared, State, now};
use crate::{listener, readiness, router};

/// Port of HTTPS.
const PORT: u16 = 443;
/// How long the first start waits for an address to write into the certificate.
const ADDRESS_LIMIT: Duration = Duration::from_secs(5);
/// How long the start waits for the settings role.
const SETTINGS_LIMIT: Duration = Duration::from_secs(30);
/// Pause before the settings role is asked again.
const SETTINGS_PAUSE: Duration = Duration::from_millis(100);

/// Where things are.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// Address and port to listen on; port 0 = any free one.
    pub listen: SocketAddr,
    /// Socket of the settings role.
    pub settings: String,
    /// Socket of the network role.
    pub network: String,
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
    tls: Arc<ServerConfig>,
    leaf: CertificateDer<'static>,
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
        let network = follow::<NetworkRequest>(config.network);
        let client = Client::new(config.settings.clone());
        let (facts, key) = load_or_make_certificate(&client, network.clone()).await?;
        let leaf = key
            .end_entity_cert()
            .map_err(|error| WebError::Certificate(CertificateError::Key(error)))?
            .clone()
            .into_owned();
        let resolver: Arc<dyn ResolvesServerCert> = Arc::new(SingleCertAndKey::from(key));
        let tls = listener::tls(resolver)
            .map_err(|error| WebError::Certificate(CertificateError::Key(error)))?;
        let state = State {
            settings: follow::<SettingsRequest>(config.settings),
            network,
            init: follow::<InitRequest>(config.init.clone()),
            init_client: Client::new(config.init),
            administrator: Arc::new(Administrator::new(client, config.hash_cost)),
            certificate: facts,
        };
        Ok(Self { listener, address, tls, leaf, state: Arc::new(state) })
    }

    /// The address and port that is open.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is shown of the certificate.
    #[must_use]
    pub fn certificate(&self) -> &CertificateFacts {
        &self.state.certificate
    }

    /// Serves until `stop` resolves, and tells PID 1 once the own question is answered.
    ///
    /// # Errors
    ///
    /// [`WebError`]: the server does not answer itself, or PID 1 does not take the report.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<(), WebError> {
        let init = self.state.init_client.clone();
        let ready = async {
            readiness::report(self.address, self.leaf, &init).await?;
            std::future::pending().await
        };
        let serve = listener::serve(self.listener, self.tls, router::router(self.state), stop);
        tokio::select! {
            () = serve => Ok(()),
            result = ready => result,
        }
    }
}

async fn load_or_make_certificate(
    settings: &Client,
    network: watch::Receiver<Option<NetworkStatus>>,
) -> Result<(CertificateFacts, Arc<CertifiedKey>), WebError> {
    if let Some(stored) = load(settings).await? {
        match certified_key(&stored) {
            Ok(key) => return Ok((stored.facts, key)),
            Err(error) => warn!(%error, "The stored certificate is unusable; a new one is made"),
        }
    }
    let subject = subject(network).await;
    let made = make(&subject, now()).map_err(WebError::Certificate)?;
    let key = certified_key(&made).map_err(WebError::Certificate)?;
    let facts = made.facts.clone();
    store(settings, made).await;
    Ok((facts, key))
}

/// Asks for the stored certificate until the settings role answers.
async fn load(settings: &Client) -> Result<Option<StoredCertificate>, WebError> {
    let start = Instant::now();
    loop {
        match settings.call(&SettingsRequest::Certificate).await {
            Ok(SettingsResponse::Certificate { certificate }) => return Ok(certificate),
            Ok(_) => return Err(WebError::Settings(refused())),
            Err(error) if start.elapsed() > SETTINGS_LIMIT => {
                return Err(WebError::Settings(error));
            }
            Err(_) => sleep(SETTINGS_PAUSE).await,
        }
    }
}

fn refused() -> BusError {
    let source = io::Error::new(io::ErrorKind::PermissionDenied, "the role does not allow it");
    BusError::Io { path: Role::Settings.socket_path(), source }
}

/// Stores a new certificate. If that fails the appliance works with it until the next start, and the
/// settings role says what is wrong.
async fn store(settings: &Client, certificate: StoredCertificate) {
    let facts = certificate.facts.clone();
    match settings.call(&SettingsRequest::StoreCertificate { certificate }).await {
        Ok(SettingsResponse::Done) => info!(sha1 = %facts.sha1, "A certificate has been made"),
        Ok(SettingsResponse::Failed { reason }) => {
            warn!(error = reason, "Cannot store the certificate");
        }
        Ok(_) => warn!("The settings role does not take the certificate"),
        Err(error) => warn!(%error, "Cannot store the certificate"),
    }
}

/// What the certificate is made for; waits some time for an address.
async fn subject(mut network: watch::Receiver<Option<NetworkStatus>>) -> Subject {
    let has_address = |status: &Option<NetworkStatus>| {
        status.as_ref().is_some_and(|status| status.address.is_some())
    };
    if timeout(ADDRESS_LIMIT, network.wait_for(has_address)).await.is_err() {
        warn!("There is no address yet; the certificate names the host only");
    }
    let status = network.borrow();
    Subject::of(status.as_ref())
}
