//! A network for one test: the role in one network namespace, a DHCP server in another, a cable
//! between them. Both namespaces end with the threads that hold them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use bus::{NetworkRequest, Peer, Service, SettingsRequest, SettingsResponse, bind, follow, serve};
use model::network::{NetworkSettings, NetworkStatus, Origin, Sourced};
use model::settings::{Settings, SettingsStatus, StorageState};
use model::supervision::{InitRequest, InitResponse};
use network::dhcp::{Direction, Message, MessageType, Options};
use network::{NetworkConfig, run};
use nix::sched::{CloneFlags, unshare};
use sys::packet::bind_to_interface;
use tempfile::TempDir;
use tokio::sync::watch;

/// Longest wait for anything; far more than it takes.
const LIMIT: Duration = Duration::from_secs(60);

/// Hardware address of the role's interface.
pub(crate) const HARDWARE_ADDRESS: &str = "02:00:00:00:00:05";

/// What PID 1 was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) host_name: Option<String>,
    pub(crate) is_ready: bool,
}

struct Init(watch::Sender<Asked>);

impl Service for Init {
    type Request = InitRequest;
    type Response = InitResponse;

    async fn call(&self, _: Peer, request: InitRequest) -> InitResponse {
        self.0.send_modify(|asked| match request {
            InitRequest::Ready => asked.is_ready = true,
            InitRequest::SetHostName { name } => asked.host_name = Some(name),
            other => panic!("{other:?}"),
        });
        InitResponse::Accepted
    }
}

struct SettingsRole(watch::Receiver<SettingsStatus>);

impl Service for SettingsRole {
    type Request = SettingsRequest;
    type Response = SettingsResponse;

    async fn call(&self, _: Peer, request: SettingsRequest) -> SettingsResponse {
        let SettingsRequest::Status { newer_than } = request else {
            panic!("{request:?}");
        };
        let mut status = self.0.clone();
        let is_news = |status: &SettingsStatus| Some(status.generation) != newer_than;
        SettingsResponse::Status(status.wait_for(is_news).await.expect("kept").clone())
    }
}

/// The role at work.
pub(crate) struct Site {
    directory: TempDir,
    settings: watch::Sender<SettingsStatus>,
    status: watch::Receiver<Option<NetworkStatus>>,
    asked: watch::Receiver<Asked>,
}

impl Site {
    /// Starts the role in the namespace of this thread.
    pub(crate) async fn start(network: NetworkSettings) -> Self {
        let directory = tempfile::tempdir().expect("directory");
        let path = |name: &str| directory.path().join(name).to_str().expect("path").to_owned();
        let settings = watch::Sender::new(SettingsStatus {
            generation: 1,
            settings: Settings {
                network: Sourced::new(network, Origin::BootParameter),
                deployment: None,
            },
            boot_parameter: None,
            storage: StorageState::Good,
            has_administrator: false,
            certificate: None,
        });
        let role = Arc::new(SettingsRole(settings.subscribe()));
        tokio::spawn(serve(bind(path("settings")).expect("bind"), role));
        let init = watch::Sender::new(Asked::default());
        let mut asked = init.subscribe();
        tokio::spawn(serve(bind(path("init")).expect("bind"), Arc::new(Init(init))));
        tokio::spawn(run(NetworkConfig {
            socket: path("network"),
            settings: path("settings"),
            init: path("init"),
            resolver: path("resolv.conf").into(),
        }));
        asked.wait_for(|asked| asked.is_ready).await.expect("init lives");
        let status = follow::<NetworkRequest>(path("network"));
        Self { directory, settings, status, asked }
    }

    /// Changes the settings while the role runs.
    pub(crate) fn set(&self, network: NetworkSettings) {
        self.settings.send_modify(|status| {
            status.generation += 1;
            status.settings.network = Sourced::new(network, Origin::Operator);
        });
    }

    /// Waits for a status.
    pub(crate) async fn status(
        &mut self,
        is_wanted: impl Fn(&NetworkStatus) -> bool,
    ) -> NetworkStatus {
        let wanted = |status: &Option<NetworkStatus>| status.as_ref().is_some_and(&is_wanted);
        let result = tokio::time::timeout(LIMIT, self.status.wait_for(wanted)).await;
        let status = result.ok().map(|status| status.expect("followed").clone().expect("checked"));
        status.unwrap_or_else(|| panic!("not in time; last: {:?}", *self.status.borrow()))
    }

    /// Waits until PID 1 was asked for this host name.
    pub(crate) async fn host_name(&mut self, name: &str) {
        let is_wanted = |asked: &Asked| asked.host_name.as_deref() == Some(name);
        let is_in_time = tokio::time::timeout(LIMIT, self.asked.wait_for(is_wanted)).await.is_ok();
        assert!(is_in_time, "not in time; last: {:?}", *self.asked.borrow());
    }

    pub(crate) fn resolver(&self) -> String {
        fs::read_to_string(self.directory.path().join("resolv.conf")).expect("resolv.conf")
    }
}

/// Moves this thread into a network namespace of its own; says so when only root could.
pub(crate) fn enter_namespace() -> bool {
    let is_moved = unshare(CloneFlags::CLONE_NEWNET).is_ok();
    if !is_moved {
        println!("skipped: only root can make a network namespace");
    }
    is_moved
}

/// Runs `ip` in the namespace of this thread and returns what it prints, in single spaces.
pub(crate) fn ip(arguments: &str) -> String {
    let output = Command::new("ip").args(arguments.split(' ')).output().expect("iproute2");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

type Job = Box<dyn FnOnce() + Send>;

/// The other end of the cable: a thread in a namespace of its own.
pub(crate) struct FarEnd {
    jobs: mpsc::Sender<Job>,
}

impl FarEnd {
    /// Lays a cable from `eth0` here to `far0` there, which is 10.77.0.1/24.
    pub(crate) fn connect() -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, place) = mpsc::channel();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).expect("root");
            let task = fs::read_link("/proc/thread-self").expect("proc");
            ready.send(format!("/proc/{}/ns/net", task.display())).expect("waited for");
            queue.into_iter().for_each(|job| job());
        });
        let namespace = place.recv().expect("the thread lives");
        ip(&format!(
            "link add eth0 address {HARDWARE_ADDRESS} type veth peer name far0 netns {namespace}"
        ));
        let far_end = Self { jobs };
        far_end.ip("address add 10.77.0.1/24 dev far0");
        far_end.ip("link set far0 up");
        far_end
    }

    /// Runs something there and waits for it.
    fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, answer) = mpsc::channel();
        let job = Box::new(move || drop(sender.send(job())));
        self.jobs.send(job).expect("the thread lives");
        answer.recv().expect("done")
    }

    /// Runs `ip` there.
    pub(crate) fn ip(&self, arguments: &str) -> String {
        let arguments = arguments.to_owned();
        self.run(move || ip(&arguments))
    }

    /// Starts a DHCP server there that does as it is told.
    pub(crate) fn obey(&self) -> ScriptedServer {
        self.run(ScriptedServer::start)
    }

    /// Starts a DHCP server there with these further options of dnsmasq.
    pub(crate) fn serve_dhcp(&self, options: &[&str]) -> Dnsmasq {
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        self.run(move || Dnsmasq::start(&options))
    }
}

/// A running dnsmasq.
pub(crate) struct Dnsmasq {
    child: Child,
    log: watch::Receiver<Vec<String>>,
    _directory: TempDir,
}

impl Dnsmasq {
    fn start(options: &[String]) -> Self {
        let directory = tempfile::tempdir().expect("directory");
        let leases = directory.path().join("leases");
        // It ends with the thread that started it, even when a test is killed.
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "/usr/sbin/dnsmasq"])
            .args(["--keep-in-foreground", "--conf-file=/dev/null", "--pid-file", "--port=0"])
            .args(["--user=root", "--no-ping", "--dhcp-authoritative", "--log-facility=-"])
            .args(["--no-resolv", "--no-hosts", "--interface=far0", "--bind-interfaces"])
            .arg(format!("--dhcp-leasefile={}", leases.display()))
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .expect("dnsmasq");
        let (lines, log) = watch::channel(Vec::new());
        let errors = child.stderr.take().expect("piped");
        thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                lines.send_modify(|lines: &mut Vec<String>| lines.push(line));
            }
        });
        Self { child, log, _directory: directory }
    }

    /// Waits until so many lines of the log hold a text.
    pub(crate) async fn logged(&mut self, text: &str, count: usize) {
        let is_there =
            |log: &Vec<String>| log.iter().filter(|line| line.contains(text)).count() >= count;
        let is_in_time = tokio::time::timeout(LIMIT, self.log.wait_for(is_there)).await.is_ok();
        assert!(is_in_time, "not in time: {:#?}", *self.log.borrow());
    }

    /// How many lines of the log hold a text.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.log.borrow().iter().filter(|line| line.contains(text)).count()
    }
}

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a scripted server answers to requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Acknowledge,
    Refuse,
}

/// A server for what dnsmasq cannot be made to do: leases that are to be renewed after a second, and
/// a change of mind. It gives 10.77.0.50.
pub(crate) struct ScriptedServer {
    state: Arc<Mutex<Script>>,
}

struct Script {
    verdict: Verdict,
    requests: Vec<(Ipv4Addr, Message)>,
}

impl ScriptedServer {
    const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
    const OFFERED: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 50);

    fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 67)).expect("port 67");
        bind_to_interface(&socket, "far0").expect("far0");
        socket.set_broadcast(true).expect("broadcast");
        socket.set_read_timeout(Some(Duration::from_millis(200))).expect("timeout");
        let state =
            Arc::new(Mutex::new(Script { verdict: Verdict::Acknowledge, requests: Vec::new() }));
        let shared = Arc::downgrade(&state);
        thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Some(state) = shared.upgrade() {
                let Ok((length, SocketAddr::V4(from))) = socket.recv_from(&mut buffer) else {
                    continue;
                };
                let message = Message::decode(&buffer[..length]).expect("a good client");
                let mut script = state.lock().expect("lock");
                let reply = Self::answer(&message, script.verdict);
                script.requests.push((*from.ip(), message));
                let to = if from.ip().is_unspecified() { Ipv4Addr::BROADCAST } else { *from.ip() };
                socket.send_to(&reply.encode(), (to, 68)).expect("sent");
            }
        });
        Self { state }
    }

    fn answer(message: &Message, verdict: Verdict) -> Message {
        let kind = match (message.options.message_type(), verdict) {
            (Some(MessageType::Discover), _) => MessageType::Offer,
            (_, Verdict::Acknowledge) => MessageType::Ack,
            (_, Verdict::Refuse) => MessageType::Nak,
        };
        let mut options = Options::of(kind);
        options.set_server(Self::ADDRESS);
        if kind != MessageType::Nak {
            options.set(1, vec![255, 255, 255, 0]);
            options.set(51, 600_u32.to_be_bytes().into());
            options.set(58, 1_u32.to_be_bytes().into());
        }
        Message {
            direction: Direction::Reply,
            your_address: Self::OFFERED,
            options,
            ..message.clone()
        }
    }

    pub(crate) fn set_verdict(&self, verdict: Verdict) {
        self.state.lock().expect("lock").verdict = verdict;
    }

    /// Requests so far, with the addresses that they came from.
    pub(crate) fn requests(&self) -> Vec<(Ipv4Addr, Message)> {
        self.state.lock().expect("lock").requests.clone()
    }
}
