//! What a node has to announce: what changed since it last did.

use std::collections::{HashMap, HashSet};

use crate::limits::ANNOUNCEMENT_BYTES;
use crate::message::{Announced, Announcement};

/// What was announced last.
#[derive(Debug)]
pub(crate) struct Outline {
    node: String,
    name: String,
    sequence: u64,
    last: HashMap<String, Announced>,
}

impl Outline {
    pub(crate) fn new(node: &str, name: &str) -> Self {
        Self { node: node.to_owned(), name: name.to_owned(), sequence: 0, last: HashMap::new() }
    }

    /// What to announce when these are the connectors now: one announcement at least, and all of them
    /// if they are to be repeated.
    pub(crate) fn next(&mut self, now: Vec<Announced>, is_repeat: bool) -> Vec<Announcement> {
        let ids: HashSet<&str> = now.iter().map(|it| it.connector.as_str()).collect();
        let gone: Vec<_> =
            self.last.keys().filter(|id| !ids.contains(id.as_str())).cloned().collect();
        self.last.retain(|id, _| ids.contains(id.as_str()));
        let mut all = vec![self.empty(now.len())];
        all[0].gone = gone;
        let mut bytes = 0;
        for connector in now {
            let known = self.last.get(&connector.connector);
            if !is_repeat && known.is_some_and(|known| is_alike(known, &connector)) {
                continue;
            }
            let length = serde_json::to_vec(&connector).map_or(0, |json| json.len());
            if bytes > 0 && bytes + length > ANNOUNCEMENT_BYTES {
                let count = all[0].count;
                all.push(self.empty(count));
                bytes = 0;
            }
            bytes += length;
            self.last.insert(connector.connector.clone(), connector.clone());
            if let Some(last) = all.last_mut() {
                last.connectors.push(connector);
            }
        }
        all
    }

    /// The last announcement of a node.
    pub(crate) fn leave(&mut self) -> Announcement {
        let mut last = self.empty(0);
        last.is_leaving = true;
        last
    }

    fn empty(&mut self, count: usize) -> Announcement {
        self.sequence += 1;
        Announcement {
            node: self.node.clone(),
            name: self.name.clone(),
            sequence: self.sequence,
            count,
            is_leaving: false,
            connectors: Vec::new(),
            gone: Vec::new(),
        }
    }
}

/// Whether the difference is too small to be announced: how busy a connector is changes all the time.
fn is_alike(known: &Announced, new: &Announced) -> bool {
    // Steps of powers of two, and of a tenth of the processors.
    let rough = |it: &Announced| {
        (
            it.in_flight.checked_ilog2(),
            it.latency_micros.checked_ilog2(),
            it.load_percent.div_ceil(10),
        )
    };
    let busy = |it: &Announced| Announced {
        in_flight: 0,
        latency_micros: 0,
        load_percent: 0,
        ..it.clone()
    };
    rough(known) == rough(new) && busy(known) == busy(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::connector;

    #[test]
    fn only_what_changed_is_announced() {
        let mut outline = Outline::new("n", "gateway-1");
        let (one, mut two) = (connector("one"), connector("two"));
        let first = outline.next(vec![one.clone(), two.clone()], false);
        assert_eq!((first.len(), first[0].connectors.len(), first[0].count), (1, 2, 2));
        let quiet = outline.next(vec![one.clone(), two.clone()], false);
        assert_eq!((quiet[0].sequence, quiet[0].connectors.len()), (2, 0));
        two.in_flight = 5;
        assert_eq!(
            outline.next(vec![one.clone(), two.clone()], false)[0].connectors,
            [two.clone()]
        );
        two.in_flight = 6;
        assert_eq!(outline.next(vec![one.clone(), two.clone()], false)[0].connectors, []);
        let gone = outline.next(vec![one.clone()], false);
        assert_eq!((gone[0].gone.as_slice(), gone[0].count), (["two".to_owned()].as_slice(), 1));
        assert_eq!(outline.next(vec![one.clone()], true)[0].connectors, [one]);
    }

    #[test]
    fn many_connectors_are_announced_in_pieces_that_nats_takes() {
        let mut outline = Outline::new("n", "gateway-1");
        let all: Vec<_> = (0..5_000).map(|number| connector(&number.to_string())).collect();
        let pieces = outline.next(all, false);
        assert!(pieces.len() > 1);
        for piece in &pieces {
            assert!(serde_json::to_vec(piece).unwrap().len() < 2 * ANNOUNCEMENT_BYTES);
            assert_eq!(piece.count, 5_000);
        }
        assert_eq!(pieces.iter().map(|it| it.connectors.len()).sum::<usize>(), 5_000);
        assert!(pieces.windows(2).all(|two| two[0].sequence + 1 == two[1].sequence));
    }
}
