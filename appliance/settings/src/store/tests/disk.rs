//! A disk that can lose power or fail at every step.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use super::*;

/// When every start of these tests is, unless they say something else.
pub(super) const START: Moment = Moment { uptime_ms: 5_000, unix_seconds: 1_800_000_000 };

pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// A disk in memory. What is written is durable at once; renames and removals are durable with the
/// next `sync`, and until then any number of them, in order, may be.
#[derive(Clone, Default)]
pub(super) struct Disk(Arc<Mutex<Medium>>);

#[derive(Default)]
struct Medium {
    durable: Files,
    /// What the file system shows after each change that is not durable yet.
    shown: Vec<Files>,
    /// Steps until the failure; `None` = never.
    steps_left: Option<usize>,
    /// Whether the failure is a power cut, after which nothing works any more.
    has_power_cut: bool,
    /// What the disk may hold after the power cut.
    remains: Vec<Files>,
}

impl Medium {
    fn current(&self) -> Files {
        self.shown.last().unwrap_or(&self.durable).clone()
    }

    /// Counts a step; the failing one may have done part of its work.
    fn step(&mut self, partly_done: impl FnOnce(&Self) -> Vec<Files>) -> io::Result<()> {
        match &mut self.steps_left {
            None => return Ok(()),
            Some(0) => {}
            Some(left) => {
                *left -= 1;
                return Ok(());
            }
        }
        if self.has_power_cut && self.remains.is_empty() {
            let partly_done = partly_done(self);
            self.remains = [vec![self.durable.clone()], self.shown.clone(), partly_done].concat();
        }
        Err(io::ErrorKind::StorageFull.into())
    }
}

impl FileSystem for Disk {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().expect("lock").current().into_keys().collect())
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().expect("lock").current().get(name).cloned())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut medium = self.0.lock().expect("lock");
        let with = |files: Files, length: usize| {
            let mut files = files;
            files.insert(name.to_owned(), bytes[..length].to_vec());
            files
        };
        medium.step(|medium| {
            (0..=bytes.len()).map(|length| with(medium.current(), length)).collect()
        })?;
        medium.durable = with(medium.durable.clone(), bytes.len());
        medium.shown = medium.shown.drain(..).map(|files| with(files, bytes.len())).collect();
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut medium = self.0.lock().expect("lock");
        let mut files = medium.current();
        let bytes = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), bytes);
        medium.step(|_| vec![files.clone()])?;
        medium.shown.push(files);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut medium = self.0.lock().expect("lock");
        let mut files = medium.current();
        files.remove(name).ok_or(io::ErrorKind::NotFound)?;
        medium.step(|_| vec![files.clone()])?;
        medium.shown.push(files);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut medium = self.0.lock().expect("lock");
        let current = medium.current();
        medium.step(|_| vec![current.clone()])?;
        medium.durable = current;
        medium.shown.clear();
        Ok(())
    }
}

impl Disk {
    pub(super) fn holding(files: Files) -> Self {
        let disk = Self::default();
        disk.0.lock().expect("lock").durable = files;
        disk
    }

    /// Starts on a machine that cannot be told from others.
    pub(super) fn store(&self) -> Store {
        self.store_at(START)
    }

    pub(super) fn store_at(&self, now: Moment) -> Store {
        self.start(Start { now, machine: None, data: DataState::Mounted })
    }

    pub(super) fn store_on(&self, machine: &str) -> Store {
        let machine = MachineUuid::parse(machine).ok();
        self.start(Start { now: START, machine, data: DataState::Mounted })
    }

    pub(super) fn start(&self, start: Start) -> Store {
        Store::open(Box::new(self.clone()), start)
    }

    pub(super) fn files(&self) -> Files {
        self.0.lock().expect("lock").current()
    }

    pub(super) fn fail_after(&self, steps: Option<usize>) {
        self.0.lock().expect("lock").steps_left = steps;
    }

    /// Cuts the power after so many steps.
    pub(super) fn cut_after(&self, steps: usize) {
        self.0.lock().expect("lock").has_power_cut = true;
        self.fail_after(Some(steps));
    }

    /// What the disk may hold after the power cut; nothing while there has been none.
    pub(super) fn remains(&self) -> Vec<Files> {
        self.0.lock().expect("lock").remains.clone()
    }

    pub(super) fn damage(&self, name: &str) {
        let mut medium = self.0.lock().expect("lock");
        medium.durable.get_mut(name).expect("there")[30] ^= 1;
    }
}

/// Everything that may be on the disk when the power fails during a change, at any step of it.
pub(super) fn remains_of_every_cut(before: &Files, change: impl Fn(&mut Store)) -> Vec<Files> {
    let remains = remains_of_every_step(before, |disk, cut| {
        let mut store = disk.store();
        cut(disk);
        change(&mut store);
    });
    assert!(remains.len() > 2, "a change has at least three steps");
    remains
}

/// Everything that may be on the disk when the power fails during `run`, at any step of it after it
/// has called what it is given.
pub(super) fn remains_of_every_step(
    before: &Files,
    run: impl Fn(&Disk, &dyn Fn(&Disk)),
) -> Vec<Files> {
    let mut all = Vec::new();
    for steps in 0.. {
        let disk = Disk::holding(before.clone());
        run(&disk, &|disk| disk.cut_after(steps));
        let remains = disk.remains();
        if remains.is_empty() {
            return all;
        }
        all.extend(remains);
    }
    all
}
