//! ZIP archives (PKWARE, APPNOTE 6.3.10), the same octets each time: the time of each member is the first that
//! the format knows, and nothing is in extra fields but sizes that have no room elsewhere (Zip64).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

use super::source::next_data;

/// Octets of a member that are read and compressed at a time.
const PIECE: usize = 1 << 20;
/// From this length on a member has Zip64 sizes. Below it, not even one that grows needs them.
const LARGE: u64 = 1 << 31;
/// Stands for a size that is in the extra field.
const ELSEWHERE: u32 = u32::MAX;
/// 1980-01-01, 00:00:00: time, date.
const TIME: [u8; 4] = [0, 0, 0x21, 0];
/// The versions that can read an ordinary member and one with Zip64 sizes.
const VERSION: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Made on Unix, so that the permissions count.
const UNIX: u16 = 3 << 8;
/// An empty last block of deflated data.
const END_OF_DEFLATED: [u8; 2] = [3, 0];
/// Octets of a local header without name and extra field.
const LOCAL_HEADER: usize = 30;

/// How the octets of a member are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As they are: what is compressed already.
    Stored = 0,
    /// Deflated. The holes of a file are not read.
    Deflated = 8,
}

/// What is known of a member before its octets are read.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Its name: ASCII, without a directory, at most 255 octets.
    pub name: &'a str,
    /// How it is stored.
    pub method: Method,
    /// Whether it is a program.
    pub is_executable: bool,
}

/// A member that is written.
#[derive(Debug)]
struct Entry {
    name: String,
    method: Method,
    mode: u32,
    at: u64,
    checksum: u32,
    stored: u64,
    length: u64,
}

/// An archive that is being written into an empty file.
#[derive(Debug)]
pub struct Zip<'a> {
    file: &'a File,
    at: u64,
    entries: Vec<Entry>,
    pieces: Pieces,
}

impl<'a> Zip<'a> {
    /// An archive without members.
    #[must_use]
    pub fn new(file: &'a File) -> Self {
        Self { file, at: 0, entries: Vec::new(), pieces: Pieces::default() }
    }

    /// Adds a member with these octets.
    ///
    /// # Errors
    ///
    /// A name that cannot be in an archive, or the archive cannot be written.
    pub fn add(&mut self, member: Member<'_>, octets: &[u8]) -> io::Result<()> {
        self.begin(member, octets.len() as u64)?;
        for piece in octets.chunks(PIECE) {
            self.put(piece)?;
        }
        self.end()
    }

    /// Adds a member with the octets of a file.
    ///
    /// # Errors
    ///
    /// As [`Self::add`], or the file cannot be read.
    pub fn add_file(&mut self, member: Member<'_>, from: &File) -> io::Result<()> {
        let length = from.metadata()?.len();
        self.begin(member, length)?;
        let mut buffer = vec![0; PIECE];
        let (mut at, mut data) = (0, Some((0, 0)));
        while at < length {
            let count = usize::try_from(length - at).map_or(PIECE, |rest| rest.min(PIECE));
            let end = at + count as u64;
            while data.is_some_and(|(_, data_end)| data_end <= at) {
                data = next_data(from, at)?;
            }
            if data.is_some_and(|(start, _)| start < end) {
                from.read_exact_at(&mut buffer[..count], at)?;
                self.put(&buffer[..count])?;
            } else {
                self.put_zeros(count)?;
            }
            at = end;
        }
        self.end()
    }

    /// Writes the list of members, with which the archive is whole.
    ///
    /// # Errors
    ///
    /// The archive cannot be written, or is longer than 4 GiB.
    pub fn finish(mut self) -> io::Result<()> {
        let start = self.at;
        let mut list = Vec::new();
        for entry in &self.entries {
            list.extend(entry.listed()?);
        }
        let count = u16::try_from(self.entries.len()).map_err(io::Error::other)?;
        let mut end = b"PK\x05\x06\0\0\0\0".to_vec();
        end.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
        end.extend(place(list.len() as u64)?.to_le_bytes());
        end.extend(place(start)?.to_le_bytes());
        end.extend([0, 0]);
        self.append(&list)?;
        self.append(&end)
    }

    fn begin(&mut self, member: Member<'_>, length: u64) -> io::Result<()> {
        let Member { name, method, is_executable } = member;
        let is_name = (1..=255).contains(&name.len()) && name.is_ascii() && !name.contains('/');
        if !is_name {
            let text = format!("{name:?} cannot be the name of a member of an archive");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        self.pieces.checksum = Hasher::new();
        let mode = if is_executable { 0o100_755 } else { 0o100_644 };
        let entry = Entry {
            name: name.to_owned(),
            method,
            mode,
            at: self.at,
            checksum: 0,
            stored: 0,
            length,
        };
        self.append(&entry.local()?)?;
        self.entries.push(entry);
        Ok(())
    }

    fn put(&mut self, octets: &[u8]) -> io::Result<()> {
        let is_deflated = self.entries.last().is_some_and(|it| it.method == Method::Deflated);
        let stored = self.pieces.octets(octets, is_deflated)?;
        self.append(&stored)
    }

    fn put_zeros(&mut self, count: usize) -> io::Result<()> {
        let is_deflated = self.entries.last().is_some_and(|it| it.method == Method::Deflated);
        if count < PIECE || !is_deflated {
            return self.put(&vec![0; count]);
        }
        let stored = self.pieces.zeros()?;
        self.append(&stored)
    }

    /// Ends the last member and corrects its header.
    fn end(&mut self) -> io::Result<()> {
        let Some(mut entry) = self.entries.pop() else { return Ok(()) };
        if entry.method == Method::Deflated {
            self.append(&END_OF_DEFLATED)?;
        }
        let header = (LOCAL_HEADER + entry.name.len() + entry.extra().len()) as u64;
        entry.stored = self.at - entry.at - header;
        entry.checksum = self.pieces.checksum();
        self.file.write_all_at(&entry.local()?, entry.at)?;
        self.entries.push(entry);
        Ok(())
    }

    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all_at(octets, self.at)?;
        self.at += octets.len() as u64;
        Ok(())
    }
}

impl Entry {
    const fn is_large(&self) -> bool {
        self.length >= LARGE
    }

    /// The header in front of the octets.
    fn local(&self) -> io::Result<Vec<u8>> {
        let mut header = b"PK\x03\x04".to_vec();
        header.extend(self.common()?);
        header.extend(self.name.as_bytes());
        header.extend(self.extra());
        Ok(header)
    }

    /// The header in the list at the end.
    fn listed(&self) -> io::Result<Vec<u8>> {
        let mut header = b"PK\x01\x02".to_vec();
        header.extend((UNIX | VERSION_ZIP64).to_le_bytes());
        header.extend(self.common()?);
        // No comment, the first disk, no internal attributes.
        header.extend([0; 6]);
        header.extend((self.mode << 16).to_le_bytes());
        header.extend(place(self.at)?.to_le_bytes());
        header.extend(self.name.as_bytes());
        header.extend(self.extra());
        Ok(header)
    }

    /// What both headers have: from the version that can read the member to the lengths of name and extra field.
    fn common(&self) -> io::Result<Vec<u8>> {
        let version = if self.is_large() { VERSION_ZIP64 } else { VERSION };
        let size = |size| if self.is_large() { Ok(ELSEWHERE) } else { place(size) };
        let short = |length| u16::try_from(length).map_err(io::Error::other);
        Ok([
            &version.to_le_bytes()[..],
            &[0, 0],
            &(self.method as u16).to_le_bytes(),
            &TIME,
            &self.checksum.to_le_bytes(),
            &size(self.stored)?.to_le_bytes(),
            &size(self.length)?.to_le_bytes(),
            &short(self.name.len())?.to_le_bytes(),
            &short(self.extra().len())?.to_le_bytes(),
        ]
        .concat())
    }

    /// The sizes of a long member.
    fn extra(&self) -> Vec<u8> {
        if !self.is_large() {
            return Vec::new();
        }
        [&[1, 0, 16, 0][..], &self.length.to_le_bytes(), &self.stored.to_le_bytes()].concat()
    }
}

/// A size or place of an archive that is not in a Zip64 field.
fn place(number: u64) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| io::Error::other("an archive is longer than 4 GiB"))
}

/// The pieces of a member. Each is deflated for itself and ends with a whole octet, so that those without any
/// data are computed once.
#[derive(Debug, Default)]
struct Pieces {
    checksum: Hasher,
    /// A piece of zeros: its checksum, and deflated.
    zeros: Option<(Hasher, Vec<u8>)>,
}

impl Pieces {
    fn octets(&mut self, octets: &[u8], is_deflated: bool) -> io::Result<Vec<u8>> {
        self.checksum.update(octets);
        if is_deflated { deflate(octets) } else { Ok(octets.to_vec()) }
    }

    fn zeros(&mut self) -> io::Result<Vec<u8>> {
        let (checksum, deflated) = match self.zeros.take() {
            Some(known) => known,
            None => {
                let zeros = vec![0; PIECE];
                let mut checksum = Hasher::new();
                checksum.update(&zeros);
                (checksum, deflate(&zeros)?)
            }
        };
        self.checksum.combine(&checksum);
        self.zeros = Some((checksum, deflated.clone()));
        Ok(deflated)
    }

    fn checksum(&self) -> u32 {
        self.checksum.clone().finalize()
    }
}

/// Deflates at most a piece, up to the end of an octet (RFC 1951, 3.2.4: an empty block that is not compressed).
fn deflate(octets: &[u8]) -> io::Result<Vec<u8>> {
    // What cannot be compressed grows by five octets in 64 KiB.
    let mut deflated = Vec::with_capacity(octets.len() + octets.len() / 1024 + 1024);
    let mut compress = Compress::new(Compression::default(), false);
    let status = compress.compress_vec(octets, &mut deflated, FlushCompress::Sync);
    let is_whole = compress.total_in() == octets.len() as u64;
    if !matches!(status, Ok(Status::Ok)) || !is_whole || deflated.len() == deflated.capacity() {
        return Err(io::Error::other("a piece of an archive cannot be deflated"));
    }
    Ok(deflated)
}
