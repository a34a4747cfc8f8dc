//! What to do about an offset, and when to ask again. Pure.

use std::time::Duration;

/// Offsets up to this are taken away little by little (RFC 5905, `STEPT`), in nanoseconds.
const STEP_THRESHOLD: i128 = 128_000_000;
/// A later step must be asked for twice, by this much the same, in nanoseconds.
const SAME_STEP: i128 = 1_000_000_000;
/// Offsets up to this let the pause grow, in nanoseconds.
const SMALL: i128 = 10_000_000;

/// Pause after the first round without a usable answer; each one is twice the one before.
const FIRST_RETRY: Duration = Duration::from_secs(2);
/// Pause between rounds at first.
pub(crate) const SHORTEST_POLL: Duration = Duration::from_secs(64);
/// Pause between rounds to which it grows while the clock runs well.
pub(crate) const LONGEST_POLL: Duration = Duration::from_secs(1024);
/// Pause before an offset that is hard to believe is looked at again.
const CONFIRM_PAUSE: Duration = Duration::from_secs(16);

/// What to do with the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Correction {
    /// Take the offset away little by little.
    Slew,
    /// Set the clock.
    Step,
    /// Leave the clock alone and ask again: a clock that was right does not jump.
    Doubt,
}

/// Memory of what went before.
#[derive(Debug)]
pub(crate) struct Discipline {
    is_set: bool,
    doubted: Option<i128>,
    poll: Duration,
    retry: Duration,
}

impl Discipline {
    /// Of a clock that nobody has set yet.
    pub(crate) const fn new() -> Self {
        Self { is_set: false, doubted: None, poll: SHORTEST_POLL, retry: FIRST_RETRY }
    }

    /// What to do about an offset in nanoseconds, and the pause until the next round.
    pub(crate) fn correct(&mut self, offset: i128) -> (Correction, Duration) {
        self.retry = FIRST_RETRY;
        if offset.abs() <= STEP_THRESHOLD {
            let poll = self.poll;
            let runs_well = self.is_set && offset.abs() <= SMALL;
            self.poll = if runs_well { (poll * 2).min(LONGEST_POLL) } else { SHORTEST_POLL };
            self.is_set = true;
            self.doubted = None;
            return (Correction::Slew, poll);
        }
        let is_confirmed = self.doubted.is_some_and(|last| (last - offset).abs() <= SAME_STEP);
        if self.is_set && !is_confirmed {
            self.doubted = Some(offset);
            return (Correction::Doubt, CONFIRM_PAUSE);
        }
        *self = Self { is_set: true, ..Self::new() };
        (Correction::Step, SHORTEST_POLL)
    }

    /// The pause after a round that gave no usable answer.
    pub(crate) fn missed(&mut self) -> Duration {
        let pause = self.retry;
        self.retry = (self.retry * 2).min(SHORTEST_POLL);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i128 = 1_000_000_000;
    const YEAR: i128 = 31_557_600 * SECOND;

    #[test]
    fn first_answer_sets_a_clock_that_is_years_off() {
        for offset in [10 * YEAR, -10 * YEAR, SECOND] {
            let answer = Discipline::new().correct(offset);
            assert_eq!(answer, (Correction::Step, SHORTEST_POLL));
        }
    }

    #[test]
    fn small_offsets_never_make_the_clock_jump() {
        let mut discipline = Discipline::new();
        for offset in [STEP_THRESHOLD, -STEP_THRESHOLD, 0] {
            assert_eq!(discipline.correct(offset).0, Correction::Slew);
        }
    }

    #[test]
    fn a_later_jump_is_believed_only_when_it_is_seen_twice() {
        let mut discipline = Discipline::new();
        discipline.correct(0);
        assert_eq!(discipline.correct(3600 * SECOND), (Correction::Doubt, CONFIRM_PAUSE));
        assert_eq!(discipline.correct(-3600 * SECOND).0, Correction::Doubt);
        assert_eq!(discipline.correct(-3600 * SECOND).0, Correction::Step);
        discipline.correct(0);
        assert_eq!(discipline.correct(-3600 * SECOND).0, Correction::Doubt);
    }

    #[test]
    fn a_clock_that_runs_well_is_compared_less_and_less_often() {
        let mut discipline = Discipline::new();
        let pauses: Vec<_> = (0..7).map(|_| discipline.correct(1).1.as_secs()).collect();
        assert_eq!(pauses, [64, 64, 128, 256, 512, 1024, 1024]);
        discipline.correct(SMALL + 1);
        assert_eq!(discipline.correct(1).1, SHORTEST_POLL);
    }

    #[test]
    fn servers_that_do_not_answer_are_asked_less_and_less_often() {
        let mut discipline = Discipline::new();
        let pauses: Vec<_> = (0..7).map(|_| discipline.missed().as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 64]);
        discipline.correct(0);
        assert_eq!(discipline.missed(), FIRST_RETRY);
    }
}
