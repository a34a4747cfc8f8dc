//! Root slots with other programs in them, signed like the real ones: what a faulty release would be.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use boot::keys::{self, SlotKey};
use image::root::{self, Contents};
use image::slot;
use model::boot_slots::KERNEL;
use model::disk::{ROOT_A, root_partition};
use model::role::PROGRAM;
use model::slot::Slot;
use model::trailer::TRAILER_BYTES;
use tempfile::TempDir;

use crate::disk::{Disk, run};
use model::error::chain;

use crate::error::HarnessError;
use crate::workspace;

/// PID 1 in a root.
const INIT: &str = "/sbin/init";
/// Written at a time. The rest of a slot stays as it is, and its blocks belong to no tree.
const CHUNK_BYTES: usize = 1 << 20;

/// The contents of the built image's Root A, some of which are replaced.
#[derive(Debug)]
pub struct SlotBuilder {
    directory: TempDir,
    contents: Contents,
}

impl SlotBuilder {
    /// Takes the built image apart.
    ///
    /// # Errors
    ///
    /// When there is no image or it cannot be read.
    pub fn new() -> Result<Self, HarnessError> {
        let directory = tempfile::Builder::new()
            .prefix("slot-")
            .tempdir()
            .map_err(HarnessError::io("create a directory for the slot"))?;
        let image = workspace::image();
        if !image.is_file() {
            return Err(HarnessError::NoImage(image));
        }
        let base = directory.path().join("base");
        run(Command::new("unsquashfs")
            .args(["-no-progress", "-quiet", "-offset", &ROOT_A.offset_bytes().to_string(), "-d"])
            .arg(&base)
            .arg(&image))?;
        let [kernel, init, connector] =
            [KERNEL, INIT, PROGRAM].map(|path| base.join(path.trim_start_matches('/')));
        Ok(Self { contents: Contents { kernel, init, connector }, directory })
    }

    /// Replaces PID 1.
    #[must_use]
    pub fn init(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.contents.init);
        self
    }

    /// Replaces the program of all roles.
    #[must_use]
    pub fn connector(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.contents.connector);
        self
    }

    /// Packs and signs the slot and writes it to a disk. The machine must be off.
    ///
    /// # Errors
    ///
    /// When it cannot be packed, does not fit or cannot be written.
    pub fn write(&self, disk: &Disk, slot: Slot) -> Result<(), HarnessError> {
        let partition = root_partition(slot);
        let work = self.directory.path().join(slot.letter());
        fs::create_dir(&work).map_err(HarnessError::io("create a directory for the root"))?;
        let file_system = root::pack(&self.contents, &work).map_err(slot_error)?;
        let contents = slot::make(file_system, &partition, &key()?).map_err(slot_error)?;
        let action = || HarnessError::io(format!("write a slot of {}", disk.path().display()));
        let file = File::options().write(true).open(disk.path()).map_err(action())?;
        let mut offset = partition.offset_bytes();
        for chunk in contents.body.chunks(CHUNK_BYTES) {
            file.write_all_at(chunk, offset).map_err(action())?;
            offset += chunk.len() as u64;
        }
        let end = partition.offset_bytes() + partition.size_bytes();
        file.write_all_at(&contents.trailer, end - TRAILER_BYTES as u64).map_err(action())
    }

    /// Compiles a program of one source file for the root, statically, with a configuration predicate
    /// such as `fault="hangs"`. Gives its path, which lives as long as this builder.
    ///
    /// # Errors
    ///
    /// When it does not compile.
    pub fn compile(&self, source: &Path, predicate: &str) -> Result<PathBuf, HarnessError> {
        let program = self.directory.path().join("program");
        run(Command::new("rustc")
            .args(["--edition=2024", "--target=x86_64-unknown-linux-musl", "-Copt-level=s"])
            .args(["-Cpanic=abort", "-Cstrip=symbols", "--cfg", predicate, "-o"])
            .arg(&program)
            .arg(source))?;
        Ok(program)
    }
}

/// The key that the built image's stage 1 accepts.
fn key() -> Result<SlotKey, HarnessError> {
    let key = match env::var_os(keys::PATH_VARIABLE) {
        Some(path) => SlotKey::load(Path::new(&path)),
        None => SlotKey::for_tests(&workspace::root().join("target/keys")),
    };
    key.map_err(slot_error)
}

fn slot_error(error: impl std::error::Error) -> HarnessError {
    HarnessError::Command { command: "build a slot".to_owned(), stderr: chain(&error) }
}
