//! The disk in each published format that QEMU reads, with the devices of the platform that it is for, started to the page.
//!
//! The files are written here as `make release` writes them, so that they hold the disk that all other tests start.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;

use harness::disk::run;
use harness::qemu::USER_ADDRESS;
use harness::{DiskController, Machine, NetworkCard, workspace};
use image::format::{Identity, Source, ova, qcow2, vhd, vhdx};

use crate::{answer, must};

/// Writes the built disk to a file.
fn write(path: &Path, format: fn(&Source, &Identity, &File) -> io::Result<()>) {
    let source = Source::open(&workspace::image()).expect("`make image` builds it");
    let identity = Identity::of(&source).expect("read");
    let file = File::create_new(path).expect("created");
    format(&source, &identity, &file).expect("written");
}

/// Starts a file in a format by QEMU's name for it.
fn starts(format: &'static str, path: &Path, controller: DiskController, card: NetworkCard) {
    let builder = Machine::builder().image_in(format, path).controller(controller).card(card);
    let mut machine = must(builder.start());
    let page = must(machine.wait_for_landing_page());
    assert_eq!(page.address, USER_ADDRESS, "{format}");
    assert_eq!(answer(&machine, USER_ADDRESS).sha1().to_string(), page.sha1);
    // The data partition is made, found and written.
    assert!(!page.state.contains("storage."), "{format}: {}", page.state);
}

#[test]
fn kvm_starts_from_the_qcow2() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("disk.qcow2");
    write(&path, |source, _, file| qcow2::write(source, file));
    starts("qcow2", &path, DiskController::VirtioScsi, NetworkCard::Virtio);
}

#[test]
fn the_vhdx_for_hyper_v_starts() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("disk.vhdx");
    write(&path, vhdx::write);
    starts("vhdx", &path, DiskController::Ide, NetworkCard::E1000);
}

#[test]
fn the_fixed_vhd_for_azure_starts() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("disk.vhd");
    write(&path, vhd::write_fixed);
    starts("vpc", &path, DiskController::Ide, NetworkCard::Virtio);
}

#[test]
fn the_dynamic_vhd_for_aws_starts() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("disk.vhd");
    write(&path, vhd::write_dynamic);
    starts("vpc", &path, DiskController::Nvme, NetworkCard::Virtio);
}

#[test]
fn the_disk_of_the_ova_for_vmware_starts() {
    let directory = tempfile::tempdir().expect("directory");
    let path = directory.path().join("machine.ova");
    write(&path, |source, _, file| ova::write(source, file));
    let mut unpack = Command::new("tar");
    must(run(unpack.arg("--extract").arg("--file").arg(&path).arg("-C").arg(directory.path())));
    let disk = directory.path().join("connector-appliance-disk1.vmdk");
    starts("vmdk", &disk, DiskController::Pvscsi, NetworkCard::Vmxnet3);
}
