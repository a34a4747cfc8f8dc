//! The disk: one sparse file with everything in its place.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use boot::Progress;
use boot::grub::{self, Grub};
use boot::keys::SlotKey;
use boot::tool::{self, Tool};
use model::disk::{BIOS_BOOT, DATA, DISK_BYTES, ESP, Partition, SECTOR_BYTES, root_partition};
use model::slot::Slot;
use model::trailer::TRAILER_BYTES;

use crate::error::at;
use crate::root::{self, Contents};
use crate::slot::{self, SlotContents};
use crate::{ImageError, gpt};

/// Serial number of the FAT file system, fixed so that builds are equal.
const ESP_SERIAL: &str = "c0de00e5";
/// Per cent of the data partition that only root may fill: the settings can still be stored when
/// reports and captures have filled the rest.
const RESERVED_PERCENT: &str = "1";
/// Blocks of zeros of this size are left out of the file.
const SPARSE_BYTES: usize = 4096;

const MKFS_VFAT: Tool = Tool { program: "mkfs.vfat", package: "dosfstools" };
const MMD: Tool = Tool { program: "mmd", package: "mtools" };
const MCOPY: Tool = Tool { program: "mcopy", package: "mtools" };
const MKFS_EXT4: Tool = Tool { program: "mkfs.ext4", package: "e2fsprogs" };

/// How large the parts of a disk turned out, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// File system and hash tree of one slot.
    pub slot: u64,
    /// What the sparse file takes.
    pub allocated: u64,
}

/// Builds the disk at `output`, which is replaced at once when the new one is whole. `work` is an empty
/// directory on the same file system.
///
/// # Errors
///
/// [`ImageError`].
pub fn build(
    contents: &Contents,
    key: &SlotKey,
    work: &Path,
    output: &Path,
    progress: Progress<'_>,
) -> Result<Sizes, ImageError> {
    progress("image: making GRUB");
    let grub = grub::make(work)?;
    progress("image: packing and signing the root slot");
    let slot = slot::make(root::pack(contents, work)?, &root_partition(Slot::A), key)?;
    progress("image: assembling the disk");
    let new = work.join("disk.raw");
    let file = File::create_new(&new).map_err(at("create", &new))?;
    file.set_len(DISK_BYTES).map_err(at("write", &new))?;
    make_esp(&new, &grub, work)?;
    make_data(&new)?;
    write_disk(&file, &grub, &slot).map_err(at("write", &new))?;
    file.sync_all().map_err(at("write", &new))?;
    let sizes = Sizes { slot: slot.body.len() as u64, allocated: allocated(&file, &new)? };
    fs::rename(&new, output).map_err(at("write", output))?;
    Ok(sizes)
}

fn allocated(file: &File, path: &Path) -> Result<u64, ImageError> {
    use std::os::unix::fs::MetadataExt;
    const BLOCK_BYTES: u64 = 512;
    Ok(file.metadata().map_err(at("read", path))?.blocks() * BLOCK_BYTES)
}

/// Partition table, GRUB's BIOS parts and both slots, which hold the same release on a new disk.
fn write_disk(file: &File, grub: &Grub, slot: &SlotContents) -> std::io::Result<()> {
    let table = gpt::table(&grub.boot_code);
    file.write_all_at(&table.primary, 0)?;
    file.write_all_at(&table.backup, gpt::backup_offset_bytes())?;
    write_sparse(file, &grub.core, BIOS_BOOT.offset_bytes())?;
    for name in Slot::ALL {
        let partition = root_partition(name);
        write_sparse(file, &slot.body, partition.offset_bytes())?;
        let end = partition.offset_bytes() + partition.size_bytes();
        file.write_all_at(&slot.trailer, end - TRAILER_BYTES as u64)?;
    }
    Ok(())
}

fn write_sparse(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    for (index, block) in bytes.chunks(SPARSE_BYTES).enumerate() {
        if block.iter().any(|byte| *byte != 0) {
            file.write_all_at(block, offset + (index * SPARSE_BYTES) as u64)?;
        }
    }
    Ok(())
}

/// The EFI system partition, made in place.
fn make_esp(disk: &Path, grub: &Grub, work: &Path) -> Result<(), ImageError> {
    let mut format = MKFS_VFAT.command()?;
    // Cluster size and geometry would otherwise be chosen for the size of the whole disk.
    format.args([
        "--invariant",
        "-i",
        ESP_SERIAL,
        "-n",
        "ESP",
        "-F",
        "32",
        "-s",
        "1",
        "-g",
        "64/32",
    ]);
    format.args(["--offset", &ESP.first_sector.to_string()]).arg(disk).arg(kibibytes(&ESP));
    tool::run(&mut format)?;
    let partition = format!("{}@@{}", disk.display(), ESP.offset_bytes());
    let mut directories = MMD.command()?;
    directories.env("MTOOLSRC", "/dev/null").args(["-i", &partition]);
    tool::run(tool::pin_time(directories.args(["::/EFI", "::/EFI/BOOT", "::/grub"])))?;
    let files = [
        (grub::EFI_PATH, &grub.efi[..]),
        (grub::CONFIGURATION_PATH, grub.configuration.as_bytes()),
        (grub::ENVIRONMENT_PATH, &grub.environment),
    ];
    for (path, bytes) in files {
        let source = work.join("esp-file");
        fs::write(&source, bytes).map_err(at("write", &source))?;
        let mut copy = MCOPY.command()?;
        copy.env("MTOOLSRC", "/dev/null").args(["-i", &partition]).arg(&source);
        tool::run(tool::pin_time(copy.arg(format!("::/{path}"))))?;
    }
    Ok(())
}

/// The data partition, made in place, with fixed identifiers and times.
fn make_data(disk: &Path) -> Result<(), ImageError> {
    let offset = DATA.offset_bytes();
    let mut command = MKFS_EXT4.command()?;
    command.env("E2FSPROGS_FAKE_TIME", boot::BUILD_TIME_SECONDS.to_string());
    command.args(["-q", "-F", "-L", "data", "-U", DATA.guid, "-m", RESERVED_PERCENT]);
    // The backup of the superblock is looked for at the place that this block size gives it, and
    // `resize_inode` lets the file system grow to 1,024 times its size while it is mounted.
    command.args(["-b", "4096", "-O", "resize_inode,metadata_csum", "-E"]);
    command.arg(format!(
        "offset={offset},hash_seed={},root_owner=0:0,nodiscard,lazy_itable_init=1,\
         lazy_journal_init=1",
        DATA.guid
    ));
    command.arg(disk).arg(format!("{}k", kibibytes(&DATA)));
    tool::run(&mut command)?;
    Ok(())
}

fn kibibytes(partition: &Partition) -> String {
    (partition.sectors * SECTOR_BYTES / 1024).to_string()
}
