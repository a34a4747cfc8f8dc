//! What the role knows, shared by the reader of the kernel's log, the disk, the syslog server and the
//! askers.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::journal::kernel_log::KernelRecord;
use model::journal::{JournalDisk, JournalStatus, Record, Severity, SyslogState};
use tokio::sync::watch;

use crate::error::StoreError;
use crate::intake::{Intake, Moment};
use crate::memory::Memory;
use crate::store::{Entry, FILE_BYTES, Store};

/// Records that are handed to the disk at once.
const BATCH_RECORDS: usize = 4_000;

/// The journal. Its locks are held for moments only, but the disk's, which is taken on threads that may block.
#[derive(Debug)]
pub(crate) struct Collected {
    state: Mutex<State>,
    disk: Mutex<Disk>,
    newest: watch::Sender<u64>,
    status: watch::Sender<JournalStatus>,
}

#[derive(Debug)]
struct State {
    intake: Intake,
    memory: Memory,
    /// The newest record that is on the disk, or that was given up because the memory forgot it.
    stored_id: u64,
    /// Whether a warning or worse waits to be stored.
    is_urgent: bool,
    oldest_stored_ms: Option<i64>,
    disk: JournalDisk,
    syslog: SyslogState,
}

#[derive(Debug)]
struct Disk {
    directory: PathBuf,
    store: Option<Store>,
}

impl Collected {
    /// A journal whose last stored record has the number `stored_id`.
    pub(crate) fn new(
        intake: Intake,
        memory_bytes: usize,
        directory: PathBuf,
        store: Result<Store, StoreError>,
        stored_id: u64,
    ) -> Self {
        let (store, trouble) = match store {
            Ok(store) => (Some(store), String::new()),
            Err(error) => (None, error.in_one_line()),
        };
        let state = State {
            memory: Memory::new(memory_bytes),
            stored_id,
            is_urgent: false,
            oldest_stored_ms: None,
            disk: JournalDisk::Trouble { reason: trouble },
            syslog: SyslogState::Off,
            intake,
        };
        let collected = Self {
            status: watch::Sender::new(state.status(1)),
            newest: watch::Sender::new(stored_id),
            state: Mutex::new(state),
            disk: Mutex::new(Disk { directory, store }),
        };
        collected.describe_disk(&lock(&collected.disk));
        collected
    }

    /// Takes a record of the kernel's log in.
    pub(crate) fn take(&self, record: KernelRecord) {
        let mut state = lock(&self.state);
        let mut newest = None;
        for record in state.intake.take(record, Moment::now()) {
            newest = Some(record.id);
            state.is_urgent |= record.severity <= Severity::Warning;
            state.memory.push(record);
        }
        drop(state);
        if let Some(id) = newest {
            self.newest.send_replace(id);
        }
    }

    /// The number of the newest record, to be followed.
    pub(crate) fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// The status, to be followed.
    pub(crate) fn status(&self) -> watch::Receiver<JournalStatus> {
        self.status.subscribe()
    }

    /// Publishes the status under the next generation, if anything in it is new.
    pub(crate) fn publish(&self) {
        let state = lock(&self.state);
        self.status.send_if_modified(|published| {
            let status = state.status(published.generation);
            if status == *published {
                return false;
            }
            *published = JournalStatus { generation: status.generation + 1, ..status };
            true
        });
    }

    /// Notes the state of the syslog server.
    pub(crate) fn set_syslog(&self, syslog: SyslogState) {
        lock(&self.state).syslog = syslog;
    }

    /// Looks at the records in memory.
    pub(crate) fn with_memory<T>(&self, look: impl FnOnce(&Memory) -> T) -> T {
        look(&lock(&self.state).memory)
    }

    /// Files on the disk, the oldest first. May block.
    pub(crate) fn files(&self) -> Vec<Entry> {
        lock(&self.disk).store.as_ref().map(Store::files).unwrap_or_default()
    }

    /// Brings the disk up to the memory. `is_due` = force what was written to the disk in any case. May
    /// block.
    ///
    /// # Errors
    ///
    /// What keeps records from being stored; they stay in memory and are tried again.
    pub(crate) fn flush(&self, is_due: bool) -> Result<(), StoreError> {
        let mut disk = lock(&self.disk);
        let outcome = self.flush_to(&mut disk, is_due);
        if outcome.is_err() && disk.store.as_ref().is_none_or(|store| store.room().is_none()) {
            // The directory has gone: begin anew when it is back.
            disk.store = None;
        }
        match &outcome {
            Ok(()) => self.describe_disk(&disk),
            Err(error) => {
                lock(&self.state).disk = JournalDisk::Trouble { reason: error.in_one_line() };
            }
        }
        outcome
    }

    fn flush_to(&self, disk: &mut Disk, is_due: bool) -> Result<(), StoreError> {
        if disk.store.is_none() {
            let (store, tail) = Store::open(&disk.directory, FILE_BYTES)?;
            let first = lock(&self.state).memory.first_id();
            // It could not be read when the numbers of this start were given. What is stored stays.
            if tail.is_some_and(|tail| first.is_some_and(|first| tail.last.id >= first)) {
                let source = io::Error::other("it holds records that were unknown at the start");
                return Err(StoreError { operation: "use", path: disk.directory.clone(), source });
            }
            disk.store = Some(store);
        }
        let Some(store) = &mut disk.store else { return Ok(()) };
        let (batch, is_urgent) = lock(&self.state).unstored();
        if let Err((id, error)) = store.append(&batch) {
            let mut state = lock(&self.state);
            state.stored_id = state.stored_id.max(id);
            return Err(error);
        }
        if let Some(last) = batch.last() {
            let mut state = lock(&self.state);
            state.stored_id = state.stored_id.max(last.id);
        }
        if is_urgent || (is_due && store.is_dirty()) {
            store.sync()?;
        }
        Ok(())
    }

    fn describe_disk(&self, disk: &Disk) {
        let Some(store) = &disk.store else { return };
        let files = store.files();
        let (free_bytes, total_bytes) = store.room().unwrap_or_default();
        let oldest = files.first().and_then(crate::store::first_time);
        let mut state = lock(&self.state);
        state.oldest_stored_ms = oldest;
        state.disk = JournalDisk::Good {
            bytes: store.bytes(),
            files: u32::try_from(files.len()).unwrap_or(u32::MAX),
            free_bytes,
            total_bytes,
        };
    }

    /// Removes every record from memory and disk. May block.
    ///
    /// # Errors
    ///
    /// What keeps the disk from forgetting.
    pub(crate) fn forget(&self) -> Result<(), StoreError> {
        let mut disk = lock(&self.disk);
        {
            let mut state = lock(&self.state);
            state.stored_id = *self.newest.borrow();
            state.is_urgent = false;
            state.memory.clear();
        }
        let outcome = disk.store.as_mut().map_or(Ok(()), Store::forget);
        self.describe_disk(&disk);
        outcome
    }
}

impl State {
    /// The next records for the disk, and whether they must not wait.
    fn unstored(&mut self) -> (Vec<Arc<Record>>, bool) {
        let batch: Vec<_> =
            self.memory.since(self.stored_id + 1).take(BATCH_RECORDS).cloned().collect();
        (batch, std::mem::take(&mut self.is_urgent))
    }

    fn status(&self, generation: u64) -> JournalStatus {
        let in_memory = self.memory.oldest().map(|record| record.time_ms);
        JournalStatus {
            generation,
            boot: self.intake.boot.clone(),
            newest_id: self.intake.newest_id(),
            oldest_ms: self.oldest_stored_ms.or(in_memory),
            memory_records: u64::try_from(self.memory.len()).unwrap_or(u64::MAX),
            disk: self.disk.clone(),
            lost: self.intake.lost,
            suppressed: self.intake.suppressed,
            syslog: self.syslog.clone(),
        }
    }
}

/// A task that panicked ends the role, so nobody sees a broken state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
