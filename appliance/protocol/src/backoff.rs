//! When to dial again: full jitter, so that appliances that lost a gateway do not return in step.

use std::time::Duration;

/// Longest pause before the second attempt.
pub const BASE: Duration = Duration::from_secs(1);
/// Longest pause of all.
pub const CAP: Duration = Duration::from_secs(60);
/// How long a connection has to last before the next failure counts as the first again.
pub const SETTLED: Duration = Duration::from_secs(60);

/// Pause after so many failures in a row, between nothing and an upper bound that doubles with each
/// failure up to [`CAP`].
///
/// `random` is any number; each of its values is as likely as the others.
#[must_use]
pub fn pause(failures: u32, random: u64) -> Duration {
    if failures == 0 {
        return Duration::ZERO;
    }
    let doubled = 1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
    within(BASE.saturating_mul(doubled).min(CAP), random)
}

/// A moment within a span, such as the one over which a gateway wants its appliances to leave.
#[must_use]
pub fn within(span: Duration, random: u64) -> Duration {
    let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
    // The share of 64 bits keeps every moment as likely; a remainder would favour early ones.
    let share = u128::from(micros).wrapping_mul(u128::from(random)) >> u64::BITS;
    Duration::from_micros(u64::try_from(share).unwrap_or(micros))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pauses_grow_to_the_cap_and_stay_there() {
        let longest = (0..9).map(|failures| pause(failures, u64::MAX).as_micros() + 1);
        let seconds: Vec<_> = longest.map(|micros| micros / 1_000_000).collect();
        assert_eq!(seconds, [0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert!(pause(u32::MAX, u64::MAX) <= CAP);
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_its_bound(failures in 1..200_u32, random: u64) {
            prop_assert!(pause(failures, random) <= CAP);
            prop_assert!(pause(1, random) <= BASE);
        }

        #[test]
        fn a_moment_lies_within_its_span(millis in 0..1_000_000_000_u64, random: u64) {
            let span = Duration::from_millis(millis);
            prop_assert!(within(span, random) <= span);
        }
    }
}
