//! Whether a machine that dials in is a copy of one that is connected.
//!
//! Both have the same key. A machine that was restarted has another instance as well, but the connection
//! of its life before does not answer any more.

use std::sync::Arc;

use protocol::control::{About, FromCloud};
use serde_json::Value;
use tokio::time::timeout;

use crate::connection::{Connection, Order};
use crate::connections::Connections;
use crate::limits;

/// Looks for another machine with the same key that is alive. Connections that are dead are ended.
pub(crate) async fn has_living_twin(
    connections: &Connections,
    location: &(registry::TenantId, String),
    key: &str,
    instance: &str,
    about: &About,
) -> bool {
    let mut others = connections.of_key(location, key);
    others.retain(|it| it.instance != instance);
    for other in others {
        if is_alive(&other).await {
            let told = FromCloud::CloneRefused { about: about.clone() };
            let _ = other.orders.try_send(Order::send(told));
            return true;
        }
        let _ = other.orders.try_send(Order::end(FromCloud::Drain { within: 0 }));
        connections.remove(&other);
    }
    false
}

/// Asks something that makes no sense, which every connector answers by saying so.
async fn is_alive(connection: &Arc<Connection>) -> bool {
    let answer = async {
        let mut stream = connection.opener.open().await.ok()?;
        stream.writer.message(&Value::Null).await.ok()?;
        // The end of the stream says nothing: a connection that is lost looks alike.
        stream.reader.piece().await.ok()?
    };
    let mut ended = connection.ended.clone();
    tokio::select! {
        answer = timeout(limits::CLONE_ANSWER, answer) => answer.ok().flatten().is_some(),
        _ = ended.wait_for(|has_ended| *has_ended) => false,
    }
}
