//! The role `channel`: how the kernel watches over its connections, and the files that another role hands
//! over.

use super::{Rule, is};

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_USER_TIMEOUT)],
        "channel: a peer that takes nothing is noticed"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_KEEPIDLE)],
        "channel: a quiet connection stays known on the way"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_KEEPINTVL)],
        "channel: a quiet connection stays known on the way"
    ),
    permit!(
        SYS_setsockopt,
        [is(1, libc::SOL_SOCKET), is(2, libc::SO_KEEPALIVE)],
        "channel: a quiet connection stays known on the way"
    ),
    permit!(SYS_pread64, [], "channel: the report is read in pieces", rarely "the cloud must want one"),
];
