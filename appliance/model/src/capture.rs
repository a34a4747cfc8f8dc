//! TCP capture: what an administrator orders, and what is wrong with an order.
//!
//! A filter comes from a form, never from a filter language: at most one target and one port. What
//! an order may say is decided here, for the page and the API alike.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::boot_parameter::is_host_name;

/// Bytes of each packet that are recorded without Packet Tracing (product manual, TCP capture): room
/// for Ethernet, a VLAN tag, IP and TCP headers, and no content.
pub const HEADER_BYTES: u32 = 94;
/// How long a finished trace is kept, in seconds, unless the next one begins before.
pub const KEPT_SECONDS: u32 = 24 * 60 * 60;
/// Most addresses of a host name that a trace follows.
pub const MAX_ADDRESSES: usize = 16;
/// Most points of a plot.
pub const MAX_POINTS: usize = 120;

/// How long a trace records: the entries of the menu *Trace Duration*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum TraceDuration {
    /// 10 seconds.
    TenSeconds,
    /// 30 seconds.
    ThirtySeconds,
    /// 1 minute.
    OneMinute,
    /// 2 minutes.
    #[default]
    TwoMinutes,
    /// 5 minutes.
    FiveMinutes,
    /// 10 minutes.
    TenMinutes,
    /// 30 minutes.
    ThirtyMinutes,
    /// 60 minutes.
    OneHour,
}

impl TraceDuration {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 8] = [
        Self::TenSeconds,
        Self::ThirtySeconds,
        Self::OneMinute,
        Self::TwoMinutes,
        Self::FiveMinutes,
        Self::TenMinutes,
        Self::ThirtyMinutes,
        Self::OneHour,
    ];

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        match self {
            Self::TenSeconds => 10,
            Self::ThirtySeconds => 30,
            Self::OneMinute => 60,
            Self::TwoMinutes => 120,
            Self::FiveMinutes => 300,
            Self::TenMinutes => 600,
            Self::ThirtyMinutes => 1800,
            Self::OneHour => 3600,
        }
    }

    /// The duration of so many seconds, if the menu has it.
    #[must_use]
    pub fn from_seconds(seconds: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|duration| duration.seconds() == seconds)
    }

    /// Width of a point of the plot in milliseconds, so that the whole trace has at most
    /// [`MAX_POINTS`].
    #[must_use]
    pub const fn point_ms(self) -> u32 {
        match self {
            // A hundred points of a tenth of a second.
            Self::TenSeconds => 100,
            _ => self.seconds() * 1000 / 120,
        }
    }
}

impl TryFrom<u32> for TraceDuration {
    type Error = TraceProblem;

    fn try_from(seconds: u32) -> Result<Self, TraceProblem> {
        Self::from_seconds(seconds).ok_or(TraceProblem::NotADuration)
    }
}

impl From<TraceDuration> for u32 {
    fn from(duration: TraceDuration) -> Self {
        duration.seconds()
    }
}

/// Whose traffic is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum TraceTarget {
    /// A machine, by its address.
    Address(Ipv4Addr),
    /// A machine, by its name in lower case. It is resolved once, when the trace starts.
    Host(String),
}

impl TraceTarget {
    /// Reads an address or a host name as typed.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, TraceProblem> {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return if address.is_unspecified() {
                Err(TraceProblem::NotATarget)
            } else if address.is_loopback() {
                Err(TraceProblem::Loopback)
            } else {
                Ok(Self::Address(address))
            };
        }
        if text.parse::<IpAddr>().is_ok() || text.starts_with('[') {
            return Err(TraceProblem::Ipv6);
        }
        if text.split_once("://").is_some() {
            return Err(TraceProblem::Url);
        }
        if text.split_once('/').is_some_and(|(network, _)| network.parse::<IpAddr>().is_ok()) {
            return Err(TraceProblem::Network);
        }
        if text.split_once(':').is_some_and(|(host, port)| {
            is_host_name(host) && port.bytes().all(|byte| byte.is_ascii_digit())
        }) {
            return Err(TraceProblem::TargetWithPort);
        }
        if is_expression(text) && !is_host_name(text) {
            return Err(TraceProblem::Expression);
        }
        let mut parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
        if parts.clone().count() > 1 && parts.all(is_host_name) {
            return Err(TraceProblem::Several);
        }
        // `10.0.0.300` is a mistyped address, not a name (RFC 3696, section 2).
        let looks_like_address = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match text.strip_suffix('.').unwrap_or(text) {
            name if is_host_name(name) && !looks_like_address => {
                Ok(Self::Host(name.to_ascii_lowercase()))
            }
            _ => Err(TraceProblem::NotATarget),
        }
    }
}

impl fmt::Display for TraceTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(formatter),
            Self::Host(name) => formatter.write_str(name),
        }
    }
}

/// Whether somebody typed a filter of another program, or commands.
fn is_expression(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "and",
        "or",
        "not",
        "host",
        "port",
        "tcp",
        "udp",
        "src",
        "dst",
        "net",
        "ip",
        "portrange",
        "vlan",
        "proto",
    ];
    let has_sign = text.bytes().any(|byte| b";&|!()<>=$`'\"\\*".contains(&byte));
    let mut words = text.split(|sign: char| !sign.is_ascii_alphanumeric());
    has_sign || words.any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// What is recorded: TCP packets of the target, from or to the port; of all machines or ports where
/// nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TraceFilter {
    /// Only packets from or to this machine.
    pub target: Option<TraceTarget>,
    /// Only packets from or to this port, 1 to 65535.
    pub port: Option<u16>,
}

/// An order for a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceOrder {
    /// What is recorded.
    pub filter: TraceFilter,
    /// For how long, unless it is stopped before.
    pub duration: TraceDuration,
    /// *Packet Tracing*: whole packets; otherwise the first [`HEADER_BYTES`] of each.
    pub packet_tracing: bool,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceField {
    /// Address or host name.
    Target,
    /// Port.
    Port,
    /// Trace Duration.
    Duration,
}

/// What is wrong with a field. The texts complete the sentence that begins with the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TraceProblem {
    /// Neither an address nor a host name.
    #[error("is neither an IPv4 address nor a host name")]
    NotATarget,
    /// An IPv6 address.
    #[error("is an IPv6 address; the appliance uses IPv4 only")]
    Ipv6,
    /// 127.x.x.x.
    #[error("is the appliance itself; traffic within it is not recorded")]
    Loopback,
    /// `10.0.0.0/8`.
    #[error("is a network; give one address")]
    Network,
    /// `https://host`.
    #[error("is a URL; give the host name alone")]
    Url,
    /// `host:443`.
    #[error("contains a port, which has a field of its own")]
    TargetWithPort,
    /// Several targets.
    #[error("is more than one target; give one, or none for all")]
    Several,
    /// Text of a filter language or a shell.
    #[error("is a filter expression; give one address or one host name")]
    Expression,
    /// A port that is no number.
    #[error("is not a number from 1 to 65535")]
    NotAPort,
    /// A number that is no port.
    #[error("is not between 1 and 65535")]
    PortOutOfRange,
    /// `80,443` or `80-90`.
    #[error("is more than one port; give one, or none for all")]
    SeveralPorts,
    /// A duration that the menu does not have.
    #[error("is not one of 10, 30, 60, 120, 300, 600, 1800 and 3600 seconds")]
    NotADuration,
}

impl TraceProblem {
    /// A name for programs.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotATarget => "notATarget",
            Self::Ipv6 => "ipv6",
            Self::Loopback => "loopback",
            Self::Network => "network",
            Self::Url => "url",
            Self::TargetWithPort => "targetWithPort",
            Self::Several => "severalTargets",
            Self::Expression => "expression",
            Self::NotAPort => "notAPort",
            Self::PortOutOfRange => "portOutOfRange",
            Self::SeveralPorts => "severalPorts",
            Self::NotADuration => "notADuration",
        }
    }
}

/// A field to correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceFieldProblem {
    /// Which.
    pub field: TraceField,
    /// What is wrong.
    pub problem: TraceProblem,
}

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceForm {
    /// Address or host name; empty = all.
    pub target: String,
    /// Port; empty = all.
    pub port: String,
    /// Seconds of an entry of the menu; empty = the default.
    pub duration: String,
    /// *Packet Tracing*.
    pub packet_tracing: bool,
}

impl TraceForm {
    /// Reads the form.
    ///
    /// # Errors
    ///
    /// Every field to correct, in the order of the form.
    pub fn check(&self) -> Result<TraceOrder, Vec<TraceFieldProblem>> {
        let mut problems = Vec::new();
        let mut note = |field, problem| problems.push(TraceFieldProblem { field, problem });
        let mut order = TraceOrder { packet_tracing: self.packet_tracing, ..TraceOrder::default() };
        match self.target.trim() {
            "" => {}
            text => match TraceTarget::parse(text) {
                Ok(target) => order.filter.target = Some(target),
                Err(problem) => note(TraceField::Target, problem),
            },
        }
        match self.port.trim() {
            "" => {}
            text => match parse_port(text) {
                Ok(port) => order.filter.port = Some(port),
                Err(problem) => note(TraceField::Port, problem),
            },
        }
        match self.duration.trim() {
            "" => {}
            text => match text.parse().ok().and_then(TraceDuration::from_seconds) {
                Some(duration) => order.duration = duration,
                None => note(TraceField::Duration, TraceProblem::NotADuration),
            },
        }
        if problems.is_empty() { Ok(order) } else { Err(problems) }
    }
}

fn parse_port(text: &str) -> Result<u16, TraceProblem> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(text) {
        return match text.parse() {
            Ok(0) | Err(_) => Err(TraceProblem::PortOutOfRange),
            Ok(port) => Ok(port),
        };
    }
    if text.strip_prefix('-').is_some_and(is_number) {
        return Err(TraceProblem::PortOutOfRange);
    }
    let mut parts = text.split([',', ';', '-', ' ', ':']).filter(|part| !part.is_empty());
    if parts.clone().count() > 1 && parts.all(is_number) {
        return Err(TraceProblem::SeveralPorts);
    }
    Err(TraceProblem::NotAPort)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(target: &str, port: &str, duration: &str) -> TraceForm {
        TraceForm {
            target: target.to_owned(),
            port: port.to_owned(),
            duration: duration.to_owned(),
            packet_tracing: false,
        }
    }

    #[test]
    fn empty_form_orders_all_tcp_for_two_minutes() {
        assert_eq!(TraceForm::default().check(), Ok(TraceOrder::default()));
        assert_eq!(TraceOrder::default().duration.seconds(), 120);
    }

    #[test]
    fn reads_addresses_names_and_ports() {
        let order = form(" 10.0.0.5 ", "443", "10").check().expect("valid");
        assert_eq!(order.filter.target, Some(TraceTarget::Address(Ipv4Addr::new(10, 0, 0, 5))));
        assert_eq!(order.filter.port, Some(443));
        assert_eq!(order.duration, TraceDuration::TenSeconds);
        let order = form("DC1.Corp.Example.com.", "", "3600").check().expect("valid");
        let host = TraceTarget::Host("dc1.corp.example.com".to_owned());
        assert_eq!(order.filter, TraceFilter { target: Some(host), port: None });
    }

    #[test]
    fn says_what_is_wrong_with_each_target() {
        use TraceProblem::*;
        for (text, problem) in [
            ("fe80::1", Ipv6),
            ("[::1]:443", Ipv6),
            ("127.0.0.1", Loopback),
            ("10.0.0.0/8", Network),
            ("https://corp.example.com/", Url),
            ("corp.example.com:443", TargetWithPort),
            ("10.0.0.1,10.0.0.2", Several),
            ("a.example b.example", Several),
            ("host 10.0.0.1 and port 80", Expression),
            ("tcp port 80", Expression),
            ("not 10.0.0.1", Expression),
            ("10.0.0.1; rm -rf /", Expression),
            ("$(reboot)", Expression),
            ("`id`", Expression),
            ("10.0.0.300", NotATarget),
            ("10.0.0", NotATarget),
            ("0.0.0.0", NotATarget),
            ("-x", NotATarget),
            ("under_score", NotATarget),
        ] {
            let found = form(text, "", "").check().map_err(|found| found[0].problem);
            assert_eq!(found, Err(problem), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_each_port() {
        use TraceProblem::*;
        for (text, problem) in [
            ("0", PortOutOfRange),
            ("99999", PortOutOfRange),
            ("-1", PortOutOfRange),
            ("184467440737095516160", PortOutOfRange),
            ("80,443", SeveralPorts),
            ("80-90", SeveralPorts),
            ("80 443", SeveralPorts),
            ("https", NotAPort),
            ("0x50", NotAPort),
            ("80;id", NotAPort),
            ("+80", NotAPort),
        ] {
            let expected = vec![TraceFieldProblem { field: TraceField::Port, problem }];
            assert_eq!(form("", text, "").check(), Err(expected), "{text}");
        }
    }

    #[test]
    fn reports_every_field_in_the_order_of_the_form() {
        let problems = form("a/b", "x", "11").check().expect_err("three problems");
        let fields: Vec<_> = problems.iter().map(|found| found.field).collect();
        assert_eq!(fields, [TraceField::Target, TraceField::Port, TraceField::Duration]);
    }

    #[test]
    fn durations_are_those_of_the_menu_and_fit_a_plot() {
        for duration in TraceDuration::ALL {
            assert_eq!(TraceDuration::from_seconds(duration.seconds()), Some(duration));
            let points = duration.seconds() * 1000 / duration.point_ms();
            assert!(usize::try_from(points).is_ok_and(|points| points <= MAX_POINTS));
            assert_eq!(duration.seconds() * 1000 % duration.point_ms(), 0);
        }
        assert_eq!(TraceDuration::from_seconds(11), None);
        assert!(serde_json::from_str::<TraceDuration>("11").is_err());
    }

    proptest! {
        #[test]
        fn a_target_that_is_read_is_written_so_that_it_is_read_again(text in "[ -~]{0,40}") {
            if let Ok(target) = TraceTarget::parse(&text) {
                prop_assert_eq!(TraceTarget::parse(&target.to_string()), Ok(target));
            }
        }
    }
}
