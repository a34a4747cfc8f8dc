//! How a gateway stops without a request getting lost.

use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::control::FromCloud;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::connection::Order;
use crate::contacts;
use crate::gateway::Gateway;

/// Asks everybody to leave, and waits until they have or the time is over.
pub(crate) async fn drain(gateway: &Gateway, within: Duration) {
    gateway.0.is_draining.store(true, Ordering::Relaxed);
    let deadline = Instant::now() + within;
    let seconds = u32::try_from(within.as_secs()).unwrap_or(u32::MAX);
    let connections = gateway.0.connections.all();
    for connection in &connections {
        let _ = connection.orders.try_send(Order::send(FromCloud::Drain { within: seconds }));
    }
    // They have left before the next note would be due.
    let _ = timeout_at(deadline, contacts::note(gateway, &connections)).await;
    for connection in connections {
        let mut ended = connection.ended.clone();
        if timeout_at(deadline, ended.wait_for(|has_ended| *has_ended)).await.is_err() {
            break;
        }
    }
    // Those that left keep their old connection until what they work on is done.
    if !gateway.0.connections.all().is_empty() {
        sleep_until(deadline).await;
    }
}
