//! Requests to the services of clouds, as data, and when one that failed is sent again.
//!
//! The addresses are link-local or of the host: they are asked directly, never through a proxy.

use std::fmt;
use std::net::Ipv4Addr;

pub use model::outbound::{METADATA, WIRE_SERVER};
use model::secret::Secret;
use zeroize::Zeroizing;

/// Longest answer that is read, in bytes: Google allows 256 KiB for the value of an attribute.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
}

/// A request of HTTP/1.1 on port 80.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Where it is sent.
    pub server: Ipv4Addr,
    /// Path and query.
    pub path: String,
    /// Fields of the header, without `Host` and `Content-Length`.
    pub headers: Vec<(&'static str, Secret)>,
    /// Body; empty for most.
    pub body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: Method, server: Ipv4Addr, path: impl Into<String>) -> Self {
        Self { method, server, path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Secret::new(value.into())));
        self
    }

    pub(crate) fn body(mut self, body: String) -> Self {
        self.body = body.into_bytes();
        self
    }
}

/// User data of a machine: bytes that may hold secrets. Wiped on drop; `Debug` shows their number only.
#[derive(Clone)]
pub struct UserData(Zeroizing<Vec<u8>>);

impl UserData {
    /// Wraps bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for UserData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UserData({} bytes)", self.0.len())
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// With this status of HTTP.
    Status(u16),
    /// Without an answer: not connected, broken off, or too late.
    NoAnswer,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It has worked.
    Done,
    /// The service works and has no such value.
    Absent,
    /// The same again after this time in milliseconds.
    Wait(u64),
    /// It cannot work, or the time is over.
    GiveUp,
}

/// When a request that failed is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryRule {
    /// How long one attempt may take, in milliseconds.
    pub attempt_ms: u64,
    /// First pause, in milliseconds; each further one is twice as long.
    pub first_pause_ms: u64,
    /// Longest pause, in milliseconds.
    pub longest_pause_ms: u64,
    /// How long all attempts and pauses may take, in milliseconds.
    pub deadline_ms: u64,
    /// Statuses after which it is sent again. So it is without an answer.
    pub retried: &'static [u16],
    /// Statuses that say that there is no such value.
    pub absent: &'static [u16],
}

impl RetryRule {
    /// What follows an attempt. `failures` is the number of those before it, `elapsed_ms` the time since
    /// the first began.
    #[must_use]
    pub fn next(&self, attempt: Attempt, failures: u32, elapsed_ms: u64) -> Next {
        match attempt {
            Attempt::Status(200..=299) => return Next::Done,
            Attempt::Status(status) if self.absent.contains(&status) => return Next::Absent,
            Attempt::Status(status) if !self.retried.contains(&status) => return Next::GiveUp,
            Attempt::Status(_) | Attempt::NoAnswer => {}
        }
        let doubled =
            1_u64.checked_shl(failures).and_then(|by| self.first_pause_ms.checked_mul(by));
        let pause = doubled.unwrap_or(u64::MAX).min(self.longest_pause_ms);
        if elapsed_ms.saturating_add(pause) < self.deadline_ms {
            Next::Wait(pause)
        } else {
            Next::GiveUp
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULE: RetryRule = RetryRule {
        attempt_ms: 5_000,
        first_pause_ms: 1_000,
        longest_pause_ms: 10_000,
        deadline_ms: 60_000,
        retried: &[429, 500, 503],
        absent: &[404],
    };

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<_> =
            (0..6).map(|failures| RULE.next(Attempt::NoAnswer, failures, 0)).collect();
        let expected = [1_000, 2_000, 4_000, 8_000, 10_000, 10_000].map(Next::Wait);
        assert_eq!(pauses, expected);
    }

    #[test]
    fn only_some_statuses_are_tried_again_and_none_after_the_deadline() {
        for (attempt, next) in [
            (Attempt::Status(200), Next::Done),
            (Attempt::Status(201), Next::Done),
            (Attempt::Status(404), Next::Absent),
            (Attempt::Status(400), Next::GiveUp),
            (Attempt::Status(302), Next::GiveUp),
            (Attempt::Status(503), Next::Wait(1_000)),
        ] {
            assert_eq!(RULE.next(attempt, 0, 0), next, "{attempt:?}");
        }
        assert_eq!(RULE.next(Attempt::Status(503), 0, 59_000), Next::GiveUp);
        assert_eq!(RULE.next(Attempt::Status(200), 0, 59_999), Next::Done);
    }

    #[test]
    fn debug_shows_neither_headers_nor_user_data() {
        let request = Request::new(Method::Get, METADATA, "/").header("X-Token", "hunter2");
        let text = format!("{request:?} {:?}", UserData::new(b"hunter2".to_vec()));
        assert!(!text.contains("hunter2") && text.contains("7 bytes"), "{text}");
    }

    proptest! {
        #[test]
        fn attempts_end(status: u16, failures: u32, elapsed: u64) {
            if let Next::Wait(pause) = RULE.next(Attempt::Status(status), failures, elapsed) {
                prop_assert!(pause <= RULE.longest_pause_ms);
                prop_assert!(elapsed + pause < RULE.deadline_ms);
            }
        }
    }
}
