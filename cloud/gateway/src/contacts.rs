//! Notes in the registry which connectors are there.
//!
//! A note for each connector by itself would cost a transaction each, so one task of the gateway notes
//! all of them together. What is lost with a gateway that dies is at most [`limits::CONTACT`] old.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use registry::Contact;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::connection::Connection;
use crate::gateway::{Gateway, Inner};
use crate::limits;

/// Notes connectors until the gateway is dropped: those that have arrived soon, and all now and then.
pub(crate) async fn keep(gateway: Weak<Inner>, arrived: Arc<Notify>) {
    let mut turns = interval(limits::CONTACT);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let everybody = tokio::select! {
            _ = turns.tick() => true,
            () = arrived.notified() => {
                // Others come at the same time, after a restart all of them.
                sleep(limits::ARRIVALS).await;
                false
            }
        };
        let Some(gateway) = gateway.upgrade().map(Gateway) else { return };
        let mut connections = gateway.0.connections.all();
        connections.retain(|it| everybody || !it.is_noted.load(Ordering::Relaxed));
        note(&gateway, &connections).await;
    }
}

/// Notes that connectors are there. The data plane goes on without the registry.
pub(crate) async fn note(gateway: &Gateway, connections: &[Arc<Connection>]) {
    let mut contacts = HashMap::new();
    for connection in connections {
        let owner = &connection.owner;
        let contact = Contact {
            tenant: owner.tenant.clone(),
            connector: owner.connector.clone(),
            at: gateway.now(),
            version: connection.about().version,
            in_maintenance: false,
        };
        contacts.insert((&owner.tenant, &owner.connector), contact);
    }
    let contacts: Vec<_> = contacts.into_values().collect();
    match gateway.0.registry.note_contacts(&contacts).await {
        Ok(()) => {
            for connection in connections {
                connection.is_noted.store(true, Ordering::Relaxed);
            }
        }
        Err(error) => {
            let connectors = contacts.len();
            tracing::warn!(connectors, %error, "contact with connectors was not noted");
        }
    }
}
