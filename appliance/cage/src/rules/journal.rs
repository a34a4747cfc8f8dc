//! The role `journal`: the kernel's log, which PID 1 has opened, and files that go round.

use super::{Rule, is};

/// What only this role does.
pub(super) const RULES: &[Rule] = &[
    permit!(SYS_lseek, [], "journal: the end of a file that an earlier process began",
        rarely "the role must start a second time"),
    permit!(SYS_ftruncate, [], "journal: a record that was torn by a power cut",
        rarely "the power must fail"),
    permit!(SYS_rt_sigaction, [is(0, libc::SIGTERM)], "tokio: init asks the role to end"),
];
