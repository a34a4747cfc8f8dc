//! What the pages of the appliance and those of the cloud's console have in common: which language a
//! browser prefers, files that it may keep for ever, how times and amounts are shown, and
//! what the appliance finds wrong around it: the same words on both.
//!
//! Pure functions. Templates and all other texts belong to the pages themselves.
#![forbid(unsafe_code)]

pub mod amount;
mod asset;
mod failure_text;
mod language;
pub mod outbound;
pub mod precheck;
pub mod time;

pub use asset::{Asset, Assets};
pub use failure_text::FailureText;
pub use language::Language;
