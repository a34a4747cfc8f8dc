//! GRUB for BIOS and UEFI, made from Debian's modules by `grub-mkimage`.
//!
//! No `grub-install`: nothing is mounted and no loop device is needed. What that program would do for
//! BIOS is done here: the boot sector names the sector of the core image, and the core image's first
//! sector lists where the rest of it lies.

mod lexer;
mod menu;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use model::grubenv::{GRUBENV_BYTES, GrubEnvError};
use model::slot::Slot;
use model::{boot_slots, disk};
use thiserror::Error;

pub use self::lexer::{LexerError, accept_semicolon};
pub use self::menu::configuration;
use crate::tool::{self, Tool, ToolError};

/// Bytes of the first sector that belong to the boot code; the partition table follows.
pub const BOOT_CODE_BYTES: usize = 440;
/// Where the EFI firmware looks for a boot loader on a disk that it knows nothing about.
pub const EFI_PATH: &str = "EFI/BOOT/BOOTX64.EFI";
/// The configuration on the EFI system partition.
pub const CONFIGURATION_PATH: &str = "grub/grub.cfg";
/// The environment block on the EFI system partition.
pub const ENVIRONMENT_PATH: &str = "grub/grubenv";

const SECTOR_BYTES: usize = 512;
/// Offset of the core image's first sector in `boot.img` (`kernel_sector`, 8 bytes).
const KERNEL_SECTOR: usize = 0x5c;
/// Offset of the jump that tests the BIOS's drive number (`drive_check`, 2 bytes).
const DRIVE_CHECK: usize = 0x66;
/// Two `nop`: the BIOS's drive number is used as it comes, as `grub-install` has it for hard disks.
const NO_DRIVE_CHECK: [u8; 2] = [0x90, 0x90];
/// Offset of the first block list entry in the core image: start (8), length (2), segment (2 bytes).
const BLOCK_LIST: usize = 0x1f4;
/// Real-mode segment that the rest of the core image is loaded to.
const LOAD_SEGMENT: u16 = 0x820;

const MODULES: &[&str] = &[
    "part_gpt",
    "fat",
    "squash4",
    "linux",
    "normal",
    "loadenv",
    "serial",
    "terminal",
    "echo",
    "gcry_crc",
    "hashsum",
    "sleep",
    "test",
    "true",
    "configfile",
    "reboot",
    "halt",
    "ls",
    "cat",
    "minicmd",
];

/// One of the two ways to start.
struct Platform {
    name: &'static str,
    package: &'static str,
    /// Where GRUB finds its configuration.
    prefix: &'static str,
    modules: &'static [&'static str],
}

const BIOS: Platform = Platform {
    name: "i386-pc",
    package: "grub-pc-bin",
    prefix: "(,gpt2)/grub",
    modules: &["biosdisk"],
};

const EFI: Platform = Platform {
    name: "x86_64-efi",
    package: "grub-efi-amd64-bin",
    prefix: "/grub",
    modules: &["efi_gop", "efi_uga", "all_video", "smbios"],
};

/// Debian packages with the code of GRUB that goes onto a disk: for BIOS and for UEFI.
pub const PACKAGES: [&str; 2] = [BIOS.package, EFI.package];

const MKIMAGE: Tool = Tool { program: "grub-mkimage", package: "grub-common" };

/// The boot loader cannot be made.
#[derive(Debug, Error)]
pub enum GrubError {
    /// GRUB's modules are not installed.
    #[error("GRUB's modules for {platform} are missing: install the Debian package {package}")]
    NoModules {
        /// Name of the platform.
        platform: &'static str,
        /// Debian package that holds them.
        package: &'static str,
    },
    /// The lexer cannot be changed.
    #[error("cannot make GRUB accept ';'")]
    Lexer(#[from] LexerError),
    /// A program is missing or failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The environment block cannot be written.
    #[error("cannot make the environment block")]
    Environment(#[from] GrubEnvError),
    /// An image is shorter or longer than the format allows.
    #[error("{image} has {bytes} bytes, which does not fit")]
    Size {
        /// Which image.
        image: &'static str,
        /// Its size.
        bytes: usize,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

/// Everything of GRUB that goes onto a disk.
#[derive(Clone, PartialEq, Eq)]
pub struct Grub {
    /// The beginning of the first sector.
    pub boot_code: [u8; BOOT_CODE_BYTES],
    /// The BIOS boot partition's contents.
    pub core: Vec<u8>,
    /// The EFI program, for [`EFI_PATH`].
    pub efi: Vec<u8>,
    /// The configuration, for [`CONFIGURATION_PATH`].
    pub configuration: String,
    /// The environment block, for [`ENVIRONMENT_PATH`].
    pub environment: [u8; GRUBENV_BYTES],
}

impl std::fmt::Debug for Grub {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Grub")
            .field("core_bytes", &self.core.len())
            .field("efi_bytes", &self.efi.len())
            .finish_non_exhaustive()
    }
}

/// Makes the boot loader. `work` is a directory for files on the way.
///
/// # Errors
///
/// [`GrubError`].
pub fn make(work: &Path) -> Result<Grub, GrubError> {
    let (bios_modules, core) = platform_image(&BIOS, work)?;
    let (_, efi) = platform_image(&EFI, work)?;
    let boot = bios_modules.join("boot.img");
    let boot = fs::read(&boot).map_err(at("read", &boot))?;
    Ok(Grub {
        boot_code: boot_code(&boot)?,
        core: core_image(core)?,
        efi,
        configuration: configuration(),
        environment: boot_slots::new_block(Slot::A).encode()?,
    })
}

/// A private copy of the platform's modules with the changed lexer, and the image made from them.
fn platform_image(platform: &Platform, work: &Path) -> Result<(PathBuf, Vec<u8>), GrubError> {
    let installed = Path::new("/usr/lib/grub").join(platform.name);
    let modules = work.join(format!("grub-{}", platform.name));
    if !installed.join("normal.mod").exists() {
        return Err(GrubError::NoModules { platform: platform.name, package: platform.package });
    }
    copy_files(&installed, &modules)?;
    let normal = modules.join("normal.mod");
    let mut code = fs::read(&normal).map_err(at("read", &normal))?;
    accept_semicolon(&mut code)?;
    fs::write(&normal, code).map_err(at("write", &normal))?;
    let image = work.join(format!("grub-{}.img", platform.name));
    let mut command = MKIMAGE.command()?;
    command.arg("-d").arg(&modules).args(["-O", platform.name, "-p", platform.prefix]);
    command.arg("-o").arg(&image).args(platform.modules).args(MODULES);
    tool::run(&mut command)?;
    let bytes = fs::read(&image).map_err(at("read", &image))?;
    Ok((modules, bytes))
}

fn copy_files(from: &Path, to: &Path) -> Result<(), GrubError> {
    fs::create_dir_all(to).map_err(at("create", to))?;
    for entry in fs::read_dir(from).map_err(at("list", from))? {
        let path = entry.map_err(at("list", from))?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            fs::copy(&path, to.join(name)).map_err(at("copy", &path))?;
        }
    }
    Ok(())
}

/// The boot code with the place of the core image in it.
fn boot_code(image: &[u8]) -> Result<[u8; BOOT_CODE_BYTES], GrubError> {
    let size = GrubError::Size { image: "boot.img", bytes: image.len() };
    let mut code: [u8; BOOT_CODE_BYTES] = *image
        .first_chunk::<BOOT_CODE_BYTES>()
        .filter(|_| image.len() == SECTOR_BYTES)
        .ok_or(size)?;
    let sector = disk::BIOS_BOOT.first_sector.to_le_bytes();
    code[KERNEL_SECTOR..KERNEL_SECTOR + sector.len()].copy_from_slice(&sector);
    code[DRIVE_CHECK..DRIVE_CHECK + 2].copy_from_slice(&NO_DRIVE_CHECK);
    Ok(code)
}

/// The core image in whole sectors, with the list of its own blocks in the first one.
fn core_image(mut core: Vec<u8>) -> Result<Vec<u8>, GrubError> {
    let size = GrubError::Size { image: "GRUB's core image", bytes: core.len() };
    core.resize(core.len().next_multiple_of(SECTOR_BYTES), 0);
    let rest = core.len() / SECTOR_BYTES - usize::from(!core.is_empty());
    let room = core.len() as u64 <= disk::BIOS_BOOT.size_bytes();
    let Some(rest) = u16::try_from(rest).ok().filter(|rest| *rest > 0 && room) else {
        return Err(size);
    };
    let start = disk::BIOS_BOOT.first_sector + 1;
    let list =
        [&start.to_le_bytes()[..], &rest.to_le_bytes(), &LOAD_SEGMENT.to_le_bytes()].concat();
    core[BLOCK_LIST..SECTOR_BYTES].copy_from_slice(&list);
    Ok(core)
}

fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> GrubError + 'a {
    move |source| GrubError::File { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_image_lists_its_own_sectors() {
        let core = core_image(vec![7; 1000]).expect("fits");
        assert_eq!(core.len(), 1024);
        assert_eq!(core[BLOCK_LIST..SECTOR_BYTES], [1, 8, 0, 0, 0, 0, 0, 0, 1, 0, 0x20, 0x08]);
        assert!(matches!(core_image(vec![0; (1 << 20) + 1]), Err(GrubError::Size { .. })));
        assert!(matches!(core_image(Vec::new()), Err(GrubError::Size { .. })));
    }

    #[test]
    fn the_boot_code_loads_the_first_partition() {
        let code = boot_code(&[0; SECTOR_BYTES]).expect("one sector");
        assert_eq!(code[KERNEL_SECTOR..KERNEL_SECTOR + 8], [0, 8, 0, 0, 0, 0, 0, 0]);
        assert!(matches!(boot_code(&[0; 100]), Err(GrubError::Size { .. })));
    }

    #[test]
    fn two_boot_loaders_are_equal() {
        let [first, second] = [(); 2].map(|()| {
            let work = tempfile::tempdir().expect("directory");
            make(work.path()).expect("made")
        });
        assert_eq!(first, second);
        assert!(first.efi.starts_with(b"MZ"));
    }
}
