//! What Google Cloud imports: a compressed tar archive in GNU's older form with one file `disk.raw`.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

use super::source::{MIB, Source};
use super::tar;

/// The only name that is taken.
const NAME: &str = "disk.raw";

/// Writes the archive; holes of the disk are holes of the file in it.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write(source: &Source, file: impl Write) -> io::Result<()> {
    let mut data: Vec<(u64, u64)> = Vec::new();
    for block in source.blocks(MIB)? {
        let place = block?.0 * MIB;
        match data.last_mut() {
            Some((start, length)) if *start + *length == place => *length += MIB,
            _ => data.push((place, MIB)),
        }
    }
    let mut out = GzBuilder::new().mtime(0).write(file, Compression::best());
    out.write_all(&tar::sparse(NAME, &data, source.bytes())?)?;
    for block in source.blocks(MIB)? {
        out.write_all(&block?.1)?;
    }
    tar::end(&mut out)?;
    out.finish()?.flush()
}
