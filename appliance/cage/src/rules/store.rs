//! Files of a role in a directory of its own.

use super::{Rule, only};

/// Flags with which files are opened; the one without a name is `O_LARGEFILE`, which musl always sets.
pub(super) const OPEN: i32 = libc::O_WRONLY
    | libc::O_RDWR
    | libc::O_CREAT
    | libc::O_EXCL
    | libc::O_TRUNC
    | libc::O_APPEND
    | libc::O_CLOEXEC
    | libc::O_NOFOLLOW
    | libc::O_DIRECTORY
    | 0o100_000;

/// For roles that keep files beside what they read.
pub(super) const RULES: &[Rule] = &[
    permit!(
        SYS_open,
        [only(1, OPEN)],
        "the role: its files; musl: /etc/resolv.conf and /etc/hosts"
    ),
    permit!(SYS_fstat, [], "std: size of a file that is read"),
    permit!(SYS_stat, [], "std: whether a file is there"),
    permit!(SYS_getdents64, [], "the role: which files are in its directory"),
    permit!(SYS_fsync, [], "the role: a file is on the disk",
        rarely "what is in memory only needs none"),
    permit!(SYS_fdatasync, [], "the role: what is in a file is on the disk",
        rarely "what is in memory only needs none"),
    permit!(SYS_rename, [], "the role: a file gets its name when it is whole",
        rarely "not every role does"),
    permit!(SYS_fstatfs, [], "sys: free space"),
];
