//! Databases for tests: a file of SQLite, or a real PostgreSQL server of the test's own.
//!
//! ```no_run
//! # fn main() -> Result<(), database::DatabaseError> {
//! let database = database::Database::postgres()?;
//! let address = database.address();
//! assert!(address.starts_with("postgres://"));
//! # Ok(())
//! # }
//! ```
//!
//! A server listens on a Unix socket in a temporary directory, so that any number run side by side,
//! and ends with the test, also when that is killed. Starting one takes a third of a second, little
//! more than making a database in a shared one would; and a test may stop and start it, which no test
//! of a shared one could. Its files are copied from a cluster that is made once and kept in
//! `target/postgres`. Needs Debian's `postgresql`, which `make deps` installs; as root, the server runs
//! as the user `postgres`.
#![forbid(unsafe_code)]

mod cluster;
mod error;
mod postgres;

pub use error::DatabaseError;
pub use postgres::Postgres;
use tempfile::TempDir;

/// A database that nobody else uses.
#[derive(Debug)]
pub enum Database {
    /// A file in a directory of its own.
    Sqlite(TempDir),
    /// A server of its own.
    Postgres(Postgres),
}

impl Database {
    /// A file that does not exist yet.
    ///
    /// # Errors
    ///
    /// No directory can be made.
    pub fn sqlite() -> Result<Self, DatabaseError> {
        let directory = TempDir::new().map_err(DatabaseError::io("make a directory"))?;
        Ok(Self::Sqlite(directory))
    }

    /// A server with an empty database.
    ///
    /// # Errors
    ///
    /// The server does not start.
    pub fn postgres() -> Result<Self, DatabaseError> {
        Postgres::start().map(Self::Postgres)
    }

    /// The address, as `cloud serve --database` takes it.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Sqlite(directory) => directory.path().join("cloud.db").display().to_string(),
            Self::Postgres(server) => server.address(),
        }
    }
}

/// Makes two tests of each function, one for SQLite and one for PostgreSQL. The function takes the
/// database and is async; the caller's crate has `tokio`.
///
/// ```ignore
/// database::on_both! {
///     async fn keeps_what_it_is_told(database: &Database) {
///         let registry = Registry::open(&database.address()).await.unwrap();
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident: &Database) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn check($database: &$crate::Database) $body

            #[tokio::test]
            async fn sqlite() {
                check(&$crate::Database::sqlite().unwrap()).await;
            }

            #[tokio::test]
            async fn postgres() {
                check(&$crate::Database::postgres().unwrap()).await;
            }
        }
    )*};
}
