//! The roles that the server talks to, in memory.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use bus::{
    AddressCheck, NetworkRequest, NetworkResponse, Peer, ServerCheck, Service, SettingsRequest,
    SettingsResponse, StoredCertificate, StoredSigningRequest, TimeRequest, TimeResponse,
};
use model::clock::{ClockStatus, ClockTrust};
use model::ipv4::{HostNet, PrefixLength};
use model::network::{NetworkState, NetworkStatus, Origin, Sourced};
use model::secret::Secret;
use model::settings::{
    CertificateTrial, Identity, NetworkChoice, NetworkReverted, NetworkTrial, RevertReason,
    Settings, SettingsStatus, TRIAL_SECONDS, TrialPhase,
};
use model::supervision::{DataState, InitRequest, InitResponse, InitStatus};
use tokio::sync::{oneshot, watch};

/// The settings role.
pub(crate) struct FakeSettings {
    pub(crate) status: watch::Sender<SettingsStatus>,
    pub(crate) hash: Mutex<Option<Secret>>,
    pub(crate) certificate: Mutex<Option<StoredCertificate>>,
    /// What returns when the certificate on trial is not kept.
    previous: Mutex<Option<StoredCertificate>>,
    /// Whether requests for the status are left unanswered.
    pub(crate) hides_status: Mutex<bool>,
    /// How often the hash was asked for.
    pub(crate) asked_for_hash: watch::Sender<u32>,
    /// What the next answer with the hash waits for.
    pub(crate) holds_hash: Mutex<Option<oneshot::Receiver<()>>>,
    /// Whether a reset was asked for, and whether it keeps the network settings.
    pub(crate) reset: Mutex<Option<bool>>,
    /// Hash of the token for metrics.
    pub(crate) metrics_token_hash: Mutex<Option<Secret>>,
    /// Passwords of the proxies by id.
    pub(crate) proxy_passwords: Mutex<Vec<(String, Secret)>>,
    /// The signing request that waits.
    pub(crate) signing_request: Mutex<Option<StoredSigningRequest>>,
    /// Answers to give instead of doing what is asked.
    pub(crate) failures: Mutex<VecDeque<SettingsResponse>>,
}

impl FakeSettings {
    pub(crate) fn new() -> Arc<Self> {
        let status = SettingsStatus::new(1, Settings::default());
        Arc::new(Self {
            status: watch::Sender::new(status),
            hash: Mutex::default(),
            certificate: Mutex::default(),
            previous: Mutex::default(),
            hides_status: Mutex::default(),
            asked_for_hash: watch::Sender::new(0),
            holds_hash: Mutex::default(),
            reset: Mutex::default(),
            metrics_token_hash: Mutex::default(),
            proxy_passwords: Mutex::default(),
            signing_request: Mutex::default(),
            failures: Mutex::default(),
        })
    }

    fn try_certificate(&self, certificate: StoredCertificate) -> SettingsResponse {
        let facts = certificate.facts.clone();
        let previous = self.certificate.lock().unwrap().replace(certificate).unwrap();
        let ends_at_uptime_ms = sys::clock::uptime_ms() + TRIAL_SECONDS * 1000;
        let trial =
            CertificateTrial::Running { ends_at_uptime_ms, previous: previous.facts.clone() };
        *self.previous.lock().unwrap() = Some(previous);
        self.change(|status| {
            status.certificate = Some(facts);
            status.certificate_trial = Some(trial);
        })
    }

    /// Ends the trial of a certificate: keeps it, or takes it back for this reason.
    pub(crate) fn end_trial(&self, reason: Option<RevertReason>) -> SettingsResponse {
        let Some(previous) = self.previous.lock().unwrap().take() else {
            return SettingsResponse::Conflict;
        };
        let Some(reason) = reason else {
            return self.change(|status| status.certificate_trial = None);
        };
        let facts = previous.facts.clone();
        let tried = self.certificate.lock().unwrap().replace(previous).unwrap().facts;
        self.change(|status| {
            status.certificate = Some(facts);
            status.certificate_trial = Some(CertificateTrial::Reverted { tried, at: 5, reason });
        })
    }

    /// The machine has started with the settings on trial, and the time to keep them runs.
    pub(crate) fn start_network_trial(&self) {
        self.change(|status| {
            let settings = &mut status.settings;
            let tried = settings.network_trial.clone().unwrap().tried;
            settings.network = tried.network;
            settings.host_name = tried.host_name;
            let ends_at_uptime_ms = sys::clock::uptime_ms() + TRIAL_SECONDS * 1000;
            status.network_trial = Some(TrialPhase::Running { ends_at_uptime_ms });
        });
    }

    /// Ends the trial of network settings: keeps them, or takes them back for this reason.
    pub(crate) fn end_network_trial(&self, reason: Option<RevertReason>) -> SettingsResponse {
        let phase = self.status.borrow().network_trial.clone();
        let is_too_early = reason.is_none() && phase == Some(TrialPhase::AwaitsRestart);
        if phase.is_none() || is_too_early {
            return SettingsResponse::Conflict;
        }
        self.change(|status| {
            status.network_trial = None;
            let settings = &mut status.settings;
            let NetworkTrial { tried, previous, .. } = settings.network_trial.take().unwrap();
            if let Some(reason) = reason {
                settings.network = previous.network;
                settings.host_name = previous.host_name;
                settings.network_reverted = Some(NetworkReverted { tried, at: 5, reason });
            }
        })
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut SettingsStatus)) -> SettingsResponse {
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
        // The server asks for the certificate by itself; what a test lets fail is what it asks for.
        let is_of_the_test = !matches!(request, SettingsRequest::Certificate);
        if is_of_the_test && let Some(failure) = self.failures.lock().unwrap().pop_front() {
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
                self.change(|status| {
                    status.certificate = Some(facts);
                    status.certificate_trial = None;
                })
            }
            SettingsRequest::TryCertificate { certificate } => self.try_certificate(certificate),
            SettingsRequest::ConfirmCertificate => self.end_trial(None),
            SettingsRequest::RevertCertificate => self.end_trial(Some(RevertReason::Operator)),
            SettingsRequest::TryNetwork { choice } => self.change(|status| {
                let settings = &mut status.settings;
                let previous = NetworkChoice {
                    network: settings.network.clone(),
                    host_name: settings.host_name.clone(),
                };
                settings.network_trial = Some(NetworkTrial { tried: choice, previous, saved: 5 });
                status.network_trial = Some(TrialPhase::AwaitsRestart);
            }),
            SettingsRequest::ConfirmNetwork => self.end_network_trial(None),
            SettingsRequest::RevertNetwork => self.end_network_trial(Some(RevertReason::Operator)),
            SettingsRequest::DismissReverted => {
                self.change(|status| status.settings.network_reverted = None)
            }
            SettingsRequest::KeepIdentity if self.status.borrow().identity == Identity::Known => {
                SettingsResponse::Conflict
            }
            SettingsRequest::KeepIdentity => {
                self.change(|status| status.identity = Identity::Known)
            }
            SettingsRequest::SetSyslog { setting } => {
                self.change(|status| status.settings.syslog = setting)
            }
            SettingsRequest::MetricsTokenHash => SettingsResponse::MetricsTokenHash {
                hash: self.metrics_token_hash.lock().unwrap().clone(),
            },
            SettingsRequest::SetMetricsToken { hash } => {
                *self.metrics_token_hash.lock().unwrap() = Some(hash);
                self.change(|status| status.has_metrics_token = true)
            }
            SettingsRequest::DeleteMetricsToken => {
                *self.metrics_token_hash.lock().unwrap() = None;
                self.change(|status| status.has_metrics_token = false)
            }
            SettingsRequest::Reset { keep_network } => {
                *self.reset.lock().unwrap() = Some(keep_network);
                SettingsResponse::Done
            }
            other => self.answer_connections(other),
        }
    }
}

/// The address of another machine.
pub(crate) const TAKEN: Ipv4Addr = Ipv4Addr::new(10, 71, 58, 66);
/// A time server that does not answer.
pub(crate) const SILENT_SERVER: &str = "10.71.0.55";

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
        let newer_than = match request {
            NetworkRequest::Status { newer_than } => newer_than,
            NetworkRequest::CheckAddress { address: TAKEN } => {
                let holder = "52:54:00:12:34:56".to_owned();
                return NetworkResponse::AddressCheck(AddressCheck::Taken { holder });
            }
            NetworkRequest::CheckAddress { .. } => {
                return NetworkResponse::AddressCheck(AddressCheck::Free);
            }
        };
        let mut status = self.0.subscribe();
        let status = status.wait_for(|(generation, _)| Some(*generation) != newer_than).await;
        let (generation, status) = status.unwrap().clone();
        NetworkResponse::Status { generation, status }
    }
}

/// The time role: the clock is right.
pub(crate) struct FakeTime;

impl Service for FakeTime {
    type Request = TimeRequest;
    type Response = TimeResponse;

    async fn call(&self, _: Peer, request: TimeRequest) -> TimeResponse {
        match request {
            TimeRequest::Status { newer_than: None } => {
                let status =
                    ClockStatus { trust: ClockTrust::Hypervisor, ..ClockStatus::starting(0) };
                TimeResponse::Status { generation: 1, status }
            }
            TimeRequest::Status { newer_than: Some(_) } => std::future::pending().await,
            TimeRequest::CheckServer { server } if server == SILENT_SERVER => {
                let reason = "it did not answer within 3 s".to_owned();
                TimeResponse::ServerCheck(ServerCheck::Bad { reason })
            }
            TimeRequest::CheckServer { .. } => TimeResponse::ServerCheck(ServerCheck::Good),
        }
    }
}

/// PID 1.
pub(crate) struct FakeInit {
    /// State of the data partition.
    data: watch::Sender<(u64, DataState)>,
    /// How often the server said that it is ready, and how often it asked for a restart.
    pub(crate) requests: watch::Sender<(u32, u32)>,
    pub(crate) refuses_restart: Mutex<bool>,
}

impl FakeInit {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            data: watch::Sender::new((1, DataState::Mounted)),
            requests: watch::Sender::new((0, 0)),
            refuses_restart: Mutex::default(),
        })
    }
}

impl FakeInit {
    /// Changes the state of the data partition.
    pub(crate) fn set_data(&self, state: DataState) {
        self.data.send_modify(|(generation, data)| {
            *generation += 1;
            *data = state;
        });
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
            InitRequest::Status { newer_than } => {
                let mut data = self.data.subscribe();
                let data = data.wait_for(|(generation, _)| Some(*generation) != newer_than).await;
                let (generation, data) = data.unwrap().clone();
                return InitResponse::Status(InitStatus {
                    generation,
                    slot: None,
                    marked_good: true,
                    slots: model::slot_report::SlotReport::default(),
                    data,
                    roles: Vec::new(),
                });
            }
            InitRequest::SetHostName { .. }
            | InitRequest::PowerOff
            | InitRequest::Processes
            | InitRequest::KernelFacts
            | InitRequest::Load => {
                return InitResponse::Refused { reason: "not asked by this role".into() };
            }
        }
        InitResponse::Accepted
    }
}
