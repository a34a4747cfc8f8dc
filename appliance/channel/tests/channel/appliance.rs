//! The role at work, and the others as it sees them.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{
    Application, ChannelRequest, ChannelResponse, Client, Peer, Service, SettingsRequest,
    SettingsResponse, bind, follow, serve,
};
use channel::{ChannelConfig, ChannelError, run};
use model::channel::{ChannelStatus, CloudAddress, RegistrationState, RegistrationStep, ShownCode};
use model::outbound::OutboundSettings;
use model::settings::{Settings, SettingsStatus};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::cloud::Cloud;

/// Longest wait for anything; far more than it takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A settings role that sends no news.
struct FixedSettings(Arc<Mutex<OutboundSettings>>);

impl Service for FixedSettings {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, _: Peer, request: SettingsRequest) -> SettingsResponse {
        match request {
            SettingsRequest::Status { newer_than: None } => SettingsResponse::Status(settings()),
            SettingsRequest::Status { .. } => std::future::pending().await,
            SettingsRequest::Outbound => SettingsResponse::Outbound(self.0.lock().unwrap().clone()),
            _ => SettingsResponse::Forbidden,
        }
    }
}

fn settings() -> SettingsStatus {
    SettingsStatus { has_administrator: true, ..SettingsStatus::new(1, Settings::default()) }
}

/// An appliance with the role and the settings; tests add what else they need.
pub(crate) struct Appliance {
    directory: TempDir,
    /// What the settings role answers.
    pub(crate) outbound: Arc<Mutex<OutboundSettings>>,
    cloud: CloudAddress,
    role: JoinHandle<Result<Infallible, ChannelError>>,
}

impl Appliance {
    /// Starts one that trusts the outer certificate of a cloud.
    pub(crate) async fn start(cloud: &Cloud) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("data")).unwrap();
        let outbound =
            OutboundSettings { roots: vec![cloud.outer_root()], ..OutboundSettings::default() };
        let listener = bind(directory.path().join("settings")).unwrap();
        let outbound = Arc::new(Mutex::new(outbound));
        tokio::spawn(serve(listener, Arc::new(FixedSettings(Arc::clone(&outbound)))));
        let role = tokio::spawn(run(config(&directory)));
        let appliance = Self { directory, outbound, cloud: cloud.address(), role };
        appliance.status(|_| true).await;
        appliance
    }

    /// Ends the role as a power cut does, and starts it again.
    pub(crate) async fn restart(&mut self) {
        self.role.abort();
        let _ = (&mut self.role).await;
        self.role = tokio::spawn(run(config(&self.directory)));
        self.status(|_| true).await;
    }

    /// Answers for another role.
    pub(crate) fn serve(&self, name: &str, service: impl Service) {
        let listener = bind(self.directory.path().join(name)).unwrap();
        tokio::spawn(serve(listener, Arc::new(service)));
    }

    /// The directory that the role keeps its files in.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Asks the role.
    pub(crate) async fn ask(&self, request: &ChannelRequest) -> ChannelResponse {
        let client = Client::new(self.socket());
        timeout(LIMIT, client.call_within(LIMIT, request)).await.unwrap().unwrap()
    }

    /// What the administrator wants registered.
    pub(crate) fn application(&self) -> Application {
        Application {
            name: "one".to_owned(),
            cloud: Some(self.cloud.clone()),
            deployment: None,
            location: Some("tokyo".to_owned()),
        }
    }

    /// Begins a registration by code.
    pub(crate) async fn register(&self) {
        let request = ChannelRequest::Register { application: self.application() };
        assert_eq!(self.ask(&request).await, ChannelResponse::Done);
    }

    /// Waits until the status is so.
    pub(crate) async fn status(&self, is_so: impl Fn(&ChannelStatus) -> bool) -> ChannelStatus {
        let mut status: watch::Receiver<Option<ChannelStatus>> =
            follow::<ChannelRequest>(self.socket());
        let last = status.clone();
        let wanted = status.wait_for(|status| status.as_ref().is_some_and(&is_so));
        match timeout(LIMIT, wanted).await {
            Ok(status) => status.unwrap().clone().unwrap(),
            Err(_) => panic!("the status stays {:?}", *last.borrow()),
        }
    }

    /// Waits until a code is shown; gives it with the security number.
    pub(crate) async fn shown(&self) -> (String, String) {
        let status = self.status(|status| step(status).is_some_and(|it| code(it).is_some())).await;
        let (code, number) = step(&status).and_then(code).unwrap();
        (code.0.clone(), number.clone())
    }

    fn socket(&self) -> String {
        self.directory.path().join("channel").display().to_string()
    }
}

/// How far a registration is.
pub(crate) fn step(status: &ChannelStatus) -> Option<&RegistrationStep> {
    match &status.registration {
        RegistrationState::Registering { step, .. } => Some(step),
        _ => None,
    }
}

fn code(step: &RegistrationStep) -> Option<(&ShownCode, &String)> {
    match step {
        RegistrationStep::CodeShown { code, security_number, .. } => Some((code, security_number)),
        _ => None,
    }
}

fn config(directory: &TempDir) -> ChannelConfig {
    let socket = |name: &str| directory.path().join(name).display().to_string();
    ChannelConfig {
        socket: socket("channel"),
        settings: socket("settings"),
        network: socket("network"),
        time: socket("time"),
        diagnostics: socket("diagnostics"),
        directory_role: socket("directory"),
        guest: socket("guest"),
        init: socket("init"),
        directory: directory.path().join("data"),
        tpm: directory.path().join("no-tpm"),
        // The earliest moment that jitter allows: nothing waits.
        random: || 0,
    }
}
