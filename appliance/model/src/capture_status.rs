//! TCP capture: what the role Capture says of the trace that runs or ran last.

use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

use crate::capture::TraceOrder;

/// Most conversations that a summary names: those with the most bytes.
pub const MAX_CONVERSATIONS: usize = 20;

/// What the role says to every other role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureStatus {
    /// The trace.
    pub state: TraceState,
    /// Bytes that a trace can use on the data disk now; `None` = it could not be asked.
    pub free_bytes: Option<u64>,
    /// A trace ends when its file has this size in bytes.
    pub max_file_bytes: u64,
}

/// The one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum TraceState {
    /// There is none.
    #[default]
    Idle,
    /// One records.
    Running(RunningTrace),
    /// One has ended; its file can be had.
    Ended(EndedTrace),
}

impl TraceState {
    /// What the trace is, if there is one.
    #[must_use]
    pub const fn trace(&self) -> Option<&Trace> {
        match self {
            Self::Idle => None,
            Self::Running(running) => Some(&running.trace),
            Self::Ended(ended) => Some(&ended.trace),
        }
    }
}

/// Who started a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceOrigin {
    /// An administrator, on the page or by the API.
    Operator,
    /// A network probe, of which it records all that happens meanwhile.
    Probe,
}

/// A trace as it was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Names this trace and no other: 16 hexadecimal digits.
    pub id: String,
    /// Who started it.
    pub origin: TraceOrigin,
    /// The order.
    #[serde(flatten)]
    pub order: TraceOrder,
    /// The addresses that are followed; empty = all. For a host name those that it had at the start.
    pub addresses: Vec<Ipv4Addr>,
    /// When it started, in milliseconds since 1970.
    pub started_ms: i64,
}

/// How much was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceCounts {
    /// Packets in the file.
    pub packets: u64,
    /// Their length on the wire in bytes.
    pub bytes: u64,
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Packets that passed the filter and came too fast: they are missing in the file.
    pub lost: u64,
}

/// A trace that records. Published at least every second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningTrace {
    /// What it is.
    #[serde(flatten)]
    pub trace: Trace,
    /// How much it has.
    pub counts: TraceCounts,
    /// For how long it has been recording, in milliseconds. No correction of the clock moves it.
    pub elapsed_ms: u64,
}

/// Why a trace ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum EndReason {
    /// Its duration is over.
    TimeUp,
    /// Somebody stopped it, or the probe that it belongs to is done.
    Stopped,
    /// Its file has the largest size.
    SizeLimit,
    /// The data disk is full but for what other parts of the appliance need.
    DiskFull,
    /// Something else went wrong; what was recorded until then is kept.
    Failed {
        /// What, in one line of English.
        message: String,
    },
}

/// A trace that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedTrace {
    /// What it is.
    #[serde(flatten)]
    pub trace: Trace,
    /// How much it has.
    pub counts: TraceCounts,
    /// Why it ended.
    pub end: EndReason,
    /// For how long it recorded, in milliseconds.
    pub elapsed_ms: u64,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: i64,
    /// When it will be deleted, in milliseconds since 1970, unless the next trace starts before.
    pub deleted_ms: i64,
    /// What is in it.
    pub summary: TraceSummary,
}

/// What is in a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceSummary {
    /// How many conversations there were.
    pub conversations: u64,
    /// The largest of them by bytes, largest first; at most [`MAX_CONVERSATIONS`].
    pub largest: Vec<Conversation>,
    /// Packets that carry what was sent before.
    pub retransmissions: u64,
    /// Packets that reset a connection (RST).
    pub resets: u64,
    /// Connection requests (SYN) that nothing answered within a second.
    pub unanswered: u64,
    /// Packets that are no first fragment or whose headers are not whole: counted and recorded, but
    /// not looked at.
    pub unreadable: u64,
    /// Width of a point of the plot in milliseconds.
    pub point_ms: u32,
    /// Bytes over time, from the start to the last packet; at most
    /// [`MAX_POINTS`](crate::capture::MAX_POINTS).
    pub points: Vec<TracePoint>,
}

/// Bytes on the wire within one point of the plot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracePoint {
    /// Received by the appliance.
    pub received: u64,
    /// Sent by the appliance.
    pub sent: u64,
}

/// One side of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Address.
    pub address: IpAddr,
    /// TCP port.
    pub port: u16,
}

/// How a connection began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handshake {
    /// It was there before the trace.
    NotSeen,
    /// The request was answered.
    Answered,
    /// The request was answered with a reset: nothing listens on the port, or something forbids it.
    Refused,
    /// The request was not answered.
    Unanswered,
}

/// A TCP connection as the trace shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The side that asked for the connection; where that was not seen, the one with the higher port.
    pub client: Endpoint,
    /// The other side.
    pub server: Endpoint,
    /// Packets in both directions.
    pub packets: u64,
    /// Their length on the wire in bytes.
    pub bytes: u64,
    /// Packets that carry what was sent before.
    pub retransmissions: u64,
    /// Packets that reset it.
    pub resets: u64,
    /// How it began.
    pub handshake: Handshake,
    /// From the start of the trace to its first packet, in milliseconds.
    pub begin_ms: u64,
    /// From its first packet to its last, in milliseconds.
    pub length_ms: u64,
}
