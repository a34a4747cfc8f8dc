//! The role against a kernel's log that the test writes, and against real syslog servers.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bus::{
    Client, JournalRequest, JournalResponse, Peer, Service, SettingsRequest, SettingsResponse,
    bind, follow, serve,
};
use journal::{JournalConfig, JournalError, Pauses, run};
use model::journal::{
    JournalDisk, JournalStatus, Page, Query, Record, Severity, Source, SyslogState,
};
use model::outbound::{FailureCause, OutboundSettings};
use model::role::Role;
use model::settings::{Settings, SettingsStatus};
use model::syslog::{SyslogSetting, SyslogTransport};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(30);

/// A settings role.
struct FixedSettings {
    status: watch::Receiver<SettingsStatus>,
    roots: Vec<String>,
}

impl Service for FixedSettings {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, _: Peer, request: SettingsRequest) -> SettingsResponse {
        match request {
            SettingsRequest::Status { newer_than } => {
                let mut status = self.status.clone();
                let is_news = |status: &SettingsStatus| Some(status.generation) != newer_than;
                let status = status.wait_for(is_news).await.expect("the test keeps the sender");
                SettingsResponse::Status(status.clone())
            }
            SettingsRequest::Outbound => SettingsResponse::Outbound(OutboundSettings {
                roots: self.roots.clone(),
                ..OutboundSettings::default()
            }),
            _ => SettingsResponse::Forbidden,
        }
    }
}

fn settings(generation: u64, syslog: Option<SyslogSetting>) -> SettingsStatus {
    SettingsStatus {
        has_administrator: true,
        ..SettingsStatus::new(generation, Settings { syslog, ..Settings::default() })
    }
}

fn setting(transport: SyslogTransport, port: u16) -> SyslogSetting {
    SyslogSetting {
        server: Ipv4Addr::LOCALHOST.to_string(),
        port: port.try_into().expect("not 0"),
        transport,
        severity: Severity::Informational,
    }
}

/// A machine with a log, a disk and settings.
struct Machine {
    directory: TempDir,
    disk: PathBuf,
    settings: watch::Sender<SettingsStatus>,
    log: Option<UnixDatagram>,
    role: Option<JoinHandle<Result<(), JournalError>>>,
}

impl Machine {
    fn new(syslog: Option<SyslogSetting>, roots: Vec<String>) -> Self {
        let directory = TempDir::new().expect("directory");
        let disk = directory.path().join("data");
        fs::create_dir(&disk).expect("directory");
        let (settings, status) = watch::channel(settings(1, syslog));
        let listener = bind(directory.path().join("settings")).expect("socket");
        tokio::spawn(serve(listener, Arc::new(FixedSettings { status, roots })));
        Self { directory, disk, settings, log: None, role: None }
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    /// Starts the role with what the kernel's log holds by then. A pair of datagram sockets stands in for
    /// the log: a read gives one record there too.
    fn start(&mut self, early: &[&str]) {
        let (write, read) = UnixDatagram::pair().expect("sockets");
        read.set_nonblocking(true).expect("set");
        self.log = Some(write);
        for record in early {
            self.say(record);
        }
        let config = JournalConfig {
            socket: self.path("journal"),
            settings: self.path("settings"),
            network: self.path("network"),
            time: self.path("time"),
            init: self.path("init"),
            directory: self.disk.clone(),
            memory_bytes: 1024 * 1024,
            pauses: Pauses {
                first: Duration::from_millis(50),
                longest: Duration::from_millis(200),
                good: Duration::from_secs(1),
            },
        };
        self.role = Some(tokio::spawn(run(config, OwnedFd::from(read))));
    }

    async fn kill(&mut self) {
        let role = self.role.take().expect("it runs");
        role.abort();
        let _ = role.await;
    }

    /// `<priority>,<number>,<microseconds>,-;<message>`, as the kernel gives it out.
    fn say(&self, record: &str) {
        self.log.as_ref().expect("it runs").send(record.as_bytes()).expect("sent");
    }

    async fn read(&self, query: Query, page: Page) -> Vec<Record> {
        let request = JournalRequest::Read { query, page, limit: 500 };
        match Client::new(self.path("journal")).call(&request).await.expect("an answer") {
            JournalResponse::Records(records) => records.records,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the status is as it should be.
    async fn until(&self, what: &str, is_so: impl FnMut(&JournalStatus) -> bool) -> JournalStatus {
        let mut is_so = is_so;
        let mut status = follow::<JournalRequest>(self.path("journal"));
        let found =
            timeout(LIMIT, status.wait_for(|status| status.as_ref().is_some_and(&mut is_so)));
        found
            .await
            .unwrap_or_else(|_| panic!("in time: {what}"))
            .expect("follows")
            .clone()
            .expect("some")
    }
}

#[tokio::test]
async fn records_are_kept_over_restarts_of_the_role_and_of_the_machine() {
    let mut machine = Machine::new(None, Vec::new());
    machine.start(&["6,0,0,-;Linux version 6.12", "6,1,900,-;Command line: ro"]);
    machine.until("two", |status| status.newest_id == 2).await;
    machine.say("12,2,1000,-;connector web: Cannot answer error=\"timed out\"");
    let stored = |status: &JournalStatus| matches!(status.disk, JournalDisk::Good { bytes, .. } if bytes > 400);
    let first = machine.until("stored", stored).await;
    assert_eq!((first.newest_id, first.lost, first.syslog), (3, 0, SyslogState::Off));

    // The role ends without notice and starts again: the kernel's log is as it was.
    machine.kill().await;
    let log = [
        "6,0,0,-;Linux version 6.12",
        "6,1,900,-;Command line: ro",
        "12,2,1000,-;connector web: Cannot answer error=\"timed out\"",
        "6,3,2000,-;later",
    ];
    machine.start(&log);
    let second = machine.until("one more", |status| status.newest_id == 4).await;
    assert_eq!(second.boot, first.boot, "the same start of the machine");
    let all = machine.read(Query::default(), Page::After(0)).await;
    let messages: Vec<_> = all.iter().map(Record::text).collect();
    assert_eq!(
        messages,
        ["Linux version 6.12", "Command line: ro", "Cannot answer error=\"timed out\"", "later"]
    );
    let web = Query { source: Some(Source::Role(Role::Web)), ..Query::default() };
    assert_eq!(machine.read(web, Page::Newest).await.len(), 1);
    machine
        .until(
            "stored again",
            |status| matches!(status.disk, JournalDisk::Good { bytes, .. } if bytes > 600),
        )
        .await;

    // The machine starts again: another log.
    machine.kill().await;
    machine.start(&["6,0,0,-;Linux version 6.12", "6,1,901,-;Command line: ro"]);
    let third = machine.until("two more", |status| status.newest_id == 6).await;
    assert_ne!(third.boot, first.boot);
    let of_first = Query { boot: Some(first.boot), ..Query::default() };
    assert_eq!(machine.read(of_first, Page::Newest).await.len(), 4);

    let client = Client::new(machine.path("journal"));
    let answer: JournalResponse = client.call(&JournalRequest::Forget).await.expect("an answer");
    assert_eq!(answer, JournalResponse::Done);
    assert!(machine.read(Query::default(), Page::Newest).await.is_empty());
    assert_eq!(fs::read_dir(&machine.disk).expect("list").count(), 0);
}

#[tokio::test]
async fn without_a_disk_records_stay_in_memory_until_it_comes_back() {
    let mut machine = Machine::new(None, Vec::new());
    fs::remove_dir(&machine.disk).expect("removed");
    machine.start(&["6,0,0,-;Linux version 6.12"]);
    let trouble = |status: &JournalStatus| matches!(&status.disk, JournalDisk::Trouble { reason } if reason.contains("No such file"));
    machine.until("trouble", trouble).await;
    assert_eq!(machine.read(Query::default(), Page::Newest).await.len(), 1);
    fs::create_dir(&machine.disk).expect("created");
    let stored = |status: &JournalStatus| matches!(status.disk, JournalDisk::Good { bytes, .. } if bytes > 100);
    machine.until("stored", stored).await;
}

/// Needs to be root, as the tests of this project are.
#[tokio::test]
async fn a_full_disk_costs_only_what_survives_a_restart() {
    let mut machine = Machine::new(None, Vec::new());
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"])
        .arg(&machine.disk)
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        return;
    }
    machine.start(&["6,0,0,-;Linux version 6.12"]);
    let text = "x".repeat(500);
    for number in 1..=100 {
        machine.say(&format!("6,{number},{number},-;{text}"));
    }
    let full = |status: &JournalStatus| {
        status.newest_id == 101
            && matches!(&status.disk, JournalDisk::Trouble { reason } if reason.contains("No space left"))
    };
    machine.until("full", full).await;
    let records = machine.read(Query::default(), Page::After(0)).await;
    assert_eq!(records.len(), 101, "all of them can be read");
    machine.kill().await;
    let unmounted = Command::new("umount").arg("-l").arg(&machine.disk).status();
    assert!(unmounted.is_ok_and(|status| status.success()));
}

/// One message with its length in front.
async fn read_frame(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut length = Vec::new();
    stream.read_until(b' ', &mut length).await.expect("readable");
    let length = String::from_utf8(length).expect("digits");
    let mut message = vec![0; length.trim_end().parse().ok()?];
    stream.read_exact(&mut message).await.expect("whole");
    Some(String::from_utf8(message).expect("UTF-8"))
}

#[tokio::test]
async fn a_server_that_comes_late_gets_everything_since_the_start_and_goes_on_after_a_break() {
    // A port where nobody listens yet.
    let port =
        TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").port();
    let mut machine = Machine::new(Some(setting(SyslogTransport::Tcp, port)), Vec::new());
    machine.start(&["6,0,0,-;Linux version 6.12", "7,1,5,-;for developers"]);
    let refused = |status: &JournalStatus| {
        matches!(&status.syslog, SyslogState::Failing { cause: Some(_), .. })
    };
    machine.until("refused", refused).await;
    machine.say("12,2,9,-;connector web: While it was away");
    let server = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.expect("listens");
    let (stream, _) = timeout(LIMIT, server.accept()).await.expect("in time").expect("accepted");
    let mut stream = BufReader::new(stream);
    let mut messages = Vec::new();
    while messages.len() < 2 {
        let message =
            timeout(LIMIT, read_frame(&mut stream)).await.expect("in time").expect("a frame");
        // The role speaks of its own troubles in a real log only.
        messages.push(message);
    }
    assert!(
        messages[0].starts_with("<6>1 ") && messages[0].ends_with("] Linux version 6.12"),
        "{messages:?}"
    );
    assert!(
        messages[1].starts_with("<28>1 ") && messages[1].ends_with("] While it was away"),
        "{messages:?}"
    );
    machine
        .until("connected", |status| {
            matches!(status.syslog, SyslogState::Connected { sent: 2, .. })
        })
        .await;
    drop(stream);
    let (stream, _) = timeout(LIMIT, server.accept()).await.expect("in time").expect("accepted");
    machine.say("6,3,10,-;After the break");
    let mut stream = BufReader::new(stream);
    let message = timeout(LIMIT, read_frame(&mut stream)).await.expect("in time").expect("a frame");
    assert!(message.ends_with("] After the break"), "{message}");
    // Another server gets what is in memory from the first record on.
    let udp = UdpSocket::bind("127.0.0.1:0").expect("port");
    udp.set_read_timeout(Some(LIMIT)).expect("set");
    let other = setting(SyslogTransport::Udp, udp.local_addr().expect("address").port());
    machine.settings.send_replace(settings(2, Some(other)));
    let received = tokio::task::spawn_blocking(move || {
        let mut buffer = [0; 4096];
        let length = udp.recv(&mut buffer).expect("in time");
        String::from_utf8(buffer[..length].to_vec()).expect("UTF-8")
    });
    assert!(received.await.expect("no panic").ends_with("] Linux version 6.12"));
    machine.settings.send_replace(settings(3, None));
    machine.until("off", |status| status.syslog == SyslogState::Off).await;
}

/// An authority, and a server's certificate and key, as PEM.
fn certificates() -> (String, String, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority.distinguished_name.push(rcgen::DnType::CommonName, "Log authority");
    let root =
        CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("key")).expect("root");
    let key = KeyPair::generate().expect("key");
    let server = CertificateParams::new(["127.0.0.1".to_owned()]).expect("names");
    let server = server.signed_by(&key, &root).expect("signed");
    (root.pem(), server.pem(), key.serialize_pem())
}

/// A real rsyslogd that writes what it understood as lines of JSON.
struct Rsyslogd {
    process: Child,
    output: PathBuf,
}

impl Rsyslogd {
    fn start(directory: &Path, ports: [u16; 3], certificates: &(String, String, String)) -> Self {
        let (root, server, key) = certificates;
        for (name, text) in [("root.pem", root), ("server.pem", server), ("key.pem", key)] {
            fs::write(directory.join(name), text).expect("written");
        }
        let place = directory.to_str().expect("UTF-8");
        let [udp, tcp, tls] = ports;
        let configuration = format!(
            r#"global(workDirectory="{place}" DefaultNetstreamDriver="ossl"
                DefaultNetstreamDriverCAFile="{place}/root.pem"
                DefaultNetstreamDriverCertFile="{place}/server.pem"
                DefaultNetstreamDriverKeyFile="{place}/key.pem")
            module(load="imudp")
            module(load="imtcp")
            template(name="parsed" type="list" option.jsonf="on") {{
                property(outname="pri" name="pri" format="jsonf")
                property(outname="protocol" name="protocol-version" format="jsonf")
                property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
                property(outname="app" name="app-name" format="jsonf")
                property(outname="process" name="procid" format="jsonf")
                property(outname="data" name="structured-data" format="jsonf")
                property(outname="said" name="msg" format="jsonf")
                property(outname="input" name="inputname" format="jsonf")
            }}
            ruleset(name="all") {{ action(type="omfile" file="{place}/received" template="parsed") }}
            input(type="imudp" address="127.0.0.1" port="{udp}" ruleset="all")
            input(type="imtcp" address="127.0.0.1" port="{tcp}" ruleset="all" streamDriver.mode="0" streamDriver.name="ptcp")
            input(type="imtcp" address="127.0.0.1" port="{tls}" ruleset="all" name="tls"
                streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
            "#
        );
        let file = directory.join("rsyslog.conf");
        fs::write(&file, configuration).expect("written");
        let process = Command::new("rsyslogd")
            .arg("-n")
            .arg("-f")
            .arg(&file)
            .args(["-i", &format!("{place}/pid")])
            .stdout(Stdio::null())
            .stderr(fs::File::create(directory.join("errors")).expect("file"))
            .spawn()
            .expect("rsyslogd, which `make deps` installs");
        Self { process, output: directory.join("received") }
    }

    /// Waits until it has written this many lines.
    async fn lines(&self, count: usize) -> Vec<serde_json::Value> {
        let read = async {
            loop {
                let text = fs::read_to_string(&self.output).unwrap_or_default();
                let lines: Vec<_> =
                    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
                if lines.len() >= count {
                    return lines;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(LIMIT, read).await.unwrap_or_else(|_| {
            let errors = self.output.with_file_name("errors");
            panic!("{:?} {:?}", fs::read_to_string(&self.output), fs::read_to_string(errors))
        })
    }
}

impl Drop for Rsyslogd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn rsyslogd_understands_every_part_by_udp_tcp_and_tls() {
    let certificates = certificates();
    let ports = [(); 3].map(|()| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        listener.local_addr().expect("address").port()
    });
    let directory = TempDir::new().expect("directory");
    let server = Rsyslogd::start(directory.path(), ports, &certificates);
    // Once it takes connections, it takes datagrams as well.
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports[2]));
    let listening = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, listening).await.expect("it listens");
    let mut expected = 0;
    let transports = [SyslogTransport::Udp, SyslogTransport::Tcp, SyslogTransport::Tls];
    for (transport, port) in transports.into_iter().zip(ports) {
        let mut machine =
            Machine::new(Some(setting(transport, port)), vec![certificates.0.clone()]);
        let early = format!("4,0,1230000,-;by {}", transport.name());
        machine.start(&[
            &early,
            "12,1,5,-;connector web: \\xe6\\x8e\\xa5\\xe7\\xb6\\x9a error=\"timed out\"",
        ]);
        expected += 2;
        let lines = server.lines(expected).await;
        let [first, second] = &lines[expected - 2..] else { panic!("{lines:?}") };
        assert_eq!(first["pri"], "4");
        assert_eq!(first["protocol"], "1");
        assert_eq!(first["app"], "kernel");
        assert_eq!(first["said"], format!("by {}", transport.name()));
        assert_eq!(first["process"].as_str().map(str::len), Some(16));
        let data = first["data"].as_str().expect("text");
        assert!(data.contains("[meta sequenceId=\"1\" sysUpTime=\"123\"]"), "{data}");
        assert_eq!((&second["pri"], &second["app"]), (&"28".into(), &"connector-web".into()));
        let said = second["said"].as_str().expect("text");
        assert_eq!(said.trim_start_matches('\u{feff}'), "接続 error=\"timed out\"");
        machine
            .until("connected", |status| {
                matches!(status.syslog, SyslogState::Connected { sent: 2, .. })
            })
            .await;
        machine.kill().await;
    }
    // Without its authority the server is not trusted, and the status says so.
    let mut machine = Machine::new(Some(setting(SyslogTransport::Tls, ports[2])), Vec::new());
    machine.start(&["4,0,0,-;not for everybody"]);
    let untrusted = |status: &JournalStatus| {
        matches!(
            &status.syslog,
            SyslogState::Failing { cause: Some(FailureCause::TlsUntrusted { .. }), .. }
        )
    };
    machine.until("untrusted", untrusted).await;
    assert_eq!(server.lines(expected).await.len(), expected);
}
