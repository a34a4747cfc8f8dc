//! Numbers and bytes as the pages show them: the same in every language.

/// Units of bytes, each a thousand of the one before.
const BYTE_UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

/// `158,912`.
pub(crate) fn count(number: u64) -> String {
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
pub(crate) fn bytes(number: u64) -> String {
    let (mut unit, mut scale) = (0, 1_u64);
    // Half a unit below a thousand is rounded to a thousand, which the next unit says shorter.
    while unit + 1 < BYTE_UNITS.len() && number.saturating_add(scale / 2) / scale >= 1000 {
        unit += 1;
        scale *= 1000;
    }
    let name = BYTE_UNITS[unit];
    match unit {
        0 => format!("{number} {name}"),
        _ => {
            let (whole, rest) = (number / scale, number % scale);
            let tenths = whole * 10 + (rest * 10 + scale / 2) / scale;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_thousands() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (u64::MAX, "18,446,744,073,709,551,615")]
        {
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
            (31_240_000, "31.2 MB"),
        ] {
            assert_eq!(bytes(number), text, "{number}");
        }
    }
}
