//! Durations in words.

use crate::time::Unit;

/// Durations in words.
#[derive(Debug)]
pub(crate) struct TimeTexts {
    /// A number of one unit.
    pub(crate) amount: fn(u64, Unit) -> String,
}

pub(crate) const ENGLISH: TimeTexts = TimeTexts {
    amount: |number, unit| match unit {
        Unit::Day if number == 1 => "1 day".to_owned(),
        Unit::Day => format!("{number} days"),
        Unit::Hour => format!("{number} h"),
        Unit::Minute => format!("{number} min"),
        Unit::Second => format!("{number} s"),
    },
};

pub(crate) const JAPANESE: TimeTexts = TimeTexts {
    amount: |number, unit| match unit {
        Unit::Day => format!("{number} 日"),
        Unit::Hour => format!("{number} 時間"),
        Unit::Minute => format!("{number} 分"),
        Unit::Second => format!("{number} 秒"),
    },
};
