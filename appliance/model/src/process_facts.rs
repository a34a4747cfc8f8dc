//! What the kernel says about a running process, so that the confinement of each role can be compared
//! with what [`crate::confinement`] promises. Parsers of the files in `/proc/<pid>` (`proc(5)`); they
//! take what the kernel wrote and never fail on lines that they do not know.

use serde::{Deserialize, Serialize};

use crate::role::Role;

/// One process: PID 1 or a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessFacts {
    /// The role; `None` for PID 1.
    pub role: Option<Role>,
    /// Process id.
    pub pid: i32,
    /// From `/proc/<pid>/status`.
    pub status: ProcessStatus,
    /// Soft and hard limits, from `/proc/<pid>/limits`.
    pub limits: Vec<Limit>,
    /// Mounts that it sees, from `/proc/<pid>/mountinfo`.
    pub mounts: Vec<Mount>,
    /// Its control group; `None` for PID 1, which has no limits.
    pub group: Option<GroupFacts>,
}

/// What `/proc/<pid>/status` says of user, privileges and memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessStatus {
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
    /// Further groups.
    pub groups: Vec<u32>,
    /// Capability sets.
    pub capabilities: CapabilitySets,
    /// Whether it can never gain privileges by executing a program.
    pub no_new_privileges: bool,
    /// How system calls are filtered.
    pub seccomp: SeccompMode,
    /// Number of filters.
    pub seccomp_filters: u32,
    /// Number of threads.
    pub threads: u32,
    /// Resident memory in KiB.
    pub resident_kib: u64,
}

/// The capability sets of a process, bit n = capability n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilitySets {
    /// Kept by programs that it executes, with the file's own.
    pub inheritable: u64,
    /// May be made effective.
    pub permitted: u64,
    /// Count when the kernel decides.
    pub effective: u64,
    /// No program that it executes can have more.
    pub bounding: u64,
    /// Kept by programs that it executes.
    pub ambient: u64,
}

/// How system calls are filtered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeccompMode {
    /// Not at all.
    #[default]
    Disabled,
    /// Only read, write and exit.
    Strict,
    /// By a filter program.
    Filter,
}

/// One resource limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The kernel's name, such as `Max open files`.
    pub name: String,
    /// The limit that counts; `None` = unlimited.
    pub soft: Option<u64>,
    /// To which the process may raise it; `None` = unlimited.
    pub hard: Option<u64>,
}

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is mounted, as the process sees it.
    pub target: String,
    /// Type of the file system.
    pub file_system: String,
    /// Options of the mount, such as `ro` and `nosuid`; not those of the file system.
    pub options: Vec<String>,
}

impl Mount {
    /// Whether the mount has this option.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|own| own == option)
    }
}

/// Limits and use of a control group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFacts {
    /// Most memory in bytes; `None` = unlimited.
    pub memory_max_bytes: Option<u64>,
    /// Memory in use, in bytes, page cache included.
    pub memory_bytes: u64,
    /// Most memory that was ever in use, in bytes.
    pub memory_peak_bytes: u64,
    /// Most processes and threads; `None` = unlimited.
    pub threads_max: Option<u64>,
}

impl ProcessStatus {
    /// Reads `/proc/<pid>/status`. Fields that are missing keep their defaults.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut status = Self::default();
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            let first = || value.split_whitespace().next().unwrap_or_default();
            let number = || first().parse().unwrap_or_default();
            // Real, effective, saved and file-system id.
            let effective = || value.split_whitespace().nth(1).unwrap_or_default();
            let set = || u64::from_str_radix(value, 16).unwrap_or_default();
            match name {
                "Uid" => status.uid = effective().parse().unwrap_or_default(),
                "Gid" => status.gid = effective().parse().unwrap_or_default(),
                "Groups" => {
                    status.groups =
                        value.split_whitespace().filter_map(|group| group.parse().ok()).collect();
                }
                "CapInh" => status.capabilities.inheritable = set(),
                "CapPrm" => status.capabilities.permitted = set(),
                "CapEff" => status.capabilities.effective = set(),
                "CapBnd" => status.capabilities.bounding = set(),
                "CapAmb" => status.capabilities.ambient = set(),
                "NoNewPrivs" => status.no_new_privileges = value == "1",
                "Seccomp" => {
                    status.seccomp = match value {
                        "1" => SeccompMode::Strict,
                        "2" => SeccompMode::Filter,
                        _ => SeccompMode::Disabled,
                    };
                }
                "Seccomp_filters" => status.seccomp_filters = number(),
                "Threads" => status.threads = number(),
                "VmRSS" => status.resident_kib = first().parse().unwrap_or_default(),
                _ => {}
            }
        }
        status
    }
}

/// Reads `/proc/<pid>/limits`.
#[must_use]
pub fn parse_limits(text: &str) -> Vec<Limit> {
    let limit = |line: &str| {
        let name = line.get(..LIMIT_NAME_WIDTH)?.trim().to_owned();
        let mut values = line.get(LIMIT_NAME_WIDTH..)?.split_whitespace();
        let soft = parse_maximum(values.next()?, "unlimited")?;
        let hard = parse_maximum(values.next()?, "unlimited")?;
        Some(Limit { name, soft, hard })
    };
    text.lines().skip(1).filter_map(limit).collect()
}

/// Reads `/proc/<pid>/mountinfo`.
#[must_use]
pub fn parse_mounts(text: &str) -> Vec<Mount> {
    let mount = |line: &str| {
        let (front, back) = line.split_once(" - ")?;
        // Id, parent, device, root, target, options.
        let mut fields = front.split(' ').skip(4);
        let target = fields.next()?.to_owned();
        let options = fields.next()?.split(',').map(str::to_owned).collect();
        let file_system = back.split(' ').next()?.to_owned();
        Some(Mount { target, file_system, options })
    };
    text.lines().filter_map(mount).collect()
}

/// A limit as a control group shows it: a number, or `max` for none. `None` when it is neither.
#[must_use]
pub fn parse_group_limit(text: &str) -> Option<Option<u64>> {
    parse_maximum(text.trim(), "max")
}

/// Names of the capabilities in a set, without `CAP_`, in the order of their numbers (`linux/capability.h`).
#[must_use]
pub fn capability_names(set: u64) -> Vec<&'static str> {
    let is_in = |number: usize| set >> number & 1 == 1;
    let named = CAPABILITIES.iter().enumerate();
    named.filter(|(number, _)| is_in(*number)).map(|(_, name)| *name).collect()
}

fn parse_maximum(text: &str, unlimited: &str) -> Option<Option<u64>> {
    if text == unlimited { Some(None) } else { text.parse().ok().map(Some) }
}

/// Width of the first column of `/proc/<pid>/limits`.
const LIMIT_NAME_WIDTH: usize = 25;

const CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::role::Capability;

    const STATUS: &str = "Name:\tconnector\nUmask:\t0077\nUid:\t102\t102\t102\t102\n\
        Gid:\t102\t102\t102\t102\nGroups:\t \nVmRSS:\t    5120 kB\nThreads:\t3\n\
        CapInh:\t0000000000003000\nCapPrm:\t0000000000003000\nCapEff:\t0000000000003000\n\
        CapBnd:\t0000000000003400\nCapAmb:\t0000000000003000\nNoNewPrivs:\t1\nSeccomp:\t2\n\
        Seccomp_filters:\t1\n";

    #[test]
    fn reads_user_privileges_and_memory() {
        let status = ProcessStatus::parse(STATUS);
        assert_eq!((status.uid, status.gid, status.groups.len()), (102, 102, 0));
        assert_eq!(capability_names(status.capabilities.effective), ["NET_ADMIN", "NET_RAW"]);
        assert_eq!(status.capabilities.bounding, 0x3400);
        assert!(status.no_new_privileges);
        assert_eq!((status.seccomp, status.seccomp_filters), (SeccompMode::Filter, 1));
        assert_eq!((status.threads, status.resident_kib), (3, 5120));
    }

    #[test]
    fn reads_limits_with_and_without_a_bound() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max cpu time              unlimited            unlimited            seconds   \n\
            Max open files            1024                 4096                 files     \n";
        let limits = parse_limits(text);
        assert_eq!(limits[0], Limit { name: "Max cpu time".into(), soft: None, hard: None });
        let files = Limit { name: "Max open files".into(), soft: Some(1024), hard: Some(4096) };
        assert_eq!(limits[1..], [files]);
    }

    #[test]
    fn reads_mounts_with_optional_fields() {
        let text = "22 27 0:21 / /proc rw,nosuid - proc proc rw\n\
            26 24 0:24 / /run/bus ro,nodev,noexec shared:1 - tmpfs tmpfs rw,size=4k\nnonsense\n";
        let mounts = parse_mounts(text);
        assert_eq!(mounts.len(), 2);
        assert_eq!((&*mounts[1].target, &*mounts[1].file_system), ("/run/bus", "tmpfs"));
        assert!(mounts[1].has("ro") && mounts[1].has("noexec") && !mounts[1].has("size=4k"));
    }

    #[test]
    fn names_capabilities_by_the_kernels_numbers() {
        for (capability, name) in [
            (Capability::NetBindService, "NET_BIND_SERVICE"),
            (Capability::NetAdmin, "NET_ADMIN"),
            (Capability::NetRaw, "NET_RAW"),
            (Capability::SysTime, "SYS_TIME"),
        ] {
            assert_eq!(capability_names(1 << capability.number()), [name]);
        }
        assert_eq!(capability_names(0), <[&str; 0]>::default());
    }

    #[test]
    fn a_group_limit_is_a_number_or_none() {
        assert_eq!(parse_group_limit("33554432\n"), Some(Some(33_554_432)));
        assert_eq!(parse_group_limit("max\n"), Some(None));
        assert_eq!(parse_group_limit("many"), None);
    }

    proptest! {
        #[test]
        fn no_text_stops_the_parsers(text in ".{0,400}") {
            let _ = (ProcessStatus::parse(&text), parse_limits(&text), parse_mounts(&text));
        }
    }
}
