//! Keys and values of Hyper-V. Shutdown and time are the kernel's own business.

use std::io;

use platform::kvp::{Answer, MESSAGE_BYTES, answer, registration};

use super::{Device, Surroundings};

/// Registers and answers. Ends with the device.
pub(super) async fn speak(device: &Device, surroundings: &Surroundings) -> io::Result<()> {
    device.write(&registration()).await?;
    let mut message = vec![0; MESSAGE_BYTES];
    loop {
        let read = device.read(&mut message).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let facts = surroundings.facts().of_kvp();
        match answer(&message[..read], &facts).map_err(io::Error::other)? {
            Answer::Registered => {}
            Answer::Message(answer) => device.write(&answer).await?,
        }
    }
}
