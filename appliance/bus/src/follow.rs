//! Following the state of another role.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;
use tracing::debug;

use crate::client::Client;

/// First pause before a lost role is asked again.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Longest pause before a lost role is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A request whose answer can be followed by long poll.
pub trait StatusRequest: Serialize + Send + Sync {
    /// The answers of the service.
    type Response: DeserializeOwned + Send;
    /// What is followed.
    type Status: Send + Sync + 'static;

    /// The request for a generation newer than this one; at once for `None`.
    fn status(newer_than: Option<u64>) -> Self;

    /// Generation and status in an answer.
    fn read(response: Self::Response) -> Option<(u64, Self::Status)>;
}

/// Follows the state of the role behind a socket in a task of its own, which ends with the last
/// receiver. `None` = the role does not answer, or has not yet.
pub fn follow<Request: StatusRequest + 'static>(
    path: impl Into<String>,
) -> watch::Receiver<Option<Request::Status>> {
    let (sender, receiver) = watch::channel(None);
    let client = Client::new(path);
    tokio::spawn(async move {
        tokio::select! {
            () = poll::<Request>(&client, &sender) => {}
            () = sender.closed() => {}
        }
    });
    receiver
}

async fn poll<Request: StatusRequest>(
    client: &Client,
    sender: &watch::Sender<Option<Request::Status>>,
) {
    let mut seen = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let answer = client.call_without_limit(&Request::status(seen)).await;
        match answer.map(Request::read) {
            Ok(Some((generation, status))) => {
                seen = Some(generation);
                pause = FIRST_PAUSE;
                sender.send_replace(Some(status));
            }
            failure => {
                if let Err(error) = failure {
                    debug!(%error, "Lost the state of a role");
                }
                // A role that has restarted counts its generations anew.
                seen = None;
                sender.send_if_modified(|status| status.take().is_some());
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
