//! The role `time`: SNTP over UDP, names over DNS, the clock of the kernel.

use super::{Rule, is, only};

/// Flags of sockets.
const FLAGS: i32 = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
/// A datagram socket.
const DATAGRAM: i32 = libc::SOCK_DGRAM | FLAGS;

/// What only this role does. Names are looked up by musl's `getaddrinfo` on a thread.
pub(super) const RULES: &[Rule] = &[
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, DATAGRAM), is(2, 0)],
        "clock: questions to time servers; musl: questions to name servers"
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
        SYS_socket,
        [is(0, libc::AF_INET), is(1, libc::SOCK_STREAM | FLAGS), is(2, 0)],
        "musl: an answer of the name server that is cut off is asked for by TCP",
        rarely "answers about time servers are short; Landlock allows port 53 only"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_FASTOPEN_CONNECT)],
        "musl: a question by TCP",
        rarely "answers about time servers are short"
    ),
    permit!(SYS_sendmsg, [], "musl: a question by TCP", rarely "answers about time servers are short"),
    permit!(SYS_getsockname, [], "musl: which address of a name is nearest"),
    permit!(SYS_poll, [], "musl: waiting for the name servers"),
    permit!(SYS_recvmsg, [], "musl: answers of the name servers"),
    permit!(
        SYS_open,
        [only(1, libc::O_CLOEXEC | 0o100_000)],
        "musl: /etc/resolv.conf, which leads to the file of network; /etc/hosts"
    ),
    permit!(SYS_clock_settime, [is(0, libc::CLOCK_REALTIME)], "clock: a large step"),
    permit!(
        SYS_adjtimex,
        [],
        "clock: a small correction; the kernel sets the hardware clock by it",
        rarely "the clock must have been set before, which a machine that tests does not allow"
    ),
];
