//! Headers of tar archives: ustar (POSIX.1-1988), and GNU's older form for a file with holes.

use std::io::{self, Write};

/// Octets of a header, and what every member is padded to.
pub(super) const RECORD: usize = 512;
/// Holes in the header itself, and in each of those that follow it.
const IN_HEADER: usize = 4;
const IN_EXTENSION: usize = 21;

/// Writes a member.
pub(super) fn member(out: &mut impl Write, name: &str, octets: &[u8]) -> io::Result<()> {
    out.write_all(&ustar(name, octets.len() as u64)?)?;
    out.write_all(octets)?;
    pad(out, octets.len() as u64)
}

/// Fills up the last record of a member.
pub(super) fn pad(out: &mut impl Write, length: u64) -> io::Result<()> {
    let rest = length.next_multiple_of(RECORD as u64) - length;
    out.write_all(&[0; RECORD][..usize::try_from(rest).map_err(io::Error::other)?])
}

/// Writes the end of an archive.
pub(super) fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; 2 * RECORD])
}

/// The header of a regular file.
pub(super) fn ustar(name: &str, length: u64) -> io::Result<[u8; RECORD]> {
    let mut header = header(name, length)?;
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut header);
    Ok(header)
}

/// The headers of a file with holes (`gnu/tar.h`, old GNU format): where its data are, their places and
/// lengths, in order, and its whole length. Its data follow without the holes.
pub(super) fn sparse(name: &str, data: &[(u64, u64)], length: u64) -> io::Result<Vec<u8>> {
    let stored = data.iter().map(|(_, length)| length).sum();
    // An entry without length at the end says how long the file is if it ends with a hole.
    let mut map = data.to_vec();
    map.push((length, 0));
    let (own, others) = map.split_at(map.len().min(IN_HEADER));
    let mut first = header(name, stored)?;
    first[156] = b'S';
    first[257..265].copy_from_slice(b"ustar  \0");
    put_map(&mut first[386..], own);
    first[482] = u8::from(!others.is_empty());
    first[483..495].copy_from_slice(&octal(length));
    seal(&mut first);
    let mut all = first.to_vec();
    let mut chunks = others.chunks(IN_EXTENSION).peekable();
    while let Some(entries) = chunks.next() {
        let mut extension = [0; RECORD];
        put_map(&mut extension, entries);
        extension[504] = u8::from(chunks.peek().is_some());
        all.extend(extension);
    }
    Ok(all)
}

fn put_map(room: &mut [u8], entries: &[(u64, u64)]) {
    for (room, (place, length)) in room.chunks_mut(24).zip(entries) {
        room[..12].copy_from_slice(&octal(*place));
        room[12..24].copy_from_slice(&octal(*length));
    }
}

/// What both kinds have. The time is that of 1970, the owner nobody in particular.
fn header(name: &str, length: u64) -> io::Result<[u8; RECORD]> {
    let mut header = [0; RECORD];
    if name.len() >= 100 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a name in an archive is too long",
        ));
    }
    let mut put = |at: usize, octets: &[u8]| header[at..at + octets.len()].copy_from_slice(octets);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, &octal(length));
    put(136, &octal(0));
    Ok(header)
}

/// Eleven octal digits and an end; from 8 GiB on the number itself behind a mark, as GNU has it.
fn octal(number: u64) -> [u8; 12] {
    const MARK: u8 = 0x80;
    let mut field = [0; 12];
    if number < 1 << 33 {
        field[..11].copy_from_slice(format!("{number:011o}").as_bytes());
    } else {
        field[0] = MARK;
        field[4..].copy_from_slice(&number.to_be_bytes());
    }
    field
}

/// Puts the checksum into its place, which counts as spaces.
fn seal(header: &mut [u8; RECORD]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|octet| u32::from(*octet)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}
