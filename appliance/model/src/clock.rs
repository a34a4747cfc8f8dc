//! Whether the clock is right, and who says so.

use serde::{Deserialize, Serialize};

/// Whether other roles may rely on the clock, such as for checking certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trust", rename_all = "snake_case")]
pub enum ClockTrust {
    /// No time server has answered yet since the start.
    Waiting,
    /// Set by a time server, and the last answer is recent.
    Synchronised {
        /// The server that the clock follows.
        server: String,
        /// When it answered last, in seconds since 1970.
        at: i64,
    },
    /// No time server is known: the clock is the hypervisor's. Trusted as long as it is later than
    /// the time at which this release was built.
    Hypervisor,
    /// Time servers are known and none has given a usable answer for long.
    Unreachable {
        /// When one answered last, in seconds since 1970; `None` = never since the start.
        last: Option<i64>,
        /// What went wrong with each, in plain words.
        reason: String,
    },
    /// The clock is earlier than the time at which this release was built, so it is wrong.
    BeforeBuild,
}

/// What the time role says to every other role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStatus {
    /// Whether the clock can be relied on, and why.
    #[serde(flatten)]
    pub trust: ClockTrust,
    /// Since when this holds, in seconds since 1970.
    pub since: i64,
    /// How far the clock was off when it was compared last, in milliseconds; positive = behind.
    pub offset_ms: Option<i64>,
    /// Every time server, in the order of the settings.
    pub servers: Vec<TimeServer>,
}

/// A time server and how it answered last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeServer {
    /// Address or host name.
    pub name: String,
    /// Why its last answer cannot be used; `None` = it can, or it has not been asked yet.
    pub trouble: Option<String>,
}

impl ClockStatus {
    /// The status at the start.
    #[must_use]
    pub const fn starting(now: i64) -> Self {
        Self { trust: ClockTrust::Waiting, since: now, offset_ms: None, servers: Vec::new() }
    }

    /// Whether a role may rely on the clock.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        match self.trust {
            ClockTrust::Synchronised { .. } | ClockTrust::Hypervisor => true,
            ClockTrust::Unreachable { last, .. } => last.is_some(),
            ClockTrust::Waiting | ClockTrust::BeforeBuild => false,
        }
    }
}
