//! Lines of JSON for the program that started this one.

use std::io::Write;

use harness::HarnessError;
use serde_json::Value;

/// Writes a line to standard output.
///
/// # Errors
///
/// When nobody reads it.
pub(crate) fn say(line: &Value) -> Result<(), HarnessError> {
    let mut output = std::io::stdout();
    writeln!(output, "{line}")
        .and_then(|()| output.flush())
        .map_err(HarnessError::io("write to standard output"))
}
