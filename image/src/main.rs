//! Builds the kernel and the disk of the appliance.
#![forbid(unsafe_code)]

use model::error::chain;
use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use boot::kernel;
use boot::keys::{self, SlotKey};
use image::components::Components;
use image::release::Release;
use image::root::Contents;
use image::{ImageError, disk, programs};

const USAGE: &str = "\
usage: image <verb>
  kernel   build the kernel with stage 1 linked in, and print its path
  disk     build everything that is missing and the disk, target/image/connector-appliance.raw
  release  the same, and the disk in the formats of hypervisors and clouds, in target/image/release

CONNECTOR_SIGNING_KEY   file with the key of a release (64 hexadecimal digits); without it, a key for
                        tests is made in target/keys
CONNECTOR_CACHE         where kernels are cached; default ~/.cache/connector-appliance";
const DISK_NAME: &str = "connector-appliance.raw";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["kernel"] => build_kernel().map(|kernel| say(&kernel.display().to_string())),
        ["disk"] => build_disk(false),
        ["release"] => build_disk(true),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    let Err(error) = result else { return ExitCode::SUCCESS };
    say(&format!("image: {}", chain(&error)));
    ExitCode::FAILURE
}

fn build_kernel() -> Result<PathBuf, ImageError> {
    let init = programs::init(&workspace(), &signing_key()?)?;
    Ok(kernel::build(&init, &cache(), &say)?)
}

/// Builds the disk, and everything that is published if `is_release`.
fn build_disk(is_release: bool) -> Result<(), ImageError> {
    let key = signing_key()?;
    say("image: compiling init and connector");
    let init = programs::init(&workspace(), &key)?;
    let connector = programs::connector(&workspace())?;
    let kernel = kernel::build(&init, &cache(), &say)?;
    let directory = programs::target_directory(&workspace()).join("image");
    let work = directory.join("work");
    let _lock = lock(&directory).map_err(file("lock", &directory))?;
    if work.exists() {
        fs::remove_dir_all(&work).map_err(file("remove", &work))?;
    }
    fs::create_dir_all(&work).map_err(file("create", &work))?;
    let output = directory.join(DISK_NAME);
    let contents = Contents { kernel, init, connector };
    let sizes = disk::build(&contents, &key, &work, &output, &say)?;
    if is_release {
        let published = directory.join("release");
        let components = Components::collect(&workspace())?;
        let release = Release { disk: &output, components: &components, key: &key };
        release.write(&work, &published, &say)?;
        say(&format!("image: everything to publish is in {}", published.display()));
        say(&format!("image: signed with the key {}", key.ssh_fingerprint()));
    }
    fs::remove_dir_all(&work).map_err(file("remove", &work))?;
    say(&format!(
        "image: {} is ready: a slot takes {}, the file {}",
        output.display(),
        mebibytes(sizes.slot),
        mebibytes(sizes.allocated)
    ));
    Ok(())
}

/// The release key when one is given, otherwise the key for tests.
fn signing_key() -> Result<SlotKey, ImageError> {
    let key = match env::var_os(keys::PATH_VARIABLE) {
        Some(path) => SlotKey::load(Path::new(&path)),
        None => SlotKey::for_tests(&programs::target_directory(&workspace()).join("keys")),
    };
    Ok(key?)
}

/// The directory with the root manifest.
fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

fn cache() -> PathBuf {
    let directory = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    directory("CONNECTOR_CACHE").unwrap_or_else(|| {
        directory("XDG_CACHE_HOME")
            .or_else(|| Some(directory("HOME")?.join(".cache")))
            .unwrap_or_else(|| programs::target_directory(&workspace()))
            .join("connector-appliance")
    })
}

/// Keeps two builds off the same directory.
fn lock(directory: &Path) -> io::Result<File> {
    fs::create_dir_all(directory)?;
    let file = File::create(directory.join("lock"))?;
    file.lock()?;
    Ok(file)
}

fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    let path = path.to_owned();
    move |source| ImageError::File { action, path, source }
}

fn mebibytes(bytes: u64) -> String {
    let tenths = bytes * 10 / (1 << 20);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

#[expect(clippy::print_stdout, reason = "progress and results are for the person who builds")]
fn say(line: &str) {
    println!("{line}");
}
