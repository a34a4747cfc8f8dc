//! What the kernel says about a process: its files in `/proc`.

use std::fs;
use std::io;

use model::process_facts::{ProcessFacts, ProcessStatus, parse_limits, parse_mounts};
use model::role::Role;

use crate::control_group;

/// Reads the facts of PID 1 and of each role that has a process, in the order of [`Role::ALL`]. What ends
/// meanwhile is left out.
#[must_use]
pub fn read_all(pid_of: impl Fn(Role) -> Option<i32>) -> Vec<ProcessFacts> {
    let roles = Role::ALL.into_iter().filter_map(|role| Some((Some(role), pid_of(role)?)));
    let all = std::iter::once((None, 1)).chain(roles);
    all.filter_map(|(role, pid)| read(role, pid).ok()).collect()
}

/// Reads the facts of a process: of a role, or of PID 1.
///
/// # Errors
///
/// As for reading files of `/proc`, for one when the process has ended. Without control groups the facts
/// lack those of the group.
pub fn read(role: Option<Role>, pid: i32) -> io::Result<ProcessFacts> {
    let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}"));
    Ok(ProcessFacts {
        role,
        pid,
        status: ProcessStatus::parse(&read("status")?),
        limits: parse_limits(&read("limits")?),
        mounts: parse_mounts(&read("mountinfo")?),
        group: role.and_then(|role| control_group::facts(role.name()).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_facts_of_this_process() {
        let pid = i32::try_from(std::process::id()).expect("small");
        let facts = read(None, pid).expect("facts");
        assert!(facts.status.resident_kib > 0 && facts.status.threads > 0);
        assert!(facts.limits.iter().any(|limit| limit.name == "Max open files"));
        assert!(facts.mounts.iter().any(|mount| mount.target == "/proc"));
        assert_eq!(facts.group, None);
    }
}
