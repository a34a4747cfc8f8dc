//! Records on the data partition: files of JSON lines, named after the number of their first record.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::journal::{MAX_DISK_BYTES, Record};

use crate::error::StoreError;
use crate::intake::Tail;

/// Size at which a file is closed and the next one begun, in bytes. With the record that no longer fits it
/// stays below the limit of the role's files.
pub(crate) const FILE_BYTES: u64 = 4 * 1024 * 1024;
/// Most files.
const MAX_FILES: usize = 16;
/// Longest line, in bytes: a record of the kernel's log as JSON, each byte escaped.
const MAX_LINE_BYTES: u64 = 64 * 1024;
/// How a file's name ends.
const SUFFIX: &str = ".jsonl";

const _: () = assert!(FILE_BYTES * 16 <= MAX_DISK_BYTES);

/// The files of a journal. Every method may block on the disk.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    /// The oldest first.
    files: VecDeque<Entry>,
    /// The newest file, open for writing.
    current: Option<File>,
    file_bytes: u64,
    is_dirty: bool,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Number of its first record.
    pub(crate) first_id: u64,
    /// Its length.
    pub(crate) bytes: u64,
    /// Where it is.
    pub(crate) path: PathBuf,
}

impl Store {
    /// Opens the journal in a directory, removes a record that was cut off, and says where the journal ends.
    pub(crate) fn open(
        directory: &Path,
        file_bytes: u64,
    ) -> Result<(Self, Option<Tail>), StoreError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(directory).map_err(failed("read", directory))? {
            let path = entry.map_err(failed("read", directory))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(first_id) = name.strip_suffix(SUFFIX).and_then(|id| id.parse().ok()) else {
                continue;
            };
            let bytes = fs::metadata(&path).map_err(failed("read", &path))?.len();
            files.push(Entry { first_id, bytes, path });
        }
        files.sort_by_key(|entry| entry.first_id);
        let files = files.into();
        let directory = directory.to_owned();
        let mut store = Self { directory, files, current: None, file_bytes, is_dirty: false };
        let tail = store.find_end()?;
        store.remove_oldest(MAX_FILES)?;
        Ok((store, tail))
    }

    /// Finds the last record. A newest file without any is removed.
    fn find_end(&mut self) -> Result<Option<Tail>, StoreError> {
        while let Some(entry) = self.files.back_mut() {
            let path = entry.path.clone();
            let open = OpenOptions::new().read(true).write(true).open(&path);
            let mut file = open.map_err(failed("open", &path))?;
            let mut bytes = Vec::new();
            (&file).take(2 * FILE_BYTES).read_to_end(&mut bytes).map_err(failed("read", &path))?;
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let text = String::from_utf8_lossy(bytes.get(..whole).unwrap_or_default());
            let last = text.lines().rev().find_map(|line| serde_json::from_str(line).ok());
            if let Some(last) = last {
                entry.bytes = u64::try_from(whole).unwrap_or(u64::MAX);
                file.set_len(entry.bytes).map_err(failed("cut", &path))?;
                file.seek(SeekFrom::End(0)).map_err(failed("read", &path))?;
                self.current = Some(file);
                return Ok(Some(Tail { last }));
            }
            fs::remove_file(&path).map_err(failed("remove", &path))?;
            self.files.pop_back();
        }
        Ok(None)
    }

    /// Writes records. All or nothing of each file that they go to; says how far it came also when it fails.
    pub(crate) fn append(&mut self, records: &[Arc<Record>]) -> Result<(), (u64, StoreError)> {
        let mut written = 0;
        let mut rest = records.iter().peekable();
        while let Some(first) = rest.peek() {
            let bytes = self.begin(first.id).map_err(|error| (written, error))?;
            let mut room = self.file_bytes.saturating_sub(bytes);
            let mut lines = Vec::new();
            let mut last = written;
            while let Some(record) = rest.peek().filter(|_| room > 0) {
                let start = lines.len();
                // A record has no value that JSON lacks.
                let _ = serde_json::to_writer(&mut lines, &***record);
                lines.push(b'\n');
                let length = u64::try_from(lines.len() - start).unwrap_or(u64::MAX);
                room = room.saturating_sub(length);
                last = record.id;
                rest.next();
            }
            self.write(&lines).map_err(|error| (written, error))?;
            written = last;
        }
        Ok(())
    }

    /// Makes sure that there is a file with room, and says how long it is.
    fn begin(&mut self, id: u64) -> Result<u64, StoreError> {
        if let (Some(_), Some(entry)) = (&self.current, self.files.back())
            && entry.bytes < self.file_bytes
        {
            return Ok(entry.bytes);
        }
        self.sync()?;
        self.current = None;
        self.remove_oldest(MAX_FILES - 1)?;
        let path = self.directory.join(format!("{id:020}{SUFFIX}"));
        let open = || OpenOptions::new().write(true).create(true).truncate(true).open(&path);
        let file = match open().map_err(failed("create", &path)) {
            Err(error) if error.is_full() && self.files.len() > 1 => {
                self.remove_oldest(self.files.len() - 1)?;
                open().map_err(failed("create", &path))?
            }
            opened => opened?,
        };
        self.sync_directory()?;
        self.current = Some(file);
        self.files.push_back(Entry { first_id: id, bytes: 0, path });
        Ok(0)
    }

    /// Writes whole lines, or nothing. When there is no room, the oldest file gives way.
    fn write(&mut self, lines: &[u8]) -> Result<(), StoreError> {
        loop {
            let (Some(mut file), Some(entry)) = (self.current.as_ref(), self.files.back_mut())
            else {
                return Ok(());
            };
            let Err(error) = file.write_all(lines).map_err(failed("write", &entry.path)) else {
                entry.bytes += u64::try_from(lines.len()).unwrap_or(u64::MAX);
                self.is_dirty = true;
                return Ok(());
            };
            // What was written of it would be a record that is cut off.
            let cut = file.set_len(entry.bytes).and_then(|()| file.seek(SeekFrom::End(0)));
            if cut.is_err() {
                self.current = None;
            }
            if !error.is_full() || self.files.len() < 2 || cut.is_err() {
                return Err(error);
            }
            self.remove_oldest(self.files.len() - 1)?;
        }
    }

    /// Forces what was written to the disk.
    pub(crate) fn sync(&mut self) -> Result<(), StoreError> {
        if let (true, Some(file), Some(entry)) = (self.is_dirty, &self.current, self.files.back()) {
            file.sync_data().map_err(failed("force to the disk", &entry.path))?;
            self.is_dirty = false;
        }
        Ok(())
    }

    /// Whether something has been written and not forced to the disk.
    pub(crate) const fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Removes every file.
    pub(crate) fn forget(&mut self) -> Result<(), StoreError> {
        self.current = None;
        self.is_dirty = false;
        self.remove_oldest(0)?;
        self.sync_directory()
    }

    fn remove_oldest(&mut self, remaining: usize) -> Result<(), StoreError> {
        while self.files.len() > remaining
            && let Some(entry) = self.files.front()
        {
            fs::remove_file(&entry.path).map_err(failed("remove", &entry.path))?;
            self.files.pop_front();
        }
        Ok(())
    }

    fn sync_directory(&self) -> Result<(), StoreError> {
        durable::sync_directory(&self.directory)
            .map_err(failed("force to the disk", &self.directory))
    }

    /// The files, the oldest first.
    pub(crate) fn files(&self) -> Vec<Entry> {
        self.files.iter().cloned().collect()
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|entry| entry.bytes).sum()
    }

    /// Free bytes and bytes of the file system.
    pub(crate) fn room(&self) -> Option<(u64, u64)> {
        let directory = File::open(&self.directory).ok()?;
        let free = sys::file_system::free_bytes(&directory).ok()?;
        Some((free, sys::file_system::total_bytes(&directory).ok()?))
    }
}

/// The lines of a file that are records, the oldest first. A file that has gone meanwhile has none.
pub(crate) fn read_file(entry: &Entry) -> Vec<Record> {
    let mut bytes = Vec::new();
    let limit = 2 * FILE_BYTES;
    let read = File::open(&entry.path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    if read.is_err() {
        return Vec::new();
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Time of the first record of a file, in milliseconds since 1970.
pub(crate) fn first_time(entry: &Entry) -> Option<i64> {
    let mut start = Vec::new();
    File::open(&entry.path).ok()?.take(MAX_LINE_BYTES).read_to_end(&mut start).ok()?;
    let line = start.split(|byte| *byte == b'\n').next()?;
    serde_json::from_slice::<Record>(line).ok().map(|record| record.time_ms)
}

fn failed<'a>(
    operation: &'static str,
    path: &'a Path,
) -> impl Fn(std::io::Error) -> StoreError + use<'a> {
    move |source| StoreError { operation, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::intake::tests::record;

    fn records(ids: std::ops::RangeInclusive<u64>) -> Vec<Arc<Record>> {
        ids.map(|id| Arc::new(record(id, &"x".repeat(100)))).collect()
    }

    fn all(store: &Store) -> Vec<u64> {
        store.files().iter().flat_map(read_file).map(|record| record.id).collect()
    }

    #[test]
    fn keeps_the_newest_within_its_limits() {
        let directory = TempDir::new().expect("directory");
        let (mut store, tail) = Store::open(directory.path(), 2_000).expect("opened");
        assert_eq!(tail, None);
        for start in (1..400).step_by(10) {
            store.append(&records(start..=start + 9)).expect("written");
            // A record may be the one that no longer fits.
            assert!(store.bytes() <= 16 * (2_000 + 400), "{}", store.bytes());
        }
        let kept = all(&store);
        assert_eq!(kept.last(), Some(&400));
        assert!(store.files().len() == 16 && kept.len() > 100, "{}", kept.len());
        assert!(kept.is_sorted_by(|a, b| b - a == 1), "nothing is missing in between");
        let on_disk: u64 = fs::read_dir(directory.path())
            .expect("list")
            .map(|entry| entry.expect("entry").metadata().expect("facts").len())
            .sum();
        assert_eq!(on_disk, store.bytes());
    }

    #[test]
    fn a_record_that_was_cut_off_is_removed_and_the_next_start_goes_on_behind_it() {
        let directory = TempDir::new().expect("directory");
        let (mut store, _) = Store::open(directory.path(), FILE_BYTES).expect("opened");
        store.append(&records(1..=3)).expect("written");
        store.sync().expect("synced");
        let path = store.files()[0].path.clone();
        let whole = fs::read(&path).expect("read");
        for length in (whole.len() * 2 / 3 + 1)..whole.len() {
            fs::write(&path, &whole[..length]).expect("cut");
            let (mut store, tail) = Store::open(directory.path(), FILE_BYTES).expect("opened");
            assert_eq!(tail.map(|tail| tail.last.id), Some(2), "{length}");
            store.append(&records(3..=4)).expect("written");
            assert_eq!(all(&store), [1, 2, 3, 4]);
        }
    }

    #[test]
    fn a_damaged_line_costs_only_itself() {
        let directory = TempDir::new().expect("directory");
        let (mut store, _) = Store::open(directory.path(), FILE_BYTES).expect("opened");
        store.append(&records(1..=3)).expect("written");
        let path = store.files()[0].path.clone();
        let mut bytes = fs::read(&path).expect("read");
        let middle = bytes.len() / 2;
        bytes[middle] = 0xff;
        fs::write(&path, bytes).expect("damaged");
        fs::write(directory.path().join("00000000000000000009.jsonl"), b"garbage\n").expect("file");
        fs::write(directory.path().join("readme"), b"not ours").expect("file");
        let (store, tail) = Store::open(directory.path(), FILE_BYTES).expect("opened");
        assert_eq!(tail.map(|tail| tail.last.id), Some(3));
        assert_eq!(all(&store), [1, 3]);
        assert!(directory.path().join("readme").exists());
    }

    #[test]
    fn a_missing_directory_is_named() {
        let error = Store::open(Path::new("/nowhere/journal"), FILE_BYTES).expect_err("missing");
        assert!(error.in_one_line().contains("/nowhere/journal: No such file"), "{error}");
    }

    #[test]
    fn forgets_everything() {
        let directory = TempDir::new().expect("directory");
        let (mut store, _) = Store::open(directory.path(), 300).expect("opened");
        store.append(&records(1..=9)).expect("written");
        store.forget().expect("removed");
        assert_eq!(fs::read_dir(directory.path()).expect("list").count(), 0);
        store.append(&records(10..=11)).expect("written");
        assert_eq!(all(&store), [10, 11]);
    }
}
