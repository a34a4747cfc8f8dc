//! QEMU's guest agent on a port of virtio-serial.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use model::supervision::{InitRequest, InitResponse};
use platform::agent::{Framer, Outcome, ShutdownMode, answer};
use tokio::time::timeout;
use tracing::{info, warn};

use super::{Device, Surroundings};

/// Pause before the port is looked at again while nobody is at the other end.
const ABSENT_PAUSE: Duration = Duration::from_secs(1);
/// Longest time that an answer waits for the host to take it.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Answers requests. Ends with the device.
pub(super) async fn speak(device: &Device, surroundings: &Surroundings) -> io::Result<()> {
    let error = match serve(device, surroundings).await {
        Ok(never) => match never {},
        Err(error) => error,
    };
    Err(error)
}

async fn serve(device: &Device, surroundings: &Surroundings) -> io::Result<Infallible> {
    let mut framer = Framer::default();
    let mut buffer = [0; 4096];
    loop {
        // The event that somebody has come may be missed between two looks.
        let read = match timeout(ABSENT_PAUSE, device.read(&mut buffer)).await {
            Ok(read) => read?,
            Err(_) => continue,
        };
        if read == 0 {
            // Whoever comes next begins anew.
            framer = Framer::default();
            tokio::time::sleep(ABSENT_PAUSE).await;
        }
        for line in framer.push(&buffer[..read]) {
            let Outcome { reply, shutdown } = answer(&line, &surroundings.facts().of_agent());
            if let Some(reply) = reply
                && timeout(ANSWER_LIMIT, device.write(&reply)).await.is_err()
            {
                warn!("The host does not take an answer of the guest agent");
            }
            if let Some(mode) = shutdown {
                end(surroundings, mode).await;
            }
        }
    }
}

async fn end(surroundings: &Surroundings, mode: ShutdownMode) {
    let request = match mode {
        // A machine that is halted and not switched off would be of no use to anybody.
        ShutdownMode::PowerDown | ShutdownMode::Halt => InitRequest::PowerOff,
        ShutdownMode::Reboot => InitRequest::Restart,
    };
    info!(?mode, "The host asks for the end of the machine");
    if let Err(error) = surroundings.init.call::<InitResponse>(&request).await {
        warn!(%error, "PID 1 cannot be asked to end the machine");
    }
}
