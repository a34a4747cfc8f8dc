//! Guest integration: what a hypervisor or cloud tells the appliance, and wants to be told.
//!
//! - [`guest`]: the first settings, in every wrapping that a platform hands them over in.
//! - [`smbios`]: the tables of the machine; [`detect`]: which platform it is, by them.
//! - [`agent`]: the QEMU guest agent.
//! - [`medium`]: files of a CD with first settings.
//! - [`ovf`]: properties of an OVF environment.
//! - [`goal_state`], [`imds`]: services of Azure, Amazon and Google; [`request`]: how they are asked, and
//!   when again.
//! - [`xenstore`]: the store of Xen; [`kvp`]: keys and values of Hyper-V; [`rpci`]: guest RPC of VMware,
//!   [`backdoor`]: how it travels.
//!
//! Parsers, encoders and rules only. There is no I/O and no clock here. Whatever comes from a
//! platform is untrusted: it is bounded, read by exact rules, and never carried out.
#![forbid(unsafe_code)]

pub mod agent;
pub mod backdoor;
pub mod detect;
pub mod goal_state;
pub mod guest;
pub mod imds;
pub mod kvp;
pub mod medium;
pub mod ovf;
pub mod request;
pub mod rpci;
pub mod smbios;
pub mod xenstore;
mod xml;

pub use xml::XmlError;
