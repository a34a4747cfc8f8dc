//! The clock that certificates are checked by.

use std::time::{SystemTime, UNIX_EPOCH};

/// A clock that can be read. The appliance has the kernel's; tests set theirs.
pub trait Clock: Send + Sync + 'static {
    /// The time of day in seconds since 1970.
    fn now(&self) -> i64;
}

/// The kernel's clock.
#[derive(Clone, Copy, Debug)]
pub struct KernelClock;

impl Clock for KernelClock {
    fn now(&self) -> i64 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
    }
}
