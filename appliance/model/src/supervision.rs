//! What PID 1 says about itself and the roles, and what roles may ask of it.
//!
//! Messages travel as one JSON value a line over the Unix socket [`SOCKET`]; the user id of the peer
//! decides what it may ask.

use serde::{Deserialize, Serialize};

use crate::kernel_facts::KernelFact;
use crate::load::LoadFacts;
use crate::process_facts::ProcessFacts;
use crate::role::Role;
use crate::slot::Slot;
use crate::slot_report::SlotReport;

/// Where PID 1 listens.
pub const SOCKET: &str = "/run/bus/init/socket";

/// A request to PID 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum InitRequest {
    /// "I am ready to work": every role says so once per start.
    Ready,
    /// Answered at once, or, when `newer_than` is the generation that the asker has seen, when
    /// there is a newer one.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// What the kernel says about PID 1 and each role that runs. Web and diagnostics only.
    Processes,
    /// What the kernel says about itself. Diagnostics only.
    KernelFacts,
    /// How busy the machine is. Channel and guest only.
    Load,
    /// Set the host name of the kernel. Network only.
    SetHostName {
        /// The name, without domain.
        name: String,
    },
    /// Restart the machine in an orderly way. Web and guest only.
    Restart,
    /// Switch the machine off in an orderly way. Web and guest only.
    PowerOff,
}

impl InitRequest {
    /// Whether a process of this user may ask this. Root may, except for what only a role can say of
    /// itself.
    #[must_use]
    pub fn is_permitted(&self, uid: u32) -> bool {
        let role = Role::from_uid(uid);
        let is = |wanted| uid == 0 || role == Some(wanted);
        match self {
            Self::Ready => role.is_some(),
            Self::Status { .. } => uid == 0 || role.is_some(),
            Self::SetHostName { .. } => is(Role::Network),
            Self::Restart | Self::PowerOff => is(Role::Web) || is(Role::Guest),
            Self::Processes => is(Role::Web) || is(Role::Diagnostics),
            Self::KernelFacts => is(Role::Diagnostics),
            Self::Load => is(Role::Channel) || is(Role::Guest),
        }
    }
}

/// The answer of PID 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum InitResponse {
    /// Accepted.
    Accepted,
    /// This role may not ask that, or the request cannot be carried out.
    Refused {
        /// Why.
        reason: String,
    },
    /// The state of the machine.
    Status(InitStatus),
    /// PID 1 and each role that runs.
    Processes {
        /// In the order in which init starts them.
        processes: Vec<ProcessFacts>,
    },
    /// How busy the machine is.
    Load(LoadFacts),
    /// The kernel's files.
    KernelFacts {
        /// In the order of [`crate::kernel_facts::FILES`].
        facts: Vec<KernelFact>,
    },
}

/// The state of the machine as PID 1 sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitStatus {
    /// Grows with every change.
    pub generation: u64,
    /// The slot that is running; `None` when not started from a slot.
    pub slot: Option<Slot>,
    /// Whether this start has been marked good, so that the boot loader's counter is reset.
    pub marked_good: bool,
    /// What is known about earlier starts that failed.
    #[serde(default)]
    pub slots: SlotReport,
    /// State of the data partition.
    pub data: DataState,
    /// Every role.
    pub roles: Vec<RoleStatus>,
}

/// State of `/data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DataState {
    /// Mounted and writable.
    Mounted,
    /// Not usable; a file system in memory stands in, so that nothing survives a restart.
    Unavailable {
        /// Why.
        reason: String,
    },
}

/// State of one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleStatus {
    /// Which role.
    pub role: Role,
    /// Its state.
    pub state: RoleState,
    /// How often it has been started again after it ended.
    pub restarts: u32,
    /// How it ended last, such as `exit status 3` or `signal 9`.
    pub last_exit: Option<String>,
}

/// State of a role's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleState {
    /// Started, and has not said that it is ready.
    Starting,
    /// Ready.
    Ready,
    /// Ended, and will be started again after a pause.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_is_for_those_who_need_it() {
        let host_name = InitRequest::SetHostName { name: "connector".into() };
        let status = InitRequest::Status { newer_than: None };
        for role in Role::ALL {
            let uid = role.uid();
            assert!(InitRequest::Ready.is_permitted(uid) && status.is_permitted(uid), "{role:?}");
            assert_eq!(host_name.is_permitted(uid), role == Role::Network, "{role:?}");
            let ends = role == Role::Web || role == Role::Guest;
            assert_eq!(InitRequest::Restart.is_permitted(uid), ends, "{role:?}");
            assert_eq!(InitRequest::PowerOff.is_permitted(uid), ends, "{role:?}");
            let reports = role == Role::Diagnostics;
            let processes = InitRequest::Processes.is_permitted(uid);
            assert_eq!(processes, reports || role == Role::Web, "{role:?}");
            assert_eq!(InitRequest::KernelFacts.is_permitted(uid), reports, "{role:?}");
            let asks_load = role == Role::Channel || role == Role::Guest;
            assert_eq!(InitRequest::Load.is_permitted(uid), asks_load, "{role:?}");
        }
        assert!(InitRequest::Restart.is_permitted(0) && !InitRequest::Ready.is_permitted(0));
        assert!(!status.is_permitted(65_534));
    }
}
