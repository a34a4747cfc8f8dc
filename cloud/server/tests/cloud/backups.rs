//! Backups: made while it serves, restored elsewhere, refused where something would be lost.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use database::Postgres;
use nix::sys::signal::Signal;

use crate::appliance::Appliance;
use crate::running::{Cloud, Server, program, set_up};

fn backup(data: &Path, to: &Path, options: &[&str]) -> Output {
    let mut command = program();
    command.args(["backup", "--data"]).arg(data).arg("--to").arg(to).args(options);
    command.output().unwrap()
}

fn restore(from: &Path, data: &Path, options: &[&str]) -> Output {
    let mut command = program();
    command.args(["restore", "--from"]).arg(from).arg("--data").arg(data).args(options);
    command.output().unwrap()
}

fn assert_done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn assert_refused(output: &Output, why: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty() && error.contains(why), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_the_same_client_and_the_same_appliance_come_in() {
    let mut cloud = Cloud::start();
    let (data, copy) = (cloud.data(), cloud.directory.path().join("copy"));
    let appliance = Appliance::register(&cloud).await;
    let mut connection = appliance.connect(&cloud).await;
    let backing_up = tokio::task::spawn_blocking({
        let (data, copy) = (data.clone(), copy.clone());
        move || backup(&data, &copy, &[])
    });
    // Others write meanwhile: each token is stored.
    let (backed_up, ()) = tokio::join!(backing_up, async {
        for _ in 0..10 {
            cloud.token().await;
        }
    });
    assert_done(&backed_up.unwrap());
    assert!(connection.is_alive().await, "the backup ended a connection");

    cloud.server.signal(Signal::SIGKILL);
    fs::remove_dir_all(&data).unwrap();
    assert_done(&restore(&copy, &data, &[]));
    cloud.server = Server::start(&data, &[]);
    cloud.token().await;
    assert!(appliance.connect(&cloud).await.is_alive().await);
}

#[test]
fn a_backup_is_for_its_owner_only_and_replaces_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (data, copy) = (directory.path().join("data"), directory.path().join("copy"));
    assert_done(&set_up(&data, &[]));
    // The authority is made by the first start.
    drop(Server::start(&data, &[]));
    assert_done(&backup(&data, &copy, &[]));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&copy), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&copy).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    let expected = [
        "authority.key",
        "authority.pem",
        "cloud.sqlite",
        "https.key",
        "https.pem",
        "master.key",
        "root-ca.pem",
    ];
    assert_eq!(names, expected);
    assert_refused(&backup(&data, &copy, &[]), "exists; choose a name");
    assert_refused(&restore(&copy, &data, &[]), "restore into a directory without");
    let entries = fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(entries, 2, "something unfinished was left behind");
}

#[test]
fn what_is_no_backup_is_not_restored_and_what_is_no_state_not_backed_up() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    assert_done(&set_up(&path("data"), &[]));
    drop(Server::start(&path("data"), &[]));
    assert_done(&backup(&path("data"), &path("copy"), &[]));
    assert_refused(&backup(&path("nowhere"), &path("new"), &[]), "nowhere");
    fs::create_dir(path("empty")).unwrap();
    assert_refused(&backup(&path("empty"), &path("new"), &[]), "master.key is missing");
    assert_refused(&restore(&path("empty"), &path("new"), &[]), "master.key is missing");

    let key = fs::read(path("copy").join("master.key")).unwrap();
    fs::write(path("copy").join("master.key"), "A".repeat(43) + "=").unwrap();
    assert_refused(&restore(&path("copy"), &path("new"), &[]), "another master key");
    fs::write(path("copy").join("master.key"), key).unwrap();

    let file = path("copy").join("cloud.sqlite");
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert_refused(&restore(&path("copy"), &path("new"), &[]), "");
    fs::remove_file(&file).unwrap();
    assert_refused(&restore(&path("copy"), &path("new"), &[]), "cloud.sqlite is missing");
    assert!(!path("new").join("master.key").exists());

    fs::write(&file, whole).unwrap();
    assert_done(&restore(&path("copy"), &path("new"), &[]));
    // What is refused leaves nothing behind.
    fs::write(path("data").join("master.key"), "A".repeat(43) + "=").unwrap();
    assert_refused(&backup(&path("data"), &path("wrong"), &[]), "another master key");
    let mut names: Vec<_> = fs::read_dir(directory.path()).unwrap().flatten().collect();
    names.retain(|entry| {
        !["data", "empty", "copy", "new"].iter().any(|it| entry.file_name() == *it)
    });
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn a_restore_that_was_cut_off_is_not_served_as_if_it_were_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    assert_done(&set_up(&path("data"), &[]));
    drop(Server::start(&path("data"), &[]));
    assert_done(&backup(&path("data"), &path("copy"), &[]));
    assert_done(&restore(&path("copy"), &path("new"), &[]));
    // The last file is missing.
    fs::remove_file(path("new").join("master.key")).unwrap();
    let mut serve = program();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(path("new"));
    assert_refused(&serve.output().unwrap(), "another master key");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_a_dump_of_postgresql_restore_it() {
    let (old, new) = (Postgres::start().unwrap(), Postgres::start().unwrap());
    let (old, new) = (old.address(), new.address());
    let mut cloud = Cloud::start_with(&["--database", &old], &[]);
    let appliance = Appliance::register(&cloud).await;
    let copy = cloud.directory.path().join("copy");
    let output = backup(&cloud.data(), &copy, &["--database", &old]);
    assert_done(&output);
    assert!(String::from_utf8_lossy(&output.stdout).contains("pg_dump"));
    assert!(!copy.join("cloud.sqlite").exists());
    let dump = copy.join("cloud.dump");
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).arg(&dump).output().unwrap();
        assert_done(&output);
    };
    run("pg_dump", &["--format=custom", "--dbname", &old, "--file"]);
    run("pg_restore", &["--exit-on-error", "--no-owner", "--dbname", &new]);
    let moved = cloud.directory.path().join("moved");
    assert_done(&restore(&copy, &moved, &["--database", &new]));
    cloud.server = Server::start(&moved, &["--database", &new]);
    cloud.token().await;
    assert!(appliance.connect(&cloud).await.is_alive().await);
}
