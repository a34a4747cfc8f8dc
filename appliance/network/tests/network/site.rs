//! A network for one test: the role in one network namespace, a DHCP server in another, a cable
//! between them. Both namespaces end with the threads that hold them.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bus::{
    AddressCheck, Client, NetworkRequest, NetworkResponse, Peer, Service, SettingsRequest,
    SettingsResponse, bind, follow, serve,
};
use model::boot_parameter;
use model::network::{NetworkSettings, NetworkState, NetworkStatus, Origin, Sourced};
use model::settings::{Settings, SettingsStatus};
use model::supervision::{InitRequest, InitResponse};
use network::{NetworkConfig, run};
use nix::sched::{CloneFlags, unshare};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::servers::{Dnsmasq, ScriptedServer};

/// Longest wait for anything; far more than it takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// What dnsmasq gives out on the first segment.
pub(crate) const RANGE: &str = "--dhcp-range=10.77.0.50,10.77.0.60,255.255.255.0,2m";
/// Hardware address of the role's first card; that of the second ends with 06.
pub(crate) const HARDWARE_ADDRESS: &str = "02:00:00:00:00:05";
/// Hardware address of the other machine on the first segment.
pub(crate) const NEIGHBOUR: &str = "02:00:00:00:00:99";

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
        let settings = watch::Sender::new(SettingsStatus::new(
            1,
            Settings {
                network: Sourced::new(network, Origin::BootParameter),
                ..Settings::default()
            },
        ));
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

    /// Gives the machine a name, or none, while the role runs.
    pub(crate) fn set_host_name(&self, name: Option<&str>) {
        self.settings.send_modify(|status| {
            status.generation += 1;
            let name = name.map(|name| Sourced::new(name.to_owned(), Origin::Operator));
            status.settings.host_name = name;
        });
    }

    /// Asks whether an address is free.
    pub(crate) async fn check(&self, address: [u8; 4]) -> AddressCheck {
        let socket = self.directory.path().join("network").to_str().expect("path").to_owned();
        let request = NetworkRequest::CheckAddress { address: address.into() };
        let answer = Client::new(socket).call(&request).await.expect("an answer");
        let NetworkResponse::AddressCheck(check) = answer else { panic!("{answer:?}") };
        check
    }

    /// The last status.
    pub(crate) fn now(&self) -> NetworkStatus {
        self.status.borrow().clone().expect("followed")
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

/// Fixed settings, as a boot parameter gives them.
pub(crate) fn fixed(value: &str) -> NetworkSettings {
    boot_parameter::parse(value).expect("valid")
}

pub(crate) fn is_configured(status: &NetworkStatus) -> bool {
    status.state == NetworkState::Configured
}

/// The address of a status as text, and its origin.
pub(crate) fn address(status: &NetworkStatus) -> (String, Origin) {
    let address = status.address.as_ref().expect("an address");
    (address.value.to_string(), address.origin)
}

/// What the kernel has on the first card.
pub(crate) fn kernel_addresses() -> Vec<String> {
    addresses_of("eth0")
}

/// What the kernel has on a card.
pub(crate) fn addresses_of(card: &str) -> Vec<String> {
    let list = ip(&format!("-4 -oneline address show dev {card}"));
    let words: Vec<_> = list.split(' ').map(str::to_owned).collect();
    let is_address = |pair: &&[String]| pair[0] == "inet";
    words.windows(2).filter(is_address).map(|pair| pair[1].clone()).collect()
}

pub(crate) fn default_route() -> String {
    ip("route show default").replace(" proto boot", "")
}

type Job = Box<dyn FnOnce() + Send>;

/// A network namespace of its own, held by a thread.
pub(crate) struct Space {
    jobs: mpsc::Sender<Job>,
    path: String,
}

impl Space {
    fn new() -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, place) = mpsc::channel();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).expect("root");
            let task = fs::read_link("/proc/thread-self").expect("proc");
            ready.send(format!("/proc/{}/ns/net", task.display())).expect("waited for");
            queue.into_iter().for_each(|job| job());
        });
        Self { jobs, path: place.recv().expect("the thread lives") }
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

    /// Sends a datagram from there, for which the kernel asks by ARP.
    pub(crate) fn send_to(&self, address: [u8; 4]) {
        let send =
            move || UdpSocket::bind("0.0.0.0:0")?.send_to(b"?", (Ipv4Addr::from(address), 9));
        self.run(send).expect("sent");
    }
}

/// The other end of the cables: a namespace with a switch for each card, `far0` for `eth0`, which
/// is plugged into it by `port0`.
pub(crate) struct FarEnd(Space);

impl FarEnd {
    /// Lays a cable from `eth0` here to `far0` there, which is 10.77.0.1/24.
    pub(crate) fn connect() -> Self {
        let far_end = Self(Space::new());
        far_end.lay_cable(0);
        far_end
    }

    /// Lays a cable from the card of this number to a switch of its own: `far1` is 10.78.0.1/24.
    pub(crate) fn lay_cable(&self, number: u8) {
        ip(&format!(
            "link add eth{number} address 02:00:00:00:00:{:02x} type veth peer name port{number} \
             netns {}",
            5 + number,
            self.0.path
        ));
        self.ip(&format!("link add far{number} type bridge"));
        self.ip(&format!("address add 10.{}.0.1/24 dev far{number}", 77 + number));
        self.ip(&format!("link set far{number} up"));
        self.ip(&format!("link set port{number} master far{number} up"));
    }

    /// Puts another machine on the segment of `eth0`.
    pub(crate) fn add_neighbour(&self) -> Space {
        let neighbour = Space::new();
        neighbour.ip(&format!(
            "link add eth0 address {NEIGHBOUR} type veth peer name port9 netns {}",
            self.0.path
        ));
        self.ip("link set port9 master far0 up");
        neighbour.ip("link set eth0 up");
        neighbour
    }

    /// Pulls the cable of a card or plugs it in.
    pub(crate) fn plug(&self, number: u8, is_plugged: bool) {
        let state = if is_plugged { "up" } else { "down" };
        self.ip(&format!("link set port{number} {state}"));
    }

    /// Runs `ip` there.
    pub(crate) fn ip(&self, arguments: &str) -> String {
        self.0.ip(arguments)
    }

    /// Listens there; returns the port.
    pub(crate) fn listen(&self) -> u16 {
        self.0.run(|| {
            let listener = TcpListener::bind("0.0.0.0:0").expect("bound");
            let port = listener.local_addr().expect("address").port();
            thread::spawn(move || listener.incoming().for_each(drop));
            port
        })
    }

    /// Starts a DHCP server there that does as it is told.
    pub(crate) fn obey(&self) -> ScriptedServer {
        self.0.run(ScriptedServer::start)
    }

    /// Starts a DHCP server there with these further options of dnsmasq.
    pub(crate) fn serve_dhcp(&self, options: &[&str]) -> Dnsmasq {
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        self.0.run(move || Dnsmasq::start(&options))
    }
}
