//! PID 1 speaks the same protocol; its messages are in [`model::supervision`].

use model::supervision::{InitRequest, InitResponse, InitStatus};

use crate::follow::StatusRequest;

impl StatusRequest for InitRequest {
    type Response = InitResponse;
    type Status = InitStatus;

    fn status(newer_than: Option<u64>) -> Self {
        Self::Status { newer_than }
    }

    fn read(response: InitResponse) -> Option<(u64, InitStatus)> {
        match response {
            InitResponse::Status(status) => Some((status.generation, status)),
            InitResponse::Accepted | InitResponse::Refused { .. } => None,
        }
    }
}
