//! What goes wrong while driving a machine.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// Why a step did not succeed.
#[derive(Debug, Error)]
pub enum HarnessError {
    /// The disk image has not been built.
    #[error("there is no disk image at {}: build it with `make image`", .0.display())]
    NoImage(PathBuf),
    /// An operation on a file or socket failed.
    #[error("{action}")]
    Io {
        /// What was attempted, such as `open /dev/null`.
        action: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A program of the host ended with an error.
    #[error("`{command}` failed: {stderr}")]
    Command {
        /// The command line.
        command: String,
        /// What it wrote to its error output.
        stderr: String,
    },
    /// QEMU ended by itself.
    #[error("qemu ended: {0}")]
    QemuEnded(String),
    /// QEMU refused a command.
    #[error("qemu refused {command}: {reason}")]
    Qmp {
        /// Name of the command.
        command: String,
        /// QEMU's words.
        reason: String,
    },
    /// Something did not happen in time.
    #[error("{what} did not happen within {} s{}", limit.as_secs(), transcript(.console))]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        limit: Duration,
        /// What the console showed meanwhile; empty where it does not matter.
        console: String,
    },
    /// The TLS handshake or a record failed.
    #[error("tls with {peer}")]
    Tls {
        /// Address of the peer.
        peer: String,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The answer is not HTTP/1.1 as expected.
    #[error("unreadable http answer: {0}")]
    Http(String),
    /// The landing page lacks something.
    #[error("the console does not show {0}")]
    Console(&'static str),
    /// Something that had to survive is lost or damaged.
    #[error("damage: {0}")]
    Damage(String),
    /// The machine was built without a volatile disk.
    #[error("the machine's disk has no volatile cache")]
    NoVolatileDisk,
    /// The machine was built without a way to reach this address.
    #[error("no port is forwarded to {0}")]
    NotForwarded(std::net::Ipv4Addr),
}

impl HarnessError {
    /// Wraps the error of an operation that is named in words.
    pub fn io(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }
}

fn transcript(console: &str) -> String {
    if console.is_empty() { String::new() } else { format!("; the console shows:\n{console}") }
}
