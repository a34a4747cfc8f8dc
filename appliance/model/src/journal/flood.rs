//! Keeps one source that says too much from pushing everything else out of the journal.

use std::collections::HashMap;

use super::Source;

/// Records of one source that are kept in one [`WINDOW_US`]. The start of a kernel says about 1,000
/// lines within seconds; init lets at most 200 lines in 10 s of each role through.
pub const MAX_RECORDS: u32 = 2_000;
/// Length of a window in microseconds.
pub const WINDOW_US: u64 = 10_000_000;

/// Counts the records of each source.
#[derive(Clone, Debug, Default)]
pub struct Flood {
    windows: HashMap<Source, Window>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    since_us: u64,
    records: u32,
}

/// What to do with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Keep it.
    Keep,
    /// Keep it, and say before it that this many were left out.
    KeepAfter(u32),
    /// Leave it out.
    LeaveOut,
}

impl Flood {
    /// Judges the next record of a source by its time since the start of the machine.
    pub fn judge(&mut self, source: Source, uptime_us: u64) -> Verdict {
        let window =
            self.windows.entry(source).or_insert(Window { since_us: uptime_us, records: 0 });
        let mut verdict = Verdict::Keep;
        if uptime_us.saturating_sub(window.since_us) >= WINDOW_US {
            if let Some(omitted @ 1..) = window.records.checked_sub(MAX_RECORDS) {
                verdict = Verdict::KeepAfter(omitted);
            }
            *window = Window { since_us: uptime_us, records: 0 };
        }
        window.records = window.records.saturating_add(1);
        if window.records > MAX_RECORDS { Verdict::LeaveOut } else { verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Role;

    #[test]
    fn leaves_out_what_is_too_much_and_says_how_much_it_was() {
        let mut flood = Flood::default();
        for _ in 0..MAX_RECORDS {
            assert_eq!(flood.judge(Source::Kernel, 5), Verdict::Keep);
        }
        for _ in 0..3 {
            assert_eq!(flood.judge(Source::Kernel, 6), Verdict::LeaveOut);
        }
        assert_eq!(flood.judge(Source::Role(Role::Web), 6), Verdict::Keep, "others go on");
        assert_eq!(flood.judge(Source::Kernel, 5 + WINDOW_US), Verdict::KeepAfter(3));
        assert_eq!(flood.judge(Source::Kernel, 6 + WINDOW_US), Verdict::Keep);
    }
}
