//! NATS servers of a test's own, which it can stop and start.
//!
//! ```no_run
//! # fn main() -> Result<(), nats::NatsError> {
//! let server = nats::Server::start()?;
//! assert!(server.address().starts_with("nats://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! A server listens on a port of the loopback interface that the system chose, and asks for a user and
//! a password. It ends with the test. Needs Debian's `nats-server`, which `make deps` installs.
#![forbid(unsafe_code)]

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;
use thiserror::Error;

/// What the server writes once it takes connections.
const READY: &str = "Server is ready";
/// What stands before its port.
const LISTENS: &str = "Listening for client connections on 127.0.0.1:";
/// The user.
pub const USER: &str = "cloud";
/// The password.
pub const PASSWORD: &str = "not-a-secret";

/// Why a test has no server.
#[derive(Debug, Error)]
pub enum NatsError {
    /// An operation on a file or a process failed.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// It ended before it was ready.
    #[error("`nats-server` failed: {0}")]
    Program(String),
}

/// A server. It ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    directory: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Server {
    /// Starts a server, and waits until it takes connections.
    ///
    /// # Errors
    ///
    /// It is not installed or does not start.
    pub fn start() -> Result<Self, NatsError> {
        Self::start_with("")
    }

    /// Starts a server with lines of configuration.
    ///
    /// # Errors
    ///
    /// It is not installed or does not start.
    pub fn start_with(lines: &str) -> Result<Self, NatsError> {
        let failed = |action| move |source| NatsError::Io { action, source };
        let directory = TempDir::new().map_err(failed("make a directory"))?;
        let configuration =
            format!("authorization {{ user: {USER:?}, password: {PASSWORD:?} }}\n{lines}\n");
        fs::write(directory.path().join("nats.conf"), configuration)
            .map_err(failed("write the configuration"))?;
        let mut server = Self { directory, port: 0, server: None };
        server.resume()?;
        Ok(server)
    }

    /// Its address, with user and password.
    #[must_use]
    pub fn address(&self) -> String {
        format!("nats://{USER}:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the server.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts the server again on the port that it had.
    ///
    /// # Errors
    ///
    /// It does not start.
    pub fn resume(&mut self) -> Result<(), NatsError> {
        let failed = |action| move |source| NatsError::Io { action, source };
        // -1 lets the system choose.
        let port = if self.port == 0 { "-1".to_owned() } else { self.port.to_string() };
        let mut server = Command::new("/usr/sbin/nats-server")
            .args(["--addr", "127.0.0.1", "--port", &port, "--config"])
            .arg(self.directory.path().join("nats.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed("start nats-server; `make deps` installs it"))?;
        let Some(log) = server.stderr.take() else { return Err(NatsError::Program(String::new())) };
        self.server = Some(server);
        let mut lines = BufReader::new(log);
        let mut said = String::new();
        loop {
            let start = said.len();
            let read = lines.read_line(&mut said).map_err(failed("read the log of nats-server"))?;
            let line = said.get(start..).unwrap_or_default();
            if let Some(port) = line.split(LISTENS).nth(1) {
                self.port = port.trim().parse().unwrap_or_default();
            }
            if line.contains(READY) && self.port != 0 {
                break;
            }
            if read == 0 {
                return Err(NatsError::Program(said));
            }
        }
        // The server stops when nobody reads what it writes.
        thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
