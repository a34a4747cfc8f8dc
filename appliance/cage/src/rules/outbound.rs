//! Connections to proxies and servers, with TLS: for roles that use the dialer.

use super::{Rule, is, only};

/// `SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK`.
const STREAM: i32 = libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
/// `MADV_WIPEONFORK`.
const WIPE_ON_FORK: i32 = 18;

/// What the dialer does.
pub(super) const RULES: &[Rule] = &[
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, STREAM), is(2, 0)],
        "outbound: a connection"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_NODELAY)],
        "outbound: questions are not held back",
        rarely "not every connection asks for it"
    ),
    permit!(SYS_getpeername, [], "tokio: the other end", rarely "not every connection asks for it"),
    permit!(SYS_shutdown, [], "tokio: the end of a connection", rarely "the other end may be first"),
    permit!(SYS_writev, [], "tokio-rustls: several records at once",
        rarely "short questions fit in one"),
    permit!(
        SYS_madvise,
        [is(2, WIPE_ON_FORK)],
        "aws-lc: a copy of the process has no copy of the random state",
        rarely "without TLS there is no random state"
    ),
    permit!(
        SYS_madvise,
        [is(2, -1)],
        "aws-lc: whether the kernel refuses advice that it does not know",
        rarely "without TLS there is no random state"
    ),
];
