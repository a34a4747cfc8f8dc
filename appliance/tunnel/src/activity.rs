//! When a link last heard anything of its peer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Follows the octets that arrive, of whatever kind.
#[derive(Clone, Debug)]
pub struct Activity {
    begin: Instant,
    heard_millis: Arc<AtomicU64>,
}

impl Activity {
    /// A link that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self { begin: Instant::now(), heard_millis: Arc::default() }
    }

    /// Time since the beginning.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// When octets last arrived, since the beginning.
    #[must_use]
    pub fn heard(&self) -> Duration {
        Duration::from_millis(self.heard_millis.load(Ordering::Relaxed))
    }

    /// The moment that lies so long after the beginning.
    #[must_use]
    pub fn instant(&self, since_begin: Duration) -> Instant {
        self.begin + since_begin
    }

    /// Notes that octets have arrived or gone just now.
    pub fn hear(&self) {
        let millis = u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX);
        self.heard_millis.fetch_max(millis, Ordering::Relaxed);
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
