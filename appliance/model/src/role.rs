//! The roles: processes of the multi-call binary, each under its own user.

use serde::{Deserialize, Serialize};

/// Directory of the sockets on which roles answer each other.
pub const SOCKET_DIRECTORY: &str = "/run/bus";
/// Path of the multi-call binary. A role is started as `connector <name>`.
pub const PROGRAM: &str = "/sbin/connector";

/// A long-running process of the appliance other than PID 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The single writer of `/data`.
    Settings,
    /// Link, address, route, DNS and host name.
    Network,
    /// Landing page on the VGA and serial consoles.
    Console,
    /// HTTPS server.
    Web,
    /// Clock: asks time servers and sets the time.
    Time,
    /// Records TCP packets. PID 1 hands it its packet socket.
    Capture,
    /// Network probe, prechecks, state of the proxies, diagnostic report.
    Diagnostics,
    /// Log of all roles. PID 1 hands it the kernel's log.
    Journal,
    /// Active Directory domains: joins, checks and searches them.
    Directory,
    /// Registration with the cloud and the connections to it.
    Channel,
    /// What the hypervisor or cloud hands over and wants to know. PID 1 hands it its channel to the host.
    Guest,
}

/// A Linux capability that a role keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// Bind ports below 1024 (`CAP_NET_BIND_SERVICE`, 10).
    NetBindService,
    /// Configure interfaces and routes (`CAP_NET_ADMIN`, 12).
    NetAdmin,
    /// Open packet sockets (`CAP_NET_RAW`, 13).
    NetRaw,
    /// Set the clock (`CAP_SYS_TIME`, 25).
    SysTime,
}

impl Capability {
    /// Number of the capability in the kernel's `capability.h`.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::NetBindService => 10,
            Self::NetAdmin => 12,
            Self::NetRaw => 13,
            Self::SysTime => 25,
        }
    }
}

impl Role {
    /// Every role, in the order in which init starts them.
    pub const ALL: [Self; 11] = [
        // First to start and last to end, so that it hears the others.
        Self::Journal,
        Self::Settings,
        Self::Network,
        Self::Time,
        Self::Web,
        Self::Console,
        Self::Capture,
        Self::Diagnostics,
        Self::Directory,
        Self::Guest,
        // It asks all others, and is the first to end: the cloud learns that it leaves.
        Self::Channel,
    ];

    /// Name on the command line and of the socket.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Network => "network",
            Self::Console => "console",
            Self::Web => "web",
            Self::Time => "time",
            Self::Capture => "capture",
            Self::Diagnostics => "diagnostics",
            Self::Journal => "journal",
            Self::Directory => "directory",
            Self::Channel => "channel",
            Self::Guest => "guest",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Path of the socket on which the role answers. Its directory belongs to the role.
    #[must_use]
    pub fn socket_path(self) -> String {
        format!("{SOCKET_DIRECTORY}/{}/socket", self.name())
    }

    /// User and group id of the process.
    #[must_use]
    pub const fn uid(self) -> u32 {
        match self {
            Self::Settings => 101,
            Self::Network => 102,
            Self::Console => 103,
            Self::Web => 104,
            Self::Time => 105,
            Self::Capture => 106,
            Self::Diagnostics => 107,
            Self::Journal => 108,
            Self::Directory => 109,
            Self::Channel => 110,
            Self::Guest => 111,
        }
    }

    /// The role that runs under this user id.
    #[must_use]
    pub fn from_uid(uid: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.uid() == uid)
    }

    /// Capabilities that the process keeps; all others are dropped for good.
    #[must_use]
    pub const fn capabilities(self) -> &'static [Capability] {
        match self {
            Self::Settings
            | Self::Console
            | Self::Capture
            | Self::Diagnostics
            | Self::Journal
            | Self::Directory
            | Self::Channel
            | Self::Guest => &[],
            // DHCP servers answer to port 68.
            Self::Network => {
                &[Capability::NetBindService, Capability::NetAdmin, Capability::NetRaw]
            }
            Self::Web => &[Capability::NetBindService],
            Self::Time => &[Capability::SysTime],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_users_are_distinct() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
            assert_eq!(Role::from_uid(role.uid()), Some(role));
        }
    }
}
