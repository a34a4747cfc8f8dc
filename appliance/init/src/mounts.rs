//! File systems and directories that the roles find.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use model::confinement::{
    CAPTURE_DIRECTORY, CHANNEL_DIRECTORY, DIAGNOSTICS_DIRECTORY, DIRECTORY_DIRECTORY,
    JOURNAL_DIRECTORY, NETWORK_DIRECTORY, SETTINGS_DIRECTORY, TPM,
};
use model::role::{Role, SOCKET_DIRECTORY};
use model::supervision::{DataState, SOCKET};
use model::{disk, product};
use sys::data_partition::{self, Note};
use sys::mount::{self, Restrictions};
use sys::{SysError, host_files, terminal, unix_socket, view};

use model::error::chain;

use crate::error::InitError;
use crate::log::Log;

/// Where the kernel's own file systems are mounted.
pub(crate) const KERNEL_DIRECTORIES: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Where what survives a restart is mounted.
pub(crate) const DATA: &str = "/data";

/// Largest size of each file system in memory: `/run` holds diagnostic reports.
const IN_MEMORY: &str = "size=96m,mode=755";

/// Mounts the kernel's own file systems, unless stage 1 has done so.
pub(crate) fn kernel_file_systems() -> Result<(), SysError> {
    let all = [
        // Processes see only those of their own user.
        ("proc", Restrictions::DATA_ONLY, "hidepid=invisible"),
        ("sysfs", Restrictions::DATA_ONLY, ""),
        ("devtmpfs", Restrictions::NO_PROGRAMS, "mode=755"),
    ];
    for (directory, (kind, restrictions, options)) in KERNEL_DIRECTORIES.into_iter().zip(all) {
        mount_once(Path::new(directory), kind, restrictions, options)?;
    }
    Ok(())
}

/// Mounts the file systems in memory: `/run`, and `/tmp` when the root has one.
pub(crate) fn volatile_file_systems() -> Result<(), SysError> {
    mount_once(Path::new("/run"), "tmpfs", Restrictions::DATA_ONLY, IN_MEMORY)?;
    let temporary = Path::new("/tmp");
    if temporary.is_dir() {
        mount_once(temporary, "tmpfs", Restrictions::DATA_ONLY, "size=16m,mode=1777")?;
    }
    Ok(())
}

fn mount_once(
    target: &Path,
    kind: &str,
    restrictions: Restrictions,
    options: &str,
) -> Result<(), SysError> {
    if mount::is_mount_point(target) {
        return Ok(());
    }
    mount::mount(Path::new(kind), target, kind, restrictions, options)
}

/// The kernel's command line.
pub(crate) fn command_line() -> Result<String, InitError> {
    fs::read("/proc/cmdline")
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .map_err(|error| InitError::Io("read the command line", error))
}

/// Mounts the data partition of the disk that the root is on, which grows with its disk. Without it a
/// file system in memory stands in, so that the appliance can say what is wrong. ext4 replays its
/// journal, so no check comes before; on damage it turns read-only.
pub(crate) fn data(root: Option<&Path>, log: &Log) -> Result<DataState, SysError> {
    let target = Path::new(DATA);
    // What is reserved on a full disk is for the settings.
    let options = format!("errors=remount-ro,resuid={}", Role::Settings.uid());
    let mut note = |note| match note {
        Note::Repaired => log.warn("The superblock of the data partition was repaired"),
        Note::Replayed => {
            log.warn("The data partition was mounted after its journal had been replayed");
        }
        Note::ReadOnly => log.warn("The data partition is write-protected"),
        Note::Failed(error) => log.warn(&chain(&error)),
    };
    let mounted = data_partition::mount(disk::DATA.guid, root, target, &options, &mut note);
    let Err(error) = mounted else { return Ok(DataState::Mounted) };
    mount_once(target, "tmpfs", Restrictions::DATA_ONLY, IN_MEMORY)?;
    Ok(DataState::Unavailable { reason: chain(&error) })
}

/// Creates the directories of the roles and gives roles their devices.
pub(crate) fn directories(log: &Log) -> Result<(), SysError> {
    unix_socket::create_directory(Path::new(SOCKET_DIRECTORY), 0o755, 0)?;
    let sockets = Role::ALL.map(|role| (role.socket_path(), role.uid()));
    for (socket, owner) in sockets.into_iter().chain([(SOCKET.to_owned(), 0)]) {
        if let Some(directory) = Path::new(&socket).parent() {
            unix_socket::create_directory(directory, 0o755, owner)?;
        }
    }
    unix_socket::create_directory(Path::new(NETWORK_DIRECTORY), 0o755, Role::Network.uid())?;
    view::prepare()?;
    for (directory, role) in [
        (SETTINGS_DIRECTORY, Role::Settings),
        (JOURNAL_DIRECTORY, Role::Journal),
        (CAPTURE_DIRECTORY, Role::Capture),
        (DIRECTORY_DIRECTORY, Role::Directory),
        (CHANNEL_DIRECTORY, Role::Channel),
        (DIAGNOSTICS_DIRECTORY, Role::Diagnostics),
    ] {
        if let Err(error) = unix_socket::create_directory(Path::new(directory), 0o700, role.uid()) {
            // A damaged data partition must not keep the machine from saying so.
            log.warn(&chain(&error));
        }
    }
    for (path, role) in [
        (terminal::SCREEN, Role::Console),
        (terminal::FIRST_SCREEN, Role::Console),
        (terminal::SERIAL, Role::Console),
        (TPM, Role::Channel),
    ] {
        // Machines without a screen, a serial port or a TPM lack some.
        let _ = chown(path, Some(role.uid()), Some(role.uid()));
    }
    if let Err(error) = host_files::copy() {
        log.warn(&chain(&error));
    }
    log.say(&format!("{} {} starts its roles", product::NAME, product::VERSION));
    Ok(())
}
