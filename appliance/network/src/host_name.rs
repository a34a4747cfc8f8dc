//! The host name: PID 1 sets it, because the kernel asks for more rights than this role has.

use std::time::Duration;

use bus::Client;
use model::network::{DEFAULT_HOST_NAME, Origin, Sourced};
use model::supervision::{InitRequest, InitResponse};
use tokio::sync::watch;
use tracing::warn;

use crate::configuration::Configuration;

/// Pause before PID 1 is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// The name to use: the operator's, otherwise the one that DHCP gave, otherwise the default.
pub(crate) fn wanted(
    chosen: Option<&Sourced<String>>,
    configuration: Option<&Configuration>,
) -> Sourced<String> {
    let given = configuration
        .and_then(|values| Some(Sourced::new(values.host_name.clone()?, values.origin)));
    chosen
        .cloned()
        .or(given)
        .unwrap_or_else(|| Sourced::new(DEFAULT_HOST_NAME.to_owned(), Origin::Default))
}

/// Has PID 1 set each name that is wanted, until nobody wants one any more.
pub(crate) async fn follow(init: Client, mut wanted: watch::Receiver<Sourced<String>>) {
    loop {
        let name = wanted.borrow_and_update().value.clone();
        match init.call(&InitRequest::SetHostName { name: name.clone() }).await {
            Err(error) => {
                warn!(%error, name, "Cannot ask init for the host name");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Ok(InitResponse::Refused { reason }) => warn!(reason, name, "Cannot set the host name"),
            Ok(_) => {}
        }
        if wanted.changed().await.is_err() {
            return;
        }
    }
}
