//! The single writer of `/data/settings`.
//!
//! Every choice of the administrator lives here: the settings, the hash of the password, the
//! certificate of the admin page, the passwords of proxies. Other roles ask over the bus and follow changes; none opens these
//! files. A write is answered when it is on the disk, and a power cut at any moment leaves either
//! what was there before or what was written, never a mixture. The boot parameter `network=` is read
//! here too, because it replaces a setting and is kept for later starts.
//!
//! Changes that could cut the operator off are on trial: a network change from the restart that it
//! takes, a certificate at once, each until it is confirmed or 60 s are over. A copy of the disk in
//! another machine is noticed by the UUID that the hypervisor gives. A reset forgets everything or
//! nothing.
//!
//! Nothing here ends the role because of a full or damaged disk: the appliance runs with what is
//! known, and the status says in plain words what is wrong.
#![forbid(unsafe_code)]

mod administrator;
mod certificate;
mod certificate_trial;
mod copies;
mod error;
mod file_system;
mod first_taken;
mod identity;
mod metrics_token;
mod moment;
mod network_trial;
mod proxy_passwords;
mod reset;
mod secret_file;
mod service;
mod signing_request;
mod status;
mod store;
mod task;

pub use error::SettingsError;
pub use task::{SettingsConfig, run};
