//! The role `settings`: files in one directory.

use super::{Rule, only};

/// Flags with which files are opened; the one without a name is `O_LARGEFILE`, which musl always sets.
const OPEN: i32 = libc::O_WRONLY
    | libc::O_RDWR
    | libc::O_CREAT
    | libc::O_EXCL
    | libc::O_TRUNC
    | libc::O_CLOEXEC
    | libc::O_NOFOLLOW
    | libc::O_DIRECTORY
    | 0o100_000;

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_open, [only(1, OPEN)], "settings: the files of the store; /proc/cmdline"),
    permit!(SYS_fstat, [], "std: size of a file that is read"),
    permit!(SYS_mkdir, [], "settings: the directory of the store, which init has made"),
    permit!(SYS_stat, [], "std: a directory that is there already"),
    permit!(SYS_getdents64, [], "settings: which files are in the store"),
    permit!(SYS_fsync, [], "settings: a file and its name are on the disk"),
    permit!(SYS_rename, [], "settings: a new file takes the place of the old one"),
];
