//! The role against a real time server, with a clock of its own to set.

use std::io;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bus::{
    Client, NetworkRequest, NetworkResponse, Peer, ServerCheck, Service, TimeRequest, TimeResponse,
    bind, follow, serve,
};
use clock::packet::request;
use clock::{ClockConfig, KernelClock, SystemClock, run};
use model::clock::{ClockStatus, ClockTrust};
use model::network::{NetworkState, NetworkStatus};
use model::product::RELEASED;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(20);
const SECOND: i128 = 1_000_000_000;
const YEAR: i128 = 31_557_600 * SECOND;

/// The kernel's clock and an offset: setting it changes only the offset.
struct OwnClock {
    offset: Mutex<i128>,
    slews: Mutex<Vec<i64>>,
}

impl OwnClock {
    fn off_by(offset: i128) -> Arc<Self> {
        Arc::new(Self { offset: Mutex::new(offset), slews: Mutex::default() })
    }

    fn offset(&self) -> i128 {
        *self.offset.lock().expect("no panic")
    }
}

impl SystemClock for OwnClock {
    fn now(&self) -> io::Result<i128> {
        Ok(KernelClock.now()? + self.offset())
    }

    fn step_to(&self, time: i128) -> io::Result<()> {
        *self.offset.lock().expect("no panic") = time - KernelClock.now()?;
        Ok(())
    }

    fn slew(&self, offset: i64, _: i64, _: Duration) -> io::Result<()> {
        self.slews.lock().expect("no panic").push(offset);
        Ok(())
    }

    fn uptime(&self) -> Duration {
        KernelClock.uptime()
    }
}

/// A network role that knows time servers.
struct Network(watch::Receiver<NetworkStatus>);

impl Service for Network {
    type Request = NetworkRequest;
    type Response = NetworkResponse;

    async fn call(&self, _: Peer, request: NetworkRequest) -> NetworkResponse {
        let mut status = self.0.clone();
        if !matches!(request, NetworkRequest::Status { newer_than: None }) {
            status.changed().await.expect("the test keeps the sender");
        }
        let status = status.borrow_and_update().clone();
        NetworkResponse::Status { generation: u64::try_from(status.since).unwrap_or(1), status }
    }
}

/// A chrony server on loopback that takes the clock of this machine for right.
struct Chrony {
    process: Child,
    port: u16,
    /// Its configuration and sockets.
    _directory: TempDir,
}

impl Chrony {
    fn start(local: &str) -> Self {
        let directory = tempfile::tempdir().expect("directory");
        let free = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("address").port();
        drop(free);
        let path = |name: &str| directory.path().join(name).display().to_string();
        let configuration = format!(
            "{local}\nport {port}\nbindaddress 127.0.0.1\nallow 127.0.0.1\ncmdport 0\n\
             bindcmdaddress {}\npidfile {}\n",
            path("command"),
            path("pid"),
        );
        std::fs::write(path("conf"), configuration).expect("written");
        let process = Command::new("chronyd")
            .args(["-x", "-n", "-u", "root", "-f", &path("conf")])
            .stdout(Stdio::null())
            .spawn()
            .expect("chronyd is installed");
        let chrony = Self { process, port, _directory: directory };
        chrony.await_answer();
        chrony
    }
}

impl Chrony {
    fn await_answer(&self) {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("socket");
        socket.connect(("127.0.0.1", self.port)).expect("loopback");
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a limit");
        let start = Instant::now();
        // Fails at once while the port is closed, and after the limit while nobody answers.
        let is_answered = || socket.send(&request(1)).is_ok() && socket.recv(&mut [0; 90]).is_ok();
        while !is_answered() {
            assert!(start.elapsed() < LIMIT, "chronyd does not answer");
            std::thread::yield_now();
        }
    }
}

impl Drop for Chrony {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Role {
    status: watch::Receiver<Option<ClockStatus>>,
    client: Client,
    /// Keeps the sockets and the time servers.
    _network: watch::Sender<NetworkStatus>,
    _directory: TempDir,
}

/// Starts the role with these time servers.
fn start(clock: &Arc<OwnClock>, servers: &[&str], port: u16) -> Role {
    let directory = tempfile::tempdir().expect("directory");
    let path = |name: &str| directory.path().join(name).to_str().expect("path").to_owned();
    let mut network = NetworkStatus::starting(1);
    network.state = NetworkState::Configured;
    network.ntp.value = servers.iter().map(|&name| name.to_owned()).collect();
    let (network, receiver) = watch::channel(network);
    let listener = bind(path("network")).expect("bind");
    tokio::spawn(serve(listener, Arc::new(Network(receiver))));
    let config =
        ClockConfig { socket: path("time"), network: path("network"), init: path("init"), port };
    let clock: Arc<OwnClock> = Arc::clone(clock);
    tokio::spawn(run(config, clock));
    let status = follow::<TimeRequest>(path("time"));
    Role { status, client: Client::new(path("time")), _network: network, _directory: directory }
}

impl Role {
    async fn wait_for(&mut self, is_wanted: impl Fn(&ClockStatus) -> bool) -> ClockStatus {
        let wanted = |status: &Option<ClockStatus>| status.as_ref().is_some_and(&is_wanted);
        let status = timeout(LIMIT, self.status.wait_for(wanted)).await.expect("in time");
        status.expect("the role lives").clone().expect("wanted")
    }
}

fn is_synchronised(status: &ClockStatus) -> bool {
    matches!(status.trust, ClockTrust::Synchronised { .. })
}

#[tokio::test]
async fn sets_a_clock_that_is_years_off_in_either_direction() {
    let chrony = Chrony::start("local stratum 3");
    for offset in [3 * YEAR, -25 * YEAR, 700 * SECOND] {
        let clock = OwnClock::off_by(offset);
        let mut role = start(&clock, &["127.0.0.1"], chrony.port);
        let status = role.wait_for(is_synchronised).await;
        assert!(status.is_trusted());
        assert!(clock.offset().abs() < SECOND / 10, "{} ns off", clock.offset());
    }
}

#[tokio::test]
async fn takes_a_small_offset_away_without_a_jump() {
    let chrony = Chrony::start("local stratum 3");
    let clock = OwnClock::off_by(SECOND / 20);
    let mut role = start(&clock, &["localhost"], chrony.port);
    let status = role.wait_for(is_synchronised).await;
    assert_eq!(status.offset_ms.map(|offset| (-60..=-40).contains(&offset)), Some(true));
    assert_eq!(clock.offset(), SECOND / 20);
    assert_eq!(clock.slews.lock().expect("no panic").len(), 1);
}

#[tokio::test]
async fn says_that_a_server_is_not_synchronised_itself() {
    // Without `local` chrony has nothing to follow, and says so in its answers.
    let unsynchronised = Chrony::start("");
    let clock = OwnClock::off_by(0);
    let mut role = start(&clock, &["127.0.0.1"], unsynchronised.port);
    let has_trouble =
        |status: &ClockStatus| status.servers.iter().any(|server| server.trouble.is_some());
    let status = role.wait_for(has_trouble).await;
    let trouble = status.servers[0].trouble.clone().expect("trouble");
    assert_eq!(trouble, "its own clock is not synchronised");
    assert!(!is_synchronised(&status));
}

#[tokio::test]
async fn never_falls_below_the_release_and_says_that_the_clock_is_wrong() {
    let clock = OwnClock::off_by(-25 * YEAR);
    let mut role = start(&clock, &[], 9);
    let status = role.wait_for(|status| status.trust == ClockTrust::BeforeBuild).await;
    assert!(!status.is_trusted());
    assert!(clock.now().expect("readable") >= i128::from(RELEASED) * SECOND);
}

#[tokio::test]
async fn asks_a_server_once_for_the_page() {
    let chrony = Chrony::start("local stratum 3");
    let clock = OwnClock::off_by(900 * SECOND);
    let role = start(&clock, &[], chrony.port);
    let mut status = role.status.clone();
    timeout(LIMIT, status.wait_for(Option::is_some)).await.expect("in time").expect("lives");
    for (server, is_good) in [("127.0.0.1", true), ("name.invalid", false)] {
        let request = TimeRequest::CheckServer { server: server.to_owned() };
        let answer: TimeResponse = role.client.call(&request).await.expect("answers");
        match answer {
            TimeResponse::ServerCheck(check) => {
                assert_eq!(check == ServerCheck::Good, is_good, "{server}: {check:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(clock.offset(), 900 * SECOND, "a question sets nothing");
}
