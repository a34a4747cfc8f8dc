//! Files that a power cut leaves whole.
//!
//! The settings keep their previous generation as well, and take the steps one by one.
#![forbid(unsafe_code)]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Replaces the content of the file `name`, or makes the file, readable for its owner alone. A power cut at any
/// instant leaves what there was or what there is to be, and perhaps the file `unfinished`, which the next call replaces.
///
/// # Errors
///
/// As for writing a file. What there was is still there, and `unfinished` is gone if it can be removed. Only when
/// the directory cannot be written out in the end is the new content in the file and may be lost by a power cut.
pub fn replace(directory: &Path, name: &str, unfinished: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = directory.join(unfinished);
    write(&unfinished, bytes)
        .and_then(|()| fs::rename(&unfinished, directory.join(name)))
        .inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
    sync_directory(directory)
}

/// Makes a file anew, readable for its owner alone, and waits until its content is on the disk. Its name may not be
/// yet: see [`sync_directory`].
///
/// # Errors
///
/// As for writing a file, of which a part may be left.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // One that is left over may have another mode, which opening would keep.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes the names of a directory out: of files that are new, renamed or removed.
///
/// # Errors
///
/// As `fsync(2)`.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().expect("directory");
        let [path, unfinished] = ["a", "a.new"].map(|name| directory.path().join(name));
        fs::write(&unfinished, "of an earlier power cut").expect("written");
        for content in ["first", "second"] {
            replace(directory.path(), "a", "a.new", content.as_bytes()).expect("replaced");
            assert_eq!(fs::read_to_string(&path).expect("read"), content);
            assert!(!unfinished.exists());
        }
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_there_was_stays_when_it_cannot_be_written() {
        let directory = tempfile::tempdir().expect("directory");
        let [path, unfinished] = ["a", "a.new"].map(|name| directory.path().join(name));
        fs::write(&path, "first").expect("written");
        fs::create_dir(&unfinished).expect("in the way");
        replace(directory.path(), "a", "a.new", b"second").expect_err("a directory is in the way");
        assert_eq!(fs::read_to_string(&path).expect("read"), "first");

        fs::remove_dir(&unfinished).expect("removed");
        replace(directory.path(), "missing/a", "a.new", b"second").expect_err("no such directory");
        assert!(!unfinished.exists());
    }
}
