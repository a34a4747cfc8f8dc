//! Requests to the diagnostics role.

use model::diagnostics::DiagnosticsStatus;
use model::outbound::ProxyState;
use model::probe::ProbeRequest;
use model::proxy::ProxyLocation;
use model::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the diagnostics role.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum DiagnosticsRequest {
    /// State of the proxies, of the probe and of the prechecks. Any role. Answered at once, or when
    /// there is a generation newer than the one named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// Starts a probe; a conflict while one is under way. Its steps show in the status. Web only.
    StartProbe {
        /// The probe.
        probe: ProbeRequest,
    },
    /// Ends the probe that is under way; a conflict when none is. Web only.
    StopProbe,
    /// Runs all prechecks; a conflict while they run. Their results show in the status. Web and
    /// channel only.
    RunPrechecks,
    /// Checks a proxy once, before it is stored or again; answered when the result is there, within
    /// 12 s. Web only.
    CheckProxy {
        /// The proxy.
        proxy: ProxyCandidate,
    },
    /// Makes the diagnostic report and hands it over as an open file. A conflict while another one is
    /// being made. Web and channel only, by [`crate::Client::call_for_file`].
    Report {
        /// Whether addresses and names are replaced by pseudonyms.
        mask: bool,
    },
}

/// A proxy to check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "candidate", rename_all = "snake_case")]
pub enum ProxyCandidate {
    /// One that is stored, with its stored credentials.
    Stored {
        /// Its id.
        id: String,
    },
    /// One that is not stored yet.
    New {
        /// Host and port.
        location: ProxyLocation,
        /// User name, for a proxy that wants one.
        user_name: Option<String>,
        /// Its password.
        password: Option<Secret>,
    },
}

/// The answer of the diagnostics role.
#[expect(clippy::large_enum_variant, reason = "a few messages at a time, each sent at once")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum DiagnosticsResponse {
    /// The status.
    Status {
        /// Grows with every change while the role runs.
        generation: u64,
        /// The state.
        status: DiagnosticsStatus,
    },
    /// It has begun; the status shows it once [`DiagnosticsStatus::begun`] has come to this number.
    Begun {
        /// How many probes and prechecks have begun.
        number: u64,
    },
    /// It is stopped: the status shows it by now.
    Done,
    /// Another one is under way, or none is that could be stopped.
    Conflict,
    /// There is no such proxy.
    UnknownProxy,
    /// What came of the check.
    ProxyCheck {
        /// Whether the proxy can be used.
        proxy: ProxyState,
    },
    /// The report; the file comes with this answer.
    Report {
        /// Its length in bytes.
        bytes: u64,
    },
    /// It could not be done.
    Failed {
        /// Why.
        reason: String,
    },
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for DiagnosticsRequest {
    type Response = DiagnosticsResponse;
    type Status = DiagnosticsStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: DiagnosticsResponse) -> Option<(u64, DiagnosticsStatus)> {
        match response {
            DiagnosticsResponse::Status { generation, status } => Some((generation, status)),
            _ => None,
        }
    }
}
