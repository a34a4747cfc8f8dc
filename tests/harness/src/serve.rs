//! `appliance serve`: a fresh appliance for another program, such as the browser tests.

use std::io::Read;

use harness::{HarnessError, Machine};
use serde_json::json;

use crate::arguments::Arguments;
use crate::ready;
use crate::say::say;

/// Boots, says in one line of JSON where, and lives until standard input ends.
///
/// # Errors
///
/// When the appliance does not come up.
pub(crate) fn serve(arguments: &Arguments) -> Result<(), HarnessError> {
    let mut machine = Machine::builder()
        .image(&arguments.image)
        .firmware(arguments.firmware)
        .memory_mib(arguments.memory_mib)
        .host_port(arguments.port)
        .start()?;
    let ready = ready::wait(&mut machine)?;
    say(&json!({
        "url": ready.url,
        "sha1": ready.console.sha1,
        "sha256": ready.console.sha256,
        "screen": machine.serial().screen(),
    }))?;
    // Whatever is sent is read and ignored; only the end matters.
    let _ = std::io::copy(&mut std::io::stdin().lock().by_ref(), &mut std::io::sink());
    Ok(())
}
