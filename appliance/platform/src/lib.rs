//! Guest integration: what a hypervisor or cloud tells the appliance, and wants to be told.
//!
//! - [`guest`]: the first settings, in every wrapping that a platform hands them over in.
//! - [`smbios`]: the tables of the machine; [`detect`]: which platform it is, by them.
//! - [`agent`]: the QEMU guest agent.
//!
//! Parsers, encoders and rules only. There is no I/O and no clock here. Whatever comes from a
//! platform is untrusted: it is bounded, read by exact rules, and never carried out.
#![forbid(unsafe_code)]

pub mod agent;
pub mod detect;
pub mod guest;
pub mod smbios;
