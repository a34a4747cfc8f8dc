//! Files that PID 1 copies for the role `guest`, which sees neither `/sys` nor disks.
//!
//! Everything here comes from the hypervisor and is untrusted: it is copied with limits, and read by the
//! role alone.

use std::path::{Path, PathBuf};

use crate::confinement::GUEST_DIRECTORY;

/// Structures of SMBIOS whose types the role looks at: firmware, machine, chassis, OEM strings.
pub const SMBIOS_TYPES: [u8; 4] = [0, 1, 3, 11];
/// Most structures that are copied.
pub const MAX_STRUCTURES: usize = 16;
/// Directory of files of QEMU's fw_cfg that are ours.
pub const FW_CFG_PREFIX: &str = "opt/connector";
/// Most files of fw_cfg that are copied.
pub const MAX_FW_CFG_FILES: usize = 16;
/// Longest structure and longest file of fw_cfg, in bytes; longer ones are cut off one byte later, which the
/// reader notices.
pub const MAX_FILE_BYTES: usize = 64 * 1024;
/// How much of a medium is copied, in bytes: tools make them of 0.4 to 4 MiB.
pub const MAX_MEDIUM_BYTES: u64 = 8 * 1024 * 1024;

/// Directory of the SMBIOS structures, one file each, below [`GUEST_DIRECTORY`].
pub const SMBIOS: &str = "smbios";
/// Directory of the files of fw_cfg.
pub const FW_CFG: &str = "fw_cfg";
/// Copy of the medium with first settings.
pub const MEDIUM: &str = "medium";
/// File with the name of the channel that the role has as its standard input.
pub const CHANNEL: &str = "channel";

/// A file or directory of these names, on the appliance.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    Path::new(GUEST_DIRECTORY).join(name)
}

/// A way to the hypervisor that PID 1 opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostChannel {
    /// Port of virtio-serial for QEMU's guest agent.
    Agent,
    /// Keys and values of Hyper-V, `/dev/vmbus/hv_kvp`.
    Kvp,
    /// Store of Xen, `/dev/xen/xenbus`.
    Store,
}

impl HostChannel {
    /// All, in the order in which they are looked for. A machine has one.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Kvp, Self::Store];

    /// A name for the file [`CHANNEL`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Kvp => "kvp",
            Self::Store => "store",
        }
    }

    /// The channel of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }
}

/// Where the descriptor of an ISO 9660 volume begins, in bytes (ECMA-119, 6.2.1: sector 16).
pub const VOLUME_DESCRIPTOR: usize = 16 * 2048;
/// How much of a disk tells whether it is a medium of ours, in bytes.
pub const HEAD_BYTES: usize = VOLUME_DESCRIPTOR + 2048;

/// Names of media that may hold first settings: of NoCloud, and of OVF environments as VMware calls them.
const VOLUME_NAMES: [&str; 4] = ["cidata", "ovf env", "ovfenv", "connector"];

/// Whether the beginning of a disk is that of a medium that may hold first settings: ISO 9660 or FAT with one
/// of the names.
#[must_use]
pub fn is_medium(head: &[u8]) -> bool {
    if head.len() < HEAD_BYTES {
        return false;
    }
    [iso_name(head), fat_name(head)].into_iter().flatten().any(|name| {
        let name = String::from_utf8_lossy(name);
        let is_ours = |known: &&str| name.trim_end_matches([' ', '\0']).eq_ignore_ascii_case(known);
        VOLUME_NAMES.iter().any(is_ours)
    })
}

/// The name in the primary descriptor of an ISO 9660 volume (ECMA-119, 8.4).
fn iso_name(head: &[u8]) -> Option<&[u8]> {
    const PRIMARY: &[u8] = b"\x01CD001";
    let descriptor = head.get(VOLUME_DESCRIPTOR..)?;
    descriptor.starts_with(PRIMARY).then(|| descriptor.get(40..72)).flatten()
}

/// The name in the boot sector of a FAT volume (Microsoft, "FAT: General Overview of On-Disk Format", boot
/// sector): in one of two places, behind a mark, and in front of the kind as a text.
fn fat_name(head: &[u8]) -> Option<&[u8]> {
    const SIGNATURE: &[u8] = &[0x55, 0xaa];
    const MARK: u8 = 0x29;
    let name = |mark: usize| {
        let is_there = *head.get(mark)? == MARK && head.get(mark + 16..)?.starts_with(b"FAT");
        head.get(mark + 5..mark + 16).filter(|_| is_there)
    };
    if head.get(510..512)? == SIGNATURE { name(38).or_else(|| name(66)) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head(name: &str) -> Vec<u8> {
        let mut head = vec![0; HEAD_BYTES];
        head[VOLUME_DESCRIPTOR..VOLUME_DESCRIPTOR + 6].copy_from_slice(b"\x01CD001");
        let at = VOLUME_DESCRIPTOR + 40;
        head[at..at + 32].fill(b' ');
        head[at..at + name.len()].copy_from_slice(name.as_bytes());
        head
    }

    #[test]
    fn media_are_known_by_their_names() {
        for name in ["cidata", "CIDATA", "OVF ENV", "connector"] {
            assert!(is_medium(&head(name)), "{name}");
        }
        for name in ["", "cidata2", "Debian 12"] {
            assert!(!is_medium(&head(name)), "{name}");
        }
        assert!(!is_medium(&vec![0; HEAD_BYTES]) && !is_medium(b""));
        assert!(!is_medium(&head("cidata")[..HEAD_BYTES - 1]));
    }

    #[test]
    fn media_with_fat_are_known_by_their_names() {
        let fat = |mark: usize, name: &[u8; 11]| {
            let mut head = vec![0; HEAD_BYTES];
            head[510..512].copy_from_slice(&[0x55, 0xaa]);
            head[mark] = 0x29;
            head[mark + 5..mark + 16].copy_from_slice(name);
            head[mark + 16..mark + 24].copy_from_slice(b"FAT16   ");
            head
        };
        for mark in [38, 66] {
            assert!(is_medium(&fat(mark, b"CIDATA     ")) && is_medium(&fat(mark, b"cidata     ")));
            assert!(
                !is_medium(&fat(mark, b"EFI        ")) && !is_medium(&fat(mark, b"NO NAME    "))
            );
        }
        assert!(!is_medium(&fat(40, b"CIDATA     ")));
        let mut no_boot_sector = fat(38, b"CIDATA     ");
        no_boot_sector[511] = 0;
        assert!(!is_medium(&no_boot_sector));
    }

    #[test]
    fn channels_are_read_by_their_names() {
        for channel in HostChannel::ALL {
            assert_eq!(HostChannel::from_name(channel.name()), Some(channel));
        }
    }

    proptest! {
        #[test]
        fn no_disk_stops_the_look(
            descriptor in prop::collection::vec(any::<u8>(), 0..2049),
            boot_sector in prop::collection::vec(any::<u8>(), 510),
        ) {
            let mut head = [vec![0; VOLUME_DESCRIPTOR], descriptor].concat();
            head[..512].copy_from_slice(&[boot_sector, vec![0x55, 0xaa]].concat());
            let _ = is_medium(&head);
        }
    }
}
