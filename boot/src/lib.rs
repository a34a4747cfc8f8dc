//! What starts the appliance: its kernel, GRUB, and the keys that sign root slots.
//!
//! - [`kernel`] builds the kernel from Debian's source and our fragment, cached.
//! - [`grub`] makes the boot loader for BIOS and UEFI from Debian's modules.
//! - [`keys`] holds the Ed25519 key that signs root slots.
//! - [`tool`] runs the programs that this takes, and names the Debian package of a missing one.
#![forbid(unsafe_code)]

pub mod grub;
pub mod kernel;
pub mod keys;
pub mod tool;

/// Where a long step says how far it is: one line of text per call.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// The time that built files carry, so that two builds are equal: 2024-01-01 00:00:00 UTC, in
/// seconds since 1970.
pub const BUILD_TIME_SECONDS: u64 = 1_704_067_200;
