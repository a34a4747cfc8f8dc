//! All connections of a gateway, by connector and by resource location.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use registry::TenantId;
use tokio::sync::Notify;

use crate::connection::{Connected, Connection, lock};
use crate::limits;

type Location = (TenantId, String);

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    numbers: AtomicU64,
    places: Mutex<HashMap<Location, Vec<Arc<Connection>>>>,
    rooms: Mutex<HashMap<Location, Weak<Notify>>>,
    /// Told when a connection comes or goes.
    pub(crate) changed: Notify,
}

impl Connections {
    /// A number that no other connection of this gateway has.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// What is told when a request of a resource location is done. Those of other locations are not
    /// woken by it.
    pub(crate) fn room(&self, location: &Location) -> Arc<Notify> {
        let mut rooms = lock(&self.rooms);
        if let Some(room) = rooms.get(location).and_then(Weak::upgrade) {
            return room;
        }
        rooms.retain(|_, room| room.strong_count() > 0);
        let room = Arc::new(Notify::new());
        rooms.insert(location.clone(), Arc::downgrade(&room));
        room
    }

    /// Adds a connection. When its connector has too many, the oldest is given, to be ended.
    pub(crate) fn add(&self, connection: Arc<Connection>) -> Option<Arc<Connection>> {
        let owner = &connection.owner;
        let key = (owner.tenant.clone(), owner.location.clone());
        let mut places = lock(&self.places);
        let all = places.entry(key).or_default();
        let of_connector = |it: &&Arc<Connection>| it.owner.connector == owner.connector;
        let too_many = all.iter().filter(of_connector).count() >= limits::CONNECTIONS_OF_CONNECTOR;
        let oldest = all.iter().find(of_connector).filter(|_| too_many).cloned();
        all.push(connection);
        drop(places);
        self.changed.notify_waiters();
        oldest
    }

    /// Removes a connection.
    pub(crate) fn remove(&self, connection: &Connection) {
        let key = (connection.owner.tenant.clone(), connection.owner.location.clone());
        let mut places = lock(&self.places);
        if let Some(all) = places.get_mut(&key) {
            all.retain(|it| it.number != connection.number);
            if all.is_empty() {
                places.remove(&key);
            }
        }
    }

    /// Connections of a resource location.
    pub(crate) fn of_location(&self, location: &Location) -> Vec<Arc<Connection>> {
        lock(&self.places).get(location).cloned().unwrap_or_default()
    }

    /// Connections of the connector with a key.
    pub(crate) fn of_key(&self, location: &Location, key: &str) -> Vec<Arc<Connection>> {
        let mut all = self.of_location(location);
        all.retain(|it| it.owner.key == key);
        all
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<Connection>> {
        lock(&self.places).values().flatten().cloned().collect()
    }

    /// What is known of a connector that is connected.
    pub(crate) fn connected(
        &self,
        gateway: &str,
        location: &Location,
        connector: &str,
    ) -> Option<Connected> {
        let mut all = self.of_location(location);
        all.retain(|it| it.owner.connector == connector);
        let origins = all.iter().map(|it| it.origin.clone()).collect();
        all.last().map(|newest| newest.connected(gateway, origins))
    }
}
