//! The disk in the formats of hypervisors and clouds.
//!
//! Each format reads the raw disk once, from its first octet to its last, leaves out what is empty, and
//! depends on nothing but the disk: two exports of the same disk are equal.

pub mod gcp;
pub mod libvirt;
pub mod ova;
mod ovf;
pub mod qcow2;
pub mod source;
mod tar;
pub mod vhd;
pub mod vhdx;
pub mod vmdk;
pub mod xva;
pub mod zip;

use std::io;

use model::trailer::hex;
use sha2::{Digest as _, Sha256};

pub use source::Source;

/// Memory of a machine, in bytes.
pub const MEMORY_BYTES: u64 = 4 << 30;
/// Processors of a machine.
pub const PROCESSORS: u64 = 2;

/// Identifiers that formats want have to be the same each time, and others for each disk and purpose: made
/// from the contents of a disk or document as RFC 9562 (5.8) allows.
#[derive(Clone, Copy, Debug)]
pub struct Identity([u8; 32]);

impl Identity {
    /// The identity of a disk.
    ///
    /// # Errors
    ///
    /// The disk cannot be read.
    pub fn of(source: &Source) -> io::Result<Self> {
        let mut digest = Sha256::new();
        for block in source.blocks(source::MIB)? {
            let (index, octets) = block?;
            digest.update(index.to_be_bytes());
            digest.update(octets);
        }
        digest.update(source.bytes().to_be_bytes());
        Ok(Self(digest.finalize().into()))
    }

    /// The identity of a document.
    #[must_use]
    pub fn of_octets(octets: &[u8]) -> Self {
        Self(Sha256::digest(octets).into())
    }

    /// An identifier for a purpose, the first octet of its text first.
    #[must_use]
    pub fn uuid(&self, purpose: &str) -> [u8; 16] {
        let digest = Sha256::new().chain_update(self.0).chain_update(purpose).finalize();
        let mut uuid = [0; 16];
        uuid.copy_from_slice(&digest[..16]);
        uuid[6] = (uuid[6] & 0x0f) | 0x80;
        uuid[8] = (uuid[8] & 0x3f) | 0x80;
        uuid
    }

    /// The same as text.
    #[must_use]
    pub fn uuid_text(&self, purpose: &str) -> String {
        let hex = hex(&self.uuid(purpose));
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}
