//! A PostgreSQL server of a test's own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::cluster;
use crate::error::DatabaseError;

/// What the server writes once it can be asked.
const READY: &str = "ready to accept connections";

/// A server. It ends when it is dropped.
#[derive(Debug)]
pub struct Postgres {
    directory: TempDir,
    server: Option<Child>,
}

impl Postgres {
    /// Starts a server with an empty database, and waits until it can be asked.
    ///
    /// # Errors
    ///
    /// PostgreSQL is not installed, or does not start.
    pub fn start() -> Result<Self, DatabaseError> {
        let directory = TempDir::new().map_err(DatabaseError::io("make a directory"))?;
        cluster::hand_over(directory.path())?;
        cluster::copy_to(&directory.path().join("data"))?;
        let mut postgres = Self { directory, server: None };
        postgres.resume()?;
        Ok(postgres)
    }

    /// The address of its database.
    #[must_use]
    pub fn address(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.directory.path().display())
    }

    /// Ends the server as a power cut would. Its files stay.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // SIGQUIT ends a postmaster and all its processes at once, without writing anything.
        if let Ok(id) = i32::try_from(server.id()) {
            let _ = kill(Pid::from_raw(id), Signal::SIGQUIT);
        }
        let _ = server.wait();
    }

    /// Starts the server again with the files that it has.
    ///
    /// # Errors
    ///
    /// It does not start.
    pub fn resume(&mut self) -> Result<(), DatabaseError> {
        let programs = cluster::programs()?;
        let socket = format!("unix_socket_directories={}", self.directory.path().display());
        let mut command = cluster::command(&programs.join("postgres"));
        command.arg("-D").arg(self.directory.path().join("data"));
        // What is stored needs to outlive the server, not the machine.
        for setting in
            ["fsync=off", "listen_addresses=", "shared_buffers=16MB", "log_min_messages=log"]
        {
            command.arg("-c").arg(setting);
        }
        command.arg("-c").arg(socket).current_dir(self.directory.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = command.spawn().map_err(DatabaseError::io("start postgres"))?;
        let stderr = server.stderr.take().ok_or(DatabaseError::Missing)?;
        let mut lines = BufReader::new(stderr);
        let mut said = String::new();
        loop {
            let start = said.len();
            let read = lines.read_line(&mut said).map_err(DatabaseError::io("read its log"))?;
            if said.get(start..).is_some_and(|line| line.contains(READY)) {
                break;
            }
            if read == 0 {
                let _ = server.wait();
                return Err(DatabaseError::Program { program: "postgres".to_owned(), said });
            }
        }
        // The server stops when nobody reads what it writes.
        thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        self.server = Some(server);
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}
