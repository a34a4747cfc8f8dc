//! The files of a new PostgreSQL cluster, made once and kept in the build directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{Uid, User};

use crate::error::DatabaseError;

/// Where Debian keeps the programs, below the version.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// The user that the server runs as when the test is root, which PostgreSQL refuses to be.
const USER: &str = "postgres";

/// The directory with PostgreSQL's programs, of the newest version that is installed.
pub(crate) fn programs() -> Result<PathBuf, DatabaseError> {
    let versions = fs::read_dir(PROGRAMS).map_err(|_| DatabaseError::Missing)?;
    let newest = versions
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| program_path(*version).join("initdb").exists())
        .max();
    newest.map(program_path).ok_or(DatabaseError::Missing)
}

fn program_path(version: u32) -> PathBuf {
    Path::new(PROGRAMS).join(version.to_string()).join("bin")
}

/// A command of PostgreSQL as the user that it needs; it is killed when the test ends.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig").arg("KILL");
    if Uid::effective().is_root() {
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
    }
    command.arg(program);
    command
}

/// Gives a directory to the user that the server runs as.
pub(crate) fn hand_over(path: &Path) -> Result<(), DatabaseError> {
    if !Uid::effective().is_root() {
        return Ok(());
    }
    let user = User::from_name(USER).ok().flatten().ok_or(DatabaseError::Missing)?;
    std::os::unix::fs::chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
        .map_err(DatabaseError::io(format!("chown {}", path.display())))
}

/// Copies the files of a new cluster to a directory, and makes them first if need be.
pub(crate) fn copy_to(target: &Path) -> Result<(), DatabaseError> {
    let programs = programs()?;
    let version = programs.iter().rev().nth(1).and_then(|part| part.to_str()).unwrap_or("0");
    let directory = directory();
    fs::create_dir_all(&directory)
        .map_err(DatabaseError::io(format!("create {}", directory.display())))?;
    let cluster = directory.join(format!("cluster-{version}"));
    let lock = directory.join("lock");
    let lock = File::create(&lock).map_err(DatabaseError::io("create the lock"))?;
    lock.lock().map_err(DatabaseError::io("lock"))?;
    if !cluster.is_dir() {
        make(&programs, &cluster)?;
    }
    drop(lock);
    run(Command::new("cp").arg("-a").arg(&cluster).arg(target))
}

fn make(programs: &Path, cluster: &Path) -> Result<(), DatabaseError> {
    // Made where the server's user may go, which the build directory need not be.
    let place = tempfile::tempdir().map_err(DatabaseError::io("make a directory"))?;
    hand_over(place.path())?;
    let files = place.path().join("cluster");
    let mut initdb = command(&programs.join("initdb"));
    initdb
        .args(["--auth", "trust", "--username", USER, "--encoding", "UTF8", "--locale", "C.UTF-8"])
        .args(["--no-sync", "--wal-segsize", "1", "--pgdata"])
        .arg(&files)
        .current_dir(place.path());
    run(&mut initdb)?;
    let unfinished = cluster.with_extension("unfinished");
    let _ = fs::remove_dir_all(&unfinished);
    run(Command::new("cp").arg("-a").arg(&files).arg(&unfinished))?;
    fs::rename(&unfinished, cluster)
        .map_err(DatabaseError::io(format!("rename {}", unfinished.display())))
}

fn run(command: &mut Command) -> Result<(), DatabaseError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(DatabaseError::io(format!("run {program}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(DatabaseError::Program { program, said })
}

fn directory() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap_or(root).join("target/postgres")
}
