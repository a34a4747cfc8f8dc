//! The root file system: two programs, the kernel, a few files, and places to mount on.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use boot::BUILD_TIME_SECONDS;
use boot::tool::{self, Tool};
use model::boot_slots::{KERNEL, KERNEL_CHECKSUM, checksum_line};
use model::product;

use crate::ImageError;
use crate::error::at;

/// What goes into the root and is built elsewhere.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The kernel, which GRUB loads from the slot.
    pub kernel: PathBuf,
    /// PID 1.
    pub init: PathBuf,
    /// The program of all other roles.
    pub connector: PathBuf,
}

/// Empty directories that file systems are mounted on.
const MOUNT_POINTS: [&str; 6] = ["proc", "sys", "dev", "run", "data", "tmp"];
/// The network role writes the name servers there.
const RESOLV_CONF: &str = "/run/network/resolv.conf";
const HOSTS: &str = "127.0.0.1 localhost\n::1 localhost\n";
const PROGRAM_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

const MKSQUASHFS: Tool = Tool { program: "mksquashfs", package: "squashfs-tools" };

/// Lays the root out below `work` and packs it. GRUB reads squashfs with gzip, and no newer one with
/// zstd or another file system that is compressed.
///
/// # Errors
///
/// [`ImageError`] when a file is missing or `mksquashfs` fails.
pub fn pack(contents: &Contents, work: &Path) -> Result<Vec<u8>, ImageError> {
    let root = work.join("root");
    lay_out(contents, &root)?;
    let image = work.join("root.squashfs");
    let time = BUILD_TIME_SECONDS.to_string();
    let mut command = MKSQUASHFS.command()?;
    command.arg(&root).arg(&image);
    command.args(["-noappend", "-all-root", "-no-xattrs", "-comp", "gzip", "-b", "131072"]);
    // The kernel is compressed by itself. GRUB inflates a block anew for every 4 KiB that it reads of
    // it, which made the checksum of the kernel five times as slow.
    command
        .args(["-action", &format!("uncompressed@pathname({})", KERNEL.trim_start_matches('/'))]);
    command.args(["-mkfs-time", &time, "-all-time", &time, "-no-progress", "-quiet"]);
    tool::run(&mut command)?;
    fs::read(&image).map_err(at("read", &image))
}

fn lay_out(contents: &Contents, root: &Path) -> Result<(), ImageError> {
    for name in ["", "boot", "sbin", "etc"].into_iter().chain(MOUNT_POINTS) {
        let directory = root.join(name);
        fs::create_dir_all(&directory).map_err(at("create", &directory))?;
        set_mode(&directory, PROGRAM_MODE)?;
    }
    let [kernel, checksum] =
        [KERNEL, KERNEL_CHECKSUM].map(|path| root.join(path.trim_start_matches('/')));
    copy(&contents.kernel, &kernel, FILE_MODE)?;
    let crc32 = crc32fast::hash(&fs::read(&kernel).map_err(at("read", &kernel))?);
    write(&checksum, &checksum_line(crc32))?;
    copy(&contents.init, &root.join("sbin/init"), PROGRAM_MODE)?;
    copy(&contents.connector, &root.join("sbin/connector"), PROGRAM_MODE)?;
    write(&root.join("etc/os-release"), &os_release())?;
    write(&root.join("etc/hosts"), HOSTS)?;
    let link = root.join("etc/resolv.conf");
    symlink(RESOLV_CONF, &link).map_err(at("create", &link))
}

/// Name and version as programs look for them (os-release(5)).
fn os_release() -> String {
    let (name, version) = (product::NAME, product::VERSION);
    format!(
        "NAME=\"{name}\"\nID=connector-appliance\nVERSION_ID={version}\n\
         PRETTY_NAME=\"{name} {version}\"\n"
    )
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), ImageError> {
    fs::copy(from, to).map_err(at("copy", from))?;
    set_mode(to, mode)
}

fn write(path: &Path, text: &str) -> Result<(), ImageError> {
    fs::write(path, text).map_err(at("write", path))?;
    set_mode(path, FILE_MODE)
}

/// The mode does not depend on the umask of whoever builds.
fn set_mode(path: &Path, mode: u32) -> Result<(), ImageError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(at("set the mode of", path))
}
