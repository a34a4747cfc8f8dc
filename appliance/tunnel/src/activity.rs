//! When a link last heard anything of its peer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Follows the octets that arrive, of whatever kind.
#[derive(Clone, Debug)]
pub struct Activity {
    begin: Instant,
    heard_nanos: Arc<AtomicU64>,
}

impl Activity {
    /// A link that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self { begin: Instant::now(), heard_nanos: Arc::default() }
    }

    /// Time since the beginning.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// When octets last arrived, since the beginning.
    #[must_use]
    pub fn heard(&self) -> Duration {
        Duration::from_nanos(self.heard_nanos.load(Ordering::Relaxed))
    }

    /// The moment that lies so long after the beginning.
    #[must_use]
    pub fn instant(&self, since_begin: Duration) -> Instant {
        self.begin + since_begin
    }

    /// Notes that octets have arrived or gone just now.
    pub fn hear(&self) {
        let nanos = u64::try_from(self.now().as_nanos()).unwrap_or(u64::MAX);
        self.heard_nanos.fetch_max(nanos, Ordering::Relaxed);
    }
}

impl Activity {
    /// Waits until nothing has been noted for so long.
    pub async fn silence(&self, limit: Duration) {
        loop {
            let until = self.instant(self.heard() + limit);
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_heard_is_never_older_than_what_was_asked_before() {
        let activity = Activity::new();
        for _ in 0..1_000 {
            let asked = activity.now();
            activity.hear();
            assert!(activity.heard() >= asked, "an answer within a millisecond is an answer");
        }
    }
}
