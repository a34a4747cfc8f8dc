//! When a connection asks for a new certificate.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::certificate::Validity;

/// Pause after a renewal that the cloud refused or did not answer.
pub(crate) const AGAIN: Duration = Duration::from_secs(60 * 60);
/// Longest wait at a time: a clock that was set meanwhile is noticed then.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The right to ask, which one connection has at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn(Arc<AtomicBool>);

/// The right, while it is held.
#[derive(Debug)]
pub(crate) struct Held(Arc<AtomicBool>);

impl Turn {
    /// Takes the right, if nobody has it.
    pub(crate) fn take(&self) -> Option<Held> {
        let is_taken = self.0.swap(true, Ordering::AcqRel);
        (!is_taken).then(|| Held(Arc::clone(&self.0)))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The clock of the cloud, which counts: it decides what has expired.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CloudClock {
    told: i64,
    at: Instant,
}

impl CloudClock {
    /// The cloud has just told its time.
    pub(crate) fn new(told: i64) -> Self {
        Self { told, at: Instant::now() }
    }

    /// The time there in seconds since 1970.
    pub(crate) fn now(self) -> i64 {
        let elapsed = i64::try_from(self.at.elapsed().as_secs()).unwrap_or(i64::MAX);
        self.told.saturating_add(elapsed)
    }
}

/// How long to wait before a certificate is renewed; at most a day, then it is looked at again.
pub(crate) fn wait(validity: Validity, now: i64) -> Duration {
    let seconds = u64::try_from(validity.renewal_at().saturating_sub(now)).unwrap_or(0);
    Duration::from_secs(seconds).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_due_at_two_thirds_and_ever_after() {
        let validity = Validity { begin: 0, end: 3000 };
        for (now, seconds) in [(0, 2000), (1999, 1), (2000, 0), (9000, 0), (i64::MIN, 86400)] {
            assert_eq!(wait(validity, now), Duration::from_secs(seconds), "{now}");
        }
    }

    #[test]
    fn one_connection_asks_at_a_time() {
        let turn = Turn::default();
        let held = turn.take().unwrap();
        assert!(turn.clone().take().is_none());
        drop(held);
        assert!(turn.take().is_some());
    }
}
