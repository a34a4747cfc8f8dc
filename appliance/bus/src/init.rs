//! PID 1 speaks the same protocol; its messages are in [`model::supervision`].

use std::time::Duration;

use model::supervision::{InitRequest, InitResponse, InitStatus};
use tracing::warn;

use crate::client::Client;
use crate::follow::StatusRequest;

/// Pause before PID 1 is told again.
const READY_PAUSE: Duration = Duration::from_millis(500);

/// Tells PID 1 that this role is ready to work, as often as it takes to be heard.
pub async fn report_ready(init: Client) {
    while let Err(error) = init.call::<InitResponse>(&InitRequest::Ready).await {
        warn!(%error, "Cannot report to init");
        tokio::time::sleep(READY_PAUSE).await;
    }
}

impl StatusRequest for InitRequest {
    type Response = InitResponse;
    type Status = InitStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: InitResponse) -> Option<(u64, InitStatus)> {
        match response {
            InitResponse::Status(status) => Some((status.generation, status)),
            InitResponse::Accepted
            | InitResponse::Refused { .. }
            | InitResponse::Processes { .. }
            | InitResponse::KernelFacts { .. }
            | InitResponse::Load(_) => None,
        }
    }
}
