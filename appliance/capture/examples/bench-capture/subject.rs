//! The programs that are compared.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bus::{CaptureRequest, CaptureResponse, Client};
use capture::CaptureConfig;
use model::capture::{TraceDuration, TraceFilter, TraceOrder};
use model::capture_status::RunningTrace;
use tokio::runtime::{Builder, Runtime};

use crate::cable::Load;

/// Largest file of ours: the comparison is not about limits.
const MAX_FILE_BYTES: u64 = 8 << 30;

/// A program and how it is started.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// The role, which is asked on the bus as the page asks it.
    Role,
    /// A peer: its program and options.
    Peer(&'static [&'static str]),
}

const ROLE: Subject = Subject { name: "connector", kind: Kind::Role };

const HEADERS: [Subject; 3] = [
    ROLE,
    Subject { name: "tcpdump", kind: Kind::Peer(&["tcpdump", "-n", "-i", "near0", "-s", "94"]) },
    Subject {
        name: "dumpcap",
        kind: Kind::Peer(&["dumpcap", "-P", "-i", "near0", "-s", "94", "-B", "64"]),
    },
];

const WHOLE: [Subject; 4] = [
    ROLE,
    Subject { name: "tcpdump", kind: Kind::Peer(&["tcpdump", "-n", "-i", "near0"]) },
    Subject {
        name: "tcpdump_64_mib",
        kind: Kind::Peer(&["tcpdump", "-n", "-i", "near0", "-B", "65536"]),
    },
    Subject {
        name: "dumpcap_64_mib",
        kind: Kind::Peer(&["dumpcap", "-P", "-i", "near0", "-B", "64"]),
    },
];

impl Subject {
    /// The programs for a load.
    pub(crate) const fn for_load(load: Load) -> &'static [Self] {
        if load.is_whole() { &WHOLE } else { &HEADERS }
    }

    /// Starts the program on the second processor and waits until it records.
    pub(crate) fn start(&self, directory: &Path, load: Load) -> Result<Running, Box<dyn Error>> {
        let mut command = Command::new("taskset");
        command.args(["-c", "1"]);
        let file = directory.join("peer.pcap");
        match self.kind {
            Kind::Role => {
                command.arg(std::env::current_exe()?).arg("record").arg(directory);
                command.stdout(Stdio::piped());
            }
            Kind::Peer(words) => {
                command.args(words).arg("-w").arg(&file);
                match words.first() {
                    Some(&"dumpcap") => command.args(["-q", "-f", "tcp"]),
                    _ => command.args(["-Z", "root", "tcp"]),
                };
                command.stderr(Stdio::piped());
            }
        }
        let mut child = command.spawn()?;
        let ready = match self.kind {
            Kind::Role => "ready",
            Kind::Peer(&["dumpcap", ..]) => "File:",
            Kind::Peer(_) => "listening on",
        };
        let output: Box<dyn std::io::Read + Send> = match (child.stdout.take(), child.stderr.take())
        {
            (Some(output), _) => Box::new(output),
            (None, Some(output)) => Box::new(output),
            (None, None) => return Err("no output".into()),
        };
        let mut lines = BufReader::new(output).lines();
        let is_ready =
            |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.contains(ready));
        lines.find(is_ready).ok_or_else(|| format!("{} does not start", self.name))??;
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let mut running = Running { child, file, role: None };
        if matches!(self.kind, Kind::Role) {
            running.role = Some(Role::begin(directory, load)?);
        }
        Ok(running)
    }
}

/// A program that records.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    file: PathBuf,
    role: Option<Role>,
}

impl Running {
    pub(crate) fn pid(&self) -> u32 {
        // taskset becomes the program.
        self.child.id()
    }

    /// Ends it, and returns its file.
    pub(crate) fn end(mut self) -> Result<PathBuf, Box<dyn Error>> {
        let Some(role) = self.role else {
            let status =
                Command::new("kill").args(["-INT", &self.child.id().to_string()]).status()?;
            self.child.wait()?;
            return if status.success() { Ok(self.file) } else { Err("it has ended".into()) };
        };
        let file = role.end();
        self.child.kill()?;
        self.child.wait()?;
        file
    }
}

/// Our role in its process.
#[derive(Debug)]
struct Role {
    runtime: Runtime,
    client: Client,
    directory: PathBuf,
    trace: RunningTrace,
}

impl Role {
    fn begin(directory: &Path, load: Load) -> Result<Self, Box<dyn Error>> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = Client::new(socket(directory));
        let order = TraceOrder {
            filter: TraceFilter::default(),
            duration: TraceDuration::TenMinutes,
            packet_tracing: load.is_whole(),
        };
        let answer = runtime.block_on(client.call(&CaptureRequest::Start { order }))?;
        let CaptureResponse::Started(trace) = answer else {
            return Err(format!("{answer:?}").into());
        };
        Ok(Self { runtime, client, directory: directory.join("traces"), trace })
    }

    fn end(self) -> Result<PathBuf, Box<dyn Error>> {
        let id = self.trace.trace.id;
        let request = CaptureRequest::Stop { id: id.clone() };
        match self.runtime.block_on(self.client.call(&request))? {
            CaptureResponse::Stopped(_) => Ok(self.directory.join(format!("trace-{id}.pcap"))),
            answer => Err(format!("{answer:?}").into()),
        }
    }
}

fn socket(directory: &Path) -> String {
    directory.join("capture.socket").display().to_string()
}

/// What the child process is.
pub(crate) fn be_the_role(directory: &str) -> Result<(), Box<dyn Error>> {
    let directory = Path::new(directory);
    let config = CaptureConfig {
        socket: socket(directory),
        // Nobody answers there, which does not matter here.
        init: directory.join("init.socket").display().to_string(),
        directory: directory.join("traces"),
        max_file_bytes: MAX_FILE_BYTES,
        min_free_bytes: 0,
    };
    let packet_socket = sys::packet_ring::open_unbound()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let role = tokio::spawn(capture::run(config, packet_socket));
        let client = Client::new(socket(directory));
        let status = CaptureRequest::Status { newer_than: None };
        // The first answer shows that it listens.
        while client.call::<CaptureResponse>(&status).await.is_err() {
            tokio::task::yield_now().await;
        }
        crate::say("ready");
        match role.await? {
            Ok(never) => match never {},
            Err(error) => Err(error.into()),
        }
    })
}
