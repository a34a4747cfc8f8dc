//! Every disk controller and network card that a supported hypervisor gives, started to the page.

use harness::qemu::USER_ADDRESS;
use harness::{Disk, DiskController, Firmware, Machine, NetworkCard};

use crate::{answer, must};

fn starts(firmware: Firmware, controller: DiskController, card: NetworkCard) {
    let builder = Machine::builder().firmware(firmware).controller(controller).card(card);
    let mut machine = must(builder.prepare(Disk::skip_grub_wait));
    let page = must(machine.wait_for_landing_page());
    assert_eq!(page.address, USER_ADDRESS, "{controller:?} with {card:?}");
    assert_eq!(answer(&machine, USER_ADDRESS).sha1().to_string(), page.sha1);
    // A data partition that is found is one that the driver of the disk can write.
    assert!(!page.state.contains("storage."), "{controller:?}: {}", page.state);
}

#[test]
fn bios_with_virtio_scsi_and_e1000() {
    starts(Firmware::Bios, DiskController::VirtioScsi, NetworkCard::E1000);
}

#[test]
fn bios_with_pvscsi_and_vmxnet3() {
    starts(Firmware::Bios, DiskController::Pvscsi, NetworkCard::Vmxnet3);
}

#[test]
fn bios_with_nvme_and_e1000e() {
    starts(Firmware::Bios, DiskController::Nvme, NetworkCard::E1000e);
}

#[test]
fn bios_with_ide_and_virtio() {
    starts(Firmware::Bios, DiskController::Ide, NetworkCard::Virtio);
}

#[test]
fn bios_with_ahci_and_e1000() {
    starts(Firmware::Bios, DiskController::Ahci, NetworkCard::E1000);
}

// virtio-blk is what every other test has, under both firmwares. Debian's OVMF has no driver for
// pvscsi, and its Q35 machine has no IDE.

#[test]
fn uefi_with_virtio_scsi_and_vmxnet3() {
    starts(Firmware::Uefi, DiskController::VirtioScsi, NetworkCard::Vmxnet3);
}

#[test]
fn uefi_with_nvme_and_virtio() {
    starts(Firmware::Uefi, DiskController::Nvme, NetworkCard::Virtio);
}

#[test]
fn uefi_with_ahci_and_e1000e() {
    starts(Firmware::Uefi, DiskController::Ahci, NetworkCard::E1000e);
}
