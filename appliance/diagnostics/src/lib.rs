//! What an administrator asks when something does not work.
//!
//! - The state of each proxy: checked at once when it is added or changed, and every minute.
//! - The network probe: one connection, followed step by step.
//! - The prechecks: everything that the appliance needs from its surroundings.
//! - The diagnostic report.
//!
//! All of it shows in one status that every role can follow. Results stay until the next ones, or
//! until the role restarts.
//!
//! Connections are made by the dialer of the crate `outbound`, with the settings of the moment. The
//! role keeps no file but the report that it hands over.
#![forbid(unsafe_code)]

mod dialing;
pub mod dns_message;
mod error;
mod interception;
mod prechecks;
mod probe;
mod proxies;
mod report;
mod reporting;
mod service;
mod status;
mod task;

pub use error::DiagnosticsError;
pub use task::{DiagnosticsConfig, run};
