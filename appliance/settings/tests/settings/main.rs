//! The role over its socket and real files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use bus::{
    Client, Peer, Service, SettingsRequest, SettingsResponse, StoredCertificate, bind, follow,
    serve,
};
use model::fingerprint::{CertificateFacts, Fingerprint};
use model::network::Origin;
use model::settings::{BootParameterReport, Identity, SettingsStatus, StorageState};
use model::slot_report::SlotReport;
use model::supervision::{DataState, InitRequest, InitResponse, InitStatus};
use settings::{SettingsConfig, run};
use tempfile::TempDir;
use tokio::sync::watch;

struct Init {
    ready: watch::Sender<bool>,
    data: DataState,
}

impl Service for Init {
    type Request = InitRequest;
    type Response = InitResponse;

    async fn call(&self, _: Peer, request: InitRequest) -> InitResponse {
        match request {
            InitRequest::Ready => {
                self.ready.send_replace(true);
                InitResponse::Accepted
            }
            InitRequest::Status { newer_than: None } => InitResponse::Status(InitStatus {
                generation: 1,
                slot: None,
                marked_good: false,
                data: self.data.clone(),
                slots: SlotReport::default(),
                roles: Vec::new(),
            }),
            InitRequest::Status { .. } => std::future::pending().await,
            other => panic!("{other:?}"),
        }
    }
}

mod samples;

/// A running role; it ends with the runtime of its test.
struct Running {
    directory: TempDir,
    client: Client,
}

impl Running {
    async fn start(command_line: &str) -> Self {
        let directory = tempfile::tempdir().expect("directory");
        fs::write(directory.path().join("cmdline"), command_line).expect("write");
        Self::start_in(directory).await
    }

    async fn start_in(directory: TempDir) -> Self {
        Self::start_with(directory, DataState::Mounted).await
    }

    async fn start_with(directory: TempDir, data: DataState) -> Self {
        let path = |name: &str| directory.path().join(name).to_str().expect("path").to_owned();
        let (ready, mut is_ready) = watch::channel(false);
        tokio::spawn(serve(bind(path("init")).expect("bind"), Arc::new(Init { ready, data })));
        tokio::spawn(run(SettingsConfig {
            directory: path("data/settings").into(),
            command_line: path("cmdline").into(),
            machine_uuid: path("product_uuid").into(),
            socket: path("socket"),
            init: path("init"),
            network: path("network"),
        }));
        is_ready.wait_for(|ready| *ready).await.expect("init lives");
        let client = Client::new(path("socket"));
        Self { directory, client }
    }

    fn stored(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join("data/settings").join(name)
    }

    async fn ask(&self, request: SettingsRequest) -> SettingsResponse {
        self.client.call(&request).await.expect("an answer")
    }

    async fn status(&self) -> SettingsStatus {
        match self.ask(SettingsRequest::Status { newer_than: None }).await {
            SettingsResponse::Status(status) => status,
            other => panic!("{other:?}"),
        }
    }
}

fn create(hash: &str) -> SettingsRequest {
    SettingsRequest::CreateAdministrator { hash: hash.to_owned().into(), deployment: None }
}

fn certificate() -> StoredCertificate {
    StoredCertificate {
        chain_pem: "-----BEGIN CERTIFICATE-----".to_owned(),
        key_pem: "-----BEGIN PRIVATE KEY-----".to_owned().into(),
        facts: CertificateFacts {
            sha1: Fingerprint::new(&[1; 20]),
            sha256: Fingerprint::new(&[2; 32]),
            names: vec!["10.0.0.5".to_owned()],
            not_before: 1,
            not_after: 2,
        },
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("metadata").permissions().mode() & 0o777
}

#[tokio::test]
async fn keeps_everything_over_a_restart_in_files_that_only_it_reads() {
    let role = Running::start("quiet network=static:ip=10.0.0.5;netmask=24").await;
    assert_eq!(role.status().await.boot_parameter, Some(BootParameterReport::Stored));
    assert!(matches!(role.ask(create("$argon2id$1")).await, SettingsResponse::Done));
    let store = SettingsRequest::StoreCertificate { certificate: certificate() };
    assert!(matches!(role.ask(store).await, SettingsResponse::Done));
    for name in ["settings.a", "administrator", "certificate"] {
        assert_eq!(mode(&role.stored(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&role.stored("")), 0o700);

    fs::write(role.directory.path().join("cmdline"), "quiet").expect("write");
    let role = Running::start_in(role.directory).await;
    let status = role.status().await;
    assert_eq!(status.settings.network.origin, Origin::BootParameter);
    assert_eq!(status.boot_parameter, None);
    assert_eq!(status.storage, StorageState::Good);
    assert!(status.has_administrator);
    assert_eq!(status.certificate, Some(certificate().facts));
    match role.ask(SettingsRequest::AdministratorHash).await {
        SettingsResponse::AdministratorHash { hash: Some(hash) } => {
            assert_eq!(hash.expose(), "$argon2id$1");
        }
        other => panic!("{other:?}"),
    }
    match role.ask(SettingsRequest::Certificate).await {
        SettingsResponse::Certificate { certificate: Some(stored) } => {
            assert_eq!(stored.key_pem.expose(), certificate().key_pem.expose());
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_two_first_passwords_at_once_one_is_stored() {
    let role = Running::start("").await;
    let (one, other) = tokio::join!(role.ask(create("$one")), role.ask(create("$other")));
    let stored = match (one, other) {
        (SettingsResponse::Done, SettingsResponse::Conflict) => "$one",
        (SettingsResponse::Conflict, SettingsResponse::Done) => "$other",
        answers => panic!("{answers:?}"),
    };
    let file = fs::read_to_string(role.stored("administrator")).expect("file");
    assert_eq!(file, format!("{stored}\n"));
}

#[tokio::test]
async fn followers_see_every_change() {
    let role = Running::start("").await;
    let path = role.directory.path().join("socket").to_str().expect("path").to_owned();
    let mut followed = follow::<SettingsRequest>(path);
    let is_seen = |has_administrator: bool| {
        move |status: &Option<SettingsStatus>| {
            status.as_ref().is_some_and(|status| status.has_administrator == has_administrator)
        }
    };
    let first = followed.wait_for(is_seen(false)).await.expect("alive").clone();
    assert!(matches!(role.ask(create("$hash")).await, SettingsResponse::Done));
    let second = followed.wait_for(is_seen(true)).await.expect("alive").clone();
    assert!(first.map(|status| status.generation) < second.map(|status| status.generation));
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_is_a_trouble_and_no_end() {
    let directory = tempfile::tempdir().expect("directory");
    fs::write(directory.path().join("cmdline"), "network=dhcp").expect("write");
    // Where the temporary files go, nothing can be written.
    for name in ["settings.a.new", "administrator.new"] {
        fs::create_dir_all(directory.path().join("data/settings").join(name)).expect("in the way");
    }
    let role = Running::start_in(directory).await;
    let status = role.status().await;
    assert!(matches!(status.boot_parameter, Some(BootParameterReport::NotStored { .. })));
    assert!(matches!(status.storage, StorageState::Trouble { .. }));
    assert!(matches!(role.ask(create("$hash")).await, SettingsResponse::Failed { .. }));
    assert!(!role.status().await.has_administrator);
}

#[tokio::test]
async fn without_the_data_disk_nobody_becomes_the_administrator() {
    let directory = tempfile::tempdir().expect("directory");
    fs::write(directory.path().join("cmdline"), "").expect("write");
    let data = DataState::Unavailable { reason: "damaged".to_owned() };
    let role = Running::start_with(directory, data).await;
    let SettingsResponse::Failed { reason } = role.ask(create("$hash")).await else {
        panic!("refused");
    };
    assert!(reason.starts_with("the data disk cannot be used: damaged;"), "{reason}");
    assert!(matches!(role.status().await.storage, StorageState::Trouble { .. }));
}

#[tokio::test]
async fn a_copied_appliance_starts_fresh_when_the_operator_says_so() {
    let role = Running::start("").await;
    assert!(matches!(role.ask(create("$hash")).await, SettingsResponse::Done));
    let mut directory = role.directory;
    for (machine, copied) in [
        ("4c4c4544-0051-3010-8052-b4c04f4e3132", false),
        ("4c4c4544-0051-3010-8052-b4c04f4e3132", false),
        ("564d1234-5678-9abc-def0-123456789abc", true),
    ] {
        fs::write(directory.path().join("product_uuid"), format!("{machine}\n")).expect("write");
        let role = Running::start_in(directory).await;
        assert_eq!(role.status().await.identity != Identity::Known, copied, "{machine}");
        directory = role.directory;
    }
    let role = Running::start_in(directory).await;
    let reset = SettingsRequest::Reset { keep_network: false };
    assert!(matches!(role.ask(reset).await, SettingsResponse::Done));
    assert!(role.status().await.has_administrator, "until the restart");
    let role = Running::start_in(role.directory).await;
    let status = role.status().await;
    assert!(!status.has_administrator);
    assert_eq!(status.identity, Identity::Known);
    assert!(matches!(role.ask(create("$other")).await, SettingsResponse::Done));
}
