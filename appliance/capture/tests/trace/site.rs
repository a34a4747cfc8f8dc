//! A network for one test: the role in one network namespace, another machine in a second, a cable
//! between them. Both namespaces end with the threads that hold them.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bus::{CaptureRequest, CaptureResponse, Client, Peer, Service, bind, follow, serve};
use capture::{CaptureConfig, run};
use model::capture::{TraceDuration, TraceFilter, TraceOrder, TraceTarget};
use model::capture_status::{CaptureStatus, EndedTrace, RunningTrace, TraceState};
use model::supervision::{InitRequest, InitResponse};
use nix::sched::{CloneFlags, unshare};
use tempfile::TempDir;
use tokio::sync::watch;

/// Longest wait for anything; far more than it takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// The other machine.
pub(crate) const FAR: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
/// The machine that records.
pub(crate) const NEAR: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

struct Init(watch::Sender<bool>);

impl Service for Init {
    type Request = InitRequest;
    type Response = InitResponse;

    async fn call(&self, _: Peer, request: InitRequest) -> InitResponse {
        assert!(matches!(request, InitRequest::Ready), "{request:?}");
        self.0.send_replace(true);
        InitResponse::Accepted
    }
}

/// The role at work.
pub(crate) struct Site {
    directory: TempDir,
    status: watch::Receiver<Option<CaptureStatus>>,
}

impl Site {
    /// Starts the role in the namespace of this thread.
    pub(crate) async fn start() -> Self {
        Self::start_with(tempfile::tempdir().expect("directory"), |_| {}).await
    }

    /// The same with other limits, and with what a role before it left in the directory.
    pub(crate) async fn start_with(
        directory: TempDir,
        change: impl FnOnce(&mut CaptureConfig),
    ) -> Self {
        let path = |name: &str| directory.path().join(name).to_str().expect("path").to_owned();
        let ready = watch::Sender::new(false);
        let mut is_ready = ready.subscribe();
        tokio::spawn(serve(bind(path("init")).expect("bind"), Arc::new(Init(ready))));
        let mut config = CaptureConfig {
            socket: path("capture.socket"),
            init: path("init"),
            directory: directory.path().join("capture"),
            max_file_bytes: 1 << 30,
            min_free_bytes: 0,
        };
        change(&mut config);
        let socket = sys::packet_ring::open_unbound().expect("root");
        tokio::spawn(run(config, socket));
        is_ready.wait_for(|is_ready| *is_ready).await.expect("init lives");
        let status = follow::<CaptureRequest>(path("capture.socket"));
        Self { directory, status }
    }

    /// Directory of the traces.
    pub(crate) fn traces(&self) -> std::path::PathBuf {
        self.directory.path().join("capture")
    }

    fn client(&self) -> Client {
        let socket = self.directory.path().join("capture.socket");
        Client::new(socket.to_str().expect("path"))
    }

    pub(crate) async fn ask(&self, request: CaptureRequest) -> CaptureResponse {
        self.client().call(&request).await.expect("an answer")
    }

    pub(crate) async fn begin(&self, order: TraceOrder) -> RunningTrace {
        let answer = self.ask(CaptureRequest::Start { order }).await;
        let CaptureResponse::Started(running) = answer else { panic!("{answer:?}") };
        running
    }

    pub(crate) async fn stop(&self, id: &str) -> EndedTrace {
        let answer = self.ask(CaptureRequest::Stop { id: id.to_owned() }).await;
        let CaptureResponse::Stopped(ended) = answer else { panic!("{answer:?}") };
        ended
    }

    /// Waits for a status.
    pub(crate) async fn status(
        &mut self,
        is_wanted: impl Fn(&CaptureStatus) -> bool,
    ) -> CaptureStatus {
        let wanted = |status: &Option<CaptureStatus>| status.as_ref().is_some_and(&is_wanted);
        let result = tokio::time::timeout(LIMIT, self.status.wait_for(wanted)).await;
        let status = result.ok().map(|status| status.expect("followed").clone().expect("checked"));
        status.unwrap_or_else(|| panic!("not in time; last: {:?}", *self.status.borrow()))
    }

    /// Waits until the trace has this many packets in its file.
    pub(crate) async fn packets(&mut self, count: u64) -> RunningTrace {
        let has_them = |status: &CaptureStatus| matches!(&status.state, TraceState::Running(running) if running.counts.packets >= count);
        match self.status(has_them).await.state {
            TraceState::Running(running) => running,
            state => panic!("{state:?}"),
        }
    }

    /// Waits for the end of the trace.
    pub(crate) async fn end(&mut self) -> EndedTrace {
        let has_ended = |status: &CaptureStatus| matches!(status.state, TraceState::Ended(_));
        match self.status(has_ended).await.state {
            TraceState::Ended(ended) => ended,
            state => panic!("{state:?}"),
        }
    }

    /// Downloads the file of a trace, as the web role does, to where an analyser can read it.
    pub(crate) async fn download(&self, id: &str) -> std::path::PathBuf {
        let request = CaptureRequest::File { id: id.to_owned() };
        let (answer, file): (CaptureResponse, _) =
            self.client().call_for_file(&request).await.expect("an answer");
        let file: OwnedFd = file.unwrap_or_else(|| panic!("{answer:?}"));
        let mut bytes = Vec::new();
        fs::File::from(file).read_to_end(&mut bytes).expect("readable");
        let length = u64::try_from(bytes.len()).expect("small");
        assert_eq!(answer, CaptureResponse::File { bytes: length });
        let path = self.directory.path().join("download.pcap");
        fs::write(&path, bytes).expect("written");
        path
    }
}

/// An order for ten seconds.
pub(crate) fn order(target: Option<Ipv4Addr>, port: Option<u16>, whole: bool) -> TraceOrder {
    TraceOrder {
        filter: TraceFilter { target: target.map(TraceTarget::Address), port },
        duration: TraceDuration::OneMinute,
        packet_tracing: whole,
    }
}

/// What tshark reads of a file: these fields of each packet that passes its filter. It must have
/// nothing to complain about.
pub(crate) fn tshark(file: &Path, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(file).args(["-Y", filter, "-T", "fields"]);
    // tshark wants at least one.
    for field in ["frame.number"].iter().chain(fields) {
        command.args(["-e", field]);
    }
    let output = command.output().expect("tshark");
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<_> =
        complaints.lines().filter(|line| !line.starts_with("Running as user")).collect();
    assert!(output.status.success() && complaints.is_empty(), "{complaints:?}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.split('\t').skip(1).map(str::to_owned).collect())
        .collect()
}

/// Moves this thread into a network namespace of its own; says so when only root could.
pub(crate) fn enter_namespace() -> bool {
    let is_moved = unshare(CloneFlags::CLONE_NEWNET).is_ok();
    if is_moved {
        ip("link set lo up");
    } else {
        println!("skipped: only root can make a network namespace");
    }
    is_moved
}

/// Runs `ip` in the namespace of this thread.
pub(crate) fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().expect("iproute2");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

type Job = Box<dyn FnOnce() + Send>;

/// The machine at the other end of the cable, in a namespace of its own that a thread holds.
pub(crate) struct FarEnd {
    jobs: mpsc::Sender<Job>,
}

impl FarEnd {
    /// Lays a cable from `eth0` here, [`NEAR`], to `far0` there, [`FAR`].
    pub(crate) fn connect() -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, place) = mpsc::channel();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNET).expect("root");
            let task = fs::read_link("/proc/thread-self").expect("proc");
            ready.send(format!("/proc/{}/ns/net", task.display())).expect("waited for");
            queue.into_iter().for_each(|job| job());
        });
        let path = place.recv().expect("the thread lives");
        ip(&format!("link add eth0 type veth peer name far0 netns {path}"));
        ip(&format!("address add {NEAR}/24 dev eth0"));
        ip("link set eth0 up");
        let far_end = Self { jobs };
        far_end.run(|| {
            ip("link set lo up");
            ip(&format!("address add {FAR}/24 dev far0"));
            ip("link set far0 up");
        });
        far_end
    }

    /// Runs something there and waits for it.
    pub(crate) fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, answer) = mpsc::channel();
        let job = Box::new(move || drop(sender.send(job())));
        self.jobs.send(job).expect("the thread lives");
        answer.recv().expect("done")
    }

    /// Sends a frame from there, in the language of trafgen.
    pub(crate) fn send_frame(&self, frame: &str) {
        let mut file = tempfile::NamedTempFile::new().expect("file");
        file.write_all(frame.as_bytes()).expect("written");
        self.run(move || {
            let output = Command::new("trafgen")
                .args(["--num", "1", "--cpus", "1", "--dev", "far0", "--conf"])
                .arg(file.path())
                .output()
                .expect("trafgen of netsniff-ng");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        });
    }

    /// Listens there, and sends back to everybody what they send.
    pub(crate) fn echo(&self, port: u16) {
        self.run(move || {
            let listener = TcpListener::bind((FAR, port)).expect("bound");
            thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.expect("accepted");
                    thread::spawn(move || {
                        let mut reader = stream.try_clone().expect("cloned");
                        std::io::copy(&mut reader, &mut stream)
                    });
                }
            });
        });
    }
}

/// Connects to the other machine, sends so many bytes, and waits until they are back.
pub(crate) fn talk(port: u16, bytes: usize) -> SocketAddr {
    let mut stream = TcpStream::connect((FAR, port)).expect("connected");
    let own = stream.local_addr().expect("address");
    let mut sender = stream.try_clone().expect("cloned");
    let sent = thread::spawn(move || sender.write_all(&vec![b'x'; bytes]).expect("sent"));
    let mut answer = vec![0; bytes];
    stream.read_exact(&mut answer).expect("answered");
    sent.join().expect("sent");
    own
}

/// Sends a datagram to the other machine.
pub(crate) fn send_datagram(port: u16) {
    let socket = UdpSocket::bind("0.0.0.0:0").expect("bound");
    socket.send_to(b"not TCP", (FAR, port)).expect("sent");
}
