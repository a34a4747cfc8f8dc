//! How busy the machine is, from what the kernel says in `/proc/stat` and `/proc/meminfo` (`proc(5)`).

use serde::{Deserialize, Serialize};

/// Processor time since the start, and memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadFacts {
    /// Processor time that was used, of all processors together, in ticks of the kernel.
    pub busy_ticks: u64,
    /// Processor time that there was.
    pub total_ticks: u64,
    /// Memory that programs can get without others losing theirs, in KiB.
    pub available_kib: u64,
    /// All memory, in KiB.
    pub memory_kib: u64,
}

impl LoadFacts {
    /// Reads both files. What is missing is 0.
    #[must_use]
    pub fn parse(stat: &str, meminfo: &str) -> Self {
        let mut ticks = stat.lines().find_map(|line| line.strip_prefix("cpu ")).map_or_else(
            Vec::new,
            // Guests stand in user time already: only the first eight columns are times of their own.
            |line| line.split_whitespace().take(8).map(|it| it.parse().unwrap_or(0)).collect(),
        );
        ticks.resize(8, 0_u64);
        let total = ticks.iter().fold(0_u64, |sum, it| sum.saturating_add(*it));
        let idle = ticks[3].saturating_add(ticks[4]);
        let kib = |name: &str| {
            let value = meminfo.lines().find_map(|line| line.strip_prefix(name));
            value.and_then(|it| it.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        Self {
            busy_ticks: total.saturating_sub(idle),
            total_ticks: total,
            available_kib: kib("MemAvailable:"),
            memory_kib: kib("MemTotal:"),
        }
    }

    /// Share of the processors that was in use since an earlier moment, in percent.
    #[must_use]
    pub fn processor_percent(&self, earlier: &Self) -> u8 {
        let busy = self.busy_ticks.saturating_sub(earlier.busy_ticks);
        percent(busy, self.total_ticks.saturating_sub(earlier.total_ticks))
    }

    /// Share of the memory that is in use, in percent.
    #[must_use]
    pub fn memory_percent(&self) -> u8 {
        percent(self.memory_kib.saturating_sub(self.available_kib), self.memory_kib)
    }
}

fn percent(part: u64, whole: u64) -> u8 {
    let share = part.saturating_mul(100).checked_div(whole).unwrap_or(0);
    u8::try_from(share.min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STAT: &str = "cpu  100 0 50 800 50 0 0 0 7 0\ncpu0 100 0 50 800 50 0 0 0 7 0\nintr 1\n";

    #[test]
    fn load_is_what_was_used_since_the_last_look() {
        let begin = LoadFacts::default();
        let memory = "MemTotal:  1000 kB\nMemFree:  10 kB\nMemAvailable:  250 kB\n";
        let facts = LoadFacts::parse(STAT, memory);
        assert_eq!((facts.busy_ticks, facts.total_ticks), (150, 1000));
        assert_eq!((facts.processor_percent(&begin), facts.memory_percent()), (15, 75));
        assert_eq!(facts.processor_percent(&facts), 0);
    }

    proptest! {
        #[test]
        fn no_text_stops_the_parser(stat in "(cpu )?[ 0-9\\n]{0,80}", meminfo in ".{0,80}") {
            let facts = LoadFacts::parse(&stat, &meminfo);
            prop_assert!(facts.processor_percent(&LoadFacts::default()) <= 100);
            prop_assert!(facts.memory_percent() <= 100);
        }
    }
}
