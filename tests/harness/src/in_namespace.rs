//! An appliance for another program, in a network namespace.

use harness::namespace::LEASED;
use harness::{HarnessError, Machine, Namespace, limits};

use crate::arguments::Arguments;

/// Boots the image that the arguments name, and waits until its administration page answers.
///
/// # Errors
///
/// When it does not come up.
pub(crate) fn boot(arguments: &Arguments, namespace: &Namespace) -> Result<Machine, HarnessError> {
    let mut machine = Machine::builder()
        .image(&arguments.image)
        .firmware(arguments.firmware)
        .memory_mib(arguments.memory_mib)
        .attachment(namespace.attachment())
        .start()?;
    machine.wait_for_landing_page()?;
    let https = machine.https(LEASED)?;
    namespace.enter(|| https.wait_until_answering(limits::BOOT))??;
    Ok(machine)
}
