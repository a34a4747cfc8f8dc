//! What happens on the wire of a host: ports that are blocked, and recordings.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::error::ForestError;
use crate::host::{Host, checked};
use crate::limits;
use crate::role::DNS_SERVER;

/// What becomes of a packet to a blocked port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Block {
    /// Nothing, as behind a firewall: the sender waits.
    Silent,
    /// A connection is refused, a datagram answered with "port unreachable".
    Refused,
}

impl Host {
    /// Blocks a port of this host, TCP and UDP, also for connections that exist.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn block(&self, port: u16, block: Block) -> Result<(), ForestError> {
        let (tcp, udp) = match block {
            Block::Silent => ("drop", "drop"),
            Block::Refused => ("reject with tcp reset", "reject"),
        };
        let rules = format!(
            "add table inet block\n\
             add chain inet block input {{ type filter hook input priority 0; }}\n\
             add rule inet block input tcp dport {port} {tcp}\n\
             add rule inet block input udp dport {port} {udp}\n"
        );
        self.run_with_input("nft", &["-f", "-"], &rules).map(drop)
    }

    /// Opens all ports again.
    ///
    /// # Errors
    ///
    /// When none was blocked.
    pub fn unblock(&self) -> Result<(), ForestError> {
        self.run("nft", &["delete", "table", "inet", "block"]).map(drop)
    }

    /// Pulls the cable of this host, or plugs it in again.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn set_cable(&self, is_plugged: bool) -> Result<(), ForestError> {
        let state = if is_plugged { "up" } else { "down" };
        self.run("ip", &["link", "set", "eth0", state]).map(drop)
    }

    /// Starts recording all packets of this host.
    ///
    /// # Errors
    ///
    /// When tcpdump does not start.
    pub fn record(&self) -> Result<Recording<'_>, ForestError> {
        let directory = tempfile::tempdir().map_err(ForestError::io("create a directory"))?;
        let path = directory.path().join(format!("{}.pcap", self.name()));
        // Not in the host's process namespace, so that this process can ask it to end; but it ends
        // with the thread that started it.
        let mut process = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "nsenter", "--target", &self.pid().to_string(), "--net"])
            .args(["--uts", "--", "tcpdump", "--immediate-mode", "--packet-buffered", "-n"])
            .args(["--interface=eth0", "--relinquish-privileges=root", "-s", "0", "-w"])
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(ForestError::io("start tcpdump"))?;
        let mut lines = BufReader::new(process.stderr.take().ok_or_else(no_pipe)?).lines();
        let is_ready = |line: &String| line.contains("listening on");
        let is_up = lines.by_ref().map_while(Result::ok).any(|line| is_ready(&line));
        // Read to its end, so that it never waits for a reader.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let recording = Recording { host: self, process, directory, path };
        if is_up { Ok(recording) } else { Err(no_pipe()) }
    }
}

/// A recording under way; dropping it ends it.
#[derive(Debug)]
pub struct Recording<'a> {
    host: &'a Host,
    process: Child,
    directory: TempDir,
    path: PathBuf,
}

impl Recording<'_> {
    /// Ends the recording once it holds all packets until now.
    ///
    /// # Errors
    ///
    /// When it does not in time.
    pub fn finish(mut self) -> Result<Capture, ForestError> {
        self.wait_for_mark()?;
        self.end();
        let directory = std::mem::replace(
            &mut self.directory,
            tempfile::tempdir().map_err(ForestError::io("create a directory"))?,
        );
        Ok(Capture { path: self.path.clone(), _directory: directory })
    }

    /// Sends a datagram that nothing else sends, and waits until it is in the file, where all that
    /// came before it is then too.
    fn wait_for_mark(&self) -> Result<(), ForestError> {
        const MARK: &[u8] = b"end of the recording of this host";
        let sent = self.host.enter(|| {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.send_to(MARK, (DNS_SERVER, 9))
        })?;
        sent.map_err(ForestError::io("send a mark"))?;
        let deadline = Instant::now() + limits::FAREWELL;
        while Instant::now() < deadline {
            let octets = fs::read(&self.path).map_err(ForestError::io("read a recording"))?;
            if octets.windows(MARK.len()).any(|window| window == MARK) {
                return Ok(());
            }
            thread::sleep(limits::POLL_INTERVAL);
        }
        let what = "the end of a recording".to_owned();
        Err(ForestError::Timeout { what, limit: limits::FAREWELL })
    }

    fn end(&mut self) {
        if let Ok(pid) = i32::try_from(self.process.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
        }
        let _ = self.process.wait();
    }
}

impl Drop for Recording<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

/// A complete recording; the file goes with it.
#[derive(Debug)]
pub struct Capture {
    path: PathBuf,
    _directory: TempDir,
}

impl Capture {
    /// The file, in the format pcap.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What tshark reads in these fields of the packets that a display filter takes: a row for each
    /// packet; a field that occurs more than once in it has commas.
    ///
    /// # Errors
    ///
    /// When tshark does not know the filter or a field.
    pub fn fields(&self, filter: &str, fields: &[&str]) -> Result<Vec<Vec<String>>, ForestError> {
        let path = self.path.display().to_string();
        let mut arguments = vec!["-n", "-r", &path, "-Y", filter, "-T", "fields"];
        arguments.extend(fields.iter().flat_map(|field| ["-e", field]));
        let text = checked("tshark", &arguments, Command::new("tshark").args(&arguments).output())?;
        Ok(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
    }

    /// How many packets a display filter takes.
    ///
    /// # Errors
    ///
    /// As [`Self::fields`].
    pub fn count(&self, filter: &str) -> Result<usize, ForestError> {
        self.fields(filter, &["frame.number"]).map(|rows| rows.len())
    }

    /// Whether the packets hold these octets anywhere, in clear.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn contains(&self, needle: &[u8]) -> Result<bool, ForestError> {
        let octets = fs::read(&self.path).map_err(ForestError::io("read a recording"))?;
        Ok(octets.windows(needle.len()).any(|window| window == needle))
    }
}

fn no_pipe() -> ForestError {
    let said = "it ended before it listened".to_owned();
    ForestError::Command { command: "tcpdump".to_owned(), said }
}
