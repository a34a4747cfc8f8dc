//! OVA: a machine for VMware in the Open Virtualization Format 1.1 (DMTF DSP0243), as one tar archive with the
//! description, the checksums and the disk, in this order (section 5.3).
//!
//! The checksums are SHA-256, as vSphere writes them since 6.5; version 1 of the standard knows SHA-1 alone.

use std::io::{self, Write};

use model::trailer::hex;
use sha2::{Digest as _, Sha256};

use super::source::Source;
use super::{ovf, tar, vmdk};

const DESCRIPTION: &str = "connector-appliance.ovf";
const CHECKSUMS: &str = "connector-appliance.mf";
const DISK: &str = "connector-appliance-disk1.vmdk";

/// Writes the machine.
///
/// # Errors
///
/// The disk cannot be read or the file not written.
pub fn write(source: &Source, mut file: impl Write) -> io::Result<()> {
    // Its length and checksum come before it. Packed, it is a few tens of MiB.
    let mut disk = Vec::new();
    vmdk::write(source, DISK, &mut disk)?;
    let description = ovf::description(DISK, source.bytes(), disk.len());
    let line =
        |name: &str, octets: &[u8]| format!("SHA256({name})= {}\n", hex(&Sha256::digest(octets)));
    let sums = line(DESCRIPTION, description.as_bytes()) + &line(DISK, &disk);
    let out = &mut file;
    tar::member(out, DESCRIPTION, description.as_bytes())?;
    tar::member(out, CHECKSUMS, sums.as_bytes())?;
    tar::member(out, DISK, &disk)?;
    tar::end(out)?;
    out.flush()
}
