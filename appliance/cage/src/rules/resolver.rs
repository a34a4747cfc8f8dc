//! Names are looked up by musl's `getaddrinfo` on a thread: for roles that ask for what an administrator
//! typed.

use super::{Rule, is, only};

/// A datagram socket.
const DATAGRAM: i32 = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;

/// What looking up a name takes, but for answers by TCP ([`TCP`], [`MESSAGES`]) and the
/// files of `/etc` ([`FILES`]).
pub(super) const RULES: &[Rule] = &[
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, DATAGRAM), is(2, 0)],
        "musl: questions to name servers"
    ),
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, DATAGRAM), is(2, libc::IPPROTO_UDP)],
        "musl: which address of a name is nearest"
    ),
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET6), only(1, DATAGRAM)],
        "musl: which address of a name is nearest"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_FASTOPEN_CONNECT)],
        "musl: a question by TCP",
        rarely "few answers are too long for UDP"
    ),
    permit!(SYS_getsockname, [], "musl: which address of a name is nearest"),
    permit!(SYS_poll, [], "musl: waiting for the name servers"),
    permit!(SYS_recvmsg, [], "musl: answers of the name servers"),
];

/// For roles that send no other messages.
pub(super) const MESSAGES: &[Rule] = &[permit!(
    SYS_sendmsg,
    [],
    "musl: a question by TCP",
    rarely "few answers are too long for UDP"
)];

/// For roles that open no other TCP connections.
pub(super) const TCP: &[Rule] = &[permit!(
    SYS_socket,
    [is(0, libc::AF_INET), is(1, libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK), is(2, 0)],
    "musl: an answer of the name server that is cut off is asked for by TCP",
    rarely "few answers are too long for UDP; Landlock allows port 53 only"
)];

/// For roles that open no other files.
pub(super) const FILES: &[Rule] = &[permit!(
    SYS_open,
    [only(1, libc::O_CLOEXEC | 0o100_000)],
    "musl: /etc/resolv.conf, which leads to the file of network; /etc/hosts"
)];
