//! The archives: a disk, and the scripts that make a machine of it.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::ImageError;
use crate::error::at;
use crate::format::zip::{Member, Method, Zip};

/// A script of an archive: its name, what it is, and whether the system has to be told that it is a program.
struct Script {
    name: &'static str,
    octets: &'static [u8],
    is_executable: bool,
}

/// One published archive.
pub(super) struct Archive {
    pub(super) name: &'static str,
    /// For what.
    pub(super) platform: &'static str,
    /// As the description for programs has it.
    pub(super) format: &'static str,
    /// The published file in it.
    disk: &'static str,
    method: Method,
    scripts: &'static [Script],
}

/// A script by its name.
macro_rules! script {
    ($name:literal, $is_executable:literal) => {
        Script {
            name: $name,
            octets: include_bytes!(concat!("../../scripts/", $name)),
            is_executable: $is_executable,
        }
    };
}

/// What is published.
pub(super) const ARCHIVES: [Archive; 4] = [
    Archive {
        name: "connector-appliance.zip",
        platform: "Hyper-V, with a script",
        format: "vhdx.zip",
        disk: "connector-appliance.vhdx",
        method: Method::Deflated,
        scripts: &[
            script!("connector-appliance-common.ps1", false),
            script!("connector-appliance-install.ps1", false),
        ],
    },
    Archive {
        name: "connector-appliance-azure.zip",
        platform: "Microsoft Azure, with scripts",
        format: "vhd-fixed.zip",
        disk: "connector-appliance-azure.vhd",
        method: Method::Deflated,
        scripts: &[
            script!("connector-appliance-common.ps1", false),
            script!("connector-appliance-common.sh", false),
            script!("connector-appliance-upload-Azure.ps1", false),
            script!("connector-appliance-upload-Azure.sh", true),
        ],
    },
    Archive {
        name: "connector-appliance-aws.zip",
        platform: "AWS, with scripts",
        format: "vhd-dynamic.zip",
        disk: "connector-appliance.vhd",
        method: Method::Deflated,
        scripts: &[
            script!("connector-appliance-common.ps1", false),
            script!("connector-appliance-common.sh", false),
            script!("connector-appliance-upload-aws.ps1", false),
            script!("connector-appliance-upload-aws.sh", true),
        ],
    },
    Archive {
        name: "connector-appliance-gcp.zip",
        platform: "Google Cloud, with scripts",
        format: "raw.tar.gz.zip",
        disk: "connector-appliance.tar.gz",
        // It is deflated already.
        method: Method::Stored,
        scripts: &[
            script!("connector-appliance-common.ps1", false),
            script!("connector-appliance-common.sh", false),
            script!("connector-appliance-upload-gcp.ps1", false),
            script!("connector-appliance-upload-gcp.sh", true),
        ],
    },
];

impl Archive {
    /// Writes the archive of what has been published in a directory.
    pub(super) fn write(&self, directory: &Path, path: &Path) -> Result<(), ImageError> {
        let disk_path = directory.join(self.disk);
        let disk = File::open(&disk_path).map_err(at("read", &disk_path))?;
        let file = File::create_new(path).map_err(at("create", path))?;
        self.fill(&disk, &file).map_err(at("write", path))
    }

    fn fill(&self, disk: &File, file: &File) -> io::Result<()> {
        let mut zip = Zip::new(file);
        for script in self.scripts {
            let Script { name, octets, is_executable } = *script;
            zip.add(Member { name, method: Method::Deflated, is_executable }, octets)?;
        }
        let disk_member = Member { name: self.disk, method: self.method, is_executable: false };
        zip.add_file(disk_member, disk)?;
        zip.finish()?;
        file.sync_all()
    }
}
