//! What has become of requests that must not be carried out twice.
//!
//! A line is on the disk before such a request begins, and another one when it is done, so that the
//! answer after a restart is right: done, never seen, or unknown.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use protocol::request::Answer;
use serde::{Deserialize, Serialize};
use tracing::warn;

/// Name of the file.
const NAME: &str = "requests.jsonl";
/// Name of one that is being written anew.
const UNFINISHED: &str = "requests.new";
/// How long requests are remembered, in seconds; the cloud asks for no older ones.
pub(crate) const KEPT_SECONDS: i64 = 10 * 60;
/// Most requests that are remembered.
const MAX_ENTRIES: usize = 1_000;
/// Length at which the file is written anew without what is forgotten, in octets.
const MAX_BYTES: u64 = 512 * 1024;
/// Longest answer that is remembered, in octets of JSON.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// What has become of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It never came here, or so long ago that nobody asks.
    Unseen,
    /// It began, and is not known to have ended.
    Begun,
    /// It ended with this answer; `None` = too long to be remembered.
    Done(Option<Answer>),
}

/// Why a request is not begun.
#[derive(Debug)]
pub(crate) enum NotBegun {
    /// It began before.
    Seen(Fate),
    /// Too many are remembered.
    Full,
    /// It cannot be written down.
    Disk(io::Error),
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    at: i64,
    done: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// The journal.
#[derive(Debug)]
pub(crate) struct Journal {
    directory: PathBuf,
    entries: HashMap<String, (i64, Fate)>,
    bytes: u64,
}

impl Journal {
    /// Reads the journal in this directory. Lines that were cut off are passed over.
    pub(crate) fn open(directory: PathBuf, now: i64) -> Self {
        let mut journal = Self { directory, entries: HashMap::new(), bytes: 0 };
        // What cannot be read was written anew in the middle of a power cut, or never.
        let text = fs::read_to_string(journal.directory.join(NAME)).unwrap_or_default();
        for line in text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
            let fate = if line.done { Fate::Done(line.answer) } else { Fate::Begun };
            // A clock that was set back must not keep entries for years.
            journal.entries.insert(line.id, (line.at.min(now), fate));
        }
        if let Err(error) = journal.rewrite(now) {
            warn!(%error, "The journal of requests cannot be written");
        }
        journal
    }

    /// What has become of a request.
    pub(crate) fn fate(&self, id: &str, now: i64) -> Fate {
        match self.entries.get(id) {
            Some((at, fate)) if now.saturating_sub(*at) <= KEPT_SECONDS => fate.clone(),
            _ => Fate::Unseen,
        }
    }

    /// Notes that a request begins. When this returns it is on the disk.
    ///
    /// # Errors
    ///
    /// [`NotBegun`]; then it must not be carried out.
    pub(crate) fn begin(&mut self, id: &str, now: i64) -> Result<(), NotBegun> {
        match self.fate(id, now) {
            Fate::Unseen => {}
            seen => return Err(NotBegun::Seen(seen)),
        }
        if self.entries.len() >= MAX_ENTRIES || self.bytes >= MAX_BYTES {
            self.rewrite(now).map_err(NotBegun::Disk)?;
            if self.entries.len() >= MAX_ENTRIES || self.bytes >= MAX_BYTES {
                return Err(NotBegun::Full);
            }
        }
        self.append(&Line { id: id.to_owned(), at: now, done: false, answer: None })
            .map_err(NotBegun::Disk)?;
        self.entries.insert(id.to_owned(), (now, Fate::Begun));
        Ok(())
    }

    /// Notes how a request ended.
    ///
    /// # Errors
    ///
    /// It cannot be written: after a restart it is unknown.
    pub(crate) fn end(&mut self, id: &str, answer: &Answer, now: i64) -> io::Result<()> {
        let length = serde_json::to_vec(answer)?.len();
        let answer = (length <= MAX_ANSWER_BYTES).then(|| answer.clone());
        self.entries.insert(id.to_owned(), (now, Fate::Done(answer.clone())));
        self.append(&Line { id: id.to_owned(), at: now, done: true, answer })
    }

    /// Forgets everything; the file is removed by the store.
    pub(crate) fn forget(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    fn append(&mut self, line: &Line) -> io::Result<()> {
        let bytes = encoded(line)?;
        let mut file = open(OpenOptions::new().append(true).create(true), &self.path(NAME))?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        if self.bytes == 0 {
            // The name of a new file has to be on the disk as well.
            durable::sync_directory(&self.directory)?;
        }
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Writes the file anew without what is forgotten.
    fn rewrite(&mut self, now: i64) -> io::Result<()> {
        self.entries.retain(|_, (at, _)| now.saturating_sub(*at) <= KEPT_SECONDS);
        let mut bytes = Vec::new();
        for (id, (at, fate)) in &self.entries {
            let (done, answer) = match fate {
                Fate::Done(answer) => (true, answer.clone()),
                Fate::Begun | Fate::Unseen => (false, None),
            };
            bytes.extend(encoded(&Line { id: id.clone(), at: *at, done, answer })?);
        }
        durable::replace(&self.directory, NAME, UNFINISHED, &bytes)?;
        self.bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn open(options: &mut OpenOptions, path: &PathBuf) -> io::Result<File> {
    options.mode(0o600).open(path)
}

fn encoded(line: &Line) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn done(text: &str) -> Answer {
        Answer::Done { body: json!(text), has_data: false }
    }

    #[test]
    fn what_happened_is_known_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let open = |now| Journal::open(directory.path().to_owned(), now);
        let mut journal = open(0);
        journal.begin("done", 0).unwrap();
        journal.end("done", &done("yes"), 1).unwrap();
        journal.begin("begun", 1).unwrap();
        journal.begin("long", 1).unwrap();
        journal.end("long", &done(&"x".repeat(MAX_ANSWER_BYTES)), 1).unwrap();
        for mut journal in [journal, open(2)] {
            assert_eq!(journal.fate("done", 2), Fate::Done(Some(done("yes"))));
            assert_eq!(journal.fate("begun", 2), Fate::Begun);
            assert_eq!(journal.fate("long", 2), Fate::Done(None));
            assert_eq!(journal.fate("other", 2), Fate::Unseen);
            let again = journal.begin("begun", 2).unwrap_err();
            assert!(matches!(again, NotBegun::Seen(Fate::Begun)), "{again:?}");
        }
        assert_eq!(open(0).fate("done", KEPT_SECONDS + 2), Fate::Unseen);
    }

    #[test]
    fn a_line_that_was_cut_off_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(directory.path().to_owned(), 0);
        journal.begin("one", 0).unwrap();
        let whole = fs::read(directory.path().join(NAME)).unwrap();
        journal.end("one", &done("yes"), 0).unwrap();
        let both = fs::read(directory.path().join(NAME)).unwrap();
        for length in whole.len()..both.len() - 1 {
            fs::write(directory.path().join(NAME), &both[..length]).unwrap();
            let fate = Journal::open(directory.path().to_owned(), 0).fate("one", 0);
            assert_eq!(fate, Fate::Begun, "{length}");
        }
    }

    #[test]
    fn a_full_journal_takes_no_more_until_some_are_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(directory.path().to_owned(), 0);
        let many = (0..MAX_ENTRIES).map(|number| (number.to_string(), (0, Fate::Begun)));
        journal.entries.extend(many);
        assert!(matches!(journal.begin("more", 1), Err(NotBegun::Full)));
        journal.begin("more", KEPT_SECONDS + 1).unwrap();
        assert_eq!(journal.entries.len(), 1);
    }
}
