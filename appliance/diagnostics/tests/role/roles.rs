//! The role at work, and the others as it sees them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{
    AddressCheck, CaptureRequest, CaptureResponse, Client, DiagnosticsRequest, DiagnosticsResponse,
    NetworkRequest, NetworkResponse, Peer, ServerCheck, Service, SettingsRequest, SettingsResponse,
    StartRefusal, TimeRequest, TimeResponse, bind, follow, serve,
};
use diagnostics::{DiagnosticsConfig, run};
use model::clock::{ClockStatus, ClockTrust};
use model::diagnostics::DiagnosticsStatus;
use model::network::{NetworkState, NetworkStatus, Origin, Sourced};
use model::outbound::{OutboundSettings, ProxyAccess, Route};
use model::probe::{ProbeKind, ProbeReport, ProbeRequest, ProbeState, ProbeTarget};
use model::proxy::ProxyLocation;
use model::secret::Secret;
use model::settings::{Settings, SettingsStatus};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

/// Longest wait for anything; far more than it takes.
const LIMIT: Duration = Duration::from_secs(50);
/// What the appliance of these tests must reach.
pub(crate) const CLOUD: &str = "cloud.test";

/// Runs a test on one thread, that of the appliance's namespace.
pub(crate) fn block_on<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(test)
}

/// What the settings role tells.
#[derive(Clone, Default)]
pub(crate) struct Outbound {
    generation: u64,
    settings: OutboundSettings,
}

impl Outbound {
    /// Adds a proxy; its id is its location.
    pub(crate) fn proxy(mut self, location: &str, pair: Option<(&str, &str)>) -> Self {
        self.settings.proxies.push(ProxyAccess {
            id: location.to_owned(),
            location: ProxyLocation::parse(location).expect("valid"),
            user_name: pair.map(|(user_name, _)| user_name.to_owned()),
            password: pair.map(|(_, password)| Secret::new(password.to_owned())),
        });
        self
    }

    /// Adds a root.
    pub(crate) fn root(mut self, pem: &str) -> Self {
        self.settings.roots.push(pem.to_owned());
        self
    }
}

struct SettingsRole(watch::Receiver<Outbound>);

impl Service for SettingsRole {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, _: Peer, request: SettingsRequest) -> SettingsResponse {
        let mut outbound = self.0.clone();
        match request {
            SettingsRequest::Status { newer_than } => {
                let is_news = |outbound: &Outbound| Some(outbound.generation) != newer_than;
                let generation = outbound.wait_for(is_news).await.expect("kept").generation;
                SettingsResponse::Status(SettingsStatus {
                    has_administrator: true,
                    ..SettingsStatus::new(generation, Settings::default())
                })
            }
            SettingsRequest::Outbound => {
                SettingsResponse::Outbound(outbound.borrow_and_update().settings.clone())
            }
            _ => SettingsResponse::Forbidden,
        }
    }
}

struct NetworkRole;

impl Service for NetworkRole {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, _: Peer, request: NetworkRequest) -> NetworkResponse {
        match request {
            NetworkRequest::Status { newer_than: Some(_) } => std::future::pending().await,
            NetworkRequest::Status { newer_than: None } => {
                let mut status = NetworkStatus::starting(1);
                status.state = NetworkState::Configured;
                status.gateway = Some(Sourced::new([10, 77, 0, 1].into(), Origin::Dhcp));
                status.dns.value = vec![[10, 77, 0, 53].into(), [10, 77, 0, 80].into()];
                status.ntp.value = vec!["ntp.test".to_owned()];
                NetworkResponse::Status { generation: 1, status }
            }
            NetworkRequest::CheckAddress { .. } => {
                let holder = "02:00:00:00:00:99".to_owned();
                NetworkResponse::AddressCheck(AddressCheck::Taken { holder })
            }
        }
    }
}

struct TimeRole;

impl Service for TimeRole {
    type Request = TimeRequest;
    type Response = TimeResponse;

    async fn call(&self, _: Peer, request: TimeRequest) -> TimeResponse {
        match request {
            TimeRequest::Status { newer_than: Some(_) } => std::future::pending().await,
            TimeRequest::Status { newer_than: None } => {
                let trust = ClockTrust::Hypervisor;
                let status = ClockStatus { trust, ..ClockStatus::starting(1) };
                TimeResponse::Status { generation: 1, status }
            }
            TimeRequest::CheckServer { .. } => {
                let reason = "it does not answer".to_owned();
                TimeResponse::ServerCheck(ServerCheck::Bad { reason })
            }
        }
    }
}

/// Refuses every trace, as it does while one is being recorded.
struct CaptureRole(Arc<Mutex<Vec<CaptureRequest>>>);

impl Service for CaptureRole {
    type Request = CaptureRequest;
    type Response = CaptureResponse;

    async fn call(&self, _: Peer, request: CaptureRequest) -> CaptureResponse {
        self.0.lock().expect("no panic").push(request);
        CaptureResponse::Refused(StartRefusal::Starting)
    }
}

/// The role, started.
pub(crate) struct Role {
    pub(crate) client: Client,
    pub(crate) traces: Arc<Mutex<Vec<CaptureRequest>>>,
    outbound: watch::Sender<Outbound>,
    status: watch::Receiver<Option<DiagnosticsStatus>>,
    _directory: TempDir,
}

impl Role {
    pub(crate) async fn start(outbound: Outbound) -> Self {
        let directory = tempfile::tempdir().expect("directory");
        let path = |name: &str| directory.path().join(name).display().to_string();
        let has_proxies = !outbound.settings.proxies.is_empty();
        let (outbound, receiver) = watch::channel(outbound);
        let traces = Arc::default();
        let at = |name: &str| bind(path(name)).expect("bound");
        tokio::spawn(serve(at("settings"), Arc::new(SettingsRole(receiver))));
        tokio::spawn(serve(at("network"), Arc::new(NetworkRole)));
        tokio::spawn(serve(at("time"), Arc::new(TimeRole)));
        tokio::spawn(serve(at("capture"), Arc::new(CaptureRole(Arc::clone(&traces)))));
        let config = DiagnosticsConfig {
            socket: path("diagnostics"),
            settings: path("settings"),
            network: path("network"),
            time: path("time"),
            capture: path("capture"),
            directory_role: path("directory-role"),
            channel: path("channel"),
            guest: path("guest"),
            journal: path("journal"),
            init: path("init"),
            directory: directory.path().display().to_string(),
            cloud: vec![(CLOUD.to_owned(), 443)],
            ..DiagnosticsConfig::appliance()
        };
        tokio::spawn(run(config));
        let status = follow::<DiagnosticsRequest>(path("diagnostics"));
        let client = Client::new(path("diagnostics"));
        let mut role = Self { client, traces, outbound, status, _directory: directory };
        // Only then does it know the settings.
        role.until(|status| status.proxies.is_empty() != has_proxies).await;
        role
    }

    /// Waits for a status.
    pub(crate) async fn until(
        &mut self,
        is_wanted: impl Fn(&DiagnosticsStatus) -> bool,
    ) -> DiagnosticsStatus {
        let is_wanted =
            |status: &Option<DiagnosticsStatus>| status.as_ref().is_some_and(&is_wanted);
        let seen = timeout(LIMIT, self.status.wait_for(is_wanted)).await.expect("in time");
        seen.expect("the role lives").clone().expect("wanted")
    }

    /// The settings change.
    pub(crate) fn set(&self, outbound: Outbound) {
        self.outbound.send_modify(|known| {
            let generation = known.generation + 1;
            *known = Outbound { generation, ..outbound };
        });
    }

    /// The settings change, and the news of it does not arrive.
    pub(crate) fn set_silently(&self, outbound: Outbound) {
        self.outbound.send_modify(|known| {
            let generation = known.generation;
            *known = Outbound { generation, ..outbound };
        });
    }

    pub(crate) async fn ask(&self, request: DiagnosticsRequest) -> DiagnosticsResponse {
        self.client.call(&request).await.expect("answers")
    }

    /// Carries out a probe.
    pub(crate) async fn probe(&mut self, probe: ProbeRequest) -> ProbeReport {
        let answer = self.ask(DiagnosticsRequest::StartProbe { probe: probe.clone() }).await;
        assert!(matches!(answer, DiagnosticsResponse::Begun { .. }), "{answer:?}");
        let is_finished = |status: &DiagnosticsStatus| {
            let state = status.probe.as_ref();
            state.is_some_and(|state| !state.is_running() && state.report().request == probe)
        };
        match self.until(is_finished).await.probe {
            Some(ProbeState::Finished { report, was_stopped: false, .. }) => report,
            other => panic!("{other:?}"),
        }
    }
}

/// A probe as a form would ask for it.
pub(crate) fn probe(
    kind: ProbeKind,
    target: &str,
    port: u16,
    through: Option<&str>,
) -> ProbeRequest {
    ProbeRequest {
        kind,
        target: match target.parse() {
            Ok(address) => ProbeTarget::Address(address),
            Err(_) => ProbeTarget::Name(target.to_owned()),
        },
        port: Some(port).filter(|_| kind != ProbeKind::Icmp),
        path: "/".to_owned(),
        route: through.map_or(Route::Direct, |id| Route::Through { id: id.to_owned() }),
        with_capture: false,
    }
}

/// `resolve done, connect failed outbound.no-route` and so on.
pub(crate) fn told(report: &ProbeReport) -> String {
    use model::probe::StepState::{Done, Failed, Running, Waiting};
    let step = |step: &model::probe::ProbeStep| match &step.state {
        Waiting => format!("{} waiting", step.kind.id()),
        Running => format!("{} running", step.kind.id()),
        Done { .. } => format!("{} done", step.kind.id()),
        Failed { failure, .. } => format!("{} failed {}", step.kind.id(), failure.id()),
    };
    report.steps.iter().map(step).collect::<Vec<_>>().join(", ")
}
