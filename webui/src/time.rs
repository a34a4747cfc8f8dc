//! Times and durations as the pages show them: UTC, ISO 8601 dates, the two largest units.

use model::utc::civil;

use crate::texts::Texts;

/// A unit of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Day,
    Hour,
    Minute,
    Second,
}

const DAY: i64 = 86_400;
/// The earliest and latest seconds since 1970 that are shown: years 1 to 9999.
const RANGE: (i64, i64) = (-62_135_596_800, 253_402_300_799);

/// `2026-11-20`.
pub(crate) fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.clamp(RANGE.0, RANGE.1));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `10:04 UTC`.
fn clock(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(DAY);
    format!("{:02}:{:02} UTC", of_day / 3600, of_day / 60 % 60)
}

/// `2026-11-20 10:04:18 UTC`.
pub(crate) fn date_time(seconds: i64) -> String {
    let seconds = seconds.clamp(RANGE.0, RANGE.1);
    let of_day = seconds.rem_euclid(DAY);
    format!("{} {:02}:{:02}:{:02} UTC", date(seconds), of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// `10:04 UTC` on the day of `now`, `2026-11-20 10:04 UTC` otherwise.
pub(crate) fn moment(seconds: i64, now: i64) -> String {
    if seconds.div_euclid(DAY) == now.div_euclid(DAY) {
        clock(seconds)
    } else {
        format!("{} {}", date(seconds), clock(seconds))
    }
}

/// The one or two largest units of a duration, such as `3 days 2 h`, `5 min 10 s` or `8 s`.
pub(crate) fn duration(texts: &Texts, seconds: u64) -> String {
    let units = [
        (seconds / 86_400, Unit::Day),
        (seconds / 3600 % 24, Unit::Hour),
        (seconds / 60 % 60, Unit::Minute),
        (seconds % 60, Unit::Second),
    ];
    let first = units.iter().position(|(number, _)| *number > 0).unwrap_or(units.len() - 1);
    units
        .iter()
        .skip(first)
        .take(2)
        .enumerate()
        .filter(|(index, (number, _))| *index == 0 || *number > 0)
        .map(|(_, (number, unit))| (texts.time.amount)(*number, *unit))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn shows_iso_dates_in_utc() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (1_795_169_058, "2026-11-20 10:04:18 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (i64::MIN, "0001-01-01 00:00:00 UTC"),
            (i64::MAX, "9999-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(date_time(seconds), text);
        }
    }

    #[test]
    fn leaves_out_the_date_of_today() {
        let now = 1_795_169_058;
        assert_eq!(moment(now - 3600, now), "09:04 UTC");
        assert_eq!(moment(now - 86_400, now), "2026-11-19 10:04 UTC");
    }

    #[test]
    fn shows_the_two_largest_units() {
        let (english, japanese) = (Texts::of(Language::English), Texts::of(Language::Japanese));
        for (seconds, in_english, in_japanese) in [
            (0, "0 s", "0 秒"),
            (8, "8 s", "8 秒"),
            (310, "5 min 10 s", "5 分 10 秒"),
            (300, "5 min", "5 分"),
            (86_400, "1 day", "1 日"),
            (266_400 + 59, "3 days 2 h", "3 日 2 時間"),
        ] {
            assert_eq!(duration(english, seconds), in_english);
            assert_eq!(duration(japanese, seconds), in_japanese);
        }
    }
}
