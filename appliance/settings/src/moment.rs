//! The two clocks.

use std::time::{SystemTime, UNIX_EPOCH};

/// One moment on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// How long the machine has been running, in milliseconds: what deadlines are set by, since no
    /// correction of the clock moves it.
    pub(crate) uptime_ms: u64,
    /// Seconds since 1970: what is told to people, and may be wrong.
    pub(crate) unix_seconds: i64,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            uptime_ms: sys::clock::uptime_ms(),
            unix_seconds: i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// The running time so many seconds later, in milliseconds.
    pub(crate) const fn uptime_ms_in(self, seconds: u64) -> u64 {
        self.uptime_ms.saturating_add(seconds.saturating_mul(1000))
    }
}
