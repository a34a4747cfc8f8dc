//! The newest records.

use std::collections::VecDeque;
use std::sync::Arc;

use model::journal::Record;

/// What a record costs beside its texts, in bytes.
const RECORD_BYTES: usize = 200;

/// Records with consecutive numbers, the newest of all, limited in bytes. The oldest go first.
#[derive(Debug)]
pub(crate) struct Memory {
    records: VecDeque<Arc<Record>>,
    bytes: usize,
    limit_bytes: usize,
}

impl Memory {
    /// Room for this many bytes.
    pub(crate) const fn new(limit_bytes: usize) -> Self {
        Self { records: VecDeque::new(), bytes: 0, limit_bytes }
    }

    /// Adds the newest record.
    pub(crate) fn push(&mut self, record: Record) {
        self.bytes += cost(&record);
        self.records.push_back(Arc::new(record));
        while self.bytes > self.limit_bytes && self.records.len() > 1 {
            if let Some(record) = self.records.pop_front() {
                self.bytes -= cost(&record);
            }
        }
    }

    /// Number of the oldest record.
    pub(crate) fn first_id(&self) -> Option<u64> {
        self.records.front().map(|record| record.id)
    }

    /// The oldest record.
    pub(crate) fn oldest(&self) -> Option<&Record> {
        self.records.front().map(Arc::as_ref)
    }

    /// The number of records.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Records from this number on, the oldest first.
    pub(crate) fn since(&self, id: u64) -> impl Iterator<Item = &Arc<Record>> {
        let skipped = self.first_id().map_or(0, |first| id.saturating_sub(first));
        self.records.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX))
    }

    /// Records before this number, the newest first.
    pub(crate) fn before(&self, id: u64) -> impl Iterator<Item = &Arc<Record>> {
        let kept = self.first_id().map_or(0, |first| id.saturating_sub(first));
        let kept = usize::try_from(kept).unwrap_or(usize::MAX).min(self.records.len());
        self.records.iter().take(kept).rev()
    }

    /// Removes everything.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
    }
}

fn cost(record: &Record) -> usize {
    let fields = record.fields.iter().map(|(name, value)| name.len() + value.len() + 48);
    RECORD_BYTES + record.message.len() + fields.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::tests::record;

    #[test]
    fn forgets_the_oldest_when_it_is_full() {
        let mut memory = Memory::new(10 * (RECORD_BYTES + 1));
        for id in 1..=25 {
            memory.push(record(id, "x"));
        }
        assert_eq!((memory.len(), memory.first_id()), (10, Some(16)));
        let ids = |records: Vec<&Arc<Record>>| records.iter().map(|r| r.id).collect::<Vec<_>>();
        assert_eq!(ids(memory.since(24).collect()), [24, 25]);
        assert_eq!(ids(memory.since(3).take(2).collect()), [16, 17], "what is gone is skipped");
        assert_eq!(ids(memory.since(99).collect()), [0_u64; 0]);
        assert_eq!(ids(memory.before(18).collect()), [17, 16]);
        assert_eq!(ids(memory.before(99).take(1).collect()), [25]);
        assert_eq!(ids(memory.before(3).collect()), [0_u64; 0]);
        memory.push(record(26, &"y".repeat(1 << 20)));
        assert_eq!(ids(memory.since(0).collect()), [26], "one record stays however long it is");
    }
}
