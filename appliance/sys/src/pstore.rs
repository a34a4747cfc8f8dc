//! What the kernel kept of its last words over a restart.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::SysError;
use crate::error::Step;
use crate::mount::{self, Restrictions};

const MOUNT_POINT: &str = "/sys/fs/pstore";
/// What records of a panic or an oops are called; others are logs of every start.
const RECORD: &str = "dmesg-";
/// Read of one record, in bytes; the kernel writes some 30 KiB.
const MAX_RECORD_BYTES: u64 = 256 * 1024;
/// Records that are read; the memory holds fourteen.
const MAX_RECORDS: usize = 32;

/// Takes the records of earlier panics out of the store, oldest first. There are none after a power cut.
///
/// # Errors
///
/// [`SysError::Call`] when the kernel has no store.
pub fn take_records() -> Result<Vec<Vec<u8>>, SysError> {
    let mount_point = Path::new(MOUNT_POINT);
    if !mount::is_mount_point(mount_point) {
        mount::mount(Path::new("pstore"), mount_point, "pstore", Restrictions::DATA_ONLY, "")?;
    }
    let records = take_from(mount_point);
    mount::unmount(mount_point)?;
    records
}

fn take_from(directory: &Path) -> Result<Vec<Vec<u8>>, SysError> {
    let mut paths: Vec<_> = fs::read_dir(directory)
        .step("list", &directory.display())?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    // Numbers at the end have no leading zeros.
    paths.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    let mut records = Vec::new();
    for path in paths.into_iter().take(MAX_RECORDS) {
        let is_record =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(RECORD));
        if is_record && let Ok(file) = File::open(&path) {
            let mut record = Vec::new();
            if file.take(MAX_RECORD_BYTES).read_to_end(&mut record).is_ok() {
                records.push(record);
            }
        }
        // What stays is found again at the next start, and taken for its reason.
        fs::remove_file(&path).step("remove", &path.display())?;
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_records_in_order_and_leaves_nothing() {
        let directory = tempfile::tempdir().expect("directory");
        for name in ["dmesg-ramoops-1", "console-ramoops-0", "dmesg-ramoops-0"] {
            fs::write(directory.path().join(name), name).expect("written");
        }
        let records = take_from(directory.path()).expect("read");
        assert_eq!(records, [b"dmesg-ramoops-0".to_vec(), b"dmesg-ramoops-1".to_vec()]);
        assert!(take_from(directory.path()).expect("read").is_empty());
        assert_eq!(fs::read_dir(directory.path()).expect("there").count(), 0);
    }
}
