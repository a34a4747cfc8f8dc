//! A disk with a volatile cache, whose power can be cut.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::dice::Dice;
use crate::error::HarnessError;
use crate::write_cache::{Remains, SECTOR_BYTES, WriteCache};

/// Most bytes that the cache holds; when there are more, the disk writes all of them, as real ones
/// do.
const MAX_CACHED_BYTES: usize = 64 << 20;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The disk has no power: it never answers.
    NoPower,
    /// It reports an error.
    Failed,
}

/// A raw disk image behind a volatile cache. Shared by the server that the machine talks to and by
/// the test that cuts the power.
#[derive(Debug)]
pub struct VolatileDisk {
    file: File,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    cache: WriteCache,
    /// Writes and flushes since the disk was made.
    requests: u64,
    /// The request at which the power goes.
    cut_at: Option<u64>,
    is_dead: bool,
    ignores_flushes: bool,
    failing: Option<Range<u64>>,
    users: usize,
}

impl VolatileDisk {
    /// A disk over a raw image, which holds what is on the medium.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened.
    pub fn open(image: &Path) -> Result<Self, HarnessError> {
        let file = File::options().read(true).write(true).open(image);
        let file = file.map_err(HarnessError::io(format!("open {}", image.display())))?;
        Ok(Self { file, state: Mutex::default(), changed: Condvar::new() })
    }

    /// Size in bytes.
    ///
    /// # Errors
    ///
    /// When the file cannot be asked.
    pub fn size_bytes(&self) -> Result<u64, HarnessError> {
        let facts = self.file.metadata().map_err(HarnessError::io("read the size of a disk"))?;
        Ok(facts.len())
    }

    /// Lets the power go at the write or flush that is so many requests ahead; 1 = the next one. It
    /// is not carried out.
    pub fn cut_after(&self, requests: u64) {
        let mut state = self.lock();
        state.cut_at = Some(state.requests + requests);
    }

    /// Makes the disk say that it has flushed without doing so: what a test must notice.
    pub fn ignore_flushes(&self) {
        self.lock().ignores_flushes = true;
    }

    /// Makes every write to a range of sectors fail.
    pub fn fail_writes(&self, sectors: Range<u64>) {
        self.lock().failing = Some(sectors);
    }

    /// Writes and flushes so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.lock().requests
    }

    /// Waits until the power has gone by itself; `false` when it does not in time.
    #[must_use]
    pub fn wait_until_dead(&self, limit: Duration) -> bool {
        let guard = self.lock();
        let waited = self.changed.wait_timeout_while(guard, limit, |state| !state.is_dead);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_dead
    }

    /// Cuts the power once nobody uses the disk any more: decides what is left of the cache and
    /// writes it to the medium. The disk has power again afterwards.
    ///
    /// # Errors
    ///
    /// When the disk is still in use after `limit`, or the file cannot be written.
    pub fn cut(&self, dice: &mut Dice, limit: Duration) -> Result<Remains, HarnessError> {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| state.users > 0);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if state.users > 0 {
            let what = "the end of the connection to the disk".to_owned();
            return Err(HarnessError::Timeout { what, limit, console: String::new() });
        }
        let (left, remains) = state.cache.cut(dice);
        state.is_dead = false;
        state.cut_at = None;
        self.store(&left).map_err(HarnessError::io("write what a power cut leaves"))?;
        Ok(remains)
    }

    /// Whether a machine is connected.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        self.lock().users > 0
    }

    /// Counts a user of the disk.
    pub(crate) fn enter(&self) {
        self.lock().users += 1;
    }

    /// The user has gone.
    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        state.users = state.users.saturating_sub(1);
        self.changed.notify_all();
    }

    /// Reads whole sectors.
    pub(crate) fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<(), Refusal> {
        let state = self.lock();
        if state.is_dead {
            return Err(Refusal::NoPower);
        }
        let first = first_sector(offset, bytes.len()).ok_or(Refusal::Failed)?;
        self.file.read_exact_at(bytes, offset).map_err(|_| Refusal::Failed)?;
        state.cache.overlay(first, bytes);
        Ok(())
    }

    /// Writes whole sectors; `through` = to the medium before it returns.
    pub(crate) fn write(&self, offset: u64, bytes: Vec<u8>, through: bool) -> Result<(), Refusal> {
        let mut state = self.count()?;
        let first = first_sector(offset, bytes.len()).ok_or(Refusal::Failed)?;
        let sectors = (bytes.len() / SECTOR_BYTES) as u64;
        state.check(first..first + sectors)?;
        if through && !state.ignores_flushes {
            state.cache.forget(first, sectors);
            return self.file.write_all_at(&bytes, offset).map_err(|_| Refusal::Failed);
        }
        state.cache.write(first, bytes);
        if state.cache.bytes() > MAX_CACHED_BYTES {
            return self.empty(&mut state);
        }
        Ok(())
    }

    /// Writes zeros to whole sectors; `through` = to the medium before it returns.
    pub(crate) fn zero(&self, offset: u64, length: usize, through: bool) -> Result<(), Refusal> {
        let mut state = self.count()?;
        let first = first_sector(offset, length).ok_or(Refusal::Failed)?;
        let sectors = length / SECTOR_BYTES;
        state.check(first..first + sectors as u64)?;
        state.cache.write_zeros(first, sectors);
        if through && !state.ignores_flushes {
            return self.empty(&mut state);
        }
        Ok(())
    }

    /// Writes everything that was answered to the medium.
    pub(crate) fn flush(&self) -> Result<(), Refusal> {
        let mut state = self.count()?;
        if state.ignores_flushes {
            return Ok(());
        }
        self.empty(&mut state)
    }

    fn empty(&self, state: &mut State) -> Result<(), Refusal> {
        self.store(&state.cache.flush()).map_err(|_| Refusal::Failed)
    }

    /// Counts a request, and lets the power go when it is the one to do so.
    fn count(&self) -> Result<MutexGuard<'_, State>, Refusal> {
        let mut state = self.lock();
        state.requests += 1;
        if state.cut_at.is_some_and(|at| state.requests >= at) {
            state.is_dead = true;
            self.changed.notify_all();
        }
        if state.is_dead { Err(Refusal::NoPower) } else { Ok(state) }
    }

    fn store(&self, sectors: &[(u64, [u8; SECTOR_BYTES])]) -> std::io::Result<()> {
        sectors.iter().try_for_each(|(sector, bytes)| {
            self.file.write_all_at(bytes, sector * SECTOR_BYTES as u64)
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check(&self, sectors: Range<u64>) -> Result<(), Refusal> {
        let overlaps =
            |failing: &Range<u64>| failing.start < sectors.end && sectors.start < failing.end;
        if self.failing.as_ref().is_some_and(overlaps) { Err(Refusal::Failed) } else { Ok(()) }
    }
}

/// The first sector of a request for whole sectors; `None` when it is none.
fn first_sector(offset: u64, length: usize) -> Option<u64> {
    let sector = SECTOR_BYTES as u64;
    let is_whole = offset.is_multiple_of(sector) && length.is_multiple_of(SECTOR_BYTES);
    is_whole.then_some(offset / sector)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_TIME: Duration = Duration::ZERO;

    fn disk() -> (tempfile::TempDir, VolatileDisk) {
        let directory = tempfile::tempdir().expect("directory");
        let image = directory.path().join("image");
        std::fs::write(&image, vec![0; 64 * SECTOR_BYTES]).expect("written");
        let disk = VolatileDisk::open(&image).expect("opened");
        (directory, disk)
    }

    fn first_byte(disk: &VolatileDisk, sector: u64) -> u8 {
        let mut bytes = [0; SECTOR_BYTES];
        disk.read(sector * SECTOR_BYTES as u64, &mut bytes).expect("read");
        bytes[0]
    }

    #[test]
    fn keeps_what_was_flushed_or_written_through_whatever_the_seed() {
        for seed in 0..50 {
            let (_directory, disk) = disk();
            disk.write(0, vec![1; SECTOR_BYTES], false).expect("written");
            disk.flush().expect("flushed");
            disk.write(512, vec![2; SECTOR_BYTES], true).expect("written");
            disk.write(1024, vec![3; SECTOR_BYTES], false).expect("written");
            disk.cut(&mut Dice::new(seed), NO_TIME).expect("cut");
            assert_eq!((first_byte(&disk, 0), first_byte(&disk, 1)), (1, 2));
        }
    }

    #[test]
    fn a_disk_that_lies_about_flushes_loses_some_of_it() {
        let lost = (0..50).filter(|seed| {
            let (_directory, disk) = disk();
            disk.ignore_flushes();
            disk.write(0, vec![1; SECTOR_BYTES], true).expect("written");
            disk.flush().expect("answered");
            disk.cut(&mut Dice::new(*seed), NO_TIME).expect("cut");
            first_byte(&disk, 0) == 0
        });
        assert!(lost.count() > 10);
    }

    #[test]
    fn does_not_answer_from_the_chosen_request_on_and_has_power_again_after_the_cut() {
        let (_directory, disk) = disk();
        disk.cut_after(2);
        disk.write(0, vec![1; SECTOR_BYTES], true).expect("written");
        assert_eq!(disk.write(512, vec![1; SECTOR_BYTES], true), Err(Refusal::NoPower));
        assert!(disk.wait_until_dead(NO_TIME));
        assert_eq!(disk.read(0, &mut [0; SECTOR_BYTES]), Err(Refusal::NoPower));
        disk.enter();
        assert!(disk.cut(&mut Dice::new(1), NO_TIME).is_err(), "it is in use");
        disk.leave();
        disk.cut(&mut Dice::new(1), NO_TIME).expect("cut");
        assert_eq!((first_byte(&disk, 0), first_byte(&disk, 1)), (1, 0));
    }

    #[test]
    fn fails_writes_in_the_chosen_range_only() {
        let (_directory, disk) = disk();
        disk.fail_writes(4..8);
        assert_eq!(disk.zero(3 * 512, 1024, false), Err(Refusal::Failed));
        disk.zero(8 * 512, 1024, false).expect("written");
        assert_eq!(disk.write(0, vec![0; 100], false), Err(Refusal::Failed));
    }
}
