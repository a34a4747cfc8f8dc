//! The role `capture`: the packet socket that PID 1 has opened, and the trace.

use super::{Rule, has, is, is_long, only_long};

/// What only this role does. `bind` and `close` are every role's that answers.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_setsockopt, [is(1, libc::SOL_PACKET)], "capture: version and size of the ring"),
    permit!(
        SYS_setsockopt,
        [is(1, libc::SOL_SOCKET), is(2, libc::SO_ATTACH_FILTER)],
        "capture: the filter"
    ),
    permit!(SYS_getsockopt, [is(1, libc::SOL_PACKET)], "capture: packets that were lost"),
    permit!(
        SYS_mmap,
        [only_long(2, libc::PROT_READ | libc::PROT_WRITE), has(3, libc::MAP_SHARED), is_long(5, 0)],
        "capture: the ring"
    ),
    permit!(SYS_mkdir, [], "capture: its directory, which init has made"),
    permit!(SYS_sendmsg, [], "bus: the trace is handed to web; musl: a question by TCP"),
    permit!(SYS_ftruncate, [], "capture: a trace that is cut off",
        rarely "the disk must be full"),
];
