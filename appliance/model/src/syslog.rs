//! Records for a remote syslog server: the setting, and the formats of RFC 5424 (message), RFC 5426
//! (UDP) and RFC 6587 and 5425 (octet counting on TCP and TLS).

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::boot_parameter::is_host_name;
use crate::ipv4::{HostAddressError, check_host_address};
use crate::journal::{Record, Severity, Source};
use crate::product;
use crate::utc;

/// Longest message by UDP in bytes: what every receiver should take (RFC 5426, section 3.2).
pub const MAX_DATAGRAM_BYTES: usize = 2048;
/// Longest message by TCP or TLS in bytes: what every receiver should take (RFC 5425, section 4.3.1).
pub const MAX_FRAME_BYTES: usize = 8192;
/// Longest host name in a message, in bytes (RFC 5424, section 6).
const MAX_HOST_NAME_BYTES: usize = 255;
/// Facilities of RFC 5424, table 1: kernel messages and system daemons.
const FACILITY_KERNEL: u8 = 0;
const FACILITY_DAEMON: u8 = 3;
/// `sequenceId` begins anew above this (RFC 5424, section 7.3.1).
const MAX_SEQUENCE_ID: u64 = 2_147_483_647;
/// Byte order mark: says that a message is UTF-8 (RFC 5424, section 6.4).
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Where records are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyslogSetting {
    /// Host name or IPv4 address.
    pub server: String,
    /// Its port.
    pub port: NonZeroU16,
    /// How records travel.
    pub transport: SyslogTransport,
    /// Records less severe than this are not sent.
    pub severity: Severity,
}

/// How records travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyslogTransport {
    /// Each record a datagram, sent directly: no proxy carries them. Nothing tells that one was lost.
    Udp,
    /// In the clear by TCP, through the proxies like every connection.
    Tcp,
    /// By TLS, through the proxies; the server's certificate is checked with the built-in and added roots.
    #[default]
    Tls,
}

impl SyslogTransport {
    /// All, the recommended one first.
    pub const ALL: [Self; 3] = [Self::Tls, Self::Tcp, Self::Udp];

    /// Name in JSON and in forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// The port where servers usually listen: 514 for UDP and TCP, 6514 for TLS (IANA).
    #[must_use]
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 514,
            Self::Tls => 6514,
        }
    }
}

/// The setting as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyslogForm {
    /// Host name or IPv4 address; empty = no server.
    pub server: String,
    /// Port; empty = the usual one of the transport.
    pub port: String,
    /// `udp`, `tcp` or `tls`; empty = `tls`.
    pub transport: String,
    /// Name of a severity; empty = `informational`.
    pub severity: String,
}

/// A field of [`SyslogForm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyslogField {
    /// Server.
    Server,
    /// Port.
    Port,
    /// Transport.
    Transport,
    /// Severity.
    Severity,
}

/// What is wrong with a field. The texts complete the sentence that begins with the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SyslogProblem {
    /// A scheme, a path, spaces or a port are part of it, or it is no host name.
    #[error("is neither an IPv4 address nor a host name")]
    NotAServer,
    /// It is an IPv6 address.
    #[error("is an IPv6 address, which the appliance does not use")]
    Ipv6,
    /// It is an address that no host can have.
    #[error("cannot be used: {0}")]
    Unusable(HostAddressError),
    /// It is no port.
    #[error("is not a number from 1 to 65535")]
    NotAPort,
    /// It is no transport.
    #[error("is not one of tls, tcp and udp")]
    NotATransport,
    /// It is no severity.
    #[error(
        "is not one of emergency, alert, critical, error, warning, notice, informational and debug"
    )]
    NotASeverity,
}

impl SyslogForm {
    /// Reads the form. `Ok(None)` = no server is wanted.
    ///
    /// # Errors
    ///
    /// Every field that is wrong.
    pub fn parse(&self) -> Result<Option<SyslogSetting>, Vec<(SyslogField, SyslogProblem)>> {
        let server = self.server.trim();
        if server.is_empty() {
            return Ok(None);
        }
        let mut problems = Vec::new();
        if let Err(problem) = check_server(server) {
            problems.push((SyslogField::Server, problem));
        }
        let transport = match self.transport.trim() {
            "" => Some(SyslogTransport::default()),
            name => SyslogTransport::ALL.into_iter().find(|transport| transport.name() == name),
        };
        if transport.is_none() {
            problems.push((SyslogField::Transport, SyslogProblem::NotATransport));
        }
        let port = match self.port.trim() {
            "" => NonZeroU16::new(transport.unwrap_or_default().usual_port()),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
            _ => None,
        };
        if port.is_none() {
            problems.push((SyslogField::Port, SyslogProblem::NotAPort));
        }
        let severity = match self.severity.trim() {
            "" => Some(Severity::default()),
            name => Severity::from_name(name),
        };
        if severity.is_none() {
            problems.push((SyslogField::Severity, SyslogProblem::NotASeverity));
        }
        match (transport, port, severity) {
            (Some(transport), Some(port), Some(severity)) if problems.is_empty() => {
                Ok(Some(SyslogSetting { server: server.to_owned(), port, transport, severity }))
            }
            _ => Err(problems),
        }
    }
}

fn check_server(server: &str) -> Result<(), SyslogProblem> {
    if server.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().is_ok() {
        return Err(SyslogProblem::Ipv6);
    }
    if let Ok(address) = server.parse::<Ipv4Addr>() {
        return check_host_address(address).map_err(SyslogProblem::Unusable);
    }
    // A name of digits and dots only is an address that was mistyped.
    let has_letter = server.bytes().any(|byte| byte.is_ascii_alphabetic());
    if has_letter && is_host_name(server) { Ok(()) } else { Err(SyslogProblem::NotAServer) }
}

/// Who sends, in the header of each message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// Fully qualified name, or the host name alone, or the address; empty = not known.
    pub host_name: String,
    /// Address of the appliance; empty = not known.
    pub address: String,
    /// Whether a time server has set the clock.
    pub is_clock_synchronised: bool,
}

/// One record as RFC 5424 wants it, at most `limit_bytes` long: cut at a character.
#[must_use]
pub fn message(record: &Record, sender: &Sender, limit_bytes: usize) -> String {
    let facility = if record.source == Source::Kernel { FACILITY_KERNEL } else { FACILITY_DAEMON };
    let priority = facility * 8 + record.severity.number();
    let time = utc::date_time(record.time_ms);
    let host_name = plain(&sender.host_name, MAX_HOST_NAME_BYTES);
    let mut text = format!("<{priority}>1 {time} {host_name} ");
    // APP-NAME tells the sources apart, because collectors sort by it. PROCID is the start of the
    // machine: another one means that numbers begin anew, which is what RFC 5424, 6.2.6 asks of it.
    match record.source {
        Source::Kernel => text.push_str(Source::Kernel.name()),
        source => text.push_str(&format!("connector-{}", source.name())),
    }
    let _ = write!(text, " {} - ", record.boot);
    // Only elements that IANA has registered: nothing to look up for whoever reads them.
    let sequence = (record.id.saturating_sub(1)) % MAX_SEQUENCE_ID + 1;
    let uptime = record.uptime_us / 10_000;
    let synchronised = u8::from(sender.is_clock_synchronised);
    let _ = write!(text, "[timeQuality tzKnown=\"1\" isSynced=\"{synchronised}\"]");
    text.push_str("[origin");
    if !sender.address.is_empty() {
        let _ = write!(text, " ip=\"{}\"", parameter(&sender.address));
    }
    let version = parameter(product::VERSION);
    let _ = write!(text, " software=\"connector\" swVersion=\"{version}\"]");
    let _ = write!(text, "[meta sequenceId=\"{sequence}\" sysUpTime=\"{uptime}\"] ");
    let said = record.text();
    if !said.is_ascii() {
        text.push_str(BYTE_ORDER_MARK);
    }
    text.push_str(&said);
    text.truncate(text.floor_char_boundary(limit_bytes));
    text
}

/// A message as it goes over TCP and TLS: its length in bytes, a space, the message.
#[must_use]
pub fn frame(message: &str) -> Vec<u8> {
    format!("{} {message}", message.len()).into_bytes()
}

/// Printable ASCII without spaces (`PRINTUSASCII` of RFC 5424), or the sign for "nothing".
fn plain(text: &str, limit_bytes: usize) -> String {
    let text: String = text.chars().filter(char::is_ascii_graphic).take(limit_bytes).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

/// The value of a parameter with its escapes (RFC 5424, section 6.3.3).
fn parameter(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::journal::BootId;
    use crate::role::Role;

    fn record(source: Source, message: &str) -> Record {
        Record {
            id: 4,
            time_ms: 1_795_276_202_007,
            boot: BootId::from_random([0xab; 8]),
            sequence: 9,
            uptime_us: 1_230_000,
            severity: Severity::Warning,
            source,
            message: message.to_owned(),
            fields: vec![("error".to_owned(), "timed out".to_owned())],
        }
    }

    fn form(server: &str, port: &str, transport: &str, severity: &str) -> SyslogForm {
        SyslogForm {
            server: server.into(),
            port: port.into(),
            transport: transport.into(),
            severity: severity.into(),
        }
    }

    #[test]
    fn writes_every_part_of_the_header() {
        let sender = Sender {
            host_name: "connector.example.com".into(),
            address: "10.0.0.5".into(),
            is_clock_synchronised: true,
        };
        let text = message(&record(Source::Role(Role::Web), "Cannot answer"), &sender, 2048);
        let expected = format!(
            "<28>1 2026-11-21T15:50:02.007Z connector.example.com connector-web abababababababab - \
             [timeQuality tzKnown=\"1\" isSynced=\"1\"]\
             [origin ip=\"10.0.0.5\" software=\"connector\" swVersion=\"{}\"]\
             [meta sequenceId=\"4\" sysUpTime=\"123\"] Cannot answer error=\"timed out\"",
            product::VERSION
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn kernel_records_have_the_facility_of_the_kernel_and_unknown_names_a_dash() {
        let text = message(&record(Source::Kernel, "oops"), &Sender::default(), 2048);
        assert!(text.starts_with("<4>1 2026-11-21T15:50:02.007Z - kernel abab"), "{text}");
        assert!(!text.contains(BYTE_ORDER_MARK), "plain ASCII needs no mark");
    }

    #[test]
    fn other_texts_than_ascii_are_marked_as_utf_8() {
        let text = message(&record(Source::Kernel, "接続"), &Sender::default(), 2048);
        assert!(text.contains("\"] \u{feff}接続 error="), "{text}");
    }

    #[test]
    fn counts_bytes_and_not_characters() {
        assert_eq!(frame("aあ"), "4 aあ".as_bytes());
    }

    #[test]
    fn reads_a_form_and_fills_in_what_is_usual() {
        let setting = form(" logs.example.com ", "", "", "").parse().expect("good").expect("some");
        assert_eq!((setting.server.as_str(), setting.port.get()), ("logs.example.com", 6514));
        assert_eq!(setting.transport, SyslogTransport::Tls);
        assert_eq!(setting.severity, Severity::Informational);
        let udp = form("10.0.0.9", "", "udp", "error").parse().expect("good").expect("some");
        assert_eq!((udp.port.get(), udp.severity), (514, Severity::Error));
        assert_eq!(form(" ", "x", "y", "z").parse(), Ok(None), "nothing but the server counts");
    }

    #[test]
    fn names_every_field_that_is_wrong() {
        let all = form("https://logs", "0", "quic", "loud").parse().expect_err("all wrong");
        let fields: Vec<_> = all.iter().map(|(field, _)| *field).collect();
        use SyslogField::{Port, Server, Severity, Transport};
        assert_eq!(fields, [Server, Transport, Port, Severity]);
        for port in ["99999", "-1", "+514", "5 14", "0"] {
            let problems = form("logs", port, "tcp", "").parse().expect_err(port);
            assert_eq!(problems, [(Port, SyslogProblem::NotAPort)]);
        }
        for (server, problem) in [
            ("10.0.0", SyslogProblem::NotAServer),
            ("a b", SyslogProblem::NotAServer),
            ("logs:514", SyslogProblem::NotAServer),
            ("[2001:db8::1]", SyslogProblem::Ipv6),
        ] {
            let problems = form(server, "", "", "").parse().expect_err(server);
            assert_eq!(problems, [(Server, problem)]);
        }
        let problems = form("127.0.0.1", "", "", "").parse().expect_err("the appliance itself");
        assert!(matches!(problems[..], [(Server, SyslogProblem::Unusable(_))]));
    }

    proptest! {
        #[test]
        fn stays_within_its_limit_and_one_line(said in "\\PC{0,300}", limit in 300_usize..400) {
            let text = message(&record(Source::Init, &said), &Sender::default(), limit);
            prop_assert!(text.len() <= limit && !text.contains('\n'));
            prop_assert!(text.starts_with("<28>1 2026"));
        }

        #[test]
        fn parameters_end_only_where_they_should(value in "\\PC{0,30}") {
            let escaped = parameter(&value);
            let mut characters = escaped.chars();
            let mut read = String::new();
            while let Some(character) = characters.next() {
                prop_assert!(!matches!(character, '"' | ']'));
                read.push(if character == '\\' { characters.next().expect("escaped") } else { character });
            }
            prop_assert_eq!(read, value);
        }
    }
}
