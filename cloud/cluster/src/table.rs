//! What the other nodes have announced.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use tokio::time::Instant;

use crate::limits::{REPEAT, SILENCE};
use crate::message::{Announced, Announcement};

/// Connectors of other nodes have numbers from here on, so that they differ from those of connections.
const FIRST_NUMBER: u64 = 1 << 63;
/// Share of a new latency in the average, as a divisor.
const SMOOTHING: u64 = 8;

/// A connector that is connected to another node.
#[derive(Clone, Debug)]
pub struct Remote {
    /// A number that no other connector of another node has, nor the same one after it or its node was
    /// gone.
    pub number: u64,
    /// The name of its node, for people.
    pub gateway: Arc<str>,
    /// What its node says of it.
    pub about: Arc<Announced>,
    pub(crate) node: Arc<str>,
    pub(crate) usage: Arc<Usage>,
}

/// What this node knows itself of a connector.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    in_flight: AtomicU32,
    latency_micros: AtomicU64,
}

impl Remote {
    /// Requests of this node that wait for it.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.usage.in_flight.load(Ordering::Relaxed)
    }

    /// Time that a further request would probably take, in microseconds times a percentage: the measure
    /// by which a gateway compares its own connections.
    #[must_use]
    pub fn cost(&self) -> u64 {
        // What its node announced may include requests of this one.
        let waiting = u64::from(self.about.in_flight.max(self.in_flight())) + 1;
        let seen = self.usage.latency_micros.load(Ordering::Relaxed);
        let latency = if seen == 0 { self.about.latency_micros } else { seen }.max(1);
        let load = u64::from(self.about.load_percent.min(100));
        waiting.saturating_mul(latency).saturating_mul(100 + load)
    }

    /// Counts a request until the guard is dropped.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.usage.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(&self.usage))
    }

    /// Notes how long an answer took.
    pub fn note_latency(&self, latency: std::time::Duration) {
        let new = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        let old = self.usage.latency_micros.load(Ordering::Relaxed);
        let average = if old == 0 { new } else { old - old / SMOOTHING + new / SMOOTHING };
        // Two at once may lose one of the notes, which changes an average little.
        self.usage.latency_micros.store(average, Ordering::Relaxed);
    }
}

/// A request that a connector of another node has.
#[derive(Debug)]
pub struct InFlight(Arc<Usage>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

type Place = (String, String);

/// All other nodes.
#[derive(Debug)]
pub(crate) struct Table {
    own: String,
    numbers: u64,
    peers: HashMap<String, Peer>,
    places: HashMap<Place, Vec<Remote>>,
}

#[derive(Debug)]
struct Peer {
    node: Arc<str>,
    name: Arc<str>,
    /// Which life of the node in this table it is: one that was gone and is back has another one.
    life: u64,
    heard: Instant,
    sequence: u64,
    /// Since when the number of its connectors is not the one that it says.
    incomplete: Option<Instant>,
    connectors: HashMap<String, Place>,
}

/// What an announcement means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// Connectors came, changed or went.
    pub(crate) has_changed: bool,
    /// The node has to announce all of its connectors again.
    pub(crate) is_incomplete: bool,
}

impl Table {
    pub(crate) fn new(own: &str) -> Self {
        Self {
            own: own.to_owned(),
            numbers: FIRST_NUMBER,
            peers: HashMap::new(),
            places: HashMap::new(),
        }
    }

    /// Takes an announcement in.
    pub(crate) fn hear(&mut self, announcement: Announcement, now: Instant) -> Effect {
        let Announcement { node, name, sequence, count, is_leaving, connectors, gone } =
            announcement;
        if node == self.own {
            return Effect::default();
        }
        if is_leaving {
            return Effect { has_changed: self.forget(&node), is_incomplete: false };
        }
        // After a gap something may be gone that nobody will speak of any more.
        let follows = self.peers.get(&node).is_some_and(|peer| peer.sequence + 1 == sequence);
        let mut has_changed = false;
        if !follows && self.peers.contains_key(&node) {
            has_changed = self.empty(&node);
        }
        let life = self.number();
        let peer = self.peers.entry(node.clone()).or_insert_with(|| Peer {
            node: node.as_str().into(),
            name: name.as_str().into(),
            life,
            heard: now,
            sequence,
            incomplete: None,
            connectors: HashMap::new(),
        });
        (peer.heard, peer.sequence) = (now, sequence);
        has_changed |= !connectors.is_empty() || !gone.is_empty();
        for id in gone {
            self.remove(&node, &id);
        }
        for connector in connectors {
            self.put(&node, connector);
        }
        let is_incomplete = self.is_incomplete(&node, count, follows, now);
        Effect { has_changed, is_incomplete }
    }

    fn is_incomplete(&mut self, node: &str, count: usize, follows: bool, now: Instant) -> bool {
        let Some(peer) = self.peers.get_mut(node) else { return false };
        if peer.connectors.len() == count {
            peer.incomplete = None;
            return false;
        }
        let since = *peer.incomplete.get_or_insert(now);
        let is_due = !follows || now.duration_since(since) >= REPEAT;
        if is_due {
            peer.incomplete = Some(now);
        }
        is_due
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn put(&mut self, node: &str, connector: Announced) {
        let number = self.number();
        let Some(peer) = self.peers.get_mut(node) else { return };
        let place = (connector.tenant.clone(), connector.location.clone());
        let id = connector.connector.clone();
        let before = peer.connectors.insert(id.clone(), place.clone());
        let (peer_node, gateway) = (Arc::clone(&peer.node), Arc::clone(&peer.name));
        let is_same = |it: &Remote| *it.node == *node && it.about.connector == id;
        if let Some(before) = before.filter(|before| *before != place) {
            self.take(&before, is_same);
        }
        let about = Arc::new(connector);
        let all = self.places.entry(place).or_default();
        match all.iter_mut().find(|it| is_same(it)) {
            Some(known) => known.about = about,
            None => {
                let usage = Arc::default();
                all.push(Remote { number, gateway, about, node: peer_node, usage });
            }
        }
    }

    fn remove(&mut self, node: &str, id: &str) {
        let place = self.peers.get_mut(node).and_then(|peer| peer.connectors.remove(id));
        if let Some(place) = place {
            self.take(&place, |it| *it.node == *node && it.about.connector == *id);
        }
    }

    fn take(&mut self, place: &Place, is_meant: impl Fn(&Remote) -> bool) {
        if let Some(all) = self.places.get_mut(place) {
            all.retain(|it| !is_meant(it));
            if all.is_empty() {
                self.places.remove(place);
            }
        }
    }

    /// Forgets the connectors of a node; whether it had any.
    fn empty(&mut self, node: &str) -> bool {
        let Some(peer) = self.peers.get_mut(node) else { return false };
        let connectors = std::mem::take(&mut peer.connectors);
        for place in connectors.values() {
            self.take(place, |it| *it.node == *node);
        }
        !connectors.is_empty()
    }

    /// Forgets a node; whether it was known.
    pub(crate) fn forget(&mut self, node: &str) -> bool {
        self.empty(node);
        self.peers.remove(node).is_some()
    }

    /// Forgets all nodes.
    pub(crate) fn clear(&mut self) {
        self.peers.clear();
        self.places.clear();
    }

    /// Forgets nodes that are silent; gives their names.
    pub(crate) fn forget_silent(&mut self, now: Instant) -> Vec<String> {
        let is_silent = |peer: &Peer| now.duration_since(peer.heard) > SILENCE;
        let silent: Vec<_> = self.peers.values().filter(|peer| is_silent(peer)).collect();
        let silent: Vec<_> =
            silent.into_iter().map(|peer| (peer.node.to_string(), peer.name.to_string())).collect();
        silent
            .into_iter()
            .map(|(node, name)| {
                self.forget(&node);
                name
            })
            .collect()
    }

    /// Connectors of a resource location.
    pub(crate) fn of_location(&self, tenant: &str, location: &str) -> Vec<Remote> {
        let place = (tenant.to_owned(), location.to_owned());
        self.places.get(&place).cloned().unwrap_or_default()
    }

    /// All nodes that are there.
    pub(crate) fn nodes(&self) -> Vec<Arc<str>> {
        self.peers.values().map(|peer| Arc::clone(&peer.node)).collect()
    }

    /// Which life of a node it is; `None` if it is gone.
    pub(crate) fn life(&self, node: &str) -> Option<u64> {
        self.peers.get(node).map(|peer| peer.life)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;

    pub(crate) fn connector(id: &str) -> Announced {
        Announced {
            tenant: "bank".to_owned(),
            location: "east".to_owned(),
            connector: id.to_owned(),
            capacity: 8,
            in_flight: 0,
            latency_micros: 1_000,
            load_percent: 10,
            addresses: Vec::new(),
            domains: Vec::new(),
            connections: Vec::new(),
        }
    }

    fn announcement(sequence: u64, count: usize, connectors: &[&str]) -> Announcement {
        Announcement {
            node: "n".to_owned(),
            name: "gateway-2".to_owned(),
            sequence,
            count,
            is_leaving: false,
            connectors: connectors.iter().map(|id| connector(id)).collect(),
            gone: Vec::new(),
        }
    }

    fn ids(table: &Table) -> Vec<String> {
        let all = table.of_location("bank", "east");
        all.iter().map(|it| it.about.connector.clone()).collect()
    }

    #[test]
    fn a_silent_node_is_forgotten_with_its_connectors() {
        let (mut table, now) = (Table::new("own"), Instant::now());
        assert!(table.hear(announcement(1, 1, &["one"]), now).has_changed);
        let life = table.life("n").unwrap();
        assert_eq!(table.forget_silent(now + SILENCE), [""; 0]);
        assert_eq!(table.forget_silent(now + SILENCE + Duration::from_millis(1)), ["gateway-2"]);
        assert_eq!((ids(&table).len(), table.life("n")), (0, None));
        table.hear(announcement(9, 1, &["one"]), now);
        assert_ne!(table.life("n"), Some(life));
    }

    #[test]
    fn a_gap_empties_the_table_and_asks_for_all_of_it() {
        let (mut table, now) = (Table::new("own"), Instant::now());
        assert!(!table.hear(announcement(1, 2, &["one", "two"]), now).is_incomplete);
        let number = table.of_location("bank", "east")[0].number;
        let effect = table.hear(announcement(3, 2, &["two"]), now);
        assert_eq!(effect, Effect { has_changed: true, is_incomplete: true });
        assert_eq!(ids(&table), ["two"]);
        assert!(!table.hear(announcement(4, 2, &["one"]), now).is_incomplete);
        assert!(table.of_location("bank", "east").iter().all(|it| it.number != number));
    }

    #[test]
    fn what_stays_incomplete_is_asked_for_again() {
        let (mut table, now) = (Table::new("own"), Instant::now());
        assert!(table.hear(announcement(1, 2, &["one"]), now).is_incomplete);
        assert!(!table.hear(announcement(2, 2, &[]), now).is_incomplete);
        assert!(table.hear(announcement(3, 2, &[]), now + REPEAT).is_incomplete);
    }

    #[test]
    fn a_connector_keeps_its_number_and_count_while_it_changes() {
        let (mut table, now) = (Table::new("own"), Instant::now());
        table.hear(announcement(1, 1, &["one"]), now);
        let before = table.of_location("bank", "east").remove(0);
        let _request = before.begin();
        before.note_latency(Duration::from_millis(4));
        let mut next = announcement(2, 1, &["one"]);
        next.connectors[0].load_percent = 60;
        table.hear(next, now);
        let after = table.of_location("bank", "east").remove(0);
        assert_eq!((after.number, after.in_flight()), (before.number, 1));
        assert_eq!(after.cost(), 2 * 4_000 * 160);
    }

    #[test]
    fn a_node_that_leaves_is_forgotten_at_once_and_the_own_one_is_no_other() {
        let (mut table, now) = (Table::new("own"), Instant::now());
        table.hear(announcement(1, 1, &["one"]), now);
        let mut gone = announcement(2, 1, &["two"]);
        gone.gone = vec!["one".to_owned()];
        table.hear(gone, now);
        assert_eq!(ids(&table), ["two"]);
        let leaving = Announcement { is_leaving: true, ..announcement(3, 0, &[]) };
        assert!(table.hear(leaving, now).has_changed);
        assert_eq!((ids(&table).len(), table.nodes().len()), (0, 0));
        let own = Announcement { node: "own".to_owned(), ..announcement(1, 1, &["one"]) };
        assert_eq!(table.hear(own, now), Effect::default());
        assert_eq!(table.nodes().len(), 0);
    }
}
