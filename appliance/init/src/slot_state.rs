//! Telling the boot loader that the slot works.

use std::fs::OpenOptions;
use std::io::{Read, Seek, Write};
use std::path::Path;

use model::disk;
use model::grubenv::{GRUBENV_BYTES, GrubEnv};
use model::slot::Slot;
use sys::mount::{self, Restrictions};
use sys::{block, unix_socket};

use crate::error::InitError;

const MOUNT_POINT: &str = "/run/esp";
const GRUBENV: &str = "grub/grubenv";

/// Resets the counter of failed tries of a slot, on the disk that the root is on.
pub(crate) fn mark_good(slot: Slot, root: Option<&Path>) -> Result<(), InitError> {
    let mount_point = Path::new(MOUNT_POINT);
    unix_socket::create_directory(mount_point, 0o700, 0)?;
    let device = block::find_partition(disk::ESP.guid, root)?;
    mount::mount(&device, mount_point, "vfat", Restrictions::DATA_ONLY, "umask=077")?;
    let rewritten = reset_tries(&mount_point.join(GRUBENV), slot);
    mount::unmount(mount_point)?;
    rewritten
}

/// Rewrites the file in place, with one write of its fixed size: GRUB writes the same blocks.
fn reset_tries(path: &Path, slot: Slot) -> Result<(), InitError> {
    let failed = |error| InitError::Io("rewrite grubenv", error);
    let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
    let mut block = Vec::with_capacity(GRUBENV_BYTES);
    // One byte more than is right shows a file that is too long.
    let limit = 1 + u64::try_from(GRUBENV_BYTES).unwrap_or_default();
    (&file).take(limit).read_to_end(&mut block).map_err(failed)?;
    let mut variables = GrubEnv::decode(&block)?;
    if variables.mark_good(slot) {
        let block = variables.encode()?;
        let mut write =
            || file.rewind().and_then(|()| file.write_all(&block)).and_then(|()| file.sync_all());
        write().map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use model::grubenv::GrubEnvError;

    use super::*;

    #[test]
    fn resets_the_tries_in_place() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("grubenv");
        let text = "# GRUB Environment Block\norder=b a\na_tries=1\nb_tries=2\n";
        fs::write(&path, format!("{text:#<GRUBENV_BYTES$}")).expect("written");
        reset_tries(&path, Slot::B).expect("rewritten");
        let block = GrubEnv::decode(&fs::read(&path).expect("there")).expect("valid");
        assert_eq!((block.tries(Slot::A), block.tries(Slot::B)), (1, 0));
    }

    #[test]
    fn leaves_a_damaged_file_alone() {
        let directory = tempfile::tempdir().expect("directory");
        let path = directory.path().join("grubenv");
        let long = [b'#'; GRUBENV_BYTES + 1];
        fs::write(&path, long).expect("written");
        let result = reset_tries(&path, Slot::A);
        assert!(matches!(result, Err(InitError::GrubEnv(GrubEnvError::Length))));
        assert_eq!(fs::read(&path).expect("there"), long);
    }
}
