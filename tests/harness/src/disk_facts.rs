//! Looks at a disk with the tools that an administrator has: partition table and file system. The
//! machine must be off.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::process::Command;

use model::disk::{DATA, SECTOR_BYTES};
use serde_json::Value;

use crate::disk::{Disk, run};
use crate::error::HarnessError;

impl Disk {
    /// Makes the disk larger, as an administrator does in the hypervisor, or cuts it off.
    ///
    /// # Errors
    ///
    /// When the file cannot be changed.
    pub fn resize(&self, bytes: u64) -> Result<(), HarnessError> {
        let action = || HarnessError::io(format!("resize {}", self.path().display()));
        let file = File::options().write(true).open(self.path()).map_err(action())?;
        file.set_len(bytes).map_err(action())
    }

    /// Overwrites a range of the disk with zeros.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn wipe(&self, offset: u64, bytes: usize) -> Result<(), HarnessError> {
        let action = || HarnessError::io(format!("wipe a part of {}", self.path().display()));
        let file = File::options().write(true).open(self.path()).map_err(action())?;
        file.write_all_at(&vec![0; bytes], offset).map_err(action())
    }

    /// Checks both copies of the partition table.
    ///
    /// # Errors
    ///
    /// When anything is wrong with them.
    pub fn verify_partition_table(&self) -> Result<(), HarnessError> {
        let mut command = Command::new("sfdisk");
        let output = command.arg("--verify").arg(self.path()).output();
        let output = output.map_err(HarnessError::io("start sfdisk"))?;
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let is_whole = text.contains("No errors detected")
            && !["corrupt", "invalid", "mismatch", "not at the end"]
                .iter()
                .any(|word| text.contains(word));
        if is_whole { Ok(()) } else { Err(HarnessError::Damage(text)) }
    }

    /// Size of the data partition in bytes.
    ///
    /// # Errors
    ///
    /// When the table has no such partition.
    pub fn data_partition_bytes(&self) -> Result<u64, HarnessError> {
        let output = run(Command::new("sfdisk").arg("--json").arg(self.path()))?;
        let table: Value = serde_json::from_slice(&output).unwrap_or_default();
        let partitions = table["partitiontable"]["partitions"].as_array().cloned();
        let is_data = |entry: &&Value| {
            entry["uuid"].as_str().is_some_and(|uuid| uuid.eq_ignore_ascii_case(DATA.guid))
        };
        let sectors = partitions
            .iter()
            .flatten()
            .find(is_data)
            .filter(|entry| entry["start"] == DATA.first_sector)
            .and_then(|entry| entry["size"].as_u64());
        let sectors =
            sectors.ok_or_else(|| HarnessError::Damage("there is no data partition".to_owned()))?;
        Ok(sectors * SECTOR_BYTES)
    }

    /// Size of the file system on the data partition in bytes.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn data_file_system_bytes(&self) -> Result<u64, HarnessError> {
        let (blocks, block_bytes) =
            (self.data_number("Block count:")?, self.data_number("Block size:")?);
        Ok(blocks * block_bytes)
    }

    /// Takes the descriptors of the last three groups of the data partition off their place and leaves them in
    /// the journal alone, as a power cut does soon after the file system has grown. The machine must be off.
    ///
    /// # Errors
    ///
    /// When the disk cannot be changed.
    pub fn leave_descriptors_in_journal(&self) -> Result<(), HarnessError> {
        const BLOCKS_OF_GROUP: u64 = 32_768;
        const BLOCK_BYTES: u64 = 4096;
        const BLOCK: usize = 4096;
        const DESCRIPTOR_BYTES: u64 = 64;
        const GROUPS: u64 = 3;
        let groups = self.data_number("Block count:")?.div_ceil(BLOCKS_OF_GROUP);
        // The last block of the table, which begins behind that of the superblock.
        let block = 1 + (groups - 1) * DESCRIPTOR_BYTES / BLOCK_BYTES;
        let mut octets = [0; BLOCK];
        let file = File::open(self.path()).map_err(HarnessError::io("open the disk"))?;
        let place = DATA.offset_bytes() + block * BLOCK_BYTES;
        file.read_exact_at(&mut octets, place).map_err(HarnessError::io("read the disk"))?;
        let copy = tempfile::NamedTempFile::new().map_err(HarnessError::io("make a file"))?;
        std::fs::write(copy.path(), octets).map_err(HarnessError::io("write a file"))?;
        let journal = format!("jo\njw -b {block} {}\njc\n", copy.path().display());
        let orders = tempfile::NamedTempFile::new().map_err(HarnessError::io("make a file"))?;
        std::fs::write(orders.path(), journal).map_err(HarnessError::io("write a file"))?;
        let mut debugfs = Command::new("debugfs");
        run(debugfs.arg("-w").arg("-f").arg(orders.path()).arg(self.data_image()))?;
        let last = DATA.offset_bytes() + BLOCK_BYTES + (groups - GROUPS) * DESCRIPTOR_BYTES;
        self.wipe(last, usize::try_from(GROUPS * DESCRIPTOR_BYTES).unwrap_or_default())
    }

    /// Checks the file system of the data partition as `e2fsck` does, without changing it.
    ///
    /// # Errors
    ///
    /// When anything is wrong with it.
    pub fn check_data(&self) -> Result<(), HarnessError> {
        run(Command::new("e2fsck").args(["-f", "-n", &self.data_image()])).map(drop)
    }

    /// Fills the file system of the data partition to the last block, the reserved ones too.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn fill_data(&self) -> Result<(), HarnessError> {
        let debug = |text: &str| self.change_data(text);
        let (mut free, mut number) = (self.data_number("Free blocks:")?, 0);
        let mut piece = free;
        while piece > 0 {
            let file = format!("filler{number}");
            debug(&format!("write /dev/null {file}"))?;
            // `debugfs` takes all of the piece or nothing, and needs some blocks of its own.
            debug(&format!("fallocate {file} 0 {}", piece - 1))?;
            let left = self.data_number("Free blocks:")?;
            piece = if left == free { piece / 2 } else { left.min(piece) };
            (free, number) = (left, number + 1);
        }
        Ok(())
    }

    /// Puts an empty file in the place of an empty directory of the data partition.
    ///
    /// # Errors
    ///
    /// When there is no file system, or no such directory.
    pub fn spoil_directory(&self, name: &str) -> Result<(), HarnessError> {
        self.change_data(&format!("rmdir {name}"))?;
        self.change_data(&format!("write /dev/null {name}"))
    }

    fn change_data(&self, request: &str) -> Result<(), HarnessError> {
        let mut command = Command::new("debugfs");
        run(command.args(["-w", "-R", request, &self.data_image()])).map(drop)
    }

    fn data_number(&self, label: &str) -> Result<u64, HarnessError> {
        let facts = run(Command::new("dumpe2fs").args(["-h", &self.data_image()]))?;
        let facts = String::from_utf8_lossy(&facts);
        let value = facts.lines().find_map(|line| line.strip_prefix(label)?.trim().parse().ok());
        value.ok_or_else(|| HarnessError::Damage("there is no file system".to_owned()))
    }

    /// Removes the data partition from both copies of the partition table.
    ///
    /// # Errors
    ///
    /// When the table cannot be changed.
    pub fn remove_data_partition(&self) -> Result<(), HarnessError> {
        let number = DATA.number.to_string();
        let mut command = Command::new("sfdisk");
        command.args(["--no-reread", "--delete"]).arg(self.path()).arg(number);
        run(&mut command).map(drop)
    }

    /// How programs of e2fsprogs find the data partition.
    fn data_image(&self) -> String {
        format!("{}?offset={}", self.path().display(), DATA.offset_bytes())
    }
}
