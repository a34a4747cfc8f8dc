//! The journal: what the kernel and the roles said, as records that can be stored, searched and sent.
//!
//! The roles write lines to standard error; PID 1 writes them with name and severity to the kernel's
//! log; the role Journal reads that log ([`kernel_log`]). So there is one order of all that happened.

pub mod fields;
pub mod flood;
pub mod kernel_log;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::outbound::FailureCause;
use crate::role::Role;

/// Most records in one answer.
pub const MAX_PAGE_RECORDS: u32 = 500;
/// Most bytes of records in one answer, as JSON: below the limit of a message on the bus (256 KiB).
pub const MAX_PAGE_BYTES: usize = 192 * 1024;
/// Space that the journal takes on the data partition at most, in bytes.
pub const MAX_DISK_BYTES: u64 = 64 * 1024 * 1024;
/// Longest text to search for, in bytes.
pub const MAX_SEARCH_BYTES: usize = 200;

/// How bad a record is: RFC 5424, table 2. The most severe comes first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The system is unusable.
    Emergency,
    /// Action must be taken immediately.
    Alert,
    /// Critical conditions.
    Critical,
    /// Something failed.
    Error,
    /// Something may fail, or failed and is tried again.
    Warning,
    /// Normal but significant.
    Notice,
    /// A milestone.
    #[default]
    Informational,
    /// For developers.
    Debug,
}

impl Severity {
    /// All, the most severe first.
    pub const ALL: [Self; 8] = [
        Self::Emergency,
        Self::Alert,
        Self::Critical,
        Self::Error,
        Self::Warning,
        Self::Notice,
        Self::Informational,
        Self::Debug,
    ];

    /// Number of syslog and of the kernel: 0 (emergency) to 7 (debug).
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Emergency => 0,
            Self::Alert => 1,
            Self::Critical => 2,
            Self::Error => 3,
            Self::Warning => 4,
            Self::Notice => 5,
            Self::Informational => 6,
            Self::Debug => 7,
        }
    }

    /// Name in JSON and in forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Alert => "alert",
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Informational => "informational",
            Self::Debug => "debug",
        }
    }

    /// The severity of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }

    /// The severity of this number; what is above 7 is as little urgent as 7.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.into_iter().nth(usize::from(number)).unwrap_or(Self::Debug)
    }
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// The kernel itself.
    Kernel,
    /// PID 1.
    Init,
    /// A role.
    Role(Role),
}

/// A text that names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no source of records named {0:?}")]
pub struct UnknownSource(pub String);

impl Source {
    /// Every source: the kernel, PID 1, the roles.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Kernel, Self::Init].into_iter().chain(Role::ALL.into_iter().map(Self::Role))
    }

    /// Name in JSON, forms and syslog: `kernel`, `init`, or the role's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Init => "init",
            Self::Role(role) => role.name(),
        }
    }

    /// The source of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|source| source.name() == name)
    }
}

impl TryFrom<String> for Source {
    type Error = UnknownSource;

    fn try_from(name: String) -> Result<Self, UnknownSource> {
        Self::from_name(&name).ok_or(UnknownSource(name))
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.name().to_owned()
    }
}

/// One start of the machine: 16 hexadecimal digits that the journal draws by lot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BootId(String);

impl BootId {
    /// The name of a start from random bytes.
    #[must_use]
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(format!("{:016x}", u64::from_be_bytes(bytes)))
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BootId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Place in the journal: grows by one with every record, over restarts too. The cursor of
    /// [`Page`].
    pub id: u64,
    /// When, in milliseconds since 1970, by the clock as it was when the record was read.
    pub time_ms: i64,
    /// The start of the machine that it belongs to.
    pub boot: BootId,
    /// Its number in the kernel's log of that start. The journal's own remarks repeat the last one.
    pub sequence: u64,
    /// Microseconds since that start.
    pub uptime_us: u64,
    /// How bad it is.
    pub severity: Severity,
    /// Who said it.
    pub source: Source,
    /// What was said, without its fields.
    pub message: String,
    /// Names and values that came with it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(String, String)>,
}

impl Record {
    /// The message and its fields in one line: `Cannot reach the proxy error="timed out"`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.message.clone();
        for (name, value) in &self.fields {
            fields::write(&mut text, name, value);
        }
        text
    }
}

/// Which records are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Not before this time, in milliseconds since 1970.
    #[serde(default)]
    pub since_ms: Option<i64>,
    /// Not after this time, in milliseconds since 1970.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// Only from this source.
    #[serde(default)]
    pub source: Option<Source>,
    /// Only this severe or worse.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Only with this text in message or fields, upper and lower case alike; at most
    /// [`MAX_SEARCH_BYTES`].
    #[serde(default)]
    pub text: Option<String>,
    /// Only of this start.
    #[serde(default)]
    pub boot: Option<BootId>,
}

impl Query {
    /// Whether a record is wanted.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        self.since_ms.is_none_or(|since| record.time_ms >= since)
            && self.until_ms.is_none_or(|until| record.time_ms <= until)
            && self.source.is_none_or(|source| record.source == source)
            && self.severity.is_none_or(|severity| record.severity <= severity)
            && self.boot.as_ref().is_none_or(|boot| record.boot == *boot)
            && self
                .text
                .as_ref()
                .is_none_or(|text| record.text().to_lowercase().contains(&text.to_lowercase()))
    }
}

/// Where to begin, and in which direction to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", content = "id", rename_all = "snake_case")]
pub enum Page {
    /// The newest records, newest first.
    #[default]
    Newest,
    /// Those older than this id, newest first.
    Before(u64),
    /// Those newer than this id, oldest first: to follow the journal.
    After(u64),
}

/// A page of records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// In the direction of the [`Page`] that was asked for.
    pub records: Vec<Record>,
    /// Where the next page in the same direction begins; `None` = that was all. A page may be empty
    /// and yet have a next one: a request looks at a limited part of the disk.
    pub next: Option<Page>,
}

/// What the role Journal says to every other role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalStatus {
    /// Grows with every change while the role runs; at most once a second.
    pub generation: u64,
    /// This start of the machine.
    pub boot: BootId,
    /// The newest record; 0 = none yet.
    pub newest_id: u64,
    /// Time of the oldest record that can be read, in milliseconds since 1970.
    pub oldest_ms: Option<i64>,
    /// Records in memory.
    pub memory_records: u64,
    /// Whether records are stored.
    pub disk: JournalDisk,
    /// Records that the kernel overwrote before they were read, since the start of the role.
    pub lost: u64,
    /// Records left out because one source said too much, since the start of the role.
    pub suppressed: u64,
    /// The remote server.
    pub syslog: SyslogState,
}

/// Whether records are stored on the data partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JournalDisk {
    /// They are.
    Good {
        /// Bytes in use, at most [`MAX_DISK_BYTES`].
        bytes: u64,
        /// Number of files.
        files: u32,
        /// Free bytes of the file system.
        free_bytes: u64,
        /// Bytes of the file system.
        total_bytes: u64,
    },
    /// They cannot be, and are only kept in memory.
    Trouble {
        /// Why.
        reason: String,
    },
}

/// The connection to the remote syslog server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SyslogState {
    /// None is set.
    #[default]
    Off,
    /// It is being connected to for the first time.
    Connecting,
    /// Records are sent. With UDP: no error has come back, which proves nothing more.
    Connected {
        /// Since when, in seconds since 1970.
        since: i64,
        /// Records sent since the setting was made or the role started.
        sent: u64,
        /// Records that never were sent, because the server was away for too long.
        dropped: u64,
    },
    /// It cannot be reached; it is tried again and again, and records wait in memory.
    Failing {
        /// Since when, in seconds since 1970.
        since: i64,
        /// Why, in plain words.
        reason: String,
        /// The named cause behind it, when the connection was the problem.
        #[serde(default)]
        cause: Option<FailureCause>,
        /// Records sent before.
        sent: u64,
        /// Records that never were sent.
        dropped: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            id: 7,
            time_ms: 1_000,
            boot: BootId::from_random([1; 8]),
            sequence: 3,
            uptime_us: 99,
            severity: Severity::Warning,
            source: Source::Role(Role::Web),
            message: "Cannot answer".to_owned(),
            fields: vec![("error".to_owned(), "timed out".to_owned())],
        }
    }

    #[test]
    fn numbers_and_names_of_severities_are_those_of_syslog() {
        for (number, severity) in (0_u8..).zip(Severity::ALL) {
            assert_eq!((severity.number(), Severity::from_number(number)), (number, severity));
            assert_eq!(Severity::from_name(severity.name()), Some(severity));
            let json = serde_json::to_value(severity).expect("plain value");
            assert_eq!(json, severity.name());
        }
        assert_eq!(Severity::from_number(200), Severity::Debug);
    }

    #[test]
    fn sources_have_distinct_names() {
        for source in Source::all() {
            assert_eq!(Source::from_name(source.name()), Some(source));
        }
        assert!(serde_json::from_str::<Source>("\"nobody\"").is_err());
    }

    #[test]
    fn a_record_survives_json() {
        let json = serde_json::to_string(&record()).expect("plain values");
        assert_eq!(serde_json::from_str::<Record>(&json).expect("readable"), record());
        assert!(!json.contains('\n'), "one record, one line");
    }

    #[test]
    fn a_query_combines_its_conditions() {
        let wanted = Query {
            since_ms: Some(1_000),
            until_ms: Some(1_000),
            source: Some(Source::Role(Role::Web)),
            severity: Some(Severity::Warning),
            text: Some("TIMED OUT".to_owned()),
            boot: Some(record().boot),
        };
        assert!(wanted.matches(&record()) && Query::default().matches(&record()));
        for other in [
            Query { since_ms: Some(1_001), ..wanted.clone() },
            Query { until_ms: Some(999), ..wanted.clone() },
            Query { source: Some(Source::Kernel), ..wanted.clone() },
            Query { severity: Some(Severity::Error), ..wanted.clone() },
            Query { text: Some("elsewhere".to_owned()), ..wanted.clone() },
            Query { boot: Some(BootId::from_random([2; 8])), ..wanted },
        ] {
            assert!(!other.matches(&record()), "{other:?}");
        }
    }

    #[test]
    fn every_page_survives_json() {
        for page in [Page::Newest, Page::Before(3), Page::After(4)] {
            let json = serde_json::to_string(&page).expect("plain value");
            assert_eq!(serde_json::from_str::<Page>(&json).expect("readable"), page);
        }
    }
}
