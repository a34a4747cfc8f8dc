//! The devices that hypervisors give a machine: disk controllers and network cards.

use crate::qemu::CARD;

/// How the disk is attached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiskController {
    /// KVM, Nutanix.
    #[default]
    VirtioBlk,
    /// KVM, Google Cloud.
    VirtioScsi,
    /// VMware.
    Pvscsi,
    /// AWS, Azure, Google Cloud.
    Nvme,
    /// IDE of the PIIX chip set: Hyper-V generation 1, `XenServer`.
    Ide,
    /// SATA: VMware, `VirtualBox`.
    Ahci,
}

impl DiskController {
    /// Arguments of QEMU that attach the drive of this identifier.
    pub(crate) fn arguments(self, drive: &str) -> Vec<String> {
        let (controller, disk) = match self {
            Self::VirtioBlk => (None, "virtio-blk-pci"),
            Self::VirtioScsi => (Some("virtio-scsi-pci,id=scsi"), "scsi-hd,bus=scsi.0"),
            Self::Pvscsi => (Some("pvscsi,id=scsi"), "scsi-hd,bus=scsi.0"),
            Self::Nvme => (None, "nvme,serial=appliance"),
            Self::Ide => (None, "ide-hd,bus=ide.0"),
            Self::Ahci => (Some("ich9-ahci,id=sata"), "ide-hd,bus=sata.0"),
        };
        // Index 0 is that of a kernel that is started directly, as the benchmark does.
        let disk = format!("{disk},drive={drive},bootindex=1");
        controller
            .map(str::to_owned)
            .into_iter()
            .chain([disk])
            .flat_map(|device| ["-device".to_owned(), device])
            .collect()
    }
}

/// Model of the network card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkCard {
    /// KVM, Nutanix, Google Cloud.
    #[default]
    Virtio,
    /// VMware, `VirtualBox`.
    E1000,
    /// VMware.
    E1000e,
    /// VMware.
    Vmxnet3,
}

impl NetworkCard {
    /// Argument of QEMU's `-device` that attaches the network of this identifier. Without the card's
    /// own boot program, which would try to start from the network.
    pub(crate) fn argument(self, network: &str) -> String {
        let model = match self {
            Self::Virtio => "virtio-net-pci",
            Self::E1000 => "e1000",
            Self::E1000e => "e1000e",
            Self::Vmxnet3 => "vmxnet3",
        };
        format!("{model},netdev={network},id={CARD},romfile=")
    }
}
