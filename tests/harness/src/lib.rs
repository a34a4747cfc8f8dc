//! Drives the appliance in QEMU the way a person does: the serial console, keystrokes in GRUB,
//! screenshots of the VGA console, the power button, HTTPS.
//!
//! A [`Machine`] runs on its own sparse copy of the disk image, which lives as long as the machine,
//! so that restarts keep what was stored and tests never touch the built image. Nothing here waits
//! for a fixed time: every wait is for something seen on the console, told by QEMU or answered over
//! HTTPS, and a wait that ends without it fails with the console's transcript.
//!
//! Software emulation is used throughout ([`qemu`]), because build machines seldom offer hardware
//! virtualisation; the limits in [`limits`] are chosen for that.
#![forbid(unsafe_code)]

pub mod builder;
mod clients;
pub mod cloud;
pub mod console;
pub mod daemon;
pub mod devices;
pub mod dice;
pub mod disk;
pub mod disk_facts;
pub mod error;
pub mod failure;
pub mod grub;
pub mod https;
pub mod limits;
pub mod load;
pub mod machine;
pub mod namespace;
pub mod nbd;
pub mod orders;
pub mod persistent;
pub mod power_cut;
pub mod qemu;
pub mod qmp;
pub mod resource_location;
pub mod rest;
pub mod serial;
pub mod slot_builder;
pub mod time_server;
pub mod volatile_disk;
pub mod workspace;
pub mod write_cache;

pub use builder::MachineBuilder;
pub use cloud::{Cloud, CloudClient};
pub use console::LandingPage;
pub use daemon::Daemon;
pub use devices::{DiskController, NetworkCard};
pub use dice::Dice;
pub use disk::Disk;
pub use error::HarnessError;
pub use https::{HttpsClient, Reply, Request};
pub use load::Load;
pub use machine::Machine;
pub use namespace::Namespace;
pub use orders::Orders;
pub use qemu::{Attachment, Firmware};
pub use resource_location::ResourceLocation;
pub use rest::RestClient;
pub use serial::{Key, Serial};
pub use slot_builder::SlotBuilder;
