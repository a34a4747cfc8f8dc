//! The roles that the server talks to, in memory.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use bus::{
    NetworkRequest, NetworkResponse, Peer, Service, SettingsRequest, SettingsResponse,
    StoredCertificate,
};
use model::ipv4::{HostNet, PrefixLength};
use model::network::{NetworkState, NetworkStatus, Origin, Sourced};
use model::secret::Secret;
use model::settings::{Settings, SettingsStatus, StorageState};
use model::supervision::{DataState, InitRequest, InitResponse, InitStatus};
use tokio::sync::{oneshot, watch};

/// The settings role.
pub(crate) struct FakeSettings {
    pub(crate) status: watch::Sender<SettingsStatus>,
    pub(crate) hash: Mutex<Option<Secret>>,
    pub(crate) certificate: Mutex<Option<StoredCertificate>>,
    /// Whether requests for the status are left unanswered.
    pub(crate) hides_status: Mutex<bool>,
    /// How often the hash was asked for.
    pub(crate) asked_for_hash: watch::Sender<u32>,
    /// What the next answer with the hash waits for.
    pub(crate) holds_hash: Mutex<Option<oneshot::Receiver<()>>>,
    /// Answers to give instead of doing what is asked.
    pub(crate) failures: Mutex<VecDeque<SettingsResponse>>,
}

impl FakeSettings {
    pub(crate) fn new() -> Arc<Self> {
        let status = SettingsStatus {
            generation: 1,
            settings: Settings::default(),
            boot_parameter: None,
            storage: StorageState::Good,
            has_administrator: false,
            certificate: None,
        };
        Arc::new(Self {
            status: watch::Sender::new(status),
            hash: Mutex::default(),
            certificate: Mutex::default(),
            hides_status: Mutex::default(),
            asked_for_hash: watch::Sender::new(0),
            holds_hash: Mutex::default(),
            failures: Mutex::default(),
        })
    }

    fn change(&self, change: impl FnOnce(&mut SettingsStatus)) -> SettingsResponse {
        self.status.send_modify(|status| {
            status.generation += 1;
            change(status);
        });
        SettingsResponse::Done
    }
}

impl Service for FakeSettings {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, _: Peer, request: SettingsRequest) -> SettingsResponse {
        if let SettingsRequest::Status { newer_than } = request {
            if *self.hides_status.lock().unwrap() {
                std::future::pending::<()>().await;
            }
            let mut status = self.status.subscribe();
            let status = status.wait_for(|status| Some(status.generation) != newer_than).await;
            return SettingsResponse::Status(status.unwrap().clone());
        }
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return failure;
        }
        match request {
            SettingsRequest::Status { .. } => unreachable!("answered above"),
            SettingsRequest::AdministratorHash => {
                self.asked_for_hash.send_modify(|count| *count += 1);
                let hold = self.holds_hash.lock().unwrap().take();
                if let Some(hold) = hold {
                    hold.await.unwrap();
                }
                SettingsResponse::AdministratorHash { hash: self.hash.lock().unwrap().clone() }
            }
            SettingsRequest::CreateAdministrator { hash, deployment } => {
                let mut stored = self.hash.lock().unwrap();
                if stored.is_some() {
                    return SettingsResponse::Conflict;
                }
                *stored = Some(hash);
                self.change(|status| {
                    status.has_administrator = true;
                    status.settings.deployment = deployment;
                })
            }
            SettingsRequest::ReplaceAdministrator { expected, hash } => {
                let mut stored = self.hash.lock().unwrap();
                if stored.as_ref().map(Secret::expose) != Some(expected.expose()) {
                    return SettingsResponse::Conflict;
                }
                *stored = Some(hash);
                SettingsResponse::Done
            }
            SettingsRequest::Certificate => SettingsResponse::Certificate {
                certificate: self.certificate.lock().unwrap().clone(),
            },
            SettingsRequest::StoreCertificate { certificate } => {
                let facts = certificate.facts.clone();
                *self.certificate.lock().unwrap() = Some(certificate);
                self.change(|status| status.certificate = Some(facts))
            }
        }
    }
}

/// The network role.
pub(crate) struct FakeNetwork(pub(crate) watch::Sender<(u64, NetworkStatus)>);

impl FakeNetwork {
    /// With the address of the loopback interface.
    pub(crate) fn new() -> Arc<Self> {
        let address =
            HostNet { address: Ipv4Addr::LOCALHOST, prefix: PrefixLength::new(8).unwrap() };
        let status = NetworkStatus {
            state: NetworkState::Configured,
            address: Some(Sourced::new(address, Origin::Dhcp)),
            host_name: Sourced::new("appliance".into(), Origin::Dhcp),
            domain: Some(Sourced::new("example.com".into(), Origin::Dhcp)),
            ..NetworkStatus::starting(0)
        };
        Arc::new(Self(watch::Sender::new((1, status))))
    }
}

impl Service for FakeNetwork {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, _: Peer, request: NetworkRequest) -> NetworkResponse {
        let NetworkRequest::Status { newer_than } = request;
        let mut status = self.0.subscribe();
        let status = status.wait_for(|(generation, _)| Some(*generation) != newer_than).await;
        let (generation, status) = status.unwrap().clone();
        NetworkResponse::Status { generation, status }
    }
}

/// PID 1.
pub(crate) struct FakeInit {
    /// How often the server said that it is ready, and how often it asked for a restart.
    pub(crate) requests: watch::Sender<(u32, u32)>,
    pub(crate) refuses_restart: Mutex<bool>,
}

impl FakeInit {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { requests: watch::Sender::new((0, 0)), refuses_restart: Mutex::default() })
    }
}

impl Service for FakeInit {
    type Request = InitRequest;
    type Response = InitResponse;

    async fn call(&self, _: Peer, request: InitRequest) -> InitResponse {
        match request {
            InitRequest::Ready => self.requests.send_modify(|(ready, _)| *ready += 1),
            InitRequest::Restart if *self.refuses_restart.lock().unwrap() => {
                return InitResponse::Refused { reason: "busy".into() };
            }
            InitRequest::Restart => self.requests.send_modify(|(_, restarts)| *restarts += 1),
            InitRequest::Status { newer_than: None } => {
                return InitResponse::Status(InitStatus {
                    generation: 1,
                    slot: None,
                    marked_good: true,
                    data: DataState::Mounted,
                    roles: Vec::new(),
                });
            }
            InitRequest::Status { newer_than: Some(_) } => std::future::pending().await,
            InitRequest::SetHostName { .. } | InitRequest::PowerOff => {
                return InitResponse::Refused { reason: "not asked by this role".into() };
            }
        }
        InitResponse::Accepted
    }
}
