//! Xen's store. Orders to stop come through it to the kernel, which runs init.

use std::io;
use std::time::Duration;

use platform::xenstore::{HEADER_BYTES, Kind, MAX_PAYLOAD_BYTES, Message, Step, StoreError, steps};
use tokio::time::timeout;
use tracing::warn;

use super::{Device, Surroundings};

/// How often everything is written again: after a migration the target host knows nothing, and how
/// much memory is free is shown there.
const PERIOD: Duration = Duration::from_secs(60);
/// Longest time of one request.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Writes what a good guest writes, now, with every change of the network and every minute.
pub(super) async fn speak(device: &Device, mut surroundings: Surroundings) -> io::Result<()> {
    let mut store = Store { device, received: Vec::new(), request: 0 };
    loop {
        surroundings.network.mark_unchanged();
        let facts = surroundings.facts_with_load().await.of_store();
        for step in steps(&facts) {
            // Hosts differ in what they let a guest write.
            if let Err(error) = store.carry_out(&step).await? {
                warn!(?step, %error, "The store refuses a change");
            }
        }
        // Without a sender nothing changes any more, and the period alone counts.
        let _ = timeout(PERIOD, surroundings.network.changed()).await;
    }
}

struct Store<'a> {
    device: &'a Device,
    received: Vec<u8>,
    request: u32,
}

impl Store<'_> {
    /// One change; the inner error is the store's answer.
    async fn carry_out(&mut self, step: &Step) -> io::Result<Result<(), StoreError>> {
        let message = match step {
            Step::Remove(path) => Message::remove(path),
            Step::Write(path, value) => Message::write(path, value),
        };
        let message = match message {
            Ok(message) => message,
            Err(error) => return Ok(Err(error)),
        };
        let answer = timeout(ANSWER_LIMIT, self.ask(message)).await;
        let answer = answer.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        Ok(match (step, answer.texts().map(drop)) {
            (Step::Remove(_), Err(StoreError::NotFound)) => Ok(()),
            (_, answer) => answer,
        })
    }

    async fn ask(&mut self, message: Message) -> io::Result<Message> {
        self.request = self.request.wrapping_add(1).max(1);
        let message = message.numbered(self.request);
        self.device.write(&message.encode()).await?;
        loop {
            while let Some(answer) =
                Message::decode(&mut self.received).map_err(io::Error::other)?
            {
                let is_event = answer.kind == Kind::WatchEvent;
                if !is_event && answer.request == self.request {
                    return Ok(answer);
                }
            }
            let mut buffer = [0; HEADER_BYTES + MAX_PAYLOAD_BYTES];
            let read = self.device.read(&mut buffer).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(&buffer[..read]);
        }
    }
}
