//! The role in a namespace of its own, with stand-ins of the other roles.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bus::{
    ChannelRequest, ChannelResponse, GuestRequest, NetworkRequest, NetworkResponse, Peer, Service,
    SettingsRequest, SettingsResponse, bind, follow, serve,
};
use guest::{GuestConfig, run};
use model::channel::{ChannelStatus, CloudAddress, Registration, RegistrationState};
use model::guest::{FirstState, FirstTaken, FirstValues, GuestStatus};
use model::network::{NetworkState, NetworkStatus};
use model::role::Role;
use model::settings::{Settings, SettingsStatus};
use model::supervision::{DataState, InitRequest, InitResponse, InitStatus, RoleState, RoleStatus};
use nix::sched::{CloneFlags, unshare};
use serde::Serialize;
use tempfile::TempDir;
use tokio::sync::watch;

/// Longest wait for anything; far more than it takes.
const LIMIT: Duration = Duration::from_secs(90);

/// Runs a test in a network namespace of its own, where the addresses of the clouds are the machine's.
pub(crate) fn in_namespace<F>(test: impl FnOnce() -> F + Send + 'static)
where
    F: Future<Output = ()>,
{
    let thread = thread::spawn(move || {
        unshare(CloneFlags::CLONE_NEWNET).expect("root");
        for arguments in [
            "link set lo up",
            "address add 169.254.169.254/32 dev lo",
            "address add 168.63.129.16/32 dev lo",
        ] {
            let status = Command::new("ip").args(arguments.split(' ')).status().expect("ip");
            assert!(status.success(), "ip {arguments}");
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            tokio::time::timeout(LIMIT, test()).await.expect("in time");
        });
    });
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// What the other roles were told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) first: Vec<FirstValues>,
    /// Name, client and secret of each registration.
    pub(crate) registrations: Vec<(String, String, String)>,
    pub(crate) ended: usize,
}

/// What surrounds the role, and can be changed.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) settings: watch::Sender<SettingsStatus>,
    pub(crate) network: watch::Sender<NetworkStatus>,
    pub(crate) channel: watch::Sender<ChannelStatus>,
    pub(crate) init: watch::Sender<InitStatus>,
    pub(crate) told: Arc<Mutex<Told>>,
    /// What `TakeFirst` is answered with.
    pub(crate) take: Arc<Mutex<SettingsResponse>>,
    /// What registrations are answered with, in order; then with success.
    pub(crate) register: Arc<Mutex<Vec<ChannelResponse>>>,
}

impl Around {
    fn new() -> Self {
        let network =
            NetworkStatus { state: NetworkState::Configured, ..NetworkStatus::starting(0) };
        let settings = SettingsStatus::new(1, Settings::default());
        let role =
            |role| RoleStatus { role, state: RoleState::Ready, restarts: 0, last_exit: None };
        let init = InitStatus {
            generation: 1,
            slot: None,
            marked_good: false,
            slots: model::slot_report::SlotReport::default(),
            data: DataState::Mounted,
            roles: Role::ALL.map(role).to_vec(),
        };
        Self {
            settings: watch::Sender::new(settings),
            network: watch::Sender::new(network),
            channel: watch::Sender::new(ChannelStatus::default()),
            init: watch::Sender::new(init),
            told: Arc::default(),
            take: Arc::new(Mutex::new(SettingsResponse::Done)),
            register: Arc::default(),
        }
    }

    pub(crate) fn told(&self) -> Told {
        self.told.lock().expect("not poisoned").clone()
    }

    fn note(&self, note: impl FnOnce(&mut Told)) {
        note(&mut self.told.lock().expect("not poisoned"));
    }
}

/// Each stand-in, over what is around.
struct SettingsRole(Around);
struct NetworkRole(Around);
struct ChannelRole(Around);
struct Init(Around);

/// A status and its generation, which is a hash: another status has another one.
async fn next<T: Clone + Serialize>(
    status: &watch::Sender<T>,
    newer_than: Option<u64>,
) -> (u64, T) {
    let generation = |status: &T| {
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(status).expect("plain values").hash(&mut hasher);
        hasher.finish()
    };
    let mut status = status.subscribe();
    let news = status.wait_for(|status| Some(generation(status)) != newer_than).await;
    let value = news.expect("kept").clone();
    (generation(&value), value)
}

impl Service for SettingsRole {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, _: Peer, request: SettingsRequest) -> SettingsResponse {
        match request {
            SettingsRequest::Status { newer_than } => {
                let (generation, status) = next(&self.0.settings, newer_than).await;
                SettingsResponse::Status(SettingsStatus { generation, ..status })
            }
            SettingsRequest::TakeFirst { first } => {
                self.0.note(|told| told.first.push(first));
                self.0.take.lock().expect("not poisoned").clone()
            }
            SettingsRequest::EndFirstRegistration => {
                self.0.note(|told| told.ended += 1);
                SettingsResponse::Done
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Service for NetworkRole {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, _: Peer, request: NetworkRequest) -> NetworkResponse {
        let NetworkRequest::Status { newer_than } = request else { panic!("{request:?}") };
        let (generation, status) = next(&self.0.network, newer_than).await;
        NetworkResponse::Status { generation, status }
    }
}

impl Service for ChannelRole {
    type Request = ChannelRequest;
    type Response = ChannelResponse;

    async fn call(&self, _: Peer, request: ChannelRequest) -> ChannelResponse {
        match request {
            ChannelRequest::Status { newer_than } => {
                let (generation, status) = next(&self.0.channel, newer_than).await;
                ChannelResponse::Status { generation, status }
            }
            ChannelRequest::Unattended { application, client, secret } => {
                let told = (application.name, client, secret.expose().to_owned());
                self.0.note(|all| all.registrations.push(told));
                let mut answers = self.0.register.lock().expect("not poisoned");
                if answers.is_empty() { ChannelResponse::Done } else { answers.remove(0) }
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Service for Init {
    type Request = InitRequest;
    type Response = InitResponse;

    async fn call(&self, _: Peer, request: InitRequest) -> InitResponse {
        match request {
            InitRequest::Ready => InitResponse::Accepted,
            InitRequest::Status { newer_than } => {
                let (generation, status) = next(&self.0.init, newer_than).await;
                InitResponse::Status(InitStatus { generation, ..status })
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The role at work.
pub(crate) struct Site {
    directory: TempDir,
    pub(crate) around: Around,
}

impl Site {
    /// What is around the role, which does not run yet.
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("directory"), around: Around::new() }
    }

    /// Puts a file where PID 1 copies those of the platform.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.directory.path().join("files").join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("directories");
        fs::write(path, bytes).expect("file");
    }

    /// Makes it a machine of this manufacturer and product.
    pub(crate) fn machine(&self, manufacturer: &str, product: &str) {
        let texts = format!("{manufacturer}\0{product}\0\0");
        let table = [&[1, 8, 0, 1, 1, 2, 0, 0], texts.as_bytes()].concat();
        self.put("smbios/1-0", &table);
    }

    /// Starts the role.
    pub(crate) fn start(&self) -> watch::Receiver<Option<GuestStatus>> {
        let path = |name: &str| self.directory.path().join(name).display().to_string();
        let around = || self.around.clone();
        let listen = |name: &str| bind(path(name)).expect("a socket");
        tokio::spawn(serve(listen("settings"), Arc::new(SettingsRole(around()))));
        tokio::spawn(serve(listen("network"), Arc::new(NetworkRole(around()))));
        tokio::spawn(serve(listen("channel"), Arc::new(ChannelRole(around()))));
        tokio::spawn(serve(listen("init"), Arc::new(Init(around()))));
        let config = GuestConfig {
            socket: path("guest"),
            settings: path("settings"),
            network: path("network"),
            channel: path("channel"),
            init: path("init"),
            directory: self.directory.path().join("files"),
            signature: None,
        };
        let input: OwnedFd = File::open("/dev/null").expect("a device").into();
        tokio::spawn(async { run(config, input).await.expect("a socket") });
        follow::<GuestRequest>(path("guest"))
    }
}

/// Waits for the state of the first settings that is wanted.
pub(crate) async fn until(
    status: &mut watch::Receiver<Option<GuestStatus>>,
    is_wanted: impl Fn(&FirstState) -> bool,
) -> FirstState {
    let found = status.wait_for(|it| it.as_ref().is_some_and(|it| is_wanted(&it.first))).await;
    found.expect("kept").clone().expect("wanted").first
}

/// Waits until it is known what became of the first settings.
pub(crate) async fn outcome(status: &mut watch::Receiver<Option<GuestStatus>>) -> FirstState {
    until(status, |state| *state != FirstState::Looking).await
}

/// A record that first settings were taken, whose registration is still to be done.
pub(crate) const AWAITED: FirstTaken =
    FirstTaken { source: model::guest::FirstSource::FwCfg, at: 0, awaits_registration: true };

/// The status of an appliance that is registered.
pub(crate) fn registered() -> ChannelStatus {
    let registration = Registration {
        name: "tokyo-1".to_owned(),
        cloud: CloudAddress::new("cloud.example", 443).expect("valid"),
        connector: "1".to_owned(),
        customer: "2".to_owned(),
        customer_name: "Customer".to_owned(),
        location: "3".to_owned(),
        location_name: "Tokyo".to_owned(),
        registered_at: 0,
        certificate_ends_at: 1,
        renewal_refused_at: None,
    };
    ChannelStatus {
        registration: RegistrationState::Registered { registration },
        ..ChannelStatus::default()
    }
}
