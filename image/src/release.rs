//! Everything that is published: the disk in each format, archives of disks with the scripts that deploy them, and
//! a list of checksums.

mod archives;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::FileExt;
use std::path::Path;

use boot::Progress;
use model::trailer::hex;
use sha2::{Digest as _, Sha256};

use self::archives::ARCHIVES;
use crate::ImageError;
use crate::error::at;
use crate::format::source::next_data;
use crate::format::{Identity, Source, gcp, libvirt, ova, qcow2, vhd, vhdx, xva};

/// The list of checksums, as `sha256sum --check` reads it.
const CHECKSUMS: &str = "SHA256SUMS";

/// One published file.
struct Artefact {
    name: &'static str,
    /// For what.
    platform: &'static str,
    write: fn(&Source, &Identity, &File) -> io::Result<()>,
}

/// What is published. A format that is read in one go is written through a buffer.
const ARTEFACTS: [Artefact; 9] = [
    Artefact {
        name: "connector-appliance.xva",
        platform: "XenServer, Citrix Hypervisor",
        write: |source, identity, file| xva::write(source, identity, BufWriter::new(file)),
    },
    Artefact {
        name: "connector-appliance.xva.gz",
        platform: "XenServer, Citrix Hypervisor, compressed",
        write: |source, identity, file| {
            xva::write_compressed(source, identity, BufWriter::new(file))
        },
    },
    Artefact {
        name: "connector-appliance.vhdx",
        platform: "Hyper-V, Nutanix AHV",
        write: vhdx::write,
    },
    Artefact {
        name: "connector-appliance.ova",
        platform: "VMware",
        write: |source, _, file| ova::write(source, BufWriter::new(file)),
    },
    Artefact {
        name: "connector-appliance.qcow2",
        platform: "KVM, Proxmox, Nutanix AHV",
        write: |source, _, file| qcow2::write(source, file),
    },
    Artefact {
        name: "connector-appliance.xml",
        platform: "libvirt, around the qcow2 disk",
        write: |_, _, file| libvirt::write(file),
    },
    Artefact {
        name: "connector-appliance-azure.vhd",
        platform: "Microsoft Azure",
        write: vhd::write_fixed,
    },
    Artefact { name: "connector-appliance.vhd", platform: "AWS", write: vhd::write_dynamic },
    Artefact {
        name: "connector-appliance.tar.gz",
        platform: "Google Cloud",
        write: |source, _, file| gcp::write(source, BufWriter::new(file)),
    },
];

/// Writes every format of a disk and the archives into a directory, which is replaced when all of them are whole. `work` is an
/// empty directory on the same file system.
///
/// # Errors
///
/// [`ImageError::File`].
pub fn write(
    disk: &Path,
    work: &Path,
    directory: &Path,
    progress: Progress<'_>,
) -> Result<(), ImageError> {
    let new = work.join("release");
    fs::create_dir(&new).map_err(at("create", &new))?;
    let source = Source::open(disk).map_err(at("read", disk))?;
    let identity = Identity::of(&source).map_err(at("read", disk))?;
    let mut list = String::new();
    for artefact in ARTEFACTS {
        progress(&format!("image: {} for {}", artefact.name, artefact.platform));
        let path = new.join(artefact.name);
        let file = File::create_new(&path).map_err(at("create", &path))?;
        (artefact.write)(&source, &identity, &file).map_err(at("write", &path))?;
        file.sync_all().map_err(at("write", &path))?;
        list += &listed(artefact.name, &path)?;
    }
    for archive in &ARCHIVES {
        progress(&format!("image: {} for {}", archive.name, archive.platform));
        let path = new.join(archive.name);
        archive.write(&new, &path)?;
        list += &listed(archive.name, &path)?;
    }
    let path = new.join(CHECKSUMS);
    fs::write(&path, list).map_err(at("write", &path))?;
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(at("remove", directory))?;
    }
    fs::rename(&new, directory).map_err(at("write", directory))
}

/// A line of the list of checksums.
fn listed(name: &str, path: &Path) -> Result<String, ImageError> {
    let sum = checksum(path).map_err(at("read", path))?;
    Ok(format!("{sum}  {name}\n"))
}

/// The checksum of a file. Its holes are not read: reading them takes longer than everything else.
fn checksum(path: &Path) -> io::Result<String> {
    const PIECE: usize = 1 << 20;
    let (file, mut digest) = (File::open(path)?, Sha256::new());
    let (mut buffer, zeros) = (vec![0; PIECE], vec![0; PIECE]);
    let length = file.metadata()?.len();
    let (mut at, mut data) = (0, (0, 0));
    while at < length {
        if at >= data.1 {
            data = next_data(&file, at)?.unwrap_or((length, length));
        }
        let end = if at < data.0 { data.0 } else { data.1.min(length) };
        let count = usize::try_from(end - at).map_or(PIECE, |count| count.min(PIECE));
        if at < data.0 {
            digest.update(&zeros[..count]);
        } else {
            file.read_exact_at(&mut buffer[..count], at)?;
            digest.update(&buffer[..count]);
        }
        at += count as u64;
    }
    Ok(hex(&digest.finalize()))
}
