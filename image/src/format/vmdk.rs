//! VMDK, stream-optimised (Virtual Disk Format 5.0, VMware): what an OVA holds.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::source::Source;

const SECTOR_BYTES: usize = 512;
const SECTOR: u64 = SECTOR_BYTES as u64;
/// Sectors of a grain, and entries of a table of grains; other numbers are not read everywhere.
const GRAIN: u64 = 128;
const TABLE_ENTRIES: u32 = 512;
/// Sectors of the descriptor, which begins at sector 1.
const DESCRIPTOR: u64 = 20;
/// Sectors before the first grain.
const OVERHEAD: u64 = 128;
/// The directory's place is in the footer.
const AT_END: u64 = u64::MAX;
/// Kinds of markers.
const END_OF_STREAM: u32 = 0;
const GRAIN_TABLE: u32 = 1;
const GRAIN_DIRECTORY: u32 = 2;
const FOOTER: u32 = 3;

/// Writes the disk in one go; `name` is that of the file.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write(source: &Source, name: &str, file: impl Write) -> io::Result<()> {
    let mut out = Out { file, sectors: 0 };
    let capacity = source.bytes() / SECTOR;
    out.write(&header(capacity, AT_END))?;
    out.write(&descriptor(capacity, name)?)?;
    out.pad_to(OVERHEAD)?;
    let entries_of_table = TABLE_ENTRIES as usize;
    let grains = capacity.div_ceil(GRAIN);
    let tables = usize::try_from(grains).map_err(io::Error::other)?.div_ceil(entries_of_table);
    let mut directory = vec![0_u32; tables];
    let mut table: Option<(usize, Vec<u32>)> = None;
    for grain in source.blocks(GRAIN * SECTOR)? {
        let (index, octets) = grain?;
        let index = usize::try_from(index).map_err(io::Error::other)?;
        let (of, entry) = (index / entries_of_table, index % entries_of_table);
        if table.as_ref().is_some_and(|(open, _)| *open != of) {
            close(&mut out, &mut directory, table.take())?;
        }
        let (_, entries) = table.get_or_insert_with(|| (of, vec![0; entries_of_table]));
        entries[entry] = out.place()?;
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&octets)?;
        let packed = packed.finish()?;
        let mut grain = (index as u64 * GRAIN).to_le_bytes().to_vec();
        grain.extend(u32::try_from(packed.len()).map_err(io::Error::other)?.to_le_bytes());
        grain.extend(packed);
        out.write(&grain)?;
    }
    close(&mut out, &mut directory, table.take())?;
    let octets: Vec<u8> = directory.into_iter().flat_map(u32::to_le_bytes).collect();
    out.mark(GRAIN_DIRECTORY, (octets.len() as u64).div_ceil(SECTOR))?;
    let place = out.place()?;
    out.write(&octets)?;
    out.mark(FOOTER, 1)?;
    out.write(&header(capacity, place.into()))?;
    out.mark(END_OF_STREAM, 0)?;
    out.file.flush()
}

/// Writes a table of grains after them.
fn close<W: Write>(
    out: &mut Out<W>,
    directory: &mut [u32],
    table: Option<(usize, Vec<u32>)>,
) -> io::Result<()> {
    let Some((of, entries)) = table else { return Ok(()) };
    let octets: Vec<u8> = entries.into_iter().flat_map(u32::to_le_bytes).collect();
    out.mark(GRAIN_TABLE, octets.len() as u64 / SECTOR)?;
    directory[of] = out.place()?;
    out.write(&octets)
}

/// A file in sectors.
struct Out<W> {
    file: W,
    sectors: u64,
}

impl<W: Write> Out<W> {
    /// The sector that is written next.
    fn place(&self) -> io::Result<u32> {
        u32::try_from(self.sectors).map_err(io::Error::other)
    }

    /// Writes octets and what is missing of the last sector.
    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        let sectors = (octets.len() as u64).div_ceil(SECTOR);
        self.file.write_all(octets)?;
        let rest = usize::try_from(sectors * SECTOR).map_err(io::Error::other)? - octets.len();
        self.file.write_all(&[0; SECTOR_BYTES][..rest])?;
        self.sectors += sectors;
        Ok(())
    }

    fn pad_to(&mut self, sector: u64) -> io::Result<()> {
        while self.sectors < sector {
            self.write(&[0; SECTOR_BYTES])?;
        }
        Ok(())
    }

    /// Says what follows: so many sectors of something that is no grain.
    fn mark(&mut self, kind: u32, sectors: u64) -> io::Result<()> {
        let mut marker = sectors.to_le_bytes().to_vec();
        marker.extend(0_u32.to_le_bytes());
        marker.extend(kind.to_le_bytes());
        self.write(&marker)
    }
}

/// The header, which is the footer as well.
fn header(capacity: u64, directory: u64) -> [u8; SECTOR_BYTES] {
    /// A test of line ends is there; grains are compressed; markers say what is what.
    const FLAGS: u32 = 1 | 1 << 16 | 1 << 17;
    /// RFC 1951 in RFC 1950.
    const DEFLATE: u16 = 1;
    let mut header = [0; SECTOR_BYTES];
    let mut put = |at: usize, octets: &[u8]| header[at..at + octets.len()].copy_from_slice(octets);
    put(0, b"KDMV");
    put(4, &3_u32.to_le_bytes());
    put(8, &FLAGS.to_le_bytes());
    put(12, &capacity.to_le_bytes());
    put(20, &GRAIN.to_le_bytes());
    put(28, &1_u64.to_le_bytes());
    put(36, &DESCRIPTOR.to_le_bytes());
    put(44, &TABLE_ENTRIES.to_le_bytes());
    // 48: there is no second directory.
    put(56, &directory.to_le_bytes());
    put(64, &OVERHEAD.to_le_bytes());
    put(73, b"\n \r\n");
    put(77, &DEFLATE.to_le_bytes());
    header
}

fn descriptor(capacity: u64, name: &str) -> io::Result<Vec<u8>> {
    let text = format!(
        "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\n\
         createType=\"streamOptimized\"\n\n# Extent description\nRW {capacity} SPARSE \"{name}\"\n\n\
         # The Disk Data Base\n#DDB\n\nddb.adapterType = \"lsilogic\"\n\
         ddb.geometry.cylinders = \"{}\"\nddb.geometry.heads = \"255\"\n\
         ddb.geometry.sectors = \"63\"\nddb.virtualHWVersion = \"14\"\n",
        capacity.div_ceil(255 * 63)
    );
    let mut octets = text.into_bytes();
    let room = usize::try_from(DESCRIPTOR * SECTOR).map_err(io::Error::other)?;
    if octets.len() > room {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the name of the file is too long",
        ));
    }
    octets.resize(room, 0);
    Ok(octets)
}
