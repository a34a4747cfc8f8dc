//! Everything that is published: the disk in each format, archives of disks with the scripts that deploy them, lists of
//! what it is made of, a description for programs, and checksums with a signature.

mod archives;
mod manifest;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;
use std::thread;

use boot::Progress;
use boot::keys::SlotKey;

use self::archives::ARCHIVES;
use self::manifest::{Disk, Document, Manifest};
use crate::components::{Components, cyclonedx, spdx};
use crate::error::at;
use crate::format::{Identity, Source, gcp, libvirt, ova, qcow2, vhd, vhdx, xva};
use crate::{ImageError, checksum};

/// The description for programs.
const MANIFEST: &str = "manifest.json";
/// The list of checksums, as `sha256sum --check` reads it.
const CHECKSUMS: &str = "SHA256SUMS";
/// Its signature, as `ssh-keygen -Y verify` reads it.
const SIGNATURE: &str = "SHA256SUMS.sig";
/// The public half of the key, as the same reads it.
const SIGNERS: &str = "allowed_signers";
/// Whom that calls the signer, and what the key signs.
const SIGNER: &str = "connector-appliance";
const NAMESPACE: &str = "connector-appliance-release";

/// What is published.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    /// The raw disk.
    pub disk: &'a Path,
    /// What it is made of.
    pub components: &'a Components,
    /// Who publishes it.
    pub key: &'a SlotKey,
}

/// One published file.
struct Artefact {
    name: &'static str,
    /// For what.
    platform: &'static str,
    /// As the description for programs has it.
    format: &'static str,
    has_disk: bool,
    write: fn(&Source, &Identity, &File) -> io::Result<()>,
}

/// What is published. A format that is read in one go is written through a buffer.
const ARTEFACTS: [Artefact; 9] = [
    Artefact {
        name: "connector-appliance.xva",
        platform: "XenServer, Citrix Hypervisor",
        format: "xva",
        has_disk: true,
        write: |source, identity, file| xva::write(source, identity, BufWriter::new(file)),
    },
    Artefact {
        name: "connector-appliance.xva.gz",
        platform: "XenServer, Citrix Hypervisor, compressed",
        format: "xva.gz",
        has_disk: true,
        write: |source, identity, file| {
            xva::write_compressed(source, identity, BufWriter::new(file))
        },
    },
    Artefact {
        name: "connector-appliance.vhdx",
        platform: "Hyper-V, Nutanix AHV",
        format: "vhdx",
        has_disk: true,
        write: vhdx::write,
    },
    Artefact {
        name: "connector-appliance.ova",
        platform: "VMware",
        format: "ova",
        has_disk: true,
        write: |source, _, file| ova::write(source, BufWriter::new(file)),
    },
    Artefact {
        name: "connector-appliance.qcow2",
        platform: "KVM, Proxmox, Nutanix AHV",
        format: "qcow2",
        has_disk: true,
        write: |source, _, file| qcow2::write(source, file),
    },
    Artefact {
        name: "connector-appliance.xml",
        platform: "libvirt, around the qcow2 disk",
        format: "libvirt-domain",
        has_disk: false,
        write: |_, _, file| libvirt::write(file),
    },
    Artefact {
        name: "connector-appliance-azure.vhd",
        platform: "Microsoft Azure",
        format: "vhd-fixed",
        has_disk: true,
        write: vhd::write_fixed,
    },
    Artefact {
        name: "connector-appliance.vhd",
        platform: "AWS",
        format: "vhd-dynamic",
        has_disk: true,
        write: vhd::write_dynamic,
    },
    Artefact {
        name: "connector-appliance.tar.gz",
        platform: "Google Cloud",
        format: "raw.tar.gz",
        has_disk: true,
        write: |source, _, file| gcp::write(source, BufWriter::new(file)),
    },
];

/// A list of what everything is made of.
struct List {
    name: &'static str,
    format: &'static str,
    write: fn(&Components) -> serde_json::Result<String>,
}

const LISTS: [List; 2] = [
    List {
        name: "connector-appliance.cdx.json",
        format: "CycloneDX 1.6",
        write: cyclonedx::document,
    },
    List { name: "connector-appliance.spdx.json", format: "SPDX 2.3", write: spdx::document },
];

impl Release<'_> {
    /// Writes everything into a directory, which is replaced when all of it is whole. `work` is an empty directory on
    /// the same file system.
    ///
    /// # Errors
    ///
    /// [`ImageError::File`].
    pub fn write(
        &self,
        work: &Path,
        directory: &Path,
        progress: Progress<'_>,
    ) -> Result<(), ImageError> {
        let new = work.join("release");
        fs::create_dir(&new).map_err(at("create", &new))?;
        let manifest = self.files(&new, progress)?;
        let mut list: String = manifest.files().map(line).collect();
        let text = serde_json::to_string_pretty(&manifest).map_err(io::Error::from);
        let path = new.join(MANIFEST);
        fs::write(&path, text.map_err(at("write", &path))? + "\n").map_err(at("write", &path))?;
        list += &line(&document(MANIFEST, "json", &path)?);
        let signature = self.key.ssh_signature(NAMESPACE, list.as_bytes());
        let signers = self.key.ssh_allowed_signer(SIGNER, NAMESPACE);
        for (name, text) in [(CHECKSUMS, list), (SIGNATURE, signature), (SIGNERS, signers)] {
            let path = new.join(name);
            fs::write(&path, text).map_err(at("write", &path))?;
        }
        if directory.exists() {
            fs::remove_dir_all(directory).map_err(at("remove", directory))?;
        }
        fs::rename(&new, directory).map_err(at("write", directory))
    }

    /// Writes everything that the description for programs names.
    fn files(&self, new: &Path, progress: Progress<'_>) -> Result<Manifest, ImageError> {
        let source = Source::open(self.disk).map_err(at("read", self.disk))?;
        let mut manifest = Manifest::new();
        // To hash the zeros of 20 GiB takes as long as to write several formats.
        let mut sum = Ok(String::new());
        let written = thread::scope(|scope| {
            scope.spawn(|| sum = checksum::of_file(self.disk));
            self.artefacts(&source, new, progress)
        });
        let disk = Disk { bytes: source.bytes(), sha256: sum.map_err(at("read", self.disk))? };
        let described = |(platform, document, has_disk): (_, _, bool)| manifest::Artefact {
            platform,
            document,
            disk: has_disk.then(|| disk.clone()),
        };
        manifest.artefacts = written?.into_iter().map(described).collect();
        for list in LISTS {
            let path = new.join(list.name);
            let text = (list.write)(self.components).map_err(io::Error::from);
            fs::write(&path, text.map_err(at("write", &path))?).map_err(at("write", &path))?;
            manifest.documents.push(document(list.name, list.format, &path)?);
        }
        Ok(manifest)
    }

    /// Writes every format and the archives; says of each for what it is and whether it has a disk.
    fn artefacts(
        &self,
        source: &Source,
        new: &Path,
        progress: Progress<'_>,
    ) -> Result<Vec<(&'static str, Document, bool)>, ImageError> {
        let identity = Identity::of(source).map_err(at("read", self.disk))?;
        let mut written = Vec::new();
        for Artefact { name, platform, format, has_disk, write } in ARTEFACTS {
            progress(&format!("image: {name} for {platform}"));
            let path = new.join(name);
            let file = File::create_new(&path).map_err(at("create", &path))?;
            write(source, &identity, &file).map_err(at("write", &path))?;
            file.sync_all().map_err(at("write", &path))?;
            written.push((platform, document(name, format, &path)?, has_disk));
        }
        for archive in &ARCHIVES {
            progress(&format!("image: {} for {}", archive.name, archive.platform));
            let path = new.join(archive.name);
            archive.write(new, &path)?;
            written.push((archive.platform, document(archive.name, archive.format, &path)?, true));
        }
        Ok(written)
    }
}

/// What a file is described by.
fn document(file: &'static str, format: &'static str, path: &Path) -> Result<Document, ImageError> {
    let bytes = fs::metadata(path).map_err(at("read", path))?.len();
    let sha256 = checksum::of_file(path).map_err(at("read", path))?;
    Ok(Document { file, format, bytes, sha256 })
}

/// A line of the list of checksums.
fn line(document: &Document) -> String {
    format!("{}  {}\n", document.sha256, document.file)
}
