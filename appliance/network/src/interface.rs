//! Which interface is used.
//!
//! One interface carries everything: the first, in the order of the kernel, that has a link when the
//! role starts. When its link goes and does not come back at once, the next one with a link is used
//! until the first one's link has lasted for a while. A card whose cable is plugged in later takes
//! nothing over from one that works, so that nobody is cut off by a cable.
//!
//! Times are durations since any fixed moment of a clock that never goes back.

use std::collections::BTreeMap;
use std::time::Duration;

use model::network::InterfaceFacts;
use sys::netlink::Link;

/// Drivers need this long after the start to report the links of all cards; until then an earlier
/// card takes over at once.
const SETTLING: Duration = Duration::from_secs(5);
/// A link that is back sooner was never gone: drivers take it down to change a setting.
pub(crate) const GRACE: Duration = Duration::from_secs(3);
/// The first interface is used again when its link has lasted this long. Doubled, up to the limit,
/// each time that it fails again soon after.
const HOLD: Duration = Duration::from_secs(10);
const HOLD_LIMIT: Duration = Duration::from_secs(320);
/// How soon "soon after" is.
const CALM: Duration = Duration::from_secs(600);
/// Interfaces that are shown.
const MAX_SHOWN: usize = 16;

/// Chooses an interface again and again.
#[derive(Debug)]
pub(crate) struct Chooser {
    started: Duration,
    in_use: Option<u32>,
    /// The first that had a link.
    home: Option<u32>,
    /// Since when each interface has had a link.
    linked: BTreeMap<u32, Duration>,
    /// Since when the one in use has had none.
    lost: Option<Duration>,
    hold: Duration,
    /// When home was left last.
    left: Option<Duration>,
}

impl Chooser {
    /// One that has chosen nothing yet.
    pub(crate) const fn new(now: Duration) -> Self {
        Self {
            started: now,
            in_use: None,
            home: None,
            linked: BTreeMap::new(),
            lost: None,
            hold: HOLD,
            left: None,
        }
    }

    /// The interface to use, out of all that there are.
    pub(crate) fn choose<'a>(&mut self, now: Duration, links: &'a [Link]) -> Option<&'a Link> {
        let has_link =
            |index: u32| links.iter().any(|link| link.index == index && link.has_carrier);
        self.linked.retain(|index, _| has_link(*index));
        for link in links.iter().filter(|link| link.has_carrier) {
            self.linked.entry(link.index).or_insert(now);
        }
        let is_there = |index: &u32| links.iter().any(|link| link.index == *index);
        self.in_use = self.in_use.filter(is_there);
        self.home = self.home.filter(is_there);
        let first = links.iter().map(|link| link.index).min();
        let first_linked = self.linked.keys().next().copied();
        let chosen = match self.in_use {
            None => first_linked.or(first),
            Some(index) if has_link(index) => Some(self.home_or(now, index, first_linked)),
            Some(index) => Some(self.substitute_for(now, index, first_linked)),
        };
        if chosen != self.in_use || chosen.is_some_and(has_link) {
            self.lost = None;
        }
        if self.home.is_none() {
            self.home = chosen.filter(|index| has_link(*index));
        }
        self.in_use = chosen;
        links.iter().find(|link| Some(link.index) == chosen)
    }

    /// When to choose again although no link has changed.
    pub(crate) fn review(&self) -> Option<Duration> {
        let end_of_grace = self.lost.filter(|_| !self.linked.is_empty()).map(|lost| lost + GRACE);
        end_of_grace.or_else(|| {
            let home = self.home.filter(|home| Some(*home) != self.in_use)?;
            Some(*self.linked.get(&home)? + self.hold)
        })
    }

    /// The interface in use, which has a link, or the one to go back to.
    fn home_or(&mut self, now: Duration, in_use: u32, first_linked: Option<u32>) -> u32 {
        let is_settling = now.saturating_sub(self.started) < SETTLING;
        if let Some(first) = first_linked.filter(|first| is_settling && *first < in_use) {
            self.home = Some(first);
            return first;
        }
        let Some(home) = self.home.filter(|home| *home != in_use) else { return in_use };
        let is_back = self.linked.get(&home).is_some_and(|since| *since + self.hold <= now);
        if is_back { home } else { in_use }
    }

    /// The interface in use, which has lost its link, or another one after a while.
    fn substitute_for(&mut self, now: Duration, in_use: u32, first_linked: Option<u32>) -> u32 {
        let lost = *self.lost.get_or_insert(now);
        let was_never_used = self.home.is_none();
        let Some(other) = first_linked.filter(|_| was_never_used || lost + GRACE <= now) else {
            return in_use;
        };
        if self.home == Some(in_use) {
            let is_again = self.left.is_some_and(|left| now.saturating_sub(left) < CALM);
            self.hold = if is_again { (self.hold * 2).min(HOLD_LIMIT) } else { HOLD };
            self.left = Some(now);
        }
        other
    }
}

/// What is shown of the interfaces.
pub(crate) fn facts(links: &[Link], in_use: Option<u32>) -> Vec<InterfaceFacts> {
    let mut links: Vec<_> = links.iter().collect();
    links.sort_by_key(|link| link.index);
    let fact = |link: &Link| InterfaceFacts {
        name: link.name.clone(),
        hardware_address: format_hardware_address(link.hardware_address),
        has_link: link.has_carrier,
        is_in_use: Some(link.index) == in_use,
    };
    links.into_iter().take(MAX_SHOWN).map(fact).collect()
}

/// A hardware address as it is usually written.
pub(crate) fn format_hardware_address(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(100);

    /// Interfaces 2 and up, and a clock.
    struct Bench {
        chooser: Chooser,
        now: Duration,
        links: Vec<Link>,
    }

    impl Bench {
        fn new(carriers: &[bool]) -> Self {
            let links = (2..).zip(carriers).map(|(index, carrier)| link(index, *carrier)).collect();
            let mut bench = Self { chooser: Chooser::new(START), now: START, links };
            bench.chosen();
            bench
        }

        /// One whose start is long ago.
        fn settled(carriers: &[bool]) -> Self {
            let mut bench = Self::new(carriers);
            bench.after(60);
            bench
        }

        fn chosen(&mut self) -> Option<u32> {
            self.chooser.choose(self.now, &self.links).map(|link| link.index)
        }

        fn after(&mut self, seconds: u64) -> Option<u32> {
            self.now += Duration::from_secs(seconds);
            self.chosen()
        }

        /// Plugs a cable in or out.
        fn plug(&mut self, index: usize, is_in: bool) -> Option<u32> {
            self.links[index - 2].has_carrier = is_in;
            self.chosen()
        }

        /// Lets time pass to the next review.
        fn review(&mut self) -> Option<u32> {
            self.now = self.chooser.review().expect("a review");
            self.chosen()
        }
    }

    fn link(index: u32, has_carrier: bool) -> Link {
        Link {
            index,
            name: format!("eth{index}"),
            hardware_address: [2; 6],
            mtu: 1500,
            is_up: true,
            is_running: has_carrier,
            has_carrier,
        }
    }

    #[test]
    fn takes_the_first_with_a_link() {
        assert_eq!(Bench::new(&[]).chosen(), None);
        assert_eq!(Bench::new(&[false, false]).chosen(), Some(2));
        assert_eq!(Bench::new(&[false, true, true]).chosen(), Some(3));
        assert_eq!(Bench::new(&[true, true]).chosen(), Some(2));
    }

    #[test]
    fn the_first_to_get_a_link_is_used_when_none_had_one() {
        let mut bench = Bench::settled(&[false, false]);
        assert_eq!(bench.plug(3, true), Some(3), "at once");
    }

    #[test]
    fn an_earlier_card_that_is_slow_at_the_start_still_wins() {
        let mut bench = Bench::new(&[false, true]);
        bench.after(2);
        assert_eq!(bench.plug(2, true), Some(2));
    }

    #[test]
    fn a_cable_pulled_right_after_the_start_is_waited_for_too() {
        let mut bench = Bench::new(&[true, true]);
        bench.plug(2, false);
        assert_eq!(bench.review(), Some(3));
        assert_eq!(bench.after(1), Some(3), "still within the start");
        bench.after(60);
        bench.plug(2, true);
        assert_eq!(bench.review(), Some(2));
    }

    #[test]
    fn a_card_plugged_in_later_takes_nothing_over() {
        let mut bench = Bench::settled(&[false, true]);
        assert_eq!(bench.plug(2, true), Some(3));
        assert_eq!(bench.after(3600), Some(3));
        bench.plug(3, false);
        assert_eq!(bench.review(), Some(2), "unless it is needed");
    }

    #[test]
    fn moves_after_a_grace_and_comes_back_to_a_link_that_lasts() {
        let mut bench = Bench::settled(&[true, true]);
        assert_eq!(bench.plug(2, false), Some(2));
        let lost = bench.now;
        assert_eq!(bench.review(), Some(3));
        assert_eq!(bench.now - lost, GRACE);
        assert_eq!(bench.plug(2, true), Some(3));
        let back = bench.now;
        assert_eq!(bench.review(), Some(2));
        assert_eq!(bench.now - back, HOLD);
        assert_eq!(bench.chooser.review(), None);
    }

    #[test]
    fn a_short_interruption_changes_nothing() {
        let mut bench = Bench::settled(&[true, true]);
        bench.plug(2, false);
        assert_eq!(bench.after(2), Some(2));
        assert_eq!(bench.plug(2, true), Some(2));
        assert_eq!(bench.after(3600), Some(2));
        bench.plug(2, false);
        assert_eq!(bench.after(2), Some(2), "the grace begins anew");
    }

    #[test]
    fn a_flapping_link_is_used_ever_more_seldom() {
        let mut bench = Bench::settled(&[true, true]);
        let (mut moves, mut last) = (0, Some(2));
        // An hour of 20 s with and 20 s without link.
        for turn in 0..180 {
            let mut found = vec![bench.plug(2, turn % 2 == 1)];
            found.extend((0..20).map(|_| bench.after(1)));
            for chosen in found {
                moves += u32::from(chosen != last);
                last = chosen;
            }
        }
        assert!(moves <= 5, "{moves} moves");
        bench.plug(2, true);
        assert_eq!(bench.after(HOLD_LIMIT.as_secs()), Some(2));
    }

    #[test]
    fn cards_come_and_go() {
        let mut bench = Bench::settled(&[true]);
        bench.links.push(link(3, true));
        assert_eq!(bench.chosen(), Some(2));
        bench.links.remove(0);
        assert_eq!(bench.chosen(), Some(3), "at once when the card itself is gone");
        bench.links.clear();
        assert_eq!(bench.chosen(), None);
        bench.links.push(link(4, true));
        assert_eq!(bench.chosen(), Some(4));
    }

    #[test]
    fn stays_when_no_other_has_a_link() {
        let mut bench = Bench::settled(&[false, true]);
        bench.plug(3, false);
        assert_eq!(bench.chooser.review(), None);
        assert_eq!(bench.after(3600), Some(3));
        assert_eq!(bench.plug(2, true), Some(2), "the grace is over");
    }

    #[test]
    fn shows_the_cards_in_order_and_the_one_in_use() {
        let facts = facts(&[link(3, true), link(2, false)], Some(3));
        let shown: Vec<_> =
            facts.iter().map(|fact| (fact.name.as_str(), fact.has_link, fact.is_in_use)).collect();
        assert_eq!(shown, [("eth2", false, false), ("eth3", true, true)]);
    }

    #[test]
    fn writes_hardware_addresses_with_colons() {
        assert_eq!(format_hardware_address([0x52, 0x54, 0, 0x12, 0xab, 1]), "52:54:00:12:ab:01");
    }
}
