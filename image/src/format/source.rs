//! The raw disk, read from the first octet to the last, without its holes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use nix::errno::Errno;
use nix::unistd::{Whence, lseek};

/// What sizes of disks are a multiple of.
pub const MIB: u64 = 1 << 20;

/// A raw disk.
#[derive(Debug)]
pub struct Source {
    file: File,
    bytes: u64,
}

impl Source {
    /// Opens a raw disk.
    ///
    /// # Errors
    ///
    /// It cannot be opened, or is not a whole number of MiB, which clouds insist on.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        if bytes == 0 || bytes % MIB != 0 {
            let text = format!("a disk of {bytes} octets is not a whole number of MiB");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(Self { file, bytes })
    }

    /// Its size.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The blocks of this size, which divides that of the disk, that hold anything else than zeros; each with
    /// its number.
    ///
    /// # Errors
    ///
    /// Blocks that do not divide the disk. Each block may fail by itself.
    pub fn blocks(&self, block: u64) -> io::Result<Blocks<'_>> {
        if block == 0 || !self.bytes.is_multiple_of(block) {
            let text = format!("blocks of {block} octets do not divide {}", self.bytes);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(Blocks { source: self, block, next: 0, data_end: 0 })
    }

    /// One block, whatever is in it.
    fn block(&self, block: u64, index: u64) -> io::Result<Vec<u8>> {
        let mut octets = vec![0; usize::try_from(block).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut octets, index * block)?;
        Ok(octets)
    }
}

/// The next data of a file from a place on: where they begin and end; `None` = there are none.
pub(crate) fn next_data(file: &File, from: u64) -> io::Result<Option<(u64, u64)>> {
    let seek = |from: u64, whence| {
        let from = i64::try_from(from).map_err(|_| Errno::EOVERFLOW)?;
        lseek(file, from, whence).map(i64::unsigned_abs)
    };
    match seek(from, Whence::SeekData) {
        Ok(start) => Ok(Some((start, seek(start, Whence::SeekHole)?))),
        Err(Errno::ENXIO) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// See [`Source::blocks`].
#[derive(Debug)]
pub struct Blocks<'a> {
    source: &'a Source,
    block: u64,
    next: u64,
    /// Up to here there is no hole.
    data_end: u64,
}

impl Iterator for Blocks<'_> {
    type Item = io::Result<(u64, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut start = self.next * self.block;
            if start >= self.source.bytes {
                return None;
            }
            if start >= self.data_end {
                match next_data(&self.source.file, start) {
                    Ok(None) => return None,
                    Ok(Some((data, end))) => {
                        self.next = data / self.block;
                        start = self.next * self.block;
                        self.data_end = end;
                    }
                    Err(error) => {
                        self.next = u64::MAX / self.block;
                        return Some(Err(error));
                    }
                }
            }
            let index = start / self.block;
            self.next = index + 1;
            match self.source.block(self.block, index) {
                Ok(octets) if octets.iter().all(|octet| *octet == 0) => {}
                other => return Some(other.map(|octets| (index, octets))),
            }
        }
    }
}
