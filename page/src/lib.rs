//! What the pages of the appliance and those of the cloud's console have in common: which language a
//! browser prefers, files that it may keep for ever, and how times are shown.
//!
//! Pure functions. Texts and templates belong to the pages themselves.
#![forbid(unsafe_code)]

mod asset;
mod language;
pub mod time;

pub use asset::{Asset, Assets};
pub use language::Language;
