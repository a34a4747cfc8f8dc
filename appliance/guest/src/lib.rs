//! The role that speaks with the hypervisor or cloud.
//!
//! It finds out which platform this is, takes the first settings that the platform hands over, registers
//! with a cloud if they say so, and tells what a good guest tells: addresses, names, that the machine is
//! ready. Of the platform's wishes it carries out one: an orderly end of the machine.
//!
//! What the platform says is untrusted. It is read by the crate [`platform`], which has no I/O; the settings
//! role decides whether anything of it is used: what a person has chosen stays. Metadata services are asked
//! directly at their fixed addresses, never through a proxy, and by this role alone.
#![forbid(unsafe_code)]

mod board;
mod error;
mod facts;
mod first;
mod found;
mod host;
mod local;
mod metadata;
mod registration;
mod report;
mod service;
mod task;

pub use error::GuestError;
pub use task::{GuestConfig, run};
