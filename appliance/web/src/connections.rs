//! The connections that are open, and which one ends for a new one.
//!
//! A client that opens connections and says nothing must not keep others out: when a limit is
//! reached the connection that has been idle longest is closed, first among those of the same source.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

/// Most connections at a time. An idle one costs some 30 KiB.
pub(crate) const MAX_CONNECTIONS: usize = 1024;
/// Most connections of one source address at a time. A browser opens six.
pub(crate) const MAX_CONNECTIONS_PER_SOURCE: usize = 64;

/// Every open connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    open: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    source: IpAddr,
    /// Since when nothing is being answered; `None` = a request is being answered.
    idle_since: Option<Instant>,
    close: Arc<Notify>,
}

/// The place of one connection; given back on drop.
#[derive(Debug)]
pub(crate) struct Place {
    number: u64,
    close: Arc<Notify>,
    connections: Connections,
}

/// Marks a connection as busy until it is dropped.
#[derive(Debug)]
pub(crate) struct Busy {
    number: u64,
    connections: Connections,
}

impl Connections {
    /// Takes a place for a new connection, closing the one that has been idle longest if there is
    /// none left; `None` when all are busy.
    pub(crate) fn enter(&self, source: IpAddr, now: Instant) -> Option<Place> {
        let mut table = self.lock();
        let of_source = table.open.values().filter(|entry| entry.source == source).count();
        if of_source >= MAX_CONNECTIONS_PER_SOURCE {
            table.close_idlest(Some(source))?;
        } else if table.open.len() >= MAX_CONNECTIONS {
            table.close_idlest(None)?;
        }
        let number = table.next;
        table.next += 1;
        let close = Arc::new(Notify::new());
        let entry = Entry { source, idle_since: Some(now), close: Arc::clone(&close) };
        table.open.insert(number, entry);
        Some(Place { number, close, connections: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn close_idlest(&mut self, source: Option<IpAddr>) -> Option<()> {
        let (number, _) = self
            .open
            .iter()
            .filter(|(_, entry)| source.is_none_or(|source| entry.source == source))
            .filter_map(|(number, entry)| Some((*number, entry.idle_since?)))
            .min_by_key(|&(number, since)| (since, number))?;
        let entry = self.open.remove(&number)?;
        entry.close.notify_one();
        Some(())
    }
}

impl Place {
    /// Waits until this connection has to make room.
    pub(crate) async fn closed(&self) {
        self.close.notified().await;
    }

    /// Marks the connection as busy.
    pub(crate) fn busy(&self) -> Busy {
        if let Some(entry) = self.connections.lock().open.get_mut(&self.number) {
            entry.idle_since = None;
        }
        Busy { number: self.number, connections: self.connections.clone() }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().open.remove(&self.number);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(entry) = self.connections.lock().open.get_mut(&self.number) {
            entry.idle_since = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(0x0A00_0000 + number).into()
    }

    async fn is_closed(place: &Place) -> bool {
        tokio::select! {
            biased;
            () = place.closed() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn idlest_of_the_same_source_makes_room() {
        let (connections, start) = (Connections::default(), Instant::now());
        let other = connections.enter(address(2), start).unwrap();
        let later = |seconds: usize| start + Duration::from_secs(seconds as u64 + 1);
        let places: Vec<_> = (0..MAX_CONNECTIONS_PER_SOURCE)
            .map(|second| connections.enter(address(1), later(second)).unwrap())
            .collect();
        let busy = places[0].busy();
        let new = connections.enter(address(1), later(100)).unwrap();
        assert!(!is_closed(&other).await && !is_closed(&new).await);
        assert!(!is_closed(&places[0]).await, "busy");
        assert!(is_closed(&places[1]).await);
        drop(busy);
    }

    #[tokio::test]
    async fn idlest_of_all_makes_room_when_all_places_are_taken() {
        let (connections, start) = (Connections::default(), Instant::now());
        let mut places = Vec::new();
        for number in 0..MAX_CONNECTIONS {
            let source = address(u32::try_from(number / 32).unwrap());
            places.push(connections.enter(source, start).unwrap());
        }
        let new = connections.enter(address(9999), start).unwrap();
        assert!(is_closed(&places[0]).await);
        assert!(!is_closed(&places[1]).await && !is_closed(&new).await);
        assert_eq!(connections.lock().open.len(), MAX_CONNECTIONS);
    }

    #[tokio::test]
    async fn busy_connections_are_never_closed() {
        let (connections, now) = (Connections::default(), Instant::now());
        let places: Vec<_> = (0..MAX_CONNECTIONS_PER_SOURCE)
            .map(|_| connections.enter(address(1), now).unwrap())
            .collect();
        let busy: Vec<_> = places.iter().map(Place::busy).collect();
        assert!(connections.enter(address(1), now).is_none());
        drop(busy);
        assert!(connections.enter(address(1), now).is_some());
    }

    #[tokio::test]
    async fn ended_connection_gives_its_place_back() {
        let (connections, now) = (Connections::default(), Instant::now());
        drop(connections.enter(address(1), now));
        assert!(connections.lock().open.is_empty());
    }
}
