//! Builds the disk of the appliance from its kernel, its two programs and GRUB.
//!
//! - [`root`] lays out the root file system and packs it as squashfs.
//! - [`verity`] computes the dm-verity hash tree; [`slot`] puts file system, tree and signed trailer
//!   together.
//! - [`gpt`] writes the partition table; [`disk`] assembles everything into one sparse file.
//! - [`format`] writes the disk as hypervisors and clouds import it.
//!   [`release`] writes all of them.
//! - [`components`] lists what everything is made of.
//! - [`programs`] compiles what goes into the root.
//!
//! Nothing needs root, a loop device or a mount, and two builds from the same inputs are equal.
#![forbid(unsafe_code)]

mod checksum;
pub mod components;
pub mod disk;
mod error;
pub mod format;
pub mod gpt;
pub mod programs;
pub mod release;
pub mod root;
pub mod slot;
pub mod verity;

pub use error::ImageError;
