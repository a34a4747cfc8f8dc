//! Why the registry does not answer.

use sqlx::error::{DatabaseError, ErrorKind};
use thiserror::Error;

use crate::refusal::Refusal;

/// SQLite's result code for a full disk (`SQLITE_FULL`), the low byte of an extended code.
const SQLITE_FULL: i64 = 13;
/// SQLite's result codes for another writer that does not end (`SQLITE_BUSY`, `SQLITE_LOCKED`).
const SQLITE_BUSY: [i64; 2] = [5, 6];
/// PostgreSQL's code for a full disk (`disk_full`).
const POSTGRES_FULL: &str = "53100";
/// PostgreSQL's classes of a connection that is refused or ends: connection exceptions, too few
/// resources, operator intervention.
const POSTGRES_UNAVAILABLE: [&str; 3] = ["08", "53", "57"];

/// Why the registry does not answer.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// What is asked cannot be; nothing has changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database does not answer now. Trying again is right.
    #[error("the database does not answer; try again when it runs")]
    Unavailable(#[source] sqlx::Error),
    /// The disk of the database is full. What was stored before is whole.
    #[error("the disk of the database is full; make room, nothing else is needed")]
    DiskFull(#[source] sqlx::Error),
    /// The address of the database is malformed or of an unknown kind.
    #[error(
        "the database must be a path of a file, sqlite:<path> or postgres://<user>@<host>/<name>"
    )]
    Address(#[source] Option<sqlx::Error>),
    /// The database was made with another key.
    #[error("the database was made with another master key; give it the key that belongs to it")]
    WrongKey,
    /// Its schema cannot be brought up to date, for instance because a later version has been here.
    #[error("bring the schema of the database up to date: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A stored value is none that this program writes.
    #[error("the database holds an impossible value of {0}; restore a backup")]
    Damaged(&'static str),
    /// A password could not be hashed.
    #[error("hash the password: {0}")]
    Hash(String),
    /// The list of breached passwords cannot be read.
    #[error("read the list of breached passwords")]
    BreachList(#[source] std::io::Error),
    /// Anything else that the database says.
    #[error("the database refuses a statement")]
    Database(#[source] sqlx::Error),
}

impl RegistryError {
    /// The refusal, where it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether trying again is right.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::DiskFull(_))
    }

    /// Whether another row has the same value in a column that must be unique.
    pub(crate) fn is_duplicate(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.kind() == ErrorKind::UniqueViolation
    }

    /// Whether other rows still refer to the row.
    pub(crate) fn is_referred_to(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.kind() == ErrorKind::ForeignKeyViolation
    }
}

impl From<sqlx::Error> for RegistryError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error),
            sqlx::Error::Configuration(_) => Self::Address(Some(error)),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Damaged("a column of another type")
            }
            sqlx::Error::Database(cause) => match Cause::of(cause.as_ref()) {
                Cause::Full => Self::DiskFull(error),
                Cause::Unavailable => Self::Unavailable(error),
                Cause::Other => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

/// What the code of the database means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Full,
    Unavailable,
    Other,
}

impl Cause {
    fn of(error: &dyn DatabaseError) -> Self {
        let code = error.code().unwrap_or_default();
        if code.len() == 5 {
            return match code.as_ref() {
                POSTGRES_FULL => Self::Full,
                code if POSTGRES_UNAVAILABLE.iter().any(|class| code.starts_with(class)) => {
                    Self::Unavailable
                }
                _ => Self::Other,
            };
        }
        match code.parse::<i64>().map(|code| code & 0xFF) {
            Ok(SQLITE_FULL) => Self::Full,
            Ok(code) if SQLITE_BUSY.contains(&code) => Self::Unavailable,
            _ => Self::Other,
        }
    }
}
