//! The role `directory`: what the LDAP client and its connection do beside the usual.

use super::{Rule, is};

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_ioctl, [is(1, FIONBIO)], "ldap3: makes its end of the pair non-blocking"),
    permit!(
        SYS_setsockopt,
        [is(1, libc::IPPROTO_TCP), is(2, libc::TCP_NODELAY)],
        "directory: requests are not held back"
    ),
];

/// `FIONBIO` as the kernel takes it.
const FIONBIO: i32 = 0x5421;
