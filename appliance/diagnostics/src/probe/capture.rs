//! Records the packets while a probe runs.

use bus::{CaptureRequest, CaptureResponse, Client, StartRefusal};
use model::capture::{TraceDuration, TraceFilter, TraceOrder};
use tracing::warn;

/// Starts a trace of all TCP traffic, headers only; gives its id, or why there is none, in plain
/// words. It ends by itself when nobody stops it.
pub(super) async fn start(capture: &Client) -> Result<String, String> {
    let order = TraceOrder {
        filter: TraceFilter::default(),
        // Longer than any probe takes.
        duration: TraceDuration::TwoMinutes,
        packet_tracing: false,
    };
    match capture.call(&CaptureRequest::Start { order }).await {
        Ok(CaptureResponse::Started(running)) => Ok(running.trace.id),
        Ok(CaptureResponse::Refused(refusal)) => Err(match refusal {
            StartRefusal::Running(_) | StartRefusal::Starting => {
                "another trace is being recorded".to_owned()
            }
            StartRefusal::NoSpace { .. } => "the data disk has no room for a trace".to_owned(),
            StartRefusal::Failed { reason } => reason,
            StartRefusal::UnknownHost { host } | StartRefusal::NotResolved { host, .. } => {
                format!("the name {host} is not known")
            }
        }),
        Ok(_) => Err("the capture role does not allow it".to_owned()),
        Err(error) => Err(format!("the capture role does not answer: {error}")),
    }
}

/// Ends the trace; its file is complete then.
pub(super) async fn stop(capture: &Client, id: String) {
    match capture.call::<CaptureResponse>(&CaptureRequest::Stop { id }).await {
        Ok(CaptureResponse::Stopped(_) | CaptureResponse::AlreadyEnded(_)) => {}
        Ok(other) => warn!(answer = ?other, "The trace of a probe is not stopped"),
        Err(error) => warn!(%error, "Cannot stop the trace of a probe"),
    }
}
