//! Mounting, unmounting and changing the root.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::mount::{MntFlags, MsFlags};

use crate::SysError;
use crate::error::Step;

/// Restrictions of a mounted file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restrictions(MsFlags);

impl Restrictions {
    /// Neither set-uid programs nor device nodes: for the root.
    pub const NO_DEVICES: Self = Self(MsFlags::MS_NOSUID.union(MsFlags::MS_NODEV));
    /// Neither set-uid programs nor programs: for `/dev`.
    pub const NO_PROGRAMS: Self = Self(MsFlags::MS_NOSUID.union(MsFlags::MS_NOEXEC));
    /// No set-uid programs, no programs, no device nodes: for everything that holds data.
    pub const DATA_ONLY: Self = Self(Self::NO_DEVICES.0.union(MsFlags::MS_NOEXEC));

    /// The same, and read-only.
    #[must_use]
    pub const fn read_only(self) -> Self {
        Self(self.0.union(MsFlags::MS_RDONLY))
    }
}

/// Mounts `source` with the given type on `target`; `options` are those of the file system.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn mount(
    source: &Path,
    target: &Path,
    file_system: &str,
    restrictions: Restrictions,
    options: &str,
) -> Result<(), SysError> {
    nix::mount::mount(Some(source), target, Some(file_system), restrictions.0, Some(options))
        .step("mount", &format!("{} on {}", source.display(), target.display()))
}

/// Moves a mounted file system.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn move_mount(from: &Path, to: &Path) -> Result<(), SysError> {
    nix::mount::mount(Some(from), to, None::<&str>, MsFlags::MS_MOVE, None::<&str>)
        .step("move", &format!("{} to {}", from.display(), to.display()))
}

/// Makes a mounted file system read-only, which also writes everything out.
///
/// # Errors
///
/// [`SysError::Call`], for one when a file is open for writing.
pub fn remount_read_only(target: &Path) -> Result<(), SysError> {
    let flags = MsFlags::MS_REMOUNT | Restrictions::DATA_ONLY.read_only().0;
    nix::mount::mount(None::<&str>, target, None::<&str>, flags, None::<&str>)
        .step("make read-only", &target.display())
}

/// Unmounts; fails when the file system is in use.
///
/// # Errors
///
/// [`SysError::Call`].
pub fn unmount(target: &Path) -> Result<(), SysError> {
    nix::mount::umount2(target, MntFlags::UMOUNT_NOFOLLOW).step("unmount", &target.display())
}

/// Writes everything that is cached to the disks. Blocks until it is there.
pub fn sync() {
    nix::unistd::sync();
}

/// Whether a file system is mounted on this directory.
#[must_use]
pub fn is_mount_point(path: &Path) -> bool {
    let device = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.dev());
    match (device(path), device(&path.join(".."))) {
        (Ok(own), Ok(parent)) => own != parent,
        _ => false,
    }
}

/// Makes the file system that is mounted on `new_root` the root of this process: the last step of
/// an initramfs, whose content stays hidden below (the kernel cannot `pivot_root` away from it).
///
/// # Errors
///
/// [`SysError::Call`]; the working directory may have changed by then.
pub fn switch_root(new_root: &Path) -> Result<(), SysError> {
    let root = Path::new("/");
    nix::unistd::chdir(new_root).step("enter", &new_root.display())?;
    move_mount(Path::new("."), root)?;
    nix::unistd::chroot(".").step("change the root to", &new_root.display())?;
    nix::unistd::chdir(root).step("enter", &root.display())
}

/// Replaces this process by another program. Returns only when that fails.
#[must_use]
pub fn execute(program: &Path) -> SysError {
    let source = Command::new(program).env_clear().exec();
    SysError::Call { operation: "execute", object: program.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_mount_point_from_a_directory() {
        assert!(is_mount_point(Path::new("/proc")));
        assert!(!is_mount_point(Path::new("/proc/self")));
        assert!(!is_mount_point(Path::new("/nowhere")));
    }
}
