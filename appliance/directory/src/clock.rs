//! The time that Kerberos messages bear.

use std::time::{SystemTime, UNIX_EPOCH};

use kerberos::Moment;

/// The clock of the machine, or one that differs from it: tests set it wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// What is added to the clock of the machine, in seconds.
    pub offset: i64,
}

impl Clock {
    /// The present.
    #[must_use]
    pub fn now(self) -> Moment {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        Moment(micros.saturating_add(self.offset.saturating_mul(1_000_000)))
    }

    /// The present in seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.now().seconds()
    }
}
