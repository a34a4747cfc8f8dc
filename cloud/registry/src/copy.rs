//! Copies of a SQLite file, for backups.

use std::fs::File;
use std::path::Path;

use sqlx::AnyPool;
use sqlx::any::{AnyPoolOptions, install_default_drivers};

use crate::columns::Columns as _;
use crate::database;
use crate::error::RegistryError;
use crate::keys::{Keys, MasterKey};

/// What SQLite answers when every page of a file is as it should be.
const WHOLE: &str = "ok";

/// Writes a consistent copy of the database in a file to another file, which must be empty, while
/// others read and write. When this returns the copy is on the disk, whole, and belongs to the key.
/// Neither file gets another schema.
///
/// # Errors
///
/// The file is no database or belongs to another key, the copy is not empty, or the disk is full.
pub async fn copy_file(file: &Path, copy: &Path, master: &MasterKey) -> Result<(), RegistryError> {
    let target = copy.to_str().ok_or(RegistryError::Address(None))?;
    let pool = open(file, "rw").await?;
    let written = sqlx::query("VACUUM INTO $1").bind(target).execute(&pool).await;
    pool.close().await;
    written?;
    check_file(copy, master).await?;
    // SQLite does not wait for the disk here.
    File::open(copy).and_then(|copy| copy.sync_all()).map_err(sqlx::Error::Io)?;
    Ok(())
}

/// Makes sure that a file is a whole database that belongs to a key. The file is only read.
///
/// # Errors
///
/// [`RegistryError::Damaged`] or [`RegistryError::WrongKey`], or the file cannot be read.
pub async fn check_file(file: &Path, master: &MasterKey) -> Result<(), RegistryError> {
    let pool = open(file, "ro").await?;
    let outcome = check(&pool, master).await;
    pool.close().await;
    outcome
}

async fn check(pool: &AnyPool, master: &MasterKey) -> Result<(), RegistryError> {
    let row = sqlx::query("SELECT integrity_check AS answer FROM pragma_integrity_check")
        .fetch_one(pool)
        .await?;
    if row.text("answer")? != WHOLE {
        return Err(RegistryError::Damaged("a page of the file"));
    }
    let row = sqlx::query("SELECT value FROM facts WHERE name = $1")
        .bind("proof")
        .fetch_one(pool)
        .await?;
    if row.text("value")? == Keys::new(master).proof() {
        Ok(())
    } else {
        Err(RegistryError::WrongKey)
    }
}

/// Opens a file that exists, for one statement at a time.
async fn open(file: &Path, mode: &str) -> Result<AnyPool, RegistryError> {
    install_default_drivers();
    let url = database::existing_file_url(file, mode)?;
    Ok(AnyPoolOptions::new().max_connections(1).connect(&url).await?)
}
