//! Finding records in memory and on the disk.

use model::journal::{
    MAX_PAGE_BYTES, MAX_PAGE_RECORDS, MAX_SEARCH_BYTES, Page, Query, Record, Records,
};

use crate::collected::Collected;
use crate::store::{Entry, read_file};

/// Files that one request reads at most: each takes some ten milliseconds.
const MAX_FILES_READ: usize = 4;

/// A page that is being filled.
struct Filling {
    query: Query,
    limit: usize,
    records: Vec<Record>,
    bytes: usize,
}

impl Filling {
    /// Takes a record if it is wanted. Says whether the page had room for it.
    fn offer(&mut self, record: &Record) -> bool {
        if !self.query.matches(record) {
            return true;
        }
        // A record has no value that JSON lacks.
        let bytes = serde_json::to_vec(record).map_or(0, |json| json.len() + 1);
        let is_full = self.records.len() >= self.limit || self.bytes + bytes > MAX_PAGE_BYTES;
        if is_full && !self.records.is_empty() {
            return false;
        }
        self.bytes += bytes;
        self.records.push(record.clone());
        true
    }
}

/// Finds a page of records. May block on the disk.
pub(crate) fn read(journal: &Collected, mut query: Query, page: Page, limit: u32) -> Records {
    if let Some(text) = &mut query.text {
        text.truncate(text.floor_char_boundary(MAX_SEARCH_BYTES));
    }
    let limit = usize::try_from(limit.clamp(1, MAX_PAGE_RECORDS)).unwrap_or(1);
    let mut filling = Filling { query, limit, records: Vec::new(), bytes: 0 };
    let next = match page {
        Page::Newest => before(journal, &mut filling, u64::MAX),
        Page::Before(id) => before(journal, &mut filling, id),
        Page::After(id) => after(journal, &mut filling, id),
    };
    Records { records: filling.records, next }
}

/// Newest first.
fn before(journal: &Collected, filling: &mut Filling, bound: u64) -> Option<Page> {
    let (full, first_in_memory) = journal.with_memory(|memory| {
        let full = memory.before(bound).find(|record| !filling.offer(record)).map(|r| r.id);
        (full, memory.first_id())
    });
    if let Some(id) = full {
        return Some(Page::Before(id + 1));
    }
    let bound = first_in_memory.map_or(bound, |first| bound.min(first));
    let files = journal.files();
    let mut files = files.iter().rev().filter(|entry| entry.first_id < bound);
    let mut examined = bound;
    for entry in files.by_ref().take(MAX_FILES_READ) {
        for record in read_file(entry).iter().rev().filter(|record| record.id < bound) {
            if !filling.offer(record) {
                return Some(Page::Before(record.id + 1));
            }
        }
        examined = entry.first_id;
    }
    files.next().map(|_| Page::Before(examined))
}

/// Oldest first.
fn after(journal: &Collected, filling: &mut Filling, bound: u64) -> Option<Page> {
    let first_in_memory = journal.with_memory(|memory| memory.first_id()).unwrap_or(u64::MAX);
    let mut bound = bound;
    if bound.saturating_add(1) < first_in_memory {
        // The newest records are on the disk and in memory.
        let mut files = journal.files();
        files.retain(|entry| entry.first_id < first_in_memory);
        let behind =
            |index: usize| files.get(index + 1).map_or(first_in_memory, |e: &Entry| e.first_id);
        let begin = bound.saturating_add(1);
        let wanted = (0..files.len()).filter(|index| behind(*index) > begin);
        for (read, index) in wanted.enumerate() {
            if read == MAX_FILES_READ {
                return Some(Page::After(bound));
            }
            let records = read_file(&files[index]);
            for record in records.iter().filter(|r| r.id > bound && r.id < first_in_memory) {
                if !filling.offer(record) {
                    return Some(Page::After(record.id - 1));
                }
            }
            bound = bound.max(behind(index).saturating_sub(1));
        }
    }
    journal.with_memory(|memory| {
        let full = memory.since(bound.saturating_add(1)).find(|record| !filling.offer(record));
        full.map(|record| Page::After(record.id - 1))
    })
}

#[cfg(test)]
mod tests {
    use model::journal::kernel_log::parse;
    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::intake::Intake;
    use crate::store::Store;

    const FILE_BYTES: u64 = 1_500;

    /// A journal of 300 records with the last ones in memory and those before only on the disk.
    fn journal(directory: &TempDir) -> Collected {
        let (store, tail) = Store::open(directory.path(), FILE_BYTES).expect("opened");
        let intake = Intake::begin(tail.as_ref(), &[]).expect("random");
        let journal = Collected::new(intake, 12_000, directory.path().to_owned(), Ok(store), 0);
        for number in 0..120 {
            let role = if number % 10 == 0 { "web" } else { "time" };
            let line = format!("12,{number},{number},-;connector {role}: Number {number}.");
            journal.take(parse(line.as_bytes()).expect("a record"));
            journal.flush(false).expect("stored");
        }
        let in_memory = journal.with_memory(|memory| memory.first_id()).expect("some");
        assert!((60..110).contains(&in_memory), "{in_memory}");
        assert!(journal.files().len() > 8 && journal.files()[0].first_id < 20);
        journal
    }

    fn all(journal: &Collected, query: &Query, mut page: Page, limit: u32) -> Vec<u64> {
        let mut ids = Vec::new();
        for _ in 0..500 {
            let found = read(journal, query.clone(), page, limit);
            assert!(found.records.len() <= usize::try_from(limit).expect("small"));
            ids.extend(found.records.iter().map(|record| record.id));
            match found.next {
                Some(next) => page = next,
                None => return ids,
            }
        }
        panic!("pages without end");
    }

    #[test]
    fn pages_in_both_directions_have_every_record_once() {
        let directory = TempDir::new().expect("directory");
        let journal = journal(&directory);
        let first = journal.files()[0].first_id;
        let forwards: Vec<_> = (first..=120).collect();
        let backwards: Vec<_> = forwards.iter().rev().copied().collect();
        for limit in [1, 7, 100, 500] {
            assert_eq!(all(&journal, &Query::default(), Page::Newest, limit), backwards, "{limit}");
            assert_eq!(
                all(&journal, &Query::default(), Page::After(0), limit),
                forwards,
                "{limit}"
            );
        }
        assert_eq!(all(&journal, &Query::default(), Page::After(118), 9), [119, 120]);
        assert_eq!(all(&journal, &Query::default(), Page::After(120), 9), [0_u64; 0]);
        assert_eq!(all(&journal, &Query::default(), Page::Before(first), 9), [0_u64; 0]);
    }

    #[test]
    fn finds_the_records_of_a_source_on_disk_and_in_memory() {
        let directory = TempDir::new().expect("directory");
        let journal = journal(&directory);
        let query = Query {
            source: Some(model::journal::Source::Role(model::role::Role::Web)),
            text: Some("number".to_owned()),
            ..Query::default()
        };
        let first = journal.files()[0].first_id;
        let expected: Vec<u64> = (first..=120).rev().filter(|id| id % 10 == 1).collect();
        assert_eq!(all(&journal, &query, Page::Newest, 3), expected);
    }

    #[test]
    fn reads_the_memory_when_the_disk_has_gone() {
        let directory = TempDir::new().expect("directory");
        let journal = journal(&directory);
        std::fs::remove_dir_all(directory.path()).expect("removed");
        let ids = all(&journal, &Query::default(), Page::Newest, 50);
        assert_eq!(ids.first(), Some(&120));
        assert_eq!(ids.len(), journal.with_memory(crate::memory::Memory::len));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_page_fits_on_the_bus(length in 1_usize..8_000, limit: u32) {
            let directory = TempDir::new().expect("directory");
            let (store, _) = Store::open(directory.path(), FILE_BYTES).expect("opened");
            let intake = Intake::begin(None, &[]).expect("random");
            let journal = Collected::new(intake, 1 << 20, directory.path().to_owned(), Ok(store), 0);
            for number in 0..100 {
                let line = format!("6,{number},1,-;{}", "\\x01\"".repeat(length / 5));
                journal.take(parse(line.as_bytes()).expect("a record"));
            }
            let found = read(&journal, Query::default(), Page::Newest, limit);
            let json = serde_json::to_vec(&found).expect("plain values");
            prop_assert!(!found.records.is_empty() && json.len() < bus::MAX_FRAME_BYTES);
        }
    }
}
