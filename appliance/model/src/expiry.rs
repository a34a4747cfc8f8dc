//! How the validity of a certificate stands: one rule for the certificate of the admin page and for
//! the added root authorities.

use serde::{Deserialize, Serialize};

/// A certificate that ends within so many days deserves a warning.
pub const EXPIRES_SOON_DAYS: i64 = 30;

const SECONDS_A_DAY: i64 = 86_400;

/// How the validity of a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expiry", rename_all = "snake_case")]
pub enum Expiry {
    /// Valid for longer than [`EXPIRES_SOON_DAYS`].
    Good,
    /// Valid, and it ends soon.
    ExpiresSoon {
        /// Whole days until then, 0 to [`EXPIRES_SOON_DAYS`].
        days: i64,
    },
    /// Its validity has ended.
    Expired,
    /// Its validity has not begun.
    NotYetValid,
}

impl Expiry {
    /// Judges a validity at a time, all in seconds since 1970. The first and the last second count
    /// as valid (RFC 5280, section 4.1.2.5).
    #[must_use]
    pub const fn of(not_before: i64, not_after: i64, now: i64) -> Self {
        let seconds_left = not_after.saturating_sub(now);
        if seconds_left < 0 {
            Self::Expired
        } else if now < not_before {
            Self::NotYetValid
        } else if seconds_left <= EXPIRES_SOON_DAYS * SECONDS_A_DAY {
            Self::ExpiresSoon { days: seconds_left / SECONDS_A_DAY }
        } else {
            Self::Good
        }
    }

    /// Whether it deserves a warning.
    #[must_use]
    pub const fn is_warning(self) -> bool {
        !matches!(self, Self::Good)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_796_083_200;

    #[test]
    fn thirty_days_are_soon_and_a_second_more_is_not() {
        let left = |seconds: i64| Expiry::of(0, NOW + seconds, NOW);
        for (days, expected) in [
            (31, Expiry::Good),
            (30, Expiry::ExpiresSoon { days: 30 }),
            (29, Expiry::ExpiresSoon { days: 29 }),
            (1, Expiry::ExpiresSoon { days: 1 }),
            (0, Expiry::ExpiresSoon { days: 0 }),
            (-1, Expiry::Expired),
        ] {
            assert_eq!(left(days * SECONDS_A_DAY), expected, "{days}");
        }
        assert_eq!(left(30 * SECONDS_A_DAY + 1), Expiry::Good);
        assert_eq!(left(-1), Expiry::Expired);
    }

    #[test]
    fn validity_begins_with_its_first_second() {
        let end = NOW + 365 * SECONDS_A_DAY;
        assert_eq!(Expiry::of(NOW, end, NOW), Expiry::Good);
        assert_eq!(Expiry::of(NOW + 1, end, NOW), Expiry::NotYetValid);
    }

    proptest! {
        #[test]
        fn every_validity_is_judged(not_before: i64, not_after: i64, now: i64) {
            let expiry = Expiry::of(not_before, not_after, now);
            let is_valid = not_before <= now && now <= not_after;
            prop_assert_eq!(is_valid, matches!(expiry, Expiry::Good | Expiry::ExpiresSoon { .. }));
        }
    }
}
