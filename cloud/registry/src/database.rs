//! Opening the database: SQLite in a file, or PostgreSQL.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Executor, SqlSafeStr};

use crate::error::RegistryError;

/// How long a statement may wait for a connection.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(5);
/// Most connections of a node to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 16;
/// Most connections to a file: readers do not wait, writers take turns anyway.
const SQLITE_CONNECTIONS: u32 = 8;
/// A power cut loses nothing that was answered (`FULL`), readers do not wait for the writer (`WAL`),
/// and a writer waits ten seconds for another.
const SQLITE_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;";
/// A statement that hangs must not keep its connection.
const POSTGRES_SETTINGS: &str = "SET statement_timeout = 15000; SET lock_timeout = 10000; \
    SET idle_in_transaction_session_timeout = 30000;";
/// Schemes of PostgreSQL.
const POSTGRES_SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// Connects to the database at an address: a path, `sqlite:<path>`, or `postgres://...`. A file that
/// does not exist is made, for this user only.
pub(crate) async fn connect(address: &str) -> Result<AnyPool, RegistryError> {
    install_default_drivers();
    let (url, settings, connections) = if is_postgres(address) {
        (address.to_owned(), POSTGRES_SETTINGS, POSTGRES_CONNECTIONS)
    } else {
        (file_url(address)?, SQLITE_SETTINGS, SQLITE_CONNECTIONS)
    };
    let options: AnyConnectOptions = url.parse()?;
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_LIMIT)
        .after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(settings).await.map(drop) })
        })
        .connect_with(options)
        .await?;
    Ok(pool)
}

fn is_postgres(address: &str) -> bool {
    POSTGRES_SCHEMES.iter().any(|scheme| address.starts_with(scheme))
}

/// Brings the schema up to date. Of several nodes that come at the same time, one does it.
pub(crate) async fn migrate(pool: &AnyPool, address: &str) -> Result<(), RegistryError> {
    let migrations = [
        (1, "first", include_str!("../migrations/0001_first.sql")),
        (2, "web servers", include_str!("../migrations/0002_web_servers.sql")),
    ];
    let migrations = migrations.into_iter().map(|(version, name, sql)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    let run = if is_postgres(address) {
        // It takes a lock of PostgreSQL's.
        migrator.run(pool).await
    } else {
        // SQLite has none of the kind, so that the whole is one transaction.
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
        let run = migrator.run(&mut *transaction).await;
        transaction.commit().await?;
        run
    };
    run.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error)
        | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => match error.into() {
            RegistryError::Database(error) => {
                RegistryError::Migration(sqlx::migrate::MigrateError::Execute(error))
            }
            error => error,
        },
        error => RegistryError::Migration(error),
    })
}

/// The URL of a file.
fn file_url(address: &str) -> Result<String, RegistryError> {
    let path = match address.strip_prefix("sqlite:") {
        Some(path) => path.strip_prefix("//").unwrap_or(path),
        None if address.contains("://") => return Err(RegistryError::Address(None)),
        None => address,
    };
    if path.is_empty() || path.starts_with(":memory:") {
        return Err(RegistryError::Address(None));
    }
    make_file(Path::new(path))?;
    existing_file_url(Path::new(path), "rw")
}

/// The URL of a file that exists, with SQLite's name of a mode.
pub(crate) fn existing_file_url(path: &Path, mode: &str) -> Result<String, RegistryError> {
    let path = std::path::absolute(path).map_err(sqlx::Error::Io)?;
    let encoded: String =
        path.to_str().ok_or(RegistryError::Address(None))?.bytes().map(escape).collect();
    Ok(format!("sqlite://{encoded}?mode={mode}"))
}

/// Makes the file if there is none; SQLite gives its other files the permissions of the first. One
/// that exists is not opened: closing it would drop the locks of other connections of this process.
fn make_file(path: &Path) -> Result<(), RegistryError> {
    match OpenOptions::new().append(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(RegistryError::from(sqlx::Error::Io(error)))
        }
        _ => Ok(()),
    }
}

/// A byte of a path as it stands in a URL.
fn escape(byte: u8) -> String {
    match byte {
        b'/' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}
