//! What the hypervisor hands over, copied for the role `guest`; and its way back to the hypervisor.
//!
//! The role sees neither `/sys` nor disks, so PID 1 copies, with limits and without a look at the contents,
//! apart from the name of a medium.

use std::fs::{self, DirEntry, File, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use model::confinement::GUEST_DIRECTORY;
use model::guest_files::{
    CHANNEL, FW_CFG, FW_CFG_PREFIX, HEAD_BYTES, HostChannel, MAX_FILE_BYTES, MAX_FW_CFG_FILES,
    MAX_MEDIUM_BYTES, MAX_STRUCTURES, MEDIUM, SMBIOS, SMBIOS_TYPES, is_medium, path,
};
use model::role::Role;

use crate::SysError;
use crate::error::Step;
use crate::unix_socket::create_directory;

const SMBIOS_ENTRIES: &str = "/sys/firmware/dmi/entries";
const FW_CFG_FILES: &str = "/sys/firmware/qemu_fw_cfg/by_name";
const BLOCK_DEVICES: &str = "/sys/class/block";
const DEVICES: &str = "/dev";
/// Devices that are no medium; opening some of them is slow.
const SKIPPED: [&str; 5] = ["dm-", "fd", "loop", "ram", "zram"];
const PORTS: &str = "/sys/class/virtio-ports";
/// Name of the port on which a hypervisor speaks to QEMU's guest agent.
const AGENT_PORT: &str = "org.qemu.guest_agent.0";
const KVP: &str = "/dev/vmbus/hv_kvp";
const STORE: &str = "/dev/xen/xenbus";

/// Copies everything into [`GUEST_DIRECTORY`]. What a machine does not have is no error.
///
/// # Errors
///
/// [`SysError::Call`] when a copy cannot be written.
pub fn copy() -> Result<(), SysError> {
    let owner = Role::Guest.uid();
    let [smbios, fw_cfg] = [SMBIOS, FW_CFG].map(path);
    for directory in [Path::new(GUEST_DIRECTORY), &smbios, &fw_cfg] {
        create_directory(directory, 0o700, owner)?;
    }
    for (name, bytes) in structures(Path::new(SMBIOS_ENTRIES)) {
        hand_over(&smbios.join(name), &bytes, owner)?;
    }
    for (name, bytes) in own_files(&Path::new(FW_CFG_FILES).join(FW_CFG_PREFIX)) {
        hand_over(&fw_cfg.join(name), &bytes, owner)?;
    }
    if let Some(medium) = find_medium(Path::new(BLOCK_DEVICES), Path::new(DEVICES)) {
        hand_over(&path(MEDIUM), &medium, owner)?;
    }
    Ok(())
}

/// Opens the channel to the hypervisor, if there is one, and notes for the role which it is.
///
/// # Errors
///
/// As `open(2)`, such as when another process has it open.
pub fn open_channel() -> io::Result<Option<OwnedFd>> {
    let note = path(CHANNEL);
    let _ = fs::remove_file(&note);
    let paths = [
        (HostChannel::Agent, agent_port(Path::new(PORTS))),
        (HostChannel::Kvp, Some(PathBuf::from(KVP))),
        (HostChannel::Store, Some(PathBuf::from(STORE))),
    ];
    for (channel, device) in paths {
        let Some(device) = device.filter(|device| device.exists()) else { continue };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(device)?;
        hand_over(&note, channel.name().as_bytes(), Role::Guest.uid()).map_err(io::Error::other)?;
        return Ok(Some(file.into()));
    }
    Ok(None)
}

fn hand_over(path: &Path, bytes: &[u8], owner: u32) -> Result<(), SysError> {
    let write = || {
        fs::write(path, bytes)?;
        fs::set_permissions(path, Permissions::from_mode(0o400))?;
        chown(path, Some(owner), Some(owner))
    };
    write().step("write", &path.display())
}

/// Entries of a directory in the order of their names; none when it is not there.
fn entries(directory: &Path) -> Vec<DirEntry> {
    let mut entries: Vec<_> = fs::read_dir(directory).into_iter().flatten().flatten().collect();
    entries.sort_by_key(DirEntry::file_name);
    entries
}

fn name(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

/// The structures of the types that matter: entries are named `<type>-<instance>`.
fn structures(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let is_wanted = |entry: &DirEntry| {
        let name = name(entry);
        let kind = name.split_once('-').and_then(|(kind, _)| kind.parse().ok());
        kind.is_some_and(|kind: u8| SMBIOS_TYPES.contains(&kind))
    };
    let wanted = entries(directory).into_iter().filter(is_wanted).take(MAX_STRUCTURES);
    wanted.filter_map(|entry| Some((name(&entry), read(&entry.path().join("raw"))?))).collect()
}

fn own_files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let files = entries(directory).into_iter().take(MAX_FW_CFG_FILES);
    files.filter_map(|entry| Some((name(&entry), read(&entry.path().join("raw"))?))).collect()
}

/// A file up to one byte more than is allowed.
fn read(path: &Path) -> Option<Vec<u8>> {
    let limit = u64::try_from(MAX_FILE_BYTES).ok()?.saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The first medium that may hold first settings.
fn find_medium(class: &Path, devices: &Path) -> Option<Vec<u8>> {
    entries(class).iter().find_map(|entry| {
        let name = name(entry);
        let is_disk = !entry.path().join("partition").exists();
        let is_skipped = SKIPPED.iter().any(|prefix| name.starts_with(prefix));
        if is_disk && !is_skipped { read_medium(&devices.join(name)) } else { None }
    })
}

fn read_medium(device: &Path) -> Option<Vec<u8>> {
    // A drive without a medium refuses.
    let mut file = File::open(device).ok()?;
    let mut bytes = vec![0; HEAD_BYTES];
    file.read_exact(&mut bytes).ok()?;
    if !is_medium(&bytes) {
        return None;
    }
    let head = u64::try_from(HEAD_BYTES).ok()?;
    file.take(MAX_MEDIUM_BYTES.saturating_sub(head)).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The device of the guest agent's port.
fn agent_port(class: &Path) -> Option<PathBuf> {
    let is_agent = |entry: &DirEntry| {
        let name = fs::read_to_string(entry.path().join("name"));
        name.is_ok_and(|name| name.trim_end() == AGENT_PORT)
    };
    let port = entries(class).into_iter().find(is_agent)?;
    Some(Path::new(DEVICES).join(port.file_name()))
}

#[cfg(test)]
mod tests {
    use model::guest_files::VOLUME_DESCRIPTOR;

    use super::*;

    fn put(directory: &Path, path: &str, bytes: &[u8]) {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("directories");
        fs::write(path, bytes).expect("file");
    }

    fn medium(name: &[u8]) -> Vec<u8> {
        let mut medium = vec![0; HEAD_BYTES + 4096];
        medium[VOLUME_DESCRIPTOR..VOLUME_DESCRIPTOR + 6].copy_from_slice(b"\x01CD001");
        medium[VOLUME_DESCRIPTOR + 40..VOLUME_DESCRIPTOR + 72].fill(b' ');
        medium[VOLUME_DESCRIPTOR + 40..][..name.len()].copy_from_slice(name);
        medium
    }

    #[test]
    fn copies_the_structures_that_matter_and_no_more_than_is_allowed() {
        let directory = tempfile::tempdir().expect("directory");
        for name in ["0-0", "1-0", "4-0", "11-0", "11-1", "17-0", "x"] {
            put(directory.path(), &format!("{name}/raw"), name.as_bytes());
        }
        put(directory.path(), "3-0/raw", &vec![7; 200_000]);
        let found = structures(directory.path());
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["0-0", "1-0", "11-0", "11-1", "3-0"]);
        assert_eq!(found[4].1.len(), MAX_FILE_BYTES + 1);
    }

    #[test]
    fn a_machine_without_tables_and_files_has_none() {
        let directory = tempfile::tempdir().expect("directory");
        let missing = directory.path().join("missing");
        assert!(structures(&missing).is_empty() && own_files(&missing).is_empty());
        assert_eq!((find_medium(&missing, &missing), agent_port(&missing)), (None, None));
    }

    #[test]
    fn finds_the_medium_among_disks_and_partitions() {
        let directory = tempfile::tempdir().expect("directory");
        let (class, devices) = (directory.path().join("class"), directory.path().join("dev"));
        for (name, content) in [
            ("loop0", medium(b"cidata")),
            ("sda", vec![0; 1024]),
            ("sdb", medium(b"Debian 12")),
            ("sdb1", medium(b"cidata")),
            ("vdb", medium(b"CIDATA")),
        ] {
            fs::create_dir_all(class.join(name)).expect("directories");
            put(&devices, name, &content);
        }
        put(&class, "sdb1/partition", b"1\n");
        // Of a drive without medium there is an entry and no device that opens.
        fs::create_dir_all(class.join("sr0")).expect("directories");
        assert_eq!(find_medium(&class, &devices), Some(medium(b"CIDATA")));
    }

    #[test]
    fn finds_the_port_of_the_agent_by_its_name() {
        let directory = tempfile::tempdir().expect("directory");
        put(directory.path(), "vport1p1/name", b"com.redhat.spice.0\n");
        put(directory.path(), "vport1p2/name", b"org.qemu.guest_agent.0\n");
        assert_eq!(agent_port(directory.path()), Some(PathBuf::from("/dev/vport1p2")));
    }
}
