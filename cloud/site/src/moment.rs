//! Moments as text: RFC 3339 in UTC.

use model::utc;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime};

/// `2026-11-15T00:00:00.000Z` for seconds since 1970.
pub(crate) fn text(seconds: i64) -> String {
    utc::date_time(seconds.saturating_mul(1000))
}

/// Reads RFC 3339; a moment without a zone is in UTC, a date is its first second.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment.unix_timestamp());
    }
    let without_zone = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    if let Ok(moment) = PrimitiveDateTime::parse(text, without_zone) {
        return Some(moment.assume_utc().unix_timestamp());
    }
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp())
}

/// Seconds from midnight of `12:00:00` or `12:00`.
pub(crate) fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut part = |limit: i64| {
        let text = parts.next()?;
        let is_number =
            matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| is_number && *number < limit)
    };
    let (hours, minutes) = (part(24)?, part(60)?);
    let seconds = if text.matches(':').count() == 2 { part(60)? } else { 0 };
    (text.matches(':').count() <= 2).then_some(hours * 3600 + minutes * 60 + seconds)
}

/// `12:00:00` for seconds from midnight.
pub(crate) fn of_day(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_moments_as_scripts_write_them() {
        for text in [
            "2026-11-15T00:00:00Z",
            "2026-11-15T00:00:00.000Z",
            "2026-11-15T09:00:00+09:00",
            "2026-11-15T00:00:00",
            "2026-11-15",
        ] {
            assert_eq!(parse(text), Some(1_794_700_800), "{text}");
        }
        for text in ["", "yesterday", "2026-13-01", "15.11.2026", "1794700800"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn reads_times_of_day() {
        for (text, seconds) in
            [("12:00:00", 43_200), ("00:00", 0), ("23:59:59", 86_399), ("3:05", 11_100)]
        {
            assert_eq!(time_of_day(text), Some(seconds), "{text}");
        }
        for text in ["", "24:00:00", "12:60", "12", "12:00:00:00", "+1:00", "noon", "12:000"] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn written_moments_are_read_again(seconds in 0_i64..10_000_000_000, of_the_day in 0_i64..86_400) {
            prop_assert_eq!(parse(&text(seconds)), Some(seconds));
            prop_assert_eq!(time_of_day(&of_day(of_the_day)), Some(of_the_day));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = (parse(&text), time_of_day(&text));
        }
    }
}
