//! What the appliance knows, as plain values: settings and status, where each value came from, boot
//! parameters, slots, the disk layout, the password policy.
//!
//! Nothing here does I/O or reads a clock; time and randomness come in as parameters. The image
//! builder, the boot loader configuration, every role of the appliance and the tests share these
//! definitions, so that a fact stands once.
#![forbid(unsafe_code)]

pub mod boot_parameter;
pub mod command_line;
pub mod deployment;
pub mod disk;
pub mod fingerprint;
pub mod grubenv;
pub mod health;
pub mod ipv4;
pub mod lines;
pub mod network;
pub mod password;
pub mod product;
pub mod role;
pub mod secret;
pub mod settings;
pub mod settings_file;
pub mod slot;
pub mod supervision;
pub mod trailer;
