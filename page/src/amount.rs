//! Numbers of bytes, packets and milliseconds as pages show them: the same in every language.

/// Units of bytes, each a thousand of the one before.
const BYTE_UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

/// `158,912`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `151.8 MB`: units of 1000, one decimal.
#[must_use]
pub fn bytes(number: u64) -> String {
    let (mut unit, mut scale) = (0, 1_u64);
    // Half a unit below a thousand is rounded to a thousand, which the next unit says shorter.
    while unit + 1 < BYTE_UNITS.len() && number.saturating_add(scale / 2) / scale >= 1000 {
        unit += 1;
        scale *= 1000;
    }
    let name = BYTE_UNITS[unit];
    let tenths = tenths(number, scale);
    match unit {
        0 => format!("{number} {name}"),
        _ => format!("{}.{} {name}", tenths / 10, tenths % 10),
    }
}

/// `0.4 ms`, `36.3 ms`, `12.4 s`, from microseconds.
#[must_use]
pub fn milliseconds(microseconds: u64) -> String {
    let (scale, name) = match microseconds {
        999_950.. => (1_000_000, "s"),
        _ => (1000, "ms"),
    };
    let tenths = tenths(microseconds, scale);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// A number in tenths of a scale, rounded.
fn tenths(number: u64, scale: u64) -> u64 {
    let (whole, rest) = (number / scale, number % scale);
    whole * 10 + (rest * 10 + scale / 2) / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_thousands() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (158_912, "158,912"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn shows_bytes_in_the_largest_unit() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "1.0 MB"),
            (14_900_000, "14.9 MB"),
            (151_840_000, "151.8 MB"),
            (999_500_000, "1.0 GB"),
            (u64::MAX, "18446744.1 TB"),
        ] {
            assert_eq!(bytes(number), text, "{number}");
        }
    }

    #[test]
    fn shows_short_times_finely() {
        for (number, text) in [
            (0, "0.0 ms"),
            (49, "0.0 ms"),
            (50, "0.1 ms"),
            (36_340, "36.3 ms"),
            (999_949, "999.9 ms"),
            (999_950, "1.0 s"),
            (12_400_000, "12.4 s"),
        ] {
            assert_eq!(milliseconds(number), text, "{number}");
        }
    }
}
