//! A release of a small disk.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use boot::keys::SlotKey;
use image::components::Components;
use image::release::Release;
use tempfile::TempDir;

const MIB: u64 = 1 << 20;

/// A directory with everything that is published of a small disk, which lies beside it as `disk.raw`.
pub(crate) fn published() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let disk = directory.path().join("disk.raw");
    let file = File::create(&disk).unwrap();
    file.set_len(67 * MIB).unwrap();
    for place in [0, 3 * MIB - 100, 40 * MIB] {
        file.write_all_at(&b"octets of the disk ".repeat(100), place).unwrap();
    }
    let (work, published) = (directory.path().join("work"), directory.path().join("release"));
    fs::create_dir(&work).unwrap();
    let (components, key) = (Components::of(Vec::new()), SlotKey::from_seed(&[7; 32]));
    let release = Release { disk: &disk, components: &components, key: &key };
    release.write(&work, &published, &|_| {}).unwrap();
    (directory, published)
}
