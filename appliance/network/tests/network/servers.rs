//! DHCP servers: dnsmasq, and one that does as it is told.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use network::dhcp::{Direction, Message, MessageType, Options};
use sys::packet::bind_to_interface;
use tempfile::TempDir;
use tokio::sync::watch;

use crate::site::LIMIT;

/// A running dnsmasq.
pub(crate) struct Dnsmasq {
    child: Child,
    log: watch::Receiver<Vec<String>>,
    _directory: TempDir,
}

impl Dnsmasq {
    pub(crate) fn start(options: &[String]) -> Self {
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

impl Dnsmasq {
    /// Ends the server.
    pub(crate) fn stop(self) {}
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
    Ignore,
}

/// A server for what dnsmasq cannot be made to do: leases that are to be renewed after a second, and
/// a change of mind. It gives 10.77.0.50.
pub(crate) struct ScriptedServer {
    state: Arc<Mutex<Script>>,
}

struct Script {
    verdict: Verdict,
    seconds: u32,
    requests: Vec<(Ipv4Addr, Message)>,
}

impl ScriptedServer {
    const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
    const OFFERED: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 50);

    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 67)).expect("port 67");
        bind_to_interface(&socket, "far0").expect("far0");
        socket.set_broadcast(true).expect("broadcast");
        socket.set_read_timeout(Some(Duration::from_millis(200))).expect("timeout");
        let state = Arc::new(Mutex::new(Script {
            verdict: Verdict::Acknowledge,
            seconds: 600,
            requests: Vec::new(),
        }));
        let shared = Arc::downgrade(&state);
        thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Some(state) = shared.upgrade() {
                let Ok((length, SocketAddr::V4(from))) = socket.recv_from(&mut buffer) else {
                    continue;
                };
                let message = Message::decode(&buffer[..length]).expect("a good client");
                let mut script = state.lock().expect("lock");
                let verdict = script.verdict;
                script.requests.push((*from.ip(), message.clone()));
                if verdict == Verdict::Ignore {
                    continue;
                }
                let reply = Self::answer(&message, verdict, script.seconds);
                let to = if from.ip().is_unspecified() { Ipv4Addr::BROADCAST } else { *from.ip() };
                socket.send_to(&reply.encode(), (to, 68)).expect("sent");
            }
        });
        Self { state }
    }

    fn answer(message: &Message, verdict: Verdict, seconds: u32) -> Message {
        let kind = match (message.options.message_type(), verdict) {
            (Some(MessageType::Discover), _) => MessageType::Offer,
            (_, Verdict::Acknowledge) => MessageType::Ack,
            (_, Verdict::Refuse | Verdict::Ignore) => MessageType::Nak,
        };
        let mut options = Options::of(kind);
        options.set_server(Self::ADDRESS);
        if kind != MessageType::Nak {
            options.set(1, vec![255, 255, 255, 0]);
            options.set(26, vec![5, 120]);
            options.set(51, seconds.to_be_bytes().into());
            options.set(58, 1_u32.to_be_bytes().into());
        }
        Message {
            direction: Direction::Reply,
            your_address: Self::OFFERED,
            options,
            ..message.clone()
        }
    }

    /// Sets for how long leases last; the shortest that the client takes are 10 seconds.
    pub(crate) fn set_duration(&self, seconds: u32) {
        self.state.lock().expect("lock").seconds = seconds;
    }

    pub(crate) fn set_verdict(&self, verdict: Verdict) {
        self.state.lock().expect("lock").verdict = verdict;
    }

    /// Requests so far, with the addresses that they came from.
    pub(crate) fn requests(&self) -> Vec<(Ipv4Addr, Message)> {
        self.state.lock().expect("lock").requests.clone()
    }
}
