//! From records of the kernel's log to records of the journal: numbers, time of day, the start that they belong to.
//! Pure: the clocks come in as parameters.

use getrandom::Error as RandomError;
use model::journal::flood::{Flood, Verdict};
use model::journal::kernel_log::KernelRecord;
use model::journal::{BootId, Record, Severity, Source};
use model::role::Role;

/// Both clocks of the machine at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Milliseconds since 1970.
    pub(crate) time_ms: i64,
    /// Milliseconds since the start of the machine.
    pub(crate) uptime_ms: u64,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Self {
        let nanoseconds = sys::clock::now_nanoseconds().unwrap_or_default();
        let time_ms = i64::try_from(nanoseconds / 1_000_000).unwrap_or_default();
        Self { time_ms, uptime_ms: sys::clock::uptime_ms() }
    }

    /// The time of day of an earlier moment. What the kernel dates later than now is now.
    fn at(self, uptime_us: u64) -> i64 {
        let age_ms = self.uptime_ms.saturating_sub(uptime_us / 1000);
        self.time_ms.saturating_sub(i64::try_from(age_ms).unwrap_or(i64::MAX))
    }
}

/// Where the stored journal ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    /// The last record that is stored.
    pub(crate) last: Record,
}

impl Tail {
    /// Whether the last stored record is of this start, so that the role was only started again: then it
    /// stands in the kernel's log with the same number at the same microsecond, or its number has
    /// been overwritten there and all others are later.
    fn is_of(&self, log: &[KernelRecord]) -> bool {
        let (sequence, uptime_us) = (self.last.sequence, self.last.uptime_us);
        match log.iter().find(|record| record.sequence >= sequence) {
            Some(record) if record.sequence == sequence => record.uptime_us == uptime_us,
            Some(record) => record.uptime_us >= uptime_us,
            None => false,
        }
    }
}

/// Numbers the records of this start.
#[derive(Debug)]
pub(crate) struct Intake {
    pub(crate) boot: BootId,
    next_id: u64,
    next_sequence: u64,
    flood: Flood,
    /// Records that were overwritten before they were read.
    pub(crate) lost: u64,
    /// Records that were too many.
    pub(crate) suppressed: u64,
}

impl Intake {
    /// Begins, with what the kernel's log holds now.
    pub(crate) fn begin(tail: Option<&Tail>, log: &[KernelRecord]) -> Result<Self, RandomError> {
        let next_id = tail.map_or(1, |tail| tail.last.id + 1);
        let (boot, next_sequence) = match tail.filter(|tail| tail.is_of(log)) {
            Some(tail) => (tail.last.boot.clone(), tail.last.sequence + 1),
            None => {
                let mut bytes = [0; 8];
                getrandom::fill(&mut bytes)?;
                (BootId::from_random(bytes), 0)
            }
        };
        let flood = Flood::default();
        Ok(Self { boot, next_id, next_sequence, flood, lost: 0, suppressed: 0 })
    }

    /// The newest number that was given; 0 = none in the whole journal.
    pub(crate) const fn newest_id(&self) -> u64 {
        self.next_id - 1
    }

    /// Takes one record in: it, and before it what is to be said about those that are missing. Nothing for
    /// a record that is stored already, or one too many.
    pub(crate) fn take(&mut self, record: KernelRecord, now: Moment) -> Vec<Record> {
        if record.sequence < self.next_sequence {
            return Vec::new();
        }
        let mut taken = Vec::new();
        let missing = record.sequence - self.next_sequence;
        self.next_sequence = record.sequence.saturating_add(1);
        if missing > 0 {
            self.lost = self.lost.saturating_add(missing);
            let remark = format!("{missing} records were overwritten before they could be read");
            taken.push(self.remark(remark, &record, now));
        }
        let verdict = self.flood.judge(record.source, record.uptime_us);
        if verdict == Verdict::LeaveOut {
            self.suppressed = self.suppressed.saturating_add(1);
            return taken;
        }
        if let Verdict::KeepAfter(count) = verdict {
            let remark = format!("{count} records of {} were left out", record.source.name());
            taken.push(self.remark(remark, &record, now));
        }
        taken.push(self.number(record, now));
        taken
    }

    fn remark(&mut self, message: String, before: &KernelRecord, now: Moment) -> Record {
        let remark = KernelRecord {
            sequence: before.sequence,
            uptime_us: before.uptime_us,
            severity: Severity::Warning,
            source: Source::Role(Role::Journal),
            message,
            fields: Vec::new(),
        };
        self.number(remark, now)
    }

    fn number(&mut self, record: KernelRecord, now: Moment) -> Record {
        let KernelRecord { sequence, uptime_us, severity, source, message, fields } = record;
        let (id, time_ms, boot) = (self.next_id, now.at(uptime_us), self.boot.clone());
        self.next_id += 1;
        Record { id, time_ms, boot, sequence, uptime_us, severity, source, message, fields }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use model::journal::flood::{MAX_RECORDS, WINDOW_US};

    use super::*;

    const NOW: Moment = Moment { time_ms: 1_000_000, uptime_ms: 10 };

    pub(crate) fn record(id: u64, message: &str) -> Record {
        Record {
            id,
            time_ms: i64::try_from(id).expect("small"),
            boot: BootId::from_random([7; 8]),
            sequence: id,
            uptime_us: id,
            severity: Severity::Informational,
            source: Source::Kernel,
            message: message.to_owned(),
            fields: Vec::new(),
        }
    }

    fn kernel(sequence: u64, uptime_us: u64) -> KernelRecord {
        KernelRecord {
            sequence,
            uptime_us,
            severity: Severity::Informational,
            source: Source::Kernel,
            message: format!("number {sequence}"),
            fields: Vec::new(),
        }
    }

    fn tail(sequence: u64, uptime_us: u64) -> Tail {
        Tail { last: Record { sequence, uptime_us, ..record(40, "last") } }
    }

    #[test]
    fn a_role_that_was_started_again_goes_on_where_it_was() {
        let log = [kernel(0, 0), kernel(1, 500), kernel(2, 900)];
        let mut intake = Intake::begin(Some(&tail(1, 500)), &log).expect("random");
        assert_eq!(intake.boot, BootId::from_random([7; 8]));
        let taken: Vec<_> = log.into_iter().flat_map(|record| intake.take(record, NOW)).collect();
        assert_eq!(taken.len(), 1, "the others are stored already");
        assert_eq!((taken[0].id, taken[0].sequence), (41, 2));
    }

    #[test]
    fn another_start_of_the_machine_has_another_name() {
        for log in [&[kernel(0, 0), kernel(1, 501)][..], &[kernel(0, 0)], &[]] {
            let mut intake = Intake::begin(Some(&tail(1, 500)), log).expect("random");
            assert_ne!(intake.boot, BootId::from_random([7; 8]), "{log:?}");
            assert_eq!(intake.take(kernel(0, 0), NOW)[0].id, 41, "numbers go on");
        }
        let overwritten = [kernel(7, 700)];
        let mut intake = Intake::begin(Some(&tail(1, 500)), &overwritten).expect("random");
        assert_eq!(intake.boot, BootId::from_random([7; 8]));
        let taken = intake.take(kernel(7, 700), NOW);
        assert_eq!(taken[0].message, "5 records were overwritten before they could be read");
        assert_eq!((taken[1].id, taken[1].sequence, intake.lost), (42, 7, 5));
    }

    #[test]
    fn dates_records_by_their_age() {
        let mut intake = Intake::begin(None, &[]).expect("random");
        let taken = intake.take(kernel(0, 3_000), NOW);
        assert_eq!((taken[0].id, taken[0].time_ms), (1, 1_000_000 - 7));
        assert_eq!(intake.take(kernel(1, 99_000), NOW)[0].time_ms, 1_000_000, "not in the future");
    }

    #[test]
    fn says_how_many_records_were_left_out() {
        let mut intake = Intake::begin(None, &[]).expect("random");
        let most = u64::from(MAX_RECORDS);
        let kept = (0..most + 5).flat_map(|n| intake.take(kernel(n, 0), NOW)).count();
        assert_eq!((kept, intake.suppressed), (usize::try_from(most).expect("small"), 5));
        let taken = intake.take(kernel(most + 5, WINDOW_US), NOW);
        assert_eq!(taken[0].message, "5 records of kernel were left out");
        assert_eq!(taken[1].message, format!("number {}", most + 5));
    }
}
