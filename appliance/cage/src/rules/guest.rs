//! The role `guest`: files of the platform, metadata services, the channel to the hypervisor.

use super::{Rule, is, only};

/// `SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK`.
const STREAM: i32 = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
/// Flags for reading; the one without a name is `O_LARGEFILE`, which musl always sets.
const READ: i32 = libc::O_CLOEXEC | libc::O_DIRECTORY | 0o100_000;

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_open, [only(1, READ)], "guest: what PID 1 has copied"),
    permit!(SYS_fstat, [], "std: size of a file that is read"),
    permit!(SYS_getdents64, [], "guest: which files were copied"),
    permit!(SYS_uname, [], "guest: the kernel, for whoever asks"),
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, STREAM), is(2, 0)],
        "guest: metadata services; Landlock allows port 80 only"
    ),
    permit!(SYS_writev, [], "hyper: head and body of a request at once"),
    permit!(SYS_shutdown, [], "hyper: the end of a connection", rarely "the other end may be first"),
];
