//! The kernel: Debian's `linux-source-6.12`, `allnoconfig` and our fragment, stage 1 linked in.
//!
//! The cache has two levels. A tree with all objects belongs to one version of source, fragment and
//! compiler; a `bzImage` in it to one stage 1 as well. Changing stage 1 only links again. A lock keeps
//! two builds off the same tree. What an interrupted build leaves behind is never taken for whole:
//! trees and kernels get their names when they are finished, Kbuild makes an object anew whose
//! command it has not recorded, and every build links anew. The next build goes on from there.

mod compile;
mod config;
mod error;
mod hardening;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use model::trailer::hex;
use sha2::{Digest, Sha256};

pub use self::config::{FRAGMENT, Mismatch, mismatches};
pub use self::error::KernelError;
pub use self::hardening::Finding;
use crate::tool::{self, Tool};
use crate::{BUILD_TIME_SECONDS, Progress};

/// Version of the kernel, without that of its stable release.
const VERSION: &str = "6.12";
/// Debian package with the source.
pub const SOURCE_PACKAGE: &str = "linux-source-6.12";
/// The source in it.
pub const SOURCE_ARCHIVE: &str = "/usr/src/linux-source-6.12.tar.xz";
/// Changed by hand when the steps here change what comes out.
const RECIPE: &str = "1";
/// Hexadecimal digits of a hash that name a file in the cache.
const NAME_DIGITS: usize = 16;
/// Kernels with different stages 1 that are kept; each is about 8 MB.
const KEPT_KERNELS: usize = 8;

const GCC: Tool = Tool { program: "gcc", package: "gcc" };
const TAR: Tool = Tool { program: "tar", package: "tar" };

/// Parts of the source that nothing here needs: half of its 1.7 GB. Every Kconfig file is needed.
const LEFT_OUT: [&str; 11] = [
    "linux-source-6.12/arch/[a-tv-w]*/*.[chS]",
    "linux-source-6.12/arch/xtensa/*.[chS]",
    "linux-source-6.12/arch/*.dts",
    "linux-source-6.12/arch/*.dtsi",
    "linux-source-6.12/drivers/gpu/drm/amd/*.[ch]",
    "linux-source-6.12/drivers/staging/*.[ch]",
    "linux-source-6.12/Documentation/*/*",
    "linux-source-6.12/samples/*.[ch]",
    "linux-source-6.12/sound/*.[ch]",
    "linux-source-6.12/tools/perf",
    "linux-source-6.12/tools/testing",
];

/// The kernel with this stage 1 linked in, from the cache when it is there.
///
/// # Errors
///
/// [`KernelError`] when something is missing or the source does not compile.
pub fn build(stage1: &Path, cache: &Path, progress: Progress<'_>) -> Result<PathBuf, KernelError> {
    let program = fs::read(stage1).map_err(at("read", stage1))?;
    let home = cache.join("kernel").join(short_hash(&identity()?));
    let kernel = home.join(format!("bzImage-{}", short_hash(&program)));
    fs::create_dir_all(&home).map_err(at("create", &home))?;
    let _lock = lock(&home, progress)?;
    let tree = home.join("tree");
    if kernel.exists() {
        if tree.exists() {
            // Rules and their reasons change without the kernel.
            compile::configure(&tree, progress)?;
        }
        progress("kernel: nothing changed, taken from the cache");
        return Ok(kernel);
    }
    compile::require_tools()?;
    if !tree.exists() {
        unpack(&home, &tree, progress)?;
    }
    compile::configure(&tree, progress)?;
    put_stage1(&tree, &program)?;
    let made = compile::compile(&tree, &home.join("compile.log"), progress)?;
    let new = home.join("bzImage.new");
    fs::copy(&made, &new).map_err(at("write", &new))?;
    fs::rename(&new, &kernel).map_err(at("write", &kernel))?;
    drop_old_kernels(&home).map_err(at("clean up", &home))?;
    Ok(kernel)
}

/// Everything that the objects depend on.
fn identity() -> Result<Vec<u8>, KernelError> {
    if !Path::new(SOURCE_ARCHIVE).exists() {
        let path = SOURCE_ARCHIVE.into();
        return Err(KernelError::NoSource { path, package: SOURCE_PACKAGE });
    }
    let version = tool::debian_version(SOURCE_PACKAGE)?;
    let compiler = tool::run(GCC.command()?.arg("--version"))?;
    let compiler = compiler.lines().next().unwrap_or_default();
    Ok([RECIPE, &version, compiler, FRAGMENT].join("\n").into_bytes())
}

fn short_hash(bytes: &[u8]) -> String {
    let mut digits = hex(&Sha256::digest(bytes));
    digits.truncate(NAME_DIGITS);
    digits
}

/// Waits until no other build uses this part of the cache.
fn lock(home: &Path, progress: Progress<'_>) -> Result<File, KernelError> {
    let path = home.join("lock");
    let file = File::create(&path).map_err(at("create", &path))?;
    if file.try_lock().is_err() {
        progress("kernel: waiting for another build");
        file.lock().map_err(at("lock", &path))?;
    }
    Ok(file)
}

/// Unpacks the source beside the tree and renames it when it is whole.
fn unpack(home: &Path, tree: &Path, progress: Progress<'_>) -> Result<(), KernelError> {
    progress("kernel: unpacking the source");
    let new = home.join("tree.new");
    if new.exists() {
        fs::remove_dir_all(&new).map_err(at("remove", &new))?;
    }
    fs::create_dir_all(&new).map_err(at("create", &new))?;
    let mut command = TAR.command()?;
    command.args(["--extract", "--xz", "--strip-components=1", "--file", SOURCE_ARCHIVE]);
    command.args(LEFT_OUT.iter().map(|pattern| format!("--exclude={pattern}")));
    tool::run(command.arg("--directory").arg(&new))?;
    fs::rename(&new, tree).map_err(at("rename", tree))
}

/// Lays stage 1 where the link finds it, and removes what earlier links made: their files could be
/// half written, or look newer than a stage 1 whose time is pinned.
fn put_stage1(tree: &Path, program: &[u8]) -> Result<(), KernelError> {
    let stage1 = tree.join("stage1");
    fs::write(&stage1, program).map_err(at("write", &stage1))?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(BUILD_TIME_SECONDS);
    File::options()
        .write(true)
        .open(&stage1)
        .and_then(|file| file.set_modified(time))
        .map_err(at("write", &stage1))?;
    let list = tree.join("initramfs.list");
    fs::write(&list, compile::INITRAMFS_LIST).map_err(at("write", &list))?;
    for output in compile::LINK_OUTPUTS.map(|name| tree.join(name)) {
        match fs::remove_file(&output) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(at("remove", &output)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Keeps the newest kernels; each stage 1 that was ever built would leave one otherwise.
fn drop_old_kernels(home: &Path) -> io::Result<()> {
    let mut kernels = Vec::new();
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("bzImage-") {
            kernels.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    kernels.sort();
    for (_, path) in kernels.iter().rev().skip(KEPT_KERNELS) {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Names the file that an operation failed on.
fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> KernelError + 'a {
    move |source| KernelError::File { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_kernels_are_kept() {
        let home = tempfile::tempdir().expect("directory");
        for age in 0..10 {
            let file = File::create(home.path().join(format!("bzImage-{age}"))).expect("created");
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 - age);
            file.set_modified(time).expect("time set");
        }
        File::create(home.path().join("lock")).expect("created");
        drop_old_kernels(home.path()).expect("cleaned");
        assert!(!home.path().join("bzImage-8").exists());
        assert!(home.path().join("bzImage-7").exists() && home.path().join("lock").exists());
    }

    #[test]
    fn what_an_earlier_link_made_is_removed_before_the_next() {
        let tree = tempfile::tempdir().expect("directory");
        fs::create_dir(tree.path().join("usr")).expect("created");
        for name in ["vmlinux", "Makefile", "usr/built-in.a", "usr/initramfs_data.S"] {
            fs::write(tree.path().join(name), "").expect("written");
        }
        put_stage1(tree.path(), b"program").expect("laid");
        for name in ["vmlinux", "usr/built-in.a"] {
            assert!(!tree.path().join(name).exists(), "{name}");
        }
        for name in ["Makefile", "usr/initramfs_data.S", "stage1", "initramfs.list"] {
            assert!(tree.path().join(name).exists(), "{name}");
        }
    }
}
