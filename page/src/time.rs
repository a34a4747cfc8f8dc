//! Times and durations as pages show them: UTC, ISO 8601 dates, the two largest units.

use model::utc::civil;

use crate::Language;

/// A unit of a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Hour,
    Minute,
    Second,
}

const DAY: i64 = 86_400;
/// The earliest and latest seconds since 1970 that are shown: years 1 to 9999.
const RANGE: (i64, i64) = (-62_135_596_800, 253_402_300_799);

/// `2026-11-20`.
#[must_use]
pub fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.clamp(RANGE.0, RANGE.1));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `10:04 UTC`.
#[must_use]
pub fn clock(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(DAY);
    format!("{:02}:{:02} UTC", of_day / 3600, of_day / 60 % 60)
}

/// `2026-11-20 10:04:18 UTC`.
#[must_use]
pub fn date_time(seconds: i64) -> String {
    let seconds = seconds.clamp(RANGE.0, RANGE.1);
    let of_day = seconds.rem_euclid(DAY);
    format!("{} {:02}:{:02}:{:02} UTC", date(seconds), of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// `Feb 20, 2021 02:47:35 UTC`.
#[must_use]
pub fn american(seconds: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = seconds.clamp(RANGE.0, RANGE.1);
    let (year, month, day) = civil(seconds);
    let name = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).copied();
    let of_day = date_time(seconds).split_off("2021-02-20 ".len());
    format!("{} {day:02}, {year:04} {of_day}", name.unwrap_or_default())
}

/// `10:04 UTC` on the day of `now`, `2026-11-20 10:04 UTC` otherwise.
#[must_use]
pub fn moment(seconds: i64, now: i64) -> String {
    if seconds.div_euclid(DAY) == now.div_euclid(DAY) {
        clock(seconds)
    } else {
        format!("{} {}", date(seconds), clock(seconds))
    }
}

/// The one or two largest units of a duration, such as `3 days 2 h`, `5 min 10 s` or `8 s`.
#[must_use]
pub fn duration(language: Language, seconds: u64) -> String {
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
        .map(|(_, (number, unit))| amount(language, *number, *unit))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A number of one unit.
fn amount(language: Language, number: u64, unit: Unit) -> String {
    match (language, unit) {
        (Language::English, Unit::Day) if number == 1 => "1 day".to_owned(),
        (Language::English, Unit::Day) => format!("{number} days"),
        (Language::English, Unit::Hour) => format!("{number} h"),
        (Language::English, Unit::Minute) => format!("{number} min"),
        (Language::English, Unit::Second) => format!("{number} s"),
        (Language::Japanese, Unit::Day) => format!("{number} 日"),
        (Language::Japanese, Unit::Hour) => format!("{number} 時間"),
        (Language::Japanese, Unit::Minute) => format!("{number} 分"),
        (Language::Japanese, Unit::Second) => format!("{number} 秒"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn shows_the_documented_form_of_the_system_log() {
        assert_eq!(american(1_613_789_255), "Feb 20, 2021 02:47:35 UTC");
    }

    #[test]
    fn leaves_out_the_date_of_today() {
        let now = 1_795_169_058;
        assert_eq!(moment(now - 3600, now), "09:04 UTC");
        assert_eq!(moment(now - 86_400, now), "2026-11-19 10:04 UTC");
    }

    #[test]
    fn shows_the_two_largest_units() {
        for (seconds, in_english, in_japanese) in [
            (0, "0 s", "0 秒"),
            (8, "8 s", "8 秒"),
            (310, "5 min 10 s", "5 分 10 秒"),
            (300, "5 min", "5 分"),
            (86_400, "1 day", "1 日"),
            (266_400 + 59, "3 days 2 h", "3 日 2 時間"),
        ] {
            assert_eq!(duration(Language::English, seconds), in_english);
            assert_eq!(duration(Language::Japanese, seconds), in_japanese);
        }
    }
}
