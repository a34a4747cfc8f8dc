//! A list of passwords that became known in data breaches: a file that the operator gives.
//!
//! The form is that of the well-known public list ordered by hash: one line for each password, its
//! SHA-1 in hexadecimal digits, perhaps a colon and a count, in ascending order. Such a file has tens
//! of gigabytes, so it is searched where it lies.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};
use thiserror::Error;

/// Hexadecimal digits of a hash.
const DIGITS: usize = 40;
/// Longest line that is looked at, in bytes.
const MAX_LINE: u64 = 128;

/// Why a list is refused.
#[derive(Debug, Error)]
pub enum BreachListError {
    /// It cannot be read.
    #[error("read the list of breached passwords {0}")]
    Read(PathBuf, #[source] io::Error),
    /// Its first line has no hash.
    #[error(
        "{0} is no list of breached passwords: each line must begin with a SHA-1 hash of 40 \
         hexadecimal digits, in ascending order"
    )]
    Form(PathBuf),
}

/// A list of breached passwords in a file.
#[derive(Clone, Debug)]
pub struct BreachList {
    path: PathBuf,
}

impl BreachList {
    /// Checks that a file can be read and looks like such a list.
    ///
    /// # Errors
    ///
    /// It cannot, or does not.
    pub fn open(path: &Path) -> Result<Self, BreachListError> {
        let read = |error| BreachListError::Read(path.to_owned(), error);
        let file = File::open(path).map_err(read)?;
        let line = line_at(&mut BufReader::new(file), 0).map_err(read)?;
        match line.as_deref().map(hash_of) {
            Some(Some(_)) => Ok(Self { path: path.to_owned() }),
            _ => Err(BreachListError::Form(path.to_owned())),
        }
    }

    /// Whether the list has a password. Reads some lines of the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read any more.
    pub fn contains(&self, password: &str) -> io::Result<bool> {
        let wanted: String =
            Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect();
        let file = File::open(&self.path)?;
        let (mut low, mut high) = (0, file.metadata()?.len());
        let mut reader = BufReader::with_capacity(512, file);
        // Of the lines that begin in [low, high), the wanted one is one, if it is there.
        while low < high {
            let middle = low + (high - low) / 2;
            let (start, line) = match line_from(&mut reader, middle)? {
                Some((start, line)) if start < high => (start, line),
                _ if middle == low => return Ok(false),
                // No line begins in the upper half.
                _ => {
                    high = middle;
                    continue;
                }
            };
            let hash = hash_of(&line).ok_or_else(|| io::Error::other("a line has no hash"))?;
            match hash.as_str().cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = start + line.len() as u64,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }
}

/// The first line that begins at or behind a position, and where it begins.
fn line_from(reader: &mut BufReader<File>, position: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
    let mut start = position;
    if position > 0 {
        // The rest of the line that the byte before belongs to; nothing but its end if that is one.
        let rest = line_at(reader, position - 1)?.unwrap_or_default();
        start = position - 1 + rest.len() as u64;
    }
    Ok(line_at(reader, start)?.map(|line| (start, line)))
}

/// The bytes from a position to the end of the line, end included; `None` at the end of the file.
fn line_at(reader: &mut BufReader<File>, position: u64) -> io::Result<Option<Vec<u8>>> {
    reader.seek(SeekFrom::Start(position))?;
    let mut line = Vec::new();
    reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then_some(line))
}

/// The hash at the beginning of a line, in capitals.
fn hash_of(line: &[u8]) -> Option<String> {
    let (digits, rest) = line.split_at_checked(DIGITS)?;
    let is_end = matches!(rest.first(), None | Some(b':' | b'\r' | b'\n'));
    let digits = str::from_utf8(digits).ok()?;
    let is_hash = is_end && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| digits.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use tempfile::NamedTempFile;

    use super::*;

    fn list(passwords: &[String], line: impl Fn(&str, usize) -> String) -> NamedTempFile {
        let hash = |password: &String| -> String {
            Sha1::digest(password.as_bytes()).iter().map(|byte| format!("{byte:02X}")).collect()
        };
        let mut hashes: Vec<String> = passwords.iter().map(hash).collect();
        hashes.sort();
        let mut file = NamedTempFile::new().unwrap();
        for (index, hash) in hashes.iter().enumerate() {
            file.write_all(line(hash, index).as_bytes()).unwrap();
        }
        file
    }

    #[test]
    fn finds_every_password_of_a_list_and_no_other() {
        let passwords: Vec<_> = (0..500).map(|number| format!("password{number}")).collect();
        for form in [
            |hash: &str, index: usize| format!("{hash}:{}\r\n", index * 977),
            |hash: &str, _: usize| format!("{}\n", hash.to_lowercase()),
        ] {
            let file = list(&passwords, form);
            let breaches = BreachList::open(file.path()).unwrap();
            assert!(passwords.iter().all(|password| breaches.contains(password).unwrap()));
            assert!(!(0..500).any(|number| breaches.contains(&format!("other{number}")).unwrap()));
        }
    }

    #[test]
    fn refuses_what_is_no_list() {
        let mut file = NamedTempFile::new().unwrap();
        assert!(matches!(BreachList::open(file.path()), Err(BreachListError::Form(_))), "empty");
        file.write_all(b"password\n123456\n").unwrap();
        assert!(matches!(BreachList::open(file.path()), Err(BreachListError::Form(_))));
        let missing = BreachList::open(Path::new("/nonexistent/list"));
        assert!(matches!(missing, Err(BreachListError::Read(..))));
    }

    proptest! {
        #[test]
        fn search_agrees_with_the_list(numbers in prop::collection::btree_set(0_u16..200, 1..40), other in 0_u16..200) {
            let passwords: Vec<_> = numbers.iter().map(|number| format!("p{number}")).collect();
            let file = list(&passwords, |hash, index| format!("{hash}:{}\n", "9".repeat(index % 9 + 1)));
            let breaches = BreachList::open(file.path()).unwrap();
            prop_assert_eq!(breaches.contains(&format!("p{other}")).unwrap(), numbers.contains(&other));
        }
    }
}
