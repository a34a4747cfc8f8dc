//! When a silent peer is asked whether it is there, and when it counts as dead.
//!
//! Whatever arrives is a sign of life, not only the answer: on a slow link that carries data the
//! answer stands behind them. Boxes on the way cut connections that are idle for 50 s and more
//! without a word, so a quiet connection is used more often than that.

use std::time::Duration;

/// Silence after which a connection without work is asked; a fifth earlier or later by chance, so
/// that appliances do not ask in step.
pub const IDLE_SILENCE: Duration = Duration::from_secs(22);
/// Time for a sign of life when nothing is waited for.
pub const IDLE_PATIENCE: Duration = Duration::from_secs(18);
/// Silence after which a connection with unanswered requests is asked.
pub const BUSY_SILENCE: Duration = Duration::from_millis(1_500);
/// Time for a sign of life while requests wait; together with [`BUSY_SILENCE`] less than the 5 s
/// within which requests have to move to another appliance.
pub const BUSY_PATIENCE: Duration = Duration::from_secs(3);

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Look again at this moment, or when something changes.
    WaitUntil(Duration),
    /// Send a question.
    Ask,
    /// Close the connection.
    GiveUp,
}

/// Follows one connection. Moments are durations since its beginning.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat {
    heard: Duration,
    asked: Option<Duration>,
    idle_silence: Duration,
}

impl Heartbeat {
    /// A connection that begins.
    ///
    /// `random` spreads the questions of many connections.
    #[must_use]
    pub fn new(random: u64) -> Self {
        let fifth = IDLE_SILENCE / 5;
        let idle_silence = IDLE_SILENCE - fifth + crate::backoff::within(fifth * 2, random);
        Self { heard: Duration::ZERO, asked: None, idle_silence }
    }

    /// Notes that octets arrived.
    pub fn hear(&mut self, now: Duration) {
        if now > self.heard {
            self.heard = now;
        }
        if self.asked.is_some_and(|asked| asked <= self.heard) {
            self.asked = None;
        }
    }

    /// What to do now; `is_busy` = requests wait for this peer. Whoever gets [`Turn::Ask`] asks.
    pub fn turn(&mut self, now: Duration, is_busy: bool) -> Turn {
        let (silence, patience) = if is_busy {
            (BUSY_SILENCE, BUSY_PATIENCE)
        } else {
            (self.idle_silence, IDLE_PATIENCE)
        };
        match self.asked {
            Some(asked) if now >= asked + patience => Turn::GiveUp,
            Some(asked) => Turn::WaitUntil(asked + patience),
            None if now >= self.heard + silence => {
                self.asked = Some(now);
                Turn::Ask
            }
            None => Turn::WaitUntil(self.heard + silence),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Seconds until a peer that says nothing is given up.
    fn seconds_until_given_up(is_busy: bool, random: u64) -> f64 {
        let mut heartbeat = Heartbeat::new(random);
        let mut now = Duration::ZERO;
        let mut questions = 0;
        loop {
            match heartbeat.turn(now, is_busy) {
                Turn::WaitUntil(moment) => now = moment,
                Turn::Ask => questions += 1,
                Turn::GiveUp => break,
            }
        }
        assert_eq!(questions, 1);
        now.as_secs_f64()
    }

    #[test]
    fn any_octets_are_a_sign_of_life() {
        let mut heartbeat = Heartbeat::new(0);
        assert_eq!(heartbeat.turn(BUSY_SILENCE, true), Turn::Ask);
        heartbeat.hear(BUSY_SILENCE * 2);
        assert_eq!(heartbeat.turn(BUSY_SILENCE * 2, true), Turn::WaitUntil(BUSY_SILENCE * 3));
    }

    #[test]
    fn requests_that_begin_to_wait_shorten_the_patience() {
        let mut heartbeat = Heartbeat::new(0);
        let asked = Duration::from_secs(20);
        assert_eq!(heartbeat.turn(asked, false), Turn::Ask);
        assert_eq!(
            heartbeat.turn(asked + BUSY_PATIENCE, false),
            Turn::WaitUntil(asked + IDLE_PATIENCE)
        );
        assert_eq!(heartbeat.turn(asked + BUSY_PATIENCE, true), Turn::GiveUp);
    }

    proptest! {
        #[test]
        fn a_dead_peer_is_noticed_in_time(random: u64) {
            prop_assert!(seconds_until_given_up(true, random) <= 5.0);
            prop_assert!(seconds_until_given_up(false, random) <= 45.0);
            prop_assert!(seconds_until_given_up(false, random) >= 30.0);
        }
    }
}
