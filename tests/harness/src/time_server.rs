//! A real NTP server (chrony) in a namespace. It takes the clock of this machine for right.

use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::error::HarnessError;
use crate::namespace::Namespace;

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct TimeServer {
    process: Child,
    /// Its configuration and sockets.
    _directory: TempDir,
}

impl TimeServer {
    /// Starts a server that answers on every address of the namespace. It may take a moment until
    /// it does.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(namespace: &Namespace) -> Result<Self, HarnessError> {
        let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
        let path = |name: &str| directory.path().join(name).display().to_string();
        let configuration = format!(
            "local stratum 3\nallow all\ncmdport 0\nbindcmdaddress {}\npidfile {}\n",
            path("command"),
            path("pid"),
        );
        std::fs::write(path("conf"), configuration)
            .map_err(HarnessError::io("write the configuration of chronyd"))?;
        let process = Command::new("ip")
            .args(["netns", "exec", namespace.name(), "setpriv", "--pdeathsig", "KILL"])
            // It must not set the clock of this machine.
            .args(["chronyd", "-x", "-n", "-u", "root", "-f", &path("conf")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(HarnessError::io("start chronyd"))?;
        Ok(Self { process, _directory: directory })
    }
}

impl Drop for TimeServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
