//! A machine's own copy of the disk image, and looks at it from outside.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::boot_slots::{MAX_TRIES, tries_variable};
use model::disk::{DATA, ESP};
use model::grubenv::{GRUBENV_BYTES, GrubEnv};
use model::slot::Slot;

use crate::error::HarnessError;

/// A disk image that belongs to one machine: raw, so that it can be looked at and changed, or an overlay.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    is_overlay: bool,
}

impl Disk {
    /// Copies an image, keeping its holes: only what is allocated takes time and space.
    ///
    /// # Errors
    ///
    /// When there is no image or it cannot be copied.
    pub fn copy(image: &Path, to: PathBuf) -> Result<Self, HarnessError> {
        if !image.is_file() {
            return Err(HarnessError::NoImage(image.to_owned()));
        }
        run(Command::new("cp").arg("--sparse=always").arg(image).arg(&to))?;
        Ok(Self { path: to, is_overlay: false })
    }

    /// A qcow2 file that takes what is written over an image, which stays as it is, in a format that QEMU reads. Only QEMU
    /// knows what is on such a disk.
    ///
    /// # Errors
    ///
    /// When there is no image or QEMU does not take it for this format.
    pub fn overlay(image: &Path, format: &str, to: PathBuf) -> Result<Self, HarnessError> {
        if !image.is_file() {
            return Err(HarnessError::NoImage(image.to_owned()));
        }
        let mut create = Command::new("qemu-img");
        create.args(["create", "-q", "-f", "qcow2", "-F", format, "-b"]).arg(image).arg(&to);
        run(&mut create)?;
        Ok(Self { path: to, is_overlay: true })
    }

    /// Whether it is an overlay.
    pub(crate) const fn is_overlay(&self) -> bool {
        self.is_overlay
    }

    /// Where the copy lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Inverts the lowest bit of the byte at an offset of the disk.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written.
    pub fn flip_bit(&self, offset: u64) -> Result<(), HarnessError> {
        let action = || HarnessError::io(format!("change a bit of {}", self.path.display()));
        let file = File::options().read(true).write(true).open(&self.path).map_err(action())?;
        let mut byte = [0];
        file.read_exact_at(&mut byte, offset).map_err(action())?;
        file.write_all_at(&[byte[0] ^ 1], offset).map_err(action())
    }

    /// Where a text first occurs between two offsets of the disk.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn find(&self, needle: &[u8], from: u64, to: u64) -> Result<Option<u64>, HarnessError> {
        let action = || HarnessError::io(format!("read {}", self.path.display()));
        let file = File::open(&self.path).map_err(action())?;
        let mut offset = from;
        let mut window = vec![0; SEARCH_WINDOW_BYTES];
        while offset < to {
            let length = file.read_at(&mut window, offset).map_err(action())?;
            let bytes = window.get(..length).unwrap_or_default();
            if let Some(place) = bytes.windows(needle.len()).position(|bytes| bytes == needle) {
                return Ok(Some(offset + place as u64).filter(|place| *place < to));
            }
            if length <= needle.len() {
                break;
            }
            // Windows overlap, so that a text across their border is found.
            offset += (length - needle.len()) as u64;
        }
        Ok(None)
    }

    /// GRUB's variables as they are stored now. The machine must be off.
    ///
    /// # Errors
    ///
    /// When the file cannot be read from the EFI system partition.
    pub fn grubenv(&self) -> Result<GrubEnv, HarnessError> {
        let image = format!("{}@@{}", self.path.display(), ESP.offset_bytes());
        let block = run(Command::new("mtype").args(["-i", &image, "::/grub/grubenv"]))?;
        let block = block.get(..GRUBENV_BYTES).unwrap_or_default();
        GrubEnv::decode(block).map_err(|error| HarnessError::Command {
            command: "mtype".to_owned(),
            stderr: error.to_string(),
        })
    }

    /// Replaces GRUB's variables. The machine must be off.
    ///
    /// # Errors
    ///
    /// When they do not fit or cannot be written to the EFI system partition.
    pub fn set_grubenv(&self, variables: &GrubEnv) -> Result<(), HarnessError> {
        let command = "write grubenv".to_owned();
        let block = variables
            .encode()
            .map_err(|error| HarnessError::Command { command, stderr: error.to_string() })?;
        self.overwrite_grubenv(&block)
    }

    /// Replaces the file with GRUB's variables by anything. The machine must be off.
    ///
    /// # Errors
    ///
    /// When it cannot be written to the EFI system partition.
    pub fn overwrite_grubenv(&self, bytes: &[u8]) -> Result<(), HarnessError> {
        let file = self.path.with_extension("grubenv");
        fs::write(&file, bytes).map_err(HarnessError::io("write grubenv"))?;
        let image = format!("{}@@{}", self.path.display(), ESP.offset_bytes());
        run(Command::new("mcopy").args(["-o", "-i", &image]).arg(&file).arg("::/grub/grubenv"))?;
        Ok(())
    }

    /// Writes zeros over a part of the disk. The machine must be off.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn erase(&self, offset: u64, bytes: usize) -> Result<(), HarnessError> {
        let action = || HarnessError::io(format!("erase a part of {}", self.path.display()));
        let file = File::options().write(true).open(&self.path).map_err(action())?;
        file.write_all_at(&vec![0; bytes], offset).map_err(action())
    }

    /// Leaves a slot of a new disk one try, after which the other slot takes over. The machine must be
    /// off.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, or the slot has been tried already.
    pub fn leave_one_try(&self, slot: Slot) -> Result<(), HarnessError> {
        let untried = format!("{}=0\n", tries_variable(slot));
        let end = ESP.offset_bytes() + ESP.size_bytes();
        let place = self.find(untried.as_bytes(), ESP.offset_bytes(), end)?;
        let action = || HarnessError::io(format!("set tries on {}", self.path.display()));
        let place = place.ok_or_else(|| action()(ErrorKind::NotFound.into()))?;
        let digit = place + untried.len() as u64 - 2;
        let tries = (MAX_TRIES - 1).to_string();
        let file = File::options().write(true).open(&self.path).map_err(action())?;
        file.write_all_at(tries.as_bytes(), digit).map_err(action())
    }

    /// Makes GRUB start at once instead of waiting for Esc, for tests that start often. The machine
    /// must be off.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or written, or GRUB's configuration has no such line.
    pub fn skip_grub_wait(&self) -> Result<(), HarnessError> {
        const WAIT: &[u8] = b"set timeout=3\n";
        let end = ESP.offset_bytes() + ESP.size_bytes();
        let place = self.find(WAIT, ESP.offset_bytes(), end)?;
        let action = || HarnessError::io(format!("set the wait on {}", self.path.display()));
        let place = place.ok_or_else(|| action()(ErrorKind::NotFound.into()))?;
        let digit = place + WAIT.len() as u64 - 2;
        let file = File::options().write(true).open(&self.path).map_err(action())?;
        file.write_all_at(b"0", digit).map_err(action())
    }

    /// Whether the data partition was unmounted in order. The machine must be off.
    ///
    /// # Errors
    ///
    /// When there is no ext4 file system.
    pub fn data_is_clean(&self) -> Result<bool, HarnessError> {
        let image = format!("{}?offset={}", self.path.display(), DATA.offset_bytes());
        let facts = run(Command::new("dumpe2fs").args(["-h", &image]))?;
        let facts = String::from_utf8_lossy(&facts);
        let is_clean = facts
            .lines()
            .any(|line| line.starts_with("Filesystem state:") && line.ends_with(" clean"));
        Ok(is_clean && !facts.contains("needs_recovery"))
    }
}

/// How much of a disk is searched at a time, in bytes.
const SEARCH_WINDOW_BYTES: usize = 1 << 20;

/// Runs a program of the host and returns what it wrote.
///
/// # Errors
///
/// When it cannot be started or fails.
pub fn run(command: &mut Command) -> Result<Vec<u8>, HarnessError> {
    let shown = format!("{command:?}");
    let output = command.output().map_err(HarnessError::io(format!("start {shown}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(HarnessError::Command { command: shown, stderr })
}

/// Reads a whole file of the host.
///
/// # Errors
///
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, HarnessError> {
    let mut bytes = Vec::new();
    let mut file =
        File::open(path).map_err(HarnessError::io(format!("open {}", path.display())))?;
    file.read_to_end(&mut bytes).map_err(HarnessError::io(format!("read {}", path.display())))?;
    Ok(bytes)
}

/// Creates a directory and its parents.
///
/// # Errors
///
/// When it cannot be created.
pub fn create_directory(path: &Path) -> Result<(), HarnessError> {
    fs::create_dir_all(path).map_err(HarnessError::io(format!("create {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_remedy_when_there_is_no_image() {
        let error = Disk::copy(Path::new("/nowhere/disk.raw"), "/nowhere/copy".into());
        assert!(error.expect_err("missing").to_string().contains("`make image`"));
    }

    #[test]
    fn what_is_written_to_an_overlay_leaves_the_image_as_it_is() {
        let directory = tempfile::tempdir().expect("directory");
        let image = directory.path().join("image");
        fs::write(&image, vec![7; 1 << 20]).expect("written");
        let disk = Disk::overlay(&image, "raw", directory.path().join("overlay")).expect("made");
        let mut write = Command::new("qemu-io");
        run(write.args(["-f", "qcow2", "-c", "write -P 9 0 512"]).arg(disk.path()))
            .expect("written");
        let mut look = Command::new("qemu-io");
        run(look.args(["-f", "qcow2", "-c", "read -P 9 0 512"]).arg(disk.path())).expect("there");
        assert_eq!(read(&image).expect("read"), vec![7; 1 << 20]);
        let nowhere = Disk::overlay(Path::new("/nowhere/disk"), "vhdx", "/nowhere/overlay".into());
        assert!(matches!(nowhere, Err(HarnessError::NoImage(_))));
    }

    #[test]
    fn finds_and_flips_across_window_borders() {
        let directory = tempfile::tempdir().expect("directory");
        let image = directory.path().join("image");
        let border = SEARCH_WINDOW_BYTES as u64;
        let mut bytes = vec![0; SEARCH_WINDOW_BYTES * 2];
        bytes[SEARCH_WINDOW_BYTES - 2..SEARCH_WINDOW_BYTES + 2].copy_from_slice(b"text");
        fs::write(&image, bytes).expect("write");
        let disk = Disk::copy(&image, directory.path().join("copy")).expect("copied");
        assert_eq!(disk.find(b"text", 0, border * 2).expect("read"), Some(border - 2));
        disk.flip_bit(border - 2).expect("flipped");
        assert_eq!(disk.find(b"text", 0, border * 2).expect("read"), None);
    }
}
