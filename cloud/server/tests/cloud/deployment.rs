//! The files that the program is installed with.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::running::program;

/// In tenths of systemd's points, of which an unprotected service has 96. What is left is the network, a
/// low port, and a Unix socket.
const MOST_EXPOSURE: &str = "16";
/// Seconds that requests have at the end, after `--drain`.
const SHUTDOWN_SECONDS: u64 = 5;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deployment").join(name);
    fs::read_to_string(path).unwrap()
}

/// Runs a program of systemd, which `make deps` installs.
fn systemd(program: &str, arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).arg(file).env("SYSTEMD_LOG_LEVEL", "warning").output().unwrap()
}

fn assert_silent(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// The values of a key of the unit.
fn values(unit: &str, key: &str) -> Vec<String> {
    let values = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.map(str::to_owned).collect()
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cloud.service");
    let unit = file("cloud.service");
    let installed = unit.replace("/usr/local/bin/cloud", env!("CARGO_BIN_EXE_cloud"));
    assert_ne!(unit, installed);
    fs::write(&path, installed).unwrap();
    assert_silent(&systemd("systemd-analyze", &["verify", "--man=no"], &path));
    let threshold = format!("--threshold={MOST_EXPOSURE}");
    let judged = ["security", "--offline=true", "--no-pager", &threshold];
    let output = systemd("systemd-analyze", &judged, &path);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn systemd_makes_the_user_of_the_unit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cloud.conf");
    fs::write(&path, file("cloud.sysusers")).unwrap();
    let root = format!("--root={}", directory.path().display());
    assert_silent(&systemd("systemd-sysusers", &["--dry-run", &root], &path));
    let user = format!("u {} ", values(&file("cloud.service"), "User")[0]);
    assert!(file("cloud.sysusers").lines().any(|line| line.starts_with(&user)));
}

#[test]
fn systemd_waits_longer_than_appliances_need_to_leave() {
    let drain: u64 = default_of("--drain").parse().unwrap();
    let wait: u64 = values(&file("cloud.service"), "TimeoutStopSec")[0].parse().unwrap();
    assert!(wait > drain + SHUTDOWN_SECONDS);
}

#[test]
fn the_container_runs_without_rights_and_shows_the_port_that_it_serves() {
    let container = file("Containerfile");
    let value = |key: &str| {
        let line = container.lines().rfind(|line| line.starts_with(key)).unwrap();
        line.split_once(' ').unwrap().1.to_owned()
    };
    assert_eq!(value("FROM"), "scratch");
    let user = value("USER");
    let user = user.split(':').next().unwrap();
    assert!(user.parse::<u32>().unwrap() > 0);
    let arguments: Vec<String> = serde_json::from_str(&value("CMD")).unwrap();
    assert_eq!(arguments[..2], ["serve", "--listen"]);
    assert_eq!(arguments[2].rsplit(':').next().unwrap(), value("EXPOSE"));
    assert_eq!(value("VOLUME"), value("WORKDIR"));
    assert_eq!(value("VOLUME"), default_of("--data"));
}

/// The default of an option, which the help has in brackets.
fn default_of(option: &str) -> String {
    let help = String::from_utf8(program().output().unwrap().stderr).unwrap();
    let line = help.lines().find(|line| line.trim_start().starts_with(option)).unwrap();
    line.rsplit('[').next().unwrap().trim_end_matches(']').to_owned()
}
