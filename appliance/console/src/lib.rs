//! The landing page on the VGA and serial consoles.
//!
//! It tells an administrator who stands before the hypervisor's console where to point the browser,
//! which certificate to expect there, and what is wrong in plain words. It is drawn anew whenever
//! something on it changes. It reads no keys: the console has nothing to log in to.
#![forbid(unsafe_code)]

mod cause;
mod error;
mod screen;
mod task;
mod terminal;

pub use error::ConsoleError;
pub use screen::{COLUMNS, ROWS, View, render};
pub use task::{ConsoleConfig, run};
