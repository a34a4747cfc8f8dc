//! Requests to the capture role.

use model::capture::TraceOrder;
use model::capture_status::{CaptureStatus, EndedTrace, RunningTrace};
use serde::{Deserialize, Serialize};

use crate::follow::StatusRequest;

/// A request to the capture role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum CaptureRequest {
    /// The trace. Any role. Answered at once, or when there is a generation newer than the one
    /// named.
    Status {
        /// Generation that the asker has seen.
        newer_than: Option<u64>,
    },
    /// Starts a trace; a finished one is deleted. Web and Diagnostics only. A host name is resolved
    /// first, which can take some seconds.
    Start {
        /// The order.
        order: TraceOrder,
    },
    /// Ends the trace with this identifier. Answered when its file is complete. Web and Diagnostics
    /// only.
    Stop {
        /// The trace that is meant.
        id: String,
    },
    /// Deletes the finished trace with this identifier. Web only.
    Delete {
        /// The trace that is meant.
        id: String,
    },
    /// The `.pcap` file of the finished trace with this identifier, open for reading, with the
    /// answer. Web only; to be asked with `Client::call_for_file`.
    File {
        /// The trace that is meant.
        id: String,
    },
}

/// Why no trace was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum StartRefusal {
    /// One is running: there is one at a time.
    Running(RunningTrace),
    /// Another order is being started at this moment, by somebody else.
    Starting,
    /// The name does not exist.
    UnknownHost {
        /// The name.
        host: String,
    },
    /// The name could not be looked up: no name server answers.
    NotResolved {
        /// The name.
        host: String,
        /// Why, in one line of English.
        reason: String,
    },
    /// The data disk has no room for a trace.
    NoSpace {
        /// Bytes that a trace could use.
        free_bytes: u64,
        /// Bytes that it needs at least.
        needed_bytes: u64,
    },
    /// Something else.
    Failed {
        /// What, in one line of English.
        reason: String,
    },
}

/// The answer of the capture role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "response", rename_all = "snake_case")]
pub enum CaptureResponse {
    /// The trace.
    Status {
        /// Grows with every change while the role runs.
        generation: u64,
        /// The trace.
        status: CaptureStatus,
    },
    /// It records.
    Started(RunningTrace),
    /// It does not.
    Refused(StartRefusal),
    /// It has ended by this request.
    Stopped(EndedTrace),
    /// It had ended before, for the reason that stands in it.
    AlreadyEnded(EndedTrace),
    /// It still records: stop it first.
    StillRunning(RunningTrace),
    /// It is deleted.
    Deleted,
    /// Its file comes with this answer.
    File {
        /// Size in bytes.
        bytes: u64,
    },
    /// Its file cannot be read.
    Unreadable {
        /// Why, in one line of English.
        reason: String,
    },
    /// There is no trace with this identifier: it was deleted after a day, by somebody, or by the
    /// next one.
    NoSuchTrace,
    /// This peer may not ask that.
    Forbidden,
}

impl StatusRequest for CaptureRequest {
    type Response = CaptureResponse;
    type Status = CaptureStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: CaptureResponse) -> Option<(u64, CaptureStatus)> {
        match response {
            CaptureResponse::Status { generation, status } => Some((generation, status)),
            _ => None,
        }
    }
}
