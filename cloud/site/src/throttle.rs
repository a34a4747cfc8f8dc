//! The rising pause after wrong secrets of clients, for each source.
//!
//! A secret has 256 bits, so that nobody guesses one; the pause keeps a script with an old secret from
//! asking as fast as it can. Sources do not disturb each other, and no client is locked out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// Failures of one source without a pause.
const FREE_FAILURES: u32 = 3;
/// Longest pause of one source.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Failures are forgotten after this long without another.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Most sources that are remembered.
const MAX_SOURCES: usize = 10_000;

/// What is remembered of failures.
#[derive(Debug, Default)]
pub(crate) struct Throttle(HashMap<IpAddr, Record>);

#[derive(Clone, Copy, Debug)]
struct Record {
    failures: u32,
    last: Instant,
    free_from: Instant,
}

impl Throttle {
    /// How long the next try of this source has to wait; `None` = it is looked at.
    pub(crate) fn pause(&self, source: IpAddr, now: Instant) -> Option<Duration> {
        let left = self.0.get(&source)?.free_from.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Counts a failure.
    pub(crate) fn failed(&mut self, source: IpAddr, now: Instant) {
        if self.0.len() >= MAX_SOURCES && !self.0.contains_key(&source) {
            self.make_room(now);
        }
        let previous =
            self.0.get(&source).filter(|record| now.duration_since(record.last) < MEMORY);
        let failures = previous.map_or(0, |record| record.failures).saturating_add(1);
        let pause = match failures.checked_sub(FREE_FAILURES) {
            None | Some(0) => Duration::ZERO,
            Some(over) => Duration::from_secs(1 << (over - 1).min(16)).min(LONGEST_PAUSE),
        };
        self.0.insert(source, Record { failures, last: now, free_from: now + pause });
    }

    /// Forgets the failures of a source that knows a secret.
    pub(crate) fn succeeded(&mut self, source: IpAddr) {
        self.0.remove(&source);
    }

    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, record| now.duration_since(record.last) < MEMORY);
        if self.0.len() >= MAX_SOURCES {
            let oldest =
                self.0.iter().min_by_key(|(_, record)| record.last).map(|(source, _)| *source);
            oldest.map(|source| self.0.remove(&source));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn pause_rises_after_three_failures_and_ends() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            throttle.failed(SOURCE, now);
            pauses.push(throttle.pause(SOURCE, now).map_or(0, |pause| pause.as_secs()));
        }
        assert_eq!(pauses, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(throttle.pause(SOURCE, now + LONGEST_PAUSE), None);
        throttle.failed(SOURCE, now + MEMORY);
        assert_eq!(throttle.pause(SOURCE, now + MEMORY), None, "forgotten");
    }

    #[test]
    fn success_and_other_sources_are_not_paused() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        for _ in 0..9 {
            throttle.failed(SOURCE, now);
        }
        assert_eq!(throttle.pause("::1".parse().unwrap(), now), None);
        throttle.succeeded(SOURCE);
        assert_eq!(throttle.pause(SOURCE, now), None);
    }

    #[test]
    fn memory_is_limited() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        for number in 0..2 * u32::try_from(MAX_SOURCES).unwrap() {
            throttle.failed(IpAddr::V4(number.into()), now);
        }
        assert_eq!(throttle.0.len(), MAX_SOURCES);
    }
}
