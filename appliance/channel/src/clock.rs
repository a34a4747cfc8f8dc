//! The time of day.

use std::time::{SystemTime, UNIX_EPOCH};

/// The present in seconds since 1970, by the clock of the machine.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
