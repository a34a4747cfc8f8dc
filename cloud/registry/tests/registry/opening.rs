//! Opening a database, and what happens when it is away, full, or somebody else's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use database::{Database, Postgres};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use registry::{MasterKey, Registry, RegistryError};

use crate::fixtures::{NOW, change, named, open, tenant};

database::on_both! {
    async fn keeps_what_it_is_told_over_a_restart(database: &Database) {
        let registry = open(database).await;
        let tenant_id = tenant(&registry).await.id().clone();
        registry.close().await;
        let registry = open(database).await;
        registry.check().await.unwrap();
        assert_eq!(registry.tenant(&tenant_id).record().await.unwrap().name, "Example");
        assert_eq!(registry.tenants().await.unwrap().len(), 1);
    }

    async fn refuses_another_master_key(database: &Database) {
        open(database).await.close().await;
        let other = Registry::open(&database.address(), &MasterKey::generate()).await;
        assert!(matches!(other, Err(RegistryError::WrongKey)), "{other:?}");
    }

    async fn leaves_a_database_alone_that_a_later_version_has_changed(database: &Database) {
        open(database).await.close().await;
        sqlx::any::install_default_drivers();
        let address = match database {
            Database::Sqlite(_) => format!("sqlite:{}", database.address()),
            Database::Postgres(_) => database.address(),
        };
        let pool = sqlx::AnyPool::connect(&address).await.unwrap();
        let later = "INSERT INTO _sqlx_migrations \
                     (version, description, success, checksum, execution_time) \
                     SELECT version + 1000, description, success, checksum, execution_time \
                     FROM _sqlx_migrations WHERE version = 1";
        sqlx::query(later).execute(&pool).await.unwrap();
        pool.close().await;
        let result = Registry::open(&database.address(), &MasterKey::generate()).await;
        assert!(matches!(result, Err(RegistryError::Migration(_))), "{result:?}");
    }

    async fn nodes_may_open_an_empty_database_at_the_same_time(database: &Database) {
        let (first, second) = tokio::join!(open(database), open(database));
        let tenant_id = tenant(&first).await.id().clone();
        assert!(second.tenant(&tenant_id).record().await.is_ok());
    }

    async fn concurrent_changes_of_a_tenant_take_turns(database: &Database) {
        let registry = open(database).await;
        let tenant = tenant(&registry).await;
        let make = (0..20).map(|number| {
            let tenant = tenant.clone();
            tokio::spawn(async move {
                tenant.create_location(&named(&format!("L{}", number % 10)), &change(NOW)).await
            })
        });
        let tasks: Vec<_> = make.collect();
        let mut made = 0;
        for task in tasks {
            made += u32::from(task.await.unwrap().is_ok());
        }
        let locations = tenant.locations().await.unwrap();
        assert_eq!((made, locations.len()), (10, 10), "ten names, each once");
        assert_eq!(locations.iter().filter(|location| location.is_default).count(), 1);
    }
}

#[tokio::test]
async fn refuses_addresses_of_no_database() {
    let key = MasterKey::generate();
    for address in ["", "mysql://host/x", "http://host/", ":memory:", "sqlite:", "sqlite::memory:"]
    {
        let result = Registry::open(address, &key).await;
        assert!(matches!(result, Err(RegistryError::Address(_))), "{address}: {result:?}");
    }
    let result = Registry::open("/nonexistent/directory/cloud.db", &key).await;
    assert!(matches!(result, Err(RegistryError::Unavailable(_))), "{result:?}");
}

#[tokio::test]
async fn refuses_a_file_that_is_no_database() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    fs::write(&path, "Buy milk. ".repeat(1000)).unwrap();
    let result = Registry::open(path.to_str().unwrap(), &MasterKey::generate()).await;
    assert!(result.is_err());
    assert!(fs::read_to_string(&path).unwrap().starts_with("Buy milk."), "it is left as it was");
}

#[tokio::test]
async fn file_is_for_its_owner_only_whatever_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("my cloud? 100% #1 データ.db");
    let address = format!("sqlite:{}", path.display());
    Registry::open(&address, &MasterKey::generate()).await.unwrap().close().await;
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn goes_on_when_postgresql_comes_back() {
    let mut server = Postgres::start().unwrap();
    let key = MasterKey::generate();
    let registry = Registry::open(&server.address(), &key).await.unwrap();
    let tenant = tenant(&registry).await;
    server.stop();
    let away = tenant.record().await;
    assert!(matches!(away, Err(RegistryError::Unavailable(_))), "{away:?}");
    server.resume().unwrap();
    assert_eq!(tenant.record().await.unwrap().name, "Example");
}

/// The disk is a real one, of two megabytes, in a mount namespace of the test's thread.
#[test]
fn full_disk_is_named_and_leaves_a_valid_file() {
    let directory = tempfile::tempdir().unwrap();
    unshare(CloneFlags::CLONE_NEWNS).expect("needs root");
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
    let size = Some("size=2m");
    mount(Some("tmpfs"), directory.path(), Some("tmpfs"), MsFlags::empty(), size).unwrap();
    // One thread for all: the others of this process see another mount table.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let path = directory.path().join("cloud.db");
        let address = path.to_str().unwrap();
        let registry = Registry::open(address, &MasterKey::generate()).await.unwrap();
        let tenant = tenant(&registry).await;
        let filler = directory.path().join("filler");
        let mut made = Vec::new();
        let error = loop {
            let _ = fs::write(&filler, vec![0; 100_000 * (made.len() + 1)]);
            let name = format!("Location {}", made.len());
            match tenant.create_location(&named(&name), &change(NOW)).await {
                Ok(location) => made.push(location),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, RegistryError::DiskFull(_)), "{error:?}");
        assert_eq!(tenant.locations().await.unwrap().len(), made.len(), "it can be read");
        fs::remove_file(&filler).unwrap();
        tenant.create_location(&named("After"), &change(NOW)).await.unwrap();
        registry.close().await;
        let check = "import sqlite3, sys\n\
                     database = sqlite3.connect(sys.argv[1])\n\
                     print(*database.execute('PRAGMA integrity_check').fetchone())";
        let check = Command::new("python3").args(["-c", check, address]).output().unwrap();
        assert_eq!(String::from_utf8(check.stdout).unwrap().trim(), "ok");
    });
}
