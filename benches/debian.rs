//! The peer: Debian 12, minimal, with systemd, systemd-networkd and nginx serving HTTPS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::disk::{create_directory, run};
use harness::{HarnessError, disk};
use sha2::{Digest, Sha256};

use crate::measure::Subject;
use crate::say;

/// Release of Debian.
const SUITE: &str = "bookworm";
/// What is installed besides the essential packages. The cloud kernel is the smallest that Debian
/// has for virtual machines.
const PACKAGES: &str = "systemd-sysv,udev,dbus,linux-image-cloud-amd64,nginx-light,openssl";
/// Size of the file system.
const DISK_SIZE: &str = "2G";
/// Kernel command line.
const COMMAND_LINE: &str = "root=/dev/vda rw quiet console=tty0 console=ttyS0";

/// Files that make the installation a server.
const FILES: [(&str, &str); 4] = [
    ("etc/systemd/network/10-dhcp.network", "[Match]\nName=e*\n\n[Network]\nDHCP=ipv4\n"),
    ("etc/fstab", "/dev/vda / ext4 defaults 0 1\n"),
    ("etc/hostname", "peer\n"),
    (
        "etc/nginx/sites-enabled/default",
        "server {\n\tlisten 443 ssl;\n\tssl_certificate /etc/nginx/certificate.pem;\n\tssl_certificate_key /etc/nginx/key.pem;\n\troot /var/www/html;\n\tindex index.html index.nginx-debian.html;\n}\n",
    ),
];
/// Commands inside the installation.
const COMMANDS: [&[&str]; 2] = [
    &["systemctl", "enable", "systemd-networkd", "nginx"],
    &[
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1825",
        "-subj",
        "/CN=peer",
        "-keyout",
        "/etc/nginx/key.pem",
        "-out",
        "/etc/nginx/certificate.pem",
    ],
];

/// The peer, built unless the same recipe has been built before.
///
/// # Errors
///
/// When it cannot be built.
pub(crate) fn provide() -> Result<Subject, HarnessError> {
    let directory = cache().join(recipe_hash());
    if directory.join("disk.raw").is_file() {
        say(&format!("using the Debian machine in {}", directory.display()));
    } else {
        build(&directory)?;
    }
    let kernel = directory.join("vmlinuz").display().to_string();
    let initrd = directory.join("initrd.img").display().to_string();
    let arguments = ["-kernel", &kernel, "-initrd", &initrd, "-append", COMMAND_LINE];
    Ok(Subject {
        name: "Debian 12, systemd, nginx",
        image: directory.join("disk.raw"),
        arguments: arguments.map(str::to_owned).to_vec(),
        wait_seconds: 0.0,
    })
}

fn build(directory: &Path) -> Result<(), HarnessError> {
    let parent = cache();
    create_directory(&parent)?;
    let scratch = tempfile::Builder::new()
        .prefix("building-")
        .tempdir_in(&parent)
        .map_err(HarnessError::io("create a directory for the Debian machine"))?;
    let root = scratch.path().join("root");
    say("building the Debian machine: debootstrap (about two minutes)");
    run(Command::new("debootstrap")
        .args(["--variant=minbase", &format!("--include={PACKAGES}"), SUITE])
        .arg(&root)
        .arg(mirror()?))?;
    for (path, content) in FILES {
        let path = root.join(path);
        // A link of the package would lead out of the installation.
        let _ = fs::remove_file(&path);
        fs::write(&path, content).map_err(HarnessError::io(format!("write {}", path.display())))?;
    }
    for command in COMMANDS {
        run(Command::new("chroot").arg(&root).args(command))?;
    }
    let finished = scratch.path().join("finished");
    create_directory(&finished)?;
    for name in ["vmlinuz", "initrd.img"] {
        let target = root.join(name).canonicalize();
        let target = target.map_err(HarnessError::io(format!("find {name}")))?;
        fs::copy(target, finished.join(name)).map_err(HarnessError::io(format!("copy {name}")))?;
    }
    say("building the Debian machine: file system");
    run(Command::new("mkfs.ext4")
        .args(["-q", "-F", "-E", "lazy_itable_init=0", "-d"])
        .arg(&root)
        .arg(finished.join("disk.raw"))
        .arg(DISK_SIZE))?;
    fs::rename(&finished, directory)
        .map_err(HarnessError::io(format!("create {}", directory.display())))
}

/// The mirror that this machine installs its own packages from.
fn mirror() -> Result<String, HarnessError> {
    let targets = run(Command::new("apt-get").args([
        "indextargets",
        "--format",
        "$(CODENAME) $(REPO_URI)",
        "Created-By: Packages",
    ]))?;
    let targets = String::from_utf8_lossy(&targets);
    targets
        .lines()
        .find_map(|line| line.strip_prefix(SUITE)?.strip_prefix(' '))
        .map(|uri| uri.trim_end_matches('/').to_owned())
        .ok_or(HarnessError::Command {
            command: "apt-get indextargets".to_owned(),
            stderr: format!("no source of {SUITE} is configured"),
        })
}

fn cache() -> PathBuf {
    let configured = std::env::var_os("CONNECTOR_CACHE").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    configured.or_else(home).unwrap_or_else(std::env::temp_dir).join("connector-appliance/bench")
}

fn recipe_hash() -> String {
    let recipe = format!("{SUITE} {PACKAGES} {DISK_SIZE} {FILES:?} {COMMANDS:?}");
    Sha256::digest(recipe).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes that a sparse file takes on disk.
pub(crate) fn allocated_bytes(path: &Path) -> Result<u64, HarnessError> {
    use std::os::unix::fs::MetadataExt;
    /// Unit of `st_blocks`, whatever the file system's own block size.
    const BLOCK_BYTES: u64 = 512;
    let facts = fs::metadata(path).map_err(HarnessError::io(format!("look at {}", path.display())));
    Ok(facts?.blocks() * BLOCK_BYTES)
}

/// Bytes of the image as compressed qcow2, the form in which it is downloaded for KVM.
pub(crate) fn compressed_bytes(image: &Path) -> Result<u64, HarnessError> {
    let directory = tempfile::tempdir().map_err(HarnessError::io("create a directory"))?;
    let target = directory.path().join("image.qcow2");
    run(Command::new("qemu-img")
        .args(["convert", "-c", "-f", "raw", "-O", "qcow2"])
        .arg(image)
        .arg(&target))?;
    disk::read(&target).map(|bytes| bytes.len() as u64)
}
