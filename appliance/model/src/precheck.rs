//! The prechecks: everything that the appliance needs from its surroundings, looked at once and in
//! order, with what to do about what is missing.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::health::Severity;
use crate::ipv4::HostNet;
use crate::outbound::FailureCause;
use crate::proxy::ProxyLocation;

/// How long the prechecks may take in all, in seconds. What is not done by then has failed.
pub const PRECHECKS_LIMIT_SECONDS: u64 = 60;

/// One thing that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check {
    /// A network card, and its cable.
    Link,
    /// The own address, and that nobody else has it.
    Address,
    /// The default gateway answers on the link (ARP).
    Gateway,
    /// A DNS server answers.
    Dns {
        /// The server; `None` = there is none to ask.
        server: Option<Ipv4Addr>,
    },
    /// A time server gives a usable answer.
    TimeServer {
        /// Address or host name.
        server: String,
    },
    /// The clock can be relied on.
    Clock,
    /// A proxy opens tunnels.
    Proxy {
        /// Its id.
        id: String,
        /// `host:port`.
        location: ProxyLocation,
    },
    /// An address that the appliance must reach, over the way that the settings say.
    Cloud {
        /// `host:port`.
        address: String,
    },
}

impl Check {
    /// The kind of the check as a name for programs.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Address => "address",
            Self::Gateway => "gateway",
            Self::Dns { .. } => "dns",
            Self::TimeServer { .. } => "timeServer",
            Self::Clock => "clock",
            Self::Proxy { .. } => "proxy",
            Self::Cloud { .. } => "cloud",
        }
    }
}

/// What is known beside the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "detail", rename_all = "snake_case")]
pub enum CheckDetail {
    /// The network card in use.
    Interface {
        /// Its name, such as `eth0`.
        name: String,
    },
    /// The own address.
    Address {
        /// Address and prefix.
        address: HostNet,
    },
    /// The gateway.
    Gateway {
        /// Its address.
        address: Ipv4Addr,
        /// Its hardware address, `52:54:00:12:34:56`.
        hardware_address: String,
    },
    /// What the DNS server said about the name that it was asked for.
    Resolved {
        /// The name.
        name: String,
        /// Addresses; none = the server works, and the name does not exist there.
        addresses: Vec<Ipv4Addr>,
    },
    /// Whom the clock follows.
    ClockFollows {
        /// The server; `None` = the hypervisor.
        server: Option<String>,
        /// How far the clock was off when it was compared last, in milliseconds; positive = behind.
        offset_ms: Option<i64>,
    },
    /// The way to a cloud address.
    Way {
        /// The proxy on it; `None` = direct.
        proxy: Option<ProxyLocation>,
        /// Subject of the added root that the chain ends in, when somebody intercepts TLS.
        intercepted_by: Option<String>,
    },
}

/// Why a check is not good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum CheckCause {
    /// There is no network card.
    NoInterface,
    /// The cable is out.
    NoLink,
    /// No address: no DHCP server answers, or none has yet.
    NoAddress,
    /// Another machine uses the address.
    AddressConflict {
        /// The address.
        address: Ipv4Addr,
        /// Hardware address of the other machine.
        holder: String,
    },
    /// The network has no gateway, so that only the own network is reached.
    NoGateway,
    /// The gateway does not answer.
    GatewaySilent {
        /// Its address.
        address: Ipv4Addr,
    },
    /// No DNS server is known.
    NoDnsServer,
    /// The DNS server does not answer.
    DnsSilent {
        /// How long was waited, in seconds.
        limit_seconds: u64,
    },
    /// The DNS server answers, and does not serve this appliance or cannot look anything up.
    DnsRefuses {
        /// The code of its answer, such as `REFUSED` or `SERVFAIL`.
        code: String,
    },
    /// The time server gives no usable answer.
    NoTime {
        /// What happened instead.
        reason: String,
    },
    /// No time server has answered yet.
    ClockWaiting,
    /// No time server gives a usable answer.
    ClockUnreachable {
        /// What went wrong with each.
        reason: String,
    },
    /// The clock is earlier than this release.
    ClockWrong,
    /// A connection failed.
    Connection {
        /// Why.
        cause: FailureCause,
    },
    /// It took longer than all checks may take.
    TimedOut,
    /// A process of the appliance that knows it does not answer.
    Unknown {
        /// Why, in plain words.
        reason: String,
    },
}

impl CheckCause {
    /// The language-neutral name: the same on page, API and report. What to do stands under it in
    /// the texts of the pages.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::NoInterface => "precheck.no-interface",
            Self::NoLink => "precheck.no-link",
            Self::NoAddress => "precheck.no-address",
            Self::AddressConflict { .. } => "precheck.address-conflict",
            Self::NoGateway => "precheck.no-gateway",
            Self::GatewaySilent { .. } => "precheck.gateway-silent",
            Self::NoDnsServer => "precheck.no-dns-server",
            Self::DnsSilent { .. } => "precheck.dns-silent",
            Self::DnsRefuses { .. } => "precheck.dns-refuses",
            Self::NoTime { .. } => "precheck.no-time",
            Self::ClockWaiting => "precheck.clock-waiting",
            Self::ClockUnreachable { .. } => "precheck.clock-unreachable",
            Self::ClockWrong => "precheck.clock-wrong",
            Self::Connection { cause } => cause.id(),
            Self::TimedOut => "precheck.timed-out",
            Self::Unknown { .. } => "precheck.unknown",
        }
    }

    /// How bad it is: without the causes that are only worth attention the appliance can work.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::NoGateway
            | Self::DnsRefuses { .. }
            | Self::NoTime { .. }
            | Self::ClockWaiting
            | Self::ClockUnreachable { .. }
            | Self::Unknown { .. } => Severity::Attention,
            Self::NoInterface
            | Self::NoLink
            | Self::NoAddress
            | Self::AddressConflict { .. }
            | Self::GatewaySilent { .. }
            | Self::NoDnsServer
            | Self::DnsSilent { .. }
            | Self::ClockWrong
            | Self::Connection { .. }
            | Self::TimedOut => Severity::Failing,
        }
    }
}

/// Why a check was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It needs an address, and there is none.
    NoAddress,
    /// It needs a DNS server, and none is known.
    NoDnsServer,
    /// There is no gateway, which is noted elsewhere.
    NoGateway,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum CheckResult {
    /// Not begun.
    Waiting,
    /// Under way.
    Running,
    /// As it must be.
    Good {
        /// What is known beside it.
        found: Option<CheckDetail>,
    },
    /// The appliance can work; something should be done nevertheless.
    Attention {
        /// What is wrong.
        problem: CheckCause,
    },
    /// The appliance cannot work like this.
    Failing {
        /// What is wrong.
        problem: CheckCause,
    },
    /// Left out.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
}

impl CheckResult {
    /// The result of a check that found something wrong.
    #[must_use]
    pub const fn bad(problem: CheckCause) -> Self {
        match problem.severity() {
            Severity::Failing => Self::Failing { problem },
            Severity::Good | Severity::Attention => Self::Attention { problem },
        }
    }

    /// Whether nothing more is coming.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }

    /// Its name for programs.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Good { .. } => "good",
            Self::Attention { .. } => "attention",
            Self::Failing { .. } => "failing",
            Self::Skipped { .. } => "skipped",
        }
    }
}

/// A check, its result and how long it took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// What was looked at.
    #[serde(flatten)]
    pub check: Check,
    /// What came of it.
    pub outcome: CheckResult,
    /// How long it took, in microseconds; `None` until it is done and for checks left out.
    pub took_us: Option<u64>,
}

/// One run of all checks. The last one stays until the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrecheckRun {
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// How long it took in all, in microseconds; `None` = it is under way.
    pub took_us: Option<u64>,
    /// Every check in the order of the page.
    pub checks: Vec<CheckReport>,
}

impl CheckReport {
    /// How bad the result is; one that is not there yet is good.
    const fn severity(&self) -> Severity {
        match self.outcome {
            CheckResult::Failing { .. } => Severity::Failing,
            CheckResult::Attention { .. } => Severity::Attention,
            _ => Severity::Good,
        }
    }
}

impl PrecheckRun {
    /// Whether it is under way.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.took_us.is_none()
    }

    /// How many checks are done, the ones left out included.
    #[must_use]
    pub fn done(&self) -> usize {
        self.checks.iter().filter(|report| report.outcome.is_final()).count()
    }

    /// The worst result so far.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.checks.iter().map(CheckReport::severity).max().unwrap_or(Severity::Good)
    }

    /// How many checks are as bad as the worst.
    #[must_use]
    pub fn worst(&self) -> usize {
        let severity = self.severity();
        self.checks.iter().filter(|report| report.severity() == severity).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(check: Check, outcome: CheckResult) -> CheckReport {
        CheckReport { check, outcome, took_us: Some(5) }
    }

    #[test]
    fn a_run_is_as_bad_as_its_worst_check() {
        let mut run = PrecheckRun { started: 1, took_us: None, checks: Vec::new() };
        assert!(run.is_running() && run.severity() == Severity::Good);
        run.checks.push(report(Check::Clock, CheckResult::bad(CheckCause::ClockWaiting)));
        assert_eq!(run.severity(), Severity::Attention);
        run.checks.push(report(Check::Link, CheckResult::bad(CheckCause::NoLink)));
        run.checks.push(report(Check::Address, CheckResult::Running));
        assert_eq!((run.severity(), run.done()), (Severity::Failing, 2));
        assert_eq!(run.worst(), 1);
    }

    #[test]
    fn a_run_survives_json() {
        let checks = vec![
            report(
                Check::Dns { server: Some(Ipv4Addr::LOCALHOST) },
                CheckResult::Good {
                    found: Some(CheckDetail::Resolved {
                        name: "a.example".to_owned(),
                        addresses: vec![Ipv4Addr::LOCALHOST],
                    }),
                },
            ),
            report(
                Check::Proxy {
                    id: "1".to_owned(),
                    location: ProxyLocation::parse("p:1").expect("right"),
                },
                CheckResult::bad(CheckCause::NoTime { reason: "why".to_owned() }),
            ),
            report(Check::Gateway, CheckResult::Skipped { reason: SkipReason::NoAddress }),
        ];
        let run = PrecheckRun { started: 1, took_us: Some(2), checks };
        let json = serde_json::to_string(&run).expect("plain values");
        assert_eq!(serde_json::from_str::<PrecheckRun>(&json).expect("readable"), run);
    }
}
