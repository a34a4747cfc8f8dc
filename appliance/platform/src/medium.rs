//! Files in the root directory of a medium: `user-data` of NoCloud, `ovf-env.xml`.
//!
//! NoCloud allows two file systems, ISO 9660 and FAT (cloud-init, "NoCloud", source 1). Both are read here, from
//! a copy in memory: the kernel does not mount what a hypervisor hands over.

mod fat;
mod iso9660;

use std::borrow::Cow;

use thiserror::Error;

use self::fat::Fat;
use self::iso9660::Iso9660;

/// Longest directory that is read, in bytes.
const MAX_DIRECTORY_BYTES: usize = 64 * 1024;

/// Why a medium cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MediumError {
    /// Neither of the two file systems.
    #[error(
        "the medium has neither an ISO 9660 nor a FAT file system; make it with genisoimage or cloud-localds"
    )]
    Unknown,
    /// Something lies behind the end of what was read.
    #[error(
        "the medium is damaged, or {0} lies behind its first 8 MiB; make it anew with fewer files"
    )]
    Truncated(&'static str),
}

/// A medium.
#[derive(Clone, Copy, Debug)]
pub struct Medium<'a>(FileSystem<'a>);

#[derive(Clone, Copy, Debug)]
enum FileSystem<'a> {
    Iso9660(Iso9660<'a>),
    Fat(Fat<'a>),
}

impl<'a> Medium<'a> {
    /// Finds out which file system it is.
    ///
    /// # Errors
    ///
    /// [`MediumError`].
    pub fn open(image: &'a [u8]) -> Result<Self, MediumError> {
        match Iso9660::open(image) {
            // A medium that starts a machine has a boot sector as well, so FAT comes second.
            Err(MediumError::Unknown) => {
                Fat::open(image).map(FileSystem::Fat).map(Self).ok_or(MediumError::Unknown)
            }
            iso => iso.map(FileSystem::Iso9660).map(Self),
        }
    }

    /// The content of a file of the root directory; capital letters and small ones are the same. `None` when
    /// there is no such file.
    ///
    /// # Errors
    ///
    /// [`MediumError::Truncated`] when the file is longer than `limit_bytes`, or lies elsewhere.
    pub fn file(
        &self,
        name: &str,
        limit_bytes: usize,
    ) -> Result<Option<Cow<'a, [u8]>>, MediumError> {
        match &self.0 {
            FileSystem::Iso9660(iso) => Ok(iso.file(name, limit_bytes)?.map(Cow::Borrowed)),
            FileSystem::Fat(fat) => Ok(fat.file(name, limit_bytes)?.map(Cow::Owned)),
        }
    }
}

fn slice(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}
