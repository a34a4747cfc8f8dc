//! Why the console ends.

use thiserror::Error;

/// An error that ends the role; init starts it again.
#[derive(Debug, Error)]
pub enum ConsoleError {
    /// There is no terminal to draw on.
    #[error("open a terminal: none of {0} can be written")]
    NoTerminal(String),
}
