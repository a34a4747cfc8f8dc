//! What came of a probe.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::ProbeRequest;
use crate::fingerprint::Fingerprint;
use crate::outbound::{FailureCause, RouteTaken, TrustAnchor};

/// Something that a probe does. The steps of one probe are known before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Chooses the way as the settings say. Only of probes that ask for it.
    Way,
    /// Looks the name up: of the target, or of the proxy when the way leads through one, for then
    /// the proxy looks up the target.
    Resolve,
    /// Opens the TCP connection, to the target or to the proxy.
    Connect,
    /// Asks the proxy for a tunnel to the target (`CONNECT`).
    Tunnel,
    /// TLS handshake with the target.
    Tls,
    /// Sends the request and waits for the first byte of the answer.
    FirstByte,
    /// Echo requests.
    Echo,
}

impl StepKind {
    /// Its name for programs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Way => "way",
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tunnel => "tunnel",
            Self::Tls => "tls",
            Self::FirstByte => "firstByte",
            Self::Echo => "echo",
        }
    }
}

/// One step and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeStep {
    /// What is done.
    pub kind: StepKind,
    /// How far it is.
    pub state: StepState,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StepState {
    /// Not begun; in a finished report: not reached.
    Waiting,
    /// Under way.
    Running,
    /// Done.
    Done {
        /// How long it took, in microseconds.
        took_us: u64,
        /// What was found.
        detail: StepDetail,
    },
    /// The probe ended here.
    Failed {
        /// How long it took, in microseconds.
        took_us: u64,
        /// Why.
        failure: ProbeFailure,
        /// What was found nevertheless, such as the chain of a server that is not trusted.
        detail: Option<StepDetail>,
    },
}

/// What a step found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum StepDetail {
    /// The way that the settings say; of several proxies the first one that is not known to be
    /// unusable.
    Chosen {
        /// The way.
        way: RouteTaken,
    },
    /// Addresses of the name, in the order in which they are tried.
    Resolved {
        /// The addresses.
        addresses: Vec<Ipv4Addr>,
    },
    /// The connection is open.
    Connected {
        /// Whom it leads to.
        peer: SocketAddr,
        /// Address and port on this side.
        local: SocketAddr,
    },
    /// The proxy has opened the tunnel.
    Tunnelled {},
    /// The TLS handshake.
    Tls(TlsFacts),
    /// The answer has begun.
    Answered {
        /// Its HTTP status.
        status: u16,
    },
    /// Echo requests were answered, all or some.
    Echoes(Echoes),
}

/// What a TLS handshake showed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// `TLS 1.2` or `TLS 1.3`; `None` when the handshake ended before it was agreed.
    pub version: Option<String>,
    /// Cipher suite as IANA names it, such as `TLS_AES_256_GCM_SHA384`.
    pub cipher: Option<String>,
    /// The certificates that the server sent, leaf first.
    pub chain: Vec<ChainCertificate>,
    /// Where the chain ends; `None` = nowhere that is trusted, or it was not found out.
    pub anchor: Option<TrustAnchor>,
    /// Whether an added authority stands in for a public one: the connection is intercepted.
    pub is_intercepted: bool,
}

/// A certificate that a server sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainCertificate {
    /// Its subject as one line, such as `CN=a.example,O=Example Corp`.
    pub subject: String,
    /// Its issuer.
    pub issuer: String,
    /// Names and addresses that it is valid for.
    pub names: Vec<String>,
    /// Start of validity, in seconds since 1970.
    pub not_before: i64,
    /// End of validity, in seconds since 1970.
    pub not_after: i64,
    /// SHA-256 over its DER bytes.
    pub sha256: Fingerprint,
}

/// Answers to echo requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echoes {
    /// How many requests were sent.
    pub sent: u32,
    /// How many were answered.
    pub received: u32,
    /// The quickest answer, in microseconds.
    pub fastest_us: u64,
    /// The mean of all answers, in microseconds.
    pub mean_us: u64,
    /// The slowest answer, in microseconds.
    pub slowest_us: u64,
}

/// Why a probe ended before its last step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "snake_case")]
pub enum ProbeFailure {
    /// One of the nine causes that every connection of the appliance can fail with.
    Connection {
        /// Which.
        cause: FailureCause,
    },
    /// None of the echo requests was answered.
    NoEcho {
        /// How long was waited for the last one, in seconds.
        limit_seconds: u64,
    },
    /// A machine on the way, or the appliance itself, says that the target cannot be reached.
    Unreachable {
        /// What it said, in the words of the system.
        reason: String,
    },
    /// The connection was closed or reset before the answer to the request.
    NoAnswer {
        /// How, in the words of the system.
        reason: String,
    },
    /// The answer to the request did not come in time.
    SlowAnswer {
        /// How long was waited, in seconds.
        limit_seconds: u64,
    },
    /// The answer is not HTTP.
    NotHttp {
        /// How it begins; what cannot be printed is replaced.
        beginning: String,
    },
    /// The whole probe took longer than it may.
    TimedOut {
        /// [`super::PROBE_LIMIT_SECONDS`].
        limit_seconds: u64,
    },
    /// The appliance itself could not do it.
    Internal {
        /// Why.
        reason: String,
    },
}

impl ProbeFailure {
    /// The language-neutral name: the same on page, API and report. A next step stands under it in
    /// the texts of the pages.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Connection { cause } => cause.id(),
            Self::NoEcho { .. } => "probe.no-echo",
            Self::Unreachable { .. } => "probe.unreachable",
            Self::NoAnswer { .. } => "probe.no-answer",
            Self::SlowAnswer { .. } => "probe.slow-answer",
            Self::NotHttp { .. } => "probe.not-http",
            Self::TimedOut { .. } => "probe.timed-out",
            Self::Internal { .. } => "probe.internal",
        }
    }
}

/// A probe and everything that is known of it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// What was asked for.
    pub request: ProbeRequest,
    /// The way that was taken, as soon as it is known.
    pub way: Option<RouteTaken>,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// Its steps in order.
    pub steps: Vec<ProbeStep>,
    /// Id of the trace that was recorded meanwhile. Traces are deleted at the next one, so it may be
    /// gone: it is there while the capture status names the same id.
    pub trace: Option<String>,
    /// Why nothing could be recorded although it was asked for, in plain words.
    pub trace_trouble: Option<String>,
}

/// How far the probe is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProbeState {
    /// Under way.
    Running(ProbeReport),
    /// Ended. It stays here until the next one.
    Finished {
        /// Everything that was found.
        #[serde(flatten)]
        report: ProbeReport,
        /// How long it took in all, in microseconds.
        took_us: u64,
        /// Whether somebody stopped it.
        was_stopped: bool,
    },
}

/// How a finished probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeOutcome<'report> {
    /// Every step was done.
    Good,
    /// This step failed.
    Failed(&'report ProbeStep, &'report ProbeFailure),
    /// It was stopped, or is still under way.
    Unfinished,
}

impl ProbeReport {
    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> ProbeOutcome<'_> {
        for step in &self.steps {
            match &step.state {
                StepState::Done { .. } => {}
                StepState::Failed { failure, .. } => return ProbeOutcome::Failed(step, failure),
                StepState::Waiting | StepState::Running => return ProbeOutcome::Unfinished,
            }
        }
        ProbeOutcome::Good
    }

    /// What the TLS handshake showed, if it came to one.
    #[must_use]
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.steps.iter().find_map(|step| match &step.state {
            StepState::Done { detail: StepDetail::Tls(facts), .. }
            | StepState::Failed { detail: Some(StepDetail::Tls(facts)), .. } => Some(facts),
            _ => None,
        })
    }
}

impl ProbeState {
    /// What is known so far.
    #[must_use]
    pub const fn report(&self) -> &ProbeReport {
        match self {
            Self::Running(report) | Self::Finished { report, .. } => report,
        }
    }

    /// Whether it is under way.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }
}
