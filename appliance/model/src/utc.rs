//! Times of day as text: UTC, RFC 3339.

const DAY_SECONDS: i64 = 86_400;
/// The earliest and latest milliseconds since 1970 that have a text: years 1 to 9999.
const RANGE_MS: (i64, i64) = (-62_135_596_800_000, 253_402_300_799_999);

/// Year, month and day of a number of seconds since 1970.
#[must_use]
pub fn civil(seconds: i64) -> (i64, i64, i64) {
    // Howard Hinnant's `civil_from_days`: eras of 400 years that begin on 1 March.
    let days = seconds.div_euclid(DAY_SECONDS) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// `2026-11-20T10:04:18.007Z` for a number of milliseconds since 1970.
#[must_use]
pub fn date_time(milliseconds: i64) -> String {
    let milliseconds = milliseconds.clamp(RANGE_MS.0, RANGE_MS.1);
    let seconds = milliseconds.div_euclid(1000);
    let (year, month, day) = civil(seconds);
    let of_day = seconds.rem_euclid(DAY_SECONDS);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
        milliseconds.rem_euclid(1000)
    )
}

/// Days from 1970 to a day of the Gregorian calendar. Months count from 1.
#[must_use]
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the day that some lack is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_moments() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_399_000, "2000-02-28T23:59:59.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_276_202_007, "2026-11-21T15:50:02.007Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
            (i64::MIN, "0001-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(date_time(milliseconds), text);
        }
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(days(1970, 1, 1), 0);
        for seconds in (-800_000..800_000).step_by(97).map(|day| day * 86_400) {
            let (year, month, day) = civil(seconds);
            assert_eq!(days(year, month, day) * 86_400, seconds, "{year}-{month}-{day}");
        }
    }
}
