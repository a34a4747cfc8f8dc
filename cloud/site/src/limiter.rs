//! A limit on requests, for each of many: a bucket that fills steadily and takes a burst.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// Most buckets that are remembered. A full one is forgotten first; it is as good as new.
const MAX_BUCKETS: usize = 10_000;

/// Buckets by key.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    /// Requests a second.
    rate: f64,
    /// Most requests at once.
    burst: f64,
    buckets: HashMap<K, Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: f64,
    at: Instant,
}

impl<K: Eq + Hash> Limiter<K> {
    pub(crate) fn new(rate: f64, burst: f64) -> Self {
        Self { rate, burst, buckets: HashMap::new() }
    }

    /// Takes one request, or tells how long to wait for the next one.
    pub(crate) fn take(&mut self, key: K, now: Instant) -> Result<(), Duration> {
        if self.buckets.len() >= MAX_BUCKETS && !self.buckets.contains_key(&key) {
            self.make_room(now);
        }
        let full = Bucket { level: self.burst, at: now };
        let (rate, burst) = (self.rate, self.burst);
        let bucket = self.buckets.entry(key).or_insert(full);
        let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * rate;
        *bucket = Bucket { level: (bucket.level + gained).min(burst), at: now };
        if bucket.level >= 1.0 {
            bucket.level -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - bucket.level) / rate))
    }

    fn make_room(&mut self, now: Instant) {
        let (rate, burst) = (self.rate, self.burst);
        self.buckets.retain(|_, bucket| {
            let gained = now.saturating_duration_since(bucket.at).as_secs_f64() * rate;
            bucket.level + gained < burst
        });
        // Ten thousand busy sources at once: forgetting them all is kinder than refusing new ones.
        if self.buckets.len() >= MAX_BUCKETS {
            self.buckets.clear();
        }
    }
}

/// A pause in whole seconds, rounded up, one at least: what a client is told is never too short.
pub(crate) fn whole_seconds(pause: Duration) -> u64 {
    (pause.as_secs() + u64::from(pause.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_burst_and_then_the_rate() {
        let start = Instant::now();
        let mut limiter = Limiter::new(2.0, 3.0);
        let mut take = |milliseconds| {
            limiter.take("a", start + Duration::from_millis(milliseconds)).map_err(whole_seconds)
        };
        assert_eq!((take(0), take(0), take(0), take(0)), (Ok(()), Ok(()), Ok(()), Err(1)));
        assert_eq!((take(500), take(500)), (Ok(()), Err(1)));
        assert!((0..3).all(|_| take(60_000).is_ok()) && take(60_000).is_err(), "full, not fuller");
    }

    #[test]
    fn sources_do_not_disturb_each_other_and_do_not_pile_up() {
        let now = Instant::now();
        let mut limiter = Limiter::new(1.0, 1.0);
        assert!((0..3 * MAX_BUCKETS).all(|source| limiter.take(source, now).is_ok()));
        assert!(limiter.buckets.len() <= MAX_BUCKETS);
    }
}
