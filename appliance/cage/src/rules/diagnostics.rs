//! The role `diagnostics`: echo requests, beside the dialer and its reports.

use super::{Rule, is, only};

/// A datagram socket.
const DATAGRAM: i32 = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_getpid, [], "diagnostics: the name of a report"),
    permit!(SYS_sendmsg, [], "bus: the report is handed to web; musl: a question by TCP"),
    permit!(
        SYS_socket,
        [is(0, libc::AF_INET), only(1, DATAGRAM), is(2, libc::IPPROTO_ICMP)],
        "diagnostics: echo requests"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_IP), is(2, libc::IP_RECVERR)],
        "diagnostics: a router says that there is no way"
    ),
];
