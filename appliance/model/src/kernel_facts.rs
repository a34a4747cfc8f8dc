//! Files in which the kernel tells about itself, for the diagnostic report. Roles do not see `/proc`, so
//! PID 1 reads these for them.

use serde::{Deserialize, Serialize};

/// What is read.
pub const FILES: [&str; 15] = [
    "/proc/version",
    "/proc/cmdline",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/mounts",
    "/proc/partitions",
    "/proc/diskstats",
    "/proc/net/dev",
    "/proc/net/route",
    "/proc/net/arp",
    "/proc/net/tcp",
    "/proc/net/udp",
    "/proc/net/sockstat",
    "/proc/net/snmp",
];

/// Longest text of one file in bytes; the rest is cut off.
pub const MAX_FACT_BYTES: usize = 12 * 1024;

/// One of these files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelFact {
    /// Path of the file.
    pub name: String,
    /// What it says, or why it cannot be read.
    pub text: String,
    /// Whether the end was cut off.
    pub is_cut: bool,
}

impl KernelFact {
    /// A fact with the beginning of what a file says.
    #[must_use]
    pub fn of(name: &str, content: &[u8]) -> Self {
        let kept = content.get(..MAX_FACT_BYTES).unwrap_or(content);
        Self {
            name: name.to_owned(),
            text: String::from_utf8_lossy(kept).into_owned(),
            is_cut: kept.len() < content.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_what_is_too_long_and_says_so() {
        let whole = KernelFact::of("/proc/version", b"Linux");
        assert_eq!((whole.text.as_str(), whole.is_cut), ("Linux", false));
        let cut = KernelFact::of("/proc/net/tcp", &vec![b'x'; MAX_FACT_BYTES + 1]);
        assert_eq!((cut.text.len(), cut.is_cut), (MAX_FACT_BYTES, true));
    }
}
