//! Control groups, version 2: limits on the memory and the number of threads of a role.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use model::process_facts::{GroupFacts, parse_group_limit};

use crate::SysError;
use crate::error::Step;
use crate::mount::{self, Restrictions};

/// Where the groups are mounted.
pub const MOUNT_POINT: &str = "/sys/fs/cgroup";
/// What can be limited in a group.
const CONTROLLERS: &str = "+memory +pids";

/// Mounts the groups and allows limits in them.
///
/// # Errors
///
/// [`SysError::Call`], for one when the kernel lacks them.
pub fn prepare() -> Result<(), SysError> {
    let root = Path::new(MOUNT_POINT);
    if !mount::is_mount_point(root) {
        mount::mount(Path::new("cgroup2"), root, "cgroup2", Restrictions::DATA_ONLY, "")?;
    }
    let control = root.join("cgroup.subtree_control");
    fs::write(&control, CONTROLLERS).step("write", &control.display())
}

/// A group that a process can be started in.
#[derive(Debug)]
pub struct Group(File);

impl Group {
    /// Creates the group of this name, or finds it, and sets its limits: bytes of memory, above which
    /// all its processes are killed, and threads.
    ///
    /// # Errors
    ///
    /// [`SysError::Call`].
    pub fn open(name: &str, memory_bytes: u64, threads: u64) -> Result<Self, SysError> {
        let directory = directory(name);
        match fs::create_dir(&directory) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).step("create", &directory.display());
            }
            _ => {}
        }
        for (file, value) in
            [("memory.max", memory_bytes), ("pids.max", threads), ("memory.oom.group", 1)]
        {
            let path = directory.join(file);
            fs::write(&path, value.to_string()).step("write", &path.display())?;
        }
        let processes = directory.join("cgroup.procs");
        OpenOptions::new().write(true).open(&processes).step("open", &processes.display()).map(Self)
    }

    /// The file to which a process writes `0` to join.
    pub(crate) const fn processes(&self) -> &File {
        &self.0
    }
}

/// Limits and use of the group of this name.
///
/// # Errors
///
/// As for reading a file, when there is no such group.
pub fn facts(name: &str) -> io::Result<GroupFacts> {
    let directory = directory(name);
    let read = |file: &str| fs::read_to_string(directory.join(file));
    let limit = |file: &str| read(file).map(|text| parse_group_limit(&text).flatten());
    Ok(GroupFacts {
        memory_max_bytes: limit("memory.max")?,
        memory_bytes: limit("memory.current")?.unwrap_or_default(),
        memory_peak_bytes: limit("memory.peak")?.unwrap_or_default(),
        threads_max: limit("pids.max")?,
    })
}

fn directory(name: &str) -> PathBuf {
    Path::new(MOUNT_POINT).join(name)
}
