//! A server under test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use bus::{Service, bind, serve};
use model::fingerprint::CertificateFacts;
use rustls::SupportedProtocolVersion;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use web::{HashCost, Server, WebConfig, WebError};

use crate::client::{Answer, Connection, Request, tls_client, tls_client_offering};
use crate::roles::{FakeInit, FakeNetwork, FakeSettings, FakeTime};

/// A password that keeps the rules.
pub(crate) const PASSWORD: &str = "Correct-Horse-1";
/// Another.
pub(crate) const NEW_PASSWORD: &str = "Battery-Staple-2";

pub(crate) struct Appliance {
    pub(crate) address: SocketAddr,
    pub(crate) certificate: CertificateFacts,
    pub(crate) settings: Arc<FakeSettings>,
    pub(crate) network: Arc<FakeNetwork>,
    pub(crate) init: Arc<FakeInit>,
    tls: Arc<rustls::ClientConfig>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Result<(), WebError>>,
    directory: TempDir,
}

impl Appliance {
    /// A server without a password.
    pub(crate) async fn start() -> Self {
        Self::start_with(FakeSettings::new(), FakeNetwork::new()).await
    }

    /// A server with [`PASSWORD`].
    pub(crate) async fn start_with_password() -> Self {
        let appliance = Self::start().await;
        let body = format!(r#"{{"username":"admin","password":"{PASSWORD}"}}"#);
        let answer = appliance.send(&Request::post("/credentials").json(&body)).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        appliance
    }

    pub(crate) async fn start_with(settings: Arc<FakeSettings>, network: Arc<FakeNetwork>) -> Self {
        let directory = TempDir::new().unwrap();
        let init = FakeInit::new();
        let config = WebConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            settings: serve_at(&directory, "settings", &settings),
            network: serve_at(&directory, "network", &network),
            time: serve_at(&directory, "time", &Arc::new(FakeTime)),
            // Nobody answers there, unless a test of theirs puts somebody.
            diagnostics: directory.path().join("diagnostics").display().to_string(),
            capture: directory.path().join("capture").display().to_string(),
            journal: directory.path().join("journal").display().to_string(),
            directory: directory.path().join("directory").display().to_string(),
            channel: directory.path().join("channel").display().to_string(),
            guest: directory.path().join("guest").display().to_string(),
            init: serve_at(&directory, "init", &init),
            hash_cost: HashCost::CHEAPEST,
        };
        let server = Server::start(config).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let address = server.address();
        let certificate = server.certificate().clone();
        let pem = settings.certificate.lock().unwrap().as_ref().unwrap().chain_pem.clone();
        let server = tokio::spawn(server.serve(async {
            let _ = stopped.await;
        }));
        Self {
            address,
            certificate,
            settings,
            network,
            init,
            tls: tls_client(&pem),
            stop: Some(stop),
            server,
            directory,
        }
    }

    /// Answers for a role that no other test needs.
    pub(crate) fn serve<S: Service>(&self, name: &str, service: &Arc<S>) {
        serve_at(&self.directory, name, service);
    }

    pub(crate) async fn connect(&self) -> Connection {
        self.connect_from("127.0.0.1").await.unwrap()
    }

    /// Connects from one of the addresses of the loopback interface.
    pub(crate) async fn connect_from(&self, source: &str) -> std::io::Result<Connection> {
        Connection::open(self.address, source, Arc::clone(&self.tls)).await
    }

    /// Connects with these versions of TLS and these protocols.
    pub(crate) async fn connect_offering(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&str],
    ) -> std::io::Result<Connection> {
        let pem = self.settings.certificate.lock().unwrap().as_ref().unwrap().chain_pem.clone();
        let tls = tls_client_offering(&pem, versions, protocols);
        Connection::open(self.address, "127.0.0.1", tls).await
    }

    /// Sends one request on a connection of its own.
    pub(crate) async fn send(&self, request: &Request) -> Answer {
        self.connect().await.send(request).await
    }

    pub(crate) async fn send_from(&self, source: &str, request: &Request) -> Answer {
        self.connect_from(source).await.unwrap().send(request).await
    }

    /// Asks for a token.
    pub(crate) async fn log_in(&self, password: &str) -> Answer {
        let body = format!(r#"{{"username":"admin","password":"{password}"}}"#);
        self.send(&Request::post("/$login").json(&body)).await
    }

    pub(crate) async fn token(&self) -> String {
        let answer = self.log_in(PASSWORD).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Waits until the server ends by itself, moving its clock.
    pub(crate) async fn ended(mut self) -> Result<(), WebError> {
        let clock = Clock::stop();
        while !self.server.is_finished() {
            clock.advance(Duration::from_millis(100)).await;
        }
        (&mut self.server).await.unwrap()
    }

    /// Ends the server and says how it ended.
    pub(crate) async fn stop(mut self) -> Result<(), WebError> {
        self.stop.take().unwrap().send(()).unwrap();
        (&mut self.server).await.unwrap()
    }
}

impl Drop for Appliance {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Stops the clock of the server, which shares the runtime of the test, until dropped.
pub(crate) struct Clock {
    _held: mpsc::Sender<()>,
}

impl Clock {
    pub(crate) fn stop() -> Self {
        let (held, release) = mpsc::channel::<()>();
        // A paused clock moves by itself when nothing can run; a blocking task keeps it from that.
        tokio::task::spawn_blocking(move || release.recv());
        tokio::time::pause();
        Self { _held: held }
    }

    pub(crate) async fn advance(&self, duration: Duration) {
        tokio::time::advance(duration).await;
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

/// Answers on a socket of this name.
pub(crate) fn serve_at<S: Service>(directory: &TempDir, name: &str, service: &Arc<S>) -> String {
    let path = directory.path().join(name);
    tokio::spawn(serve(bind(&path).unwrap(), Arc::clone(service)));
    path.to_str().unwrap().to_owned()
}
