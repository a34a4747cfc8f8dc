//! The rising pause after wrong passwords.
//!
//! Nobody is locked out: a pause ends, and there is only one administrator. After
//! [`FREE_FAILURES`] failures a source address waits 1, 2, 4 ... 60 s before its next try is looked
//! at. Many sources together meet a softer pause of their own, which spares sources that have signed
//! in before, so that an attacker with many addresses cannot keep the administrator waiting.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// Failures of one source without a pause.
pub(crate) const FREE_FAILURES: u32 = 3;
/// Failures of all sources together without a pause.
pub(crate) const FREE_FAILURES_IN_TOTAL: u32 = 30;
/// Longest pause of one source.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Longest pause of all sources together.
pub(crate) const LONGEST_PAUSE_IN_TOTAL: Duration = Duration::from_secs(5);
/// Failures are forgotten after this long without another.
pub(crate) const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Most sources that are remembered; the one that failed longest ago makes room.
pub(crate) const MAX_SOURCES: usize = 1024;
/// Most sources that are remembered for having signed in.
const MAX_KNOWN: usize = 64;

/// What is remembered of failures.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    sources: HashMap<IpAddr, Record>,
    total: Option<Record>,
    known: HashMap<IpAddr, Instant>,
}

/// What a failure led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Pause until the next try is looked at.
    pub(crate) wait: Duration,
    /// Failures of this source.
    pub(crate) failures: u32,
    /// When the first of them happened.
    pub(crate) since: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    failures: u32,
    first: Instant,
    last: Instant,
    free_from: Instant,
}

impl Record {
    /// Counts a failure; `previous` is forgotten when it is too old.
    fn after(previous: Option<Self>, free_failures: u32, longest: Duration, now: Instant) -> Self {
        let previous = previous.filter(|record| now.duration_since(record.last) < MEMORY);
        let failures = previous.map_or(0, |record| record.failures).saturating_add(1);
        let wait = match failures.checked_sub(free_failures) {
            None | Some(0) => Duration::ZERO,
            Some(over) => {
                let doublings = (over - 1).min(16);
                Duration::from_secs(1 << doublings).min(longest)
            }
        };
        let first = previous.map_or(now, |record| record.first);
        Self { failures, first, last: now, free_from: now + wait }
    }
}

impl Throttle {
    /// How long the next try of this source has to wait; zero = it is looked at.
    pub(crate) fn pause(&self, source: IpAddr, now: Instant) -> Duration {
        let left = |record: &Record| record.free_from.saturating_duration_since(now);
        let own = self.sources.get(&source).map_or(Duration::ZERO, left);
        if self.known.contains_key(&source) {
            return own;
        }
        own.max(self.total.as_ref().map_or(Duration::ZERO, left))
    }

    /// Counts a failure.
    pub(crate) fn failed(&mut self, source: IpAddr, now: Instant) -> Failure {
        self.make_room(source, now);
        let previous = self.sources.get(&source).copied();
        let record = Record::after(previous, FREE_FAILURES, LONGEST_PAUSE, now);
        self.sources.insert(source, record);
        let total = Record::after(self.total, FREE_FAILURES_IN_TOTAL, LONGEST_PAUSE_IN_TOTAL, now);
        self.total = Some(total);
        Failure { wait: self.pause(source, now), failures: record.failures, since: record.first }
    }

    /// Forgets the failures of a source that knows the password.
    pub(crate) fn succeeded(&mut self, source: IpAddr, now: Instant) {
        self.sources.remove(&source);
        self.known.insert(source, now);
        if self.known.len() > MAX_KNOWN {
            remove_oldest(&mut self.known, |time| *time);
        }
    }

    fn make_room(&mut self, source: IpAddr, now: Instant) {
        if self.sources.len() < MAX_SOURCES || self.sources.contains_key(&source) {
            return;
        }
        self.sources.retain(|_, record| now.duration_since(record.last) < MEMORY);
        if self.sources.len() >= MAX_SOURCES {
            remove_oldest(&mut self.sources, |record| record.last);
        }
    }
}

/// A pause in seconds, rounded up: what a person is told is never too short.
pub(crate) fn whole_seconds(pause: Duration) -> u64 {
    pause.as_secs() + u64::from(pause.subsec_nanos() > 0)
}

fn remove_oldest<T>(entries: &mut HashMap<IpAddr, T>, time: impl Fn(&T) -> Instant) {
    let oldest = entries.iter().min_by_key(|(_, entry)| time(entry)).map(|(source, _)| *source);
    if let Some(oldest) = oldest {
        entries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
    const SECOND: Duration = Duration::from_secs(1);

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(0x0A00_0000 + number).into()
    }

    #[test]
    fn pause_doubles_up_to_a_minute() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..11 {
            let failure = throttle.failed(SOURCE, now);
            waits.push(failure.wait.as_secs());
            now += failure.wait;
            assert_eq!(throttle.pause(SOURCE, now), Duration::ZERO);
        }
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn pause_is_the_sources_own() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..5 {
            throttle.failed(SOURCE, now);
        }
        assert_eq!(throttle.pause(SOURCE, now), 2 * SECOND);
        assert_eq!(throttle.pause(OTHER, now), Duration::ZERO);
    }

    #[test]
    fn success_and_time_forget() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for _ in 0..5 {
            throttle.failed(SOURCE, start);
        }
        throttle.succeeded(SOURCE, start);
        assert_eq!(throttle.failed(SOURCE, start).failures, 1);
        throttle.failed(OTHER, start);
        let failure = throttle.failed(OTHER, start + MEMORY);
        assert_eq!((failure.failures, failure.since), (1, start + MEMORY));
    }

    #[test]
    fn many_sources_wait_together_and_known_ones_do_not() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        throttle.succeeded(SOURCE, now);
        for number in 0..1000 {
            throttle.failed(address(number), now);
        }
        assert_eq!(throttle.pause(OTHER, now), LONGEST_PAUSE_IN_TOTAL);
        assert_eq!(throttle.pause(OTHER, now + LONGEST_PAUSE_IN_TOTAL), Duration::ZERO);
        assert_eq!(throttle.pause(SOURCE, now), Duration::ZERO);
    }

    #[test]
    fn memory_is_bounded() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..3000 {
            throttle.failed(address(number), now);
            throttle.succeeded(address(100_000 + number), now);
        }
        assert_eq!(throttle.sources.len(), MAX_SOURCES);
        assert_eq!(throttle.known.len(), MAX_KNOWN);
    }
}
