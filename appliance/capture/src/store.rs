//! The directory of the role: the file of the trace, and beside it what is known of it.
//!
//! A trace is written to a file that is not offered to anybody, which gets its name when it is
//! complete and on the disk. A power cut therefore leaves a whole trace or none: what has no
//! description is removed at the next start.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use model::capture_status::EndedTrace;
use tracing::{info, warn};

/// File that describes the finished trace.
const DESCRIPTION: &str = "trace.json";
/// The same while it is written.
const NEW_DESCRIPTION: &str = "trace.json.new";
/// End of the name of a file that is still written.
const UNFINISHED: &str = ".unfinished";
/// Largest description in bytes: 20 conversations and 120 points are about 8 KiB.
const MAX_DESCRIPTION_BYTES: u64 = 64 * 1024;

/// The directory.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    min_free_bytes: u64,
}

impl Store {
    /// The store in this directory, which is made when it is missing. It leaves `min_free_bytes` of
    /// the file system to others.
    pub(crate) fn open(directory: PathBuf, min_free_bytes: u64) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
        Ok(Self { directory, min_free_bytes })
    }

    /// Bytes that a trace can use.
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        let free = sys::file_system::free_bytes(&File::open(&self.directory)?)?;
        Ok(free.saturating_sub(self.min_free_bytes))
    }

    /// The finished trace that an earlier process left; everything else is removed.
    pub(crate) fn recover(&self) -> Option<EndedTrace> {
        let ended = self.read_description().and_then(|ended: EndedTrace| {
            let is_there = self.path_of(&ended.trace.id).is_file();
            is_there.then_some(ended)
        });
        let kept = ended.as_ref().map(|ended| file_name(&ended.trace.id));
        match self.remove_all_but(kept.as_deref()) {
            Ok(0) => {}
            Ok(count) => info!(count, "Removed files of earlier traces"),
            Err(error) => warn!(%error, "Cannot remove files of earlier traces"),
        }
        ended
    }

    fn read_description(&self) -> Option<EndedTrace> {
        let file = File::open(self.directory.join(DESCRIPTION)).ok()?;
        let mut bytes = Vec::new();
        file.take(MAX_DESCRIPTION_BYTES).read_to_end(&mut bytes).ok()?;
        serde_json::from_slice(&bytes)
            .inspect_err(|error| warn!(%error, "The description of the last trace is damaged"))
            .ok()
            .filter(|ended: &EndedTrace| is_id(&ended.trace.id))
    }

    /// Removes the finished trace, its description first.
    pub(crate) fn clear(&self) -> io::Result<()> {
        self.remove_all_but(None)?;
        self.sync()
    }

    fn remove_all_but(&self, kept: Option<&str>) -> io::Result<usize> {
        let mut removed = 0;
        if kept.is_none() {
            removed += usize::from(remove(&self.directory.join(DESCRIPTION))?);
        }
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_kept = kept.is_some_and(|kept| name == kept || name == DESCRIPTION);
            if !is_kept && entry.file_type()?.is_file() {
                removed += usize::from(remove(&entry.path())?);
            }
        }
        Ok(removed)
    }

    /// Begins the file of a trace.
    pub(crate) fn create(&self, id: &str) -> io::Result<TraceFile> {
        let path = self.path_of(id);
        let unfinished = self.directory.join(format!("{}{UNFINISHED}", file_name(id)));
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&unfinished)?;
        Ok(TraceFile { file, bytes: 0, unfinished, path, store: self.clone() })
    }

    /// Describes a finished trace, so that the next process knows it.
    pub(crate) fn describe(&self, ended: &EndedTrace) -> io::Result<()> {
        let bytes = serde_json::to_vec(ended).map_err(io::Error::other)?;
        durable::replace(&self.directory, DESCRIPTION, NEW_DESCRIPTION, &bytes)
    }

    /// The file of a finished trace for reading, and its size in bytes.
    pub(crate) fn read(&self, id: &str) -> io::Result<(OwnedFd, u64)> {
        let file = File::open(self.path_of(id))?;
        let bytes = file.metadata()?.len();
        Ok((file.into(), bytes))
    }

    fn path_of(&self, id: &str) -> PathBuf {
        self.directory.join(file_name(id))
    }

    fn sync(&self) -> io::Result<()> {
        durable::sync_directory(&self.directory)
    }
}

fn file_name(id: &str) -> String {
    format!("trace-{id}.pcap")
}

/// Whether a text can be the identifier of a trace, which becomes part of a file's name.
fn is_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Removes a file. Says whether it was there.
fn remove(path: &PathBuf) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The file of a trace that records.
#[derive(Debug)]
pub(crate) struct TraceFile {
    file: File,
    bytes: u64,
    unfinished: PathBuf,
    path: PathBuf,
    store: Store,
}

impl TraceFile {
    /// Size in bytes.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes that it may still grow by.
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        let free = sys::file_system::free_bytes(&self.file)?;
        Ok(free.saturating_sub(self.store.min_free_bytes))
    }

    /// Adds whole records. After an error the file ends where it ended before.
    pub(crate) fn append(&mut self, records: &[u8]) -> io::Result<()> {
        if let Err(error) = self.file.write_all(records) {
            self.file.set_len(self.bytes)?;
            return Err(error);
        }
        self.bytes += u64::try_from(records.len()).unwrap_or_default();
        Ok(())
    }

    /// Waits until the file is on the disk, and gives it its name. After an error there is no file.
    pub(crate) fn finish(self) -> io::Result<()> {
        let finished = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&self.unfinished, &self.path))
            .and_then(|()| self.store.sync());
        if finished.is_err() {
            self.discard();
        }
        finished
    }

    /// Removes the file.
    pub(crate) fn discard(self) {
        for path in [&self.unfinished, &self.path] {
            if let Err(error) = remove(path) {
                warn!(%error, "Cannot remove the file of a trace");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::capture::TraceOrder;
    use model::capture_status::{EndReason, Trace, TraceCounts, TraceOrigin, TraceSummary};

    use super::*;

    const ID: &str = "00112233445566ff";

    fn ended(id: &str) -> EndedTrace {
        EndedTrace {
            trace: Trace {
                id: id.to_owned(),
                origin: TraceOrigin::Operator,
                order: TraceOrder::default(),
                addresses: Vec::new(),
                started_ms: 1,
            },
            counts: TraceCounts::default(),
            end: EndReason::TimeUp,
            elapsed_ms: 2,
            ended_ms: 3,
            deleted_ms: 4,
            summary: TraceSummary::default(),
        }
    }

    fn names(store: &Store) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&store.directory)
            .expect("directory")
            .map(|entry| entry.expect("entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        names
    }

    fn store() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().expect("directory");
        let store = Store::open(directory.path().join("capture"), 0).expect("store");
        (directory, store)
    }

    #[test]
    fn finished_and_described_trace_survives_a_restart() {
        let (_directory, store) = store();
        let mut file = store.create(ID).expect("file");
        file.append(b"whole records").expect("written");
        file.finish().expect("finished");
        store.describe(&ended(ID)).expect("described");
        assert_eq!(store.recover(), Some(ended(ID)));
        assert_eq!(store.read(ID).expect("file").1, 13);
    }

    #[test]
    fn unfinished_undescribed_and_orphaned_files_are_removed() {
        let (_directory, store) = store();
        drop(store.create(ID).expect("file"));
        assert_eq!(names(&store), [format!("trace-{ID}.pcap.unfinished")]);
        assert_eq!(store.recover(), None);
        assert_eq!(names(&store), [""; 0]);
        store.create(ID).expect("file").finish().expect("finished");
        assert_eq!(store.recover(), None, "a file without description");
        assert_eq!(names(&store), [""; 0]);
        store.describe(&ended(ID)).expect("described");
        assert_eq!(store.recover(), None, "a description without file");
        assert_eq!(names(&store), [""; 0]);
    }

    #[test]
    fn description_cannot_name_a_file_elsewhere() {
        let (directory, store) = store();
        fs::write(directory.path().join("secret.pcap"), "x").expect("written");
        store.describe(&ended("/../../secret")).expect("described");
        assert_eq!(store.recover(), None);
        assert!(directory.path().join("secret.pcap").exists());
    }

    #[test]
    fn cleared_store_is_empty() {
        let (_directory, store) = store();
        store.create(ID).expect("file").finish().expect("finished");
        store.describe(&ended(ID)).expect("described");
        store.clear().expect("cleared");
        assert_eq!(names(&store), [""; 0]);
    }
}
