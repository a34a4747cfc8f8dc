//! The role `console`: terminals.

use super::{Rule, only};

/// What only this role does.
pub(super) const RULES: &[Rule] = &[permit!(
    SYS_open,
    [only(1, libc::O_WRONLY | libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC | 0o100_000)],
    "console: each terminal"
)];
