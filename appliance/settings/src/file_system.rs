//! Replacing a file so that a power cut leaves the old one or the new one.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use tracing::debug;

use crate::error::WriteError;

/// Largest file in bytes that is read. Each format has a lower limit of its own.
const MAX_READ_BYTES: u64 = 2 << 20;

/// The steps from which a safe replacement is made. Names are relative to one directory.
///
/// A power cut may come within a step or between two: tests stand in for the disk to show what is
/// left then.
pub(crate) trait FileSystem: Send {
    /// The names of all files, in no order.
    fn names(&self) -> io::Result<Vec<String>>;
    /// The content of a file; `None` when there is none.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Creates or overwrites a file that only this user reads, and waits until it is on the disk.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Gives a file another name, replacing the file of that name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Waits until renames are on the disk.
    fn sync(&self) -> io::Result<()>;
}

/// Replaces a file. After an error the old content is in place, unless only the last wait failed;
/// then it is the old or the new.
pub(crate) fn replace(
    files: &dyn FileSystem,
    name: &'static str,
    bytes: &[u8],
) -> Result<(), WriteError> {
    let temporary = format!("{name}.new");
    let written =
        files.write(&temporary, bytes).and_then(|()| files.rename(&temporary, name)).inspect_err(
            // A full disk must not stay full because of an unfinished file.
            |_| drop(files.remove(&temporary)),
        );
    written.and_then(|()| files.sync()).map_err(|source| WriteError { file: name, source })
}

/// Removes a file for good; it may be gone already.
pub(crate) fn remove(files: &dyn FileSystem, name: &'static str) -> Result<(), WriteError> {
    let removed = match files.remove(name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => files.sync(),
    };
    removed.map_err(|source| WriteError { file: name, source })
}

/// Keeps an unusable file for whoever investigates, out of the way of the next write.
pub(crate) fn set_aside(files: &dyn FileSystem, name: &str) {
    if let Err(error) = files.rename(name, &format!("{name}.damaged")) {
        debug!(%error, name, "Cannot set a damaged file aside");
    }
}

/// A directory of the real file system.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// The directory at this path; made when it is missing.
    pub(crate) fn open(path: PathBuf) -> Self {
        if let Err(error) = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path) {
            // The first write will fail and say so in the status.
            debug!(%error, path = %path.display(), "Cannot make the directory of the settings");
        }
        Self(path)
    }
}

impl FileSystem for Directory {
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            // No release makes directories here or names that are no text.
            if let (false, Ok(name)) =
                (entry.file_type()?.is_dir(), entry.file_name().into_string())
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(self.0.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut bytes = Vec::new();
        file.take(MAX_READ_BYTES).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        durable::write(&self.0.join(name), bytes)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    fn sync(&self) -> io::Result<()> {
        durable::sync_directory(&self.0)
    }
}
