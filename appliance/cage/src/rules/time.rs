//! The role `time`: SNTP over UDP, the clock of the kernel.

use super::{Rule, is};

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_clock_settime, [is(0, libc::CLOCK_REALTIME)], "clock: a large step"),
    permit!(
        SYS_adjtimex,
        [],
        "clock: a small correction; the kernel sets the hardware clock by it",
        rarely "the clock must have been set before, which a machine that tests does not allow"
    ),
];
