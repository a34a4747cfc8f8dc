//! The role `web`: TCP, TLS, password hashes.

use super::{Rule, is, only};

/// `SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK`.
const STREAM: i32 = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
/// `MADV_WIPEONFORK`.
const WIPE_ON_FORK: i32 = 18;

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, STREAM), is(2, 0)],
        "web: the port of HTTPS, and the question to itself; Landlock allows port 443 only"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::SOL_SOCKET), is(2, libc::SO_REUSEADDR)],
        "tokio: the port is free at once after a restart"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_NODELAY)],
        "web: answers are not held back"
    ),
    permit!(SYS_bind, [], "tokio: the port of HTTPS"),
    permit!(SYS_listen, [], "tokio: the port of HTTPS"),
    permit!(SYS_accept4, [only(3, libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK)], "tokio: connections"),
    permit!(SYS_recvmsg, [], "bus: traces and reports, which other roles hand over open"),
    permit!(SYS_fstat, [], "web: the length of a file that it hands out"),
    permit!(SYS_pread64, [], "web: a file that it hands out"),
    permit!(SYS_getsockname, [], "web: the port that was given"),
    permit!(SYS_shutdown, [], "tokio: the end of a connection"),
    permit!(SYS_writev, [], "tokio-rustls: several records at once"),
    permit!(
        SYS_open,
        [only(1, libc::O_CLOEXEC | 0o100_000)],
        "aws-lc: looks for the processor's caches, which its view does not show"
    ),
    permit!(SYS_stat, [], "aws-lc: looks for /dev/sysgenid, which its view does not show"),
    permit!(
        SYS_madvise,
        [is(2, WIPE_ON_FORK)],
        "aws-lc: a copy of the process has no copy of the random state"
    ),
    permit!(
        SYS_madvise,
        [is(2, -1)],
        "aws-lc: whether the kernel refuses advice that it does not know"
    ),
    permit!(SYS_rt_sigaction, [is(0, libc::SIGTERM)], "tokio: init asks the role to end"),
];
