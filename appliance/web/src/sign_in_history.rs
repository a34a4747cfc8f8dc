//! Who has tried to sign in: the newest tries, in memory.
//!
//! Tries of the same kind from the same address that follow each other are one entry with a number,
//! so that somebody who guesses cannot push everything else out of the list.

use std::collections::VecDeque;
use std::net::IpAddr;

/// Most entries; the oldest makes room. Each costs some 100 bytes.
pub(crate) const MAX_ENTRIES: usize = 200;
/// A try belongs to the entry before it for this long, in seconds.
pub(crate) const SAME_SECONDS: i64 = 15 * 60;

/// Where a password was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The page *Sign in*.
    Page,
    /// The REST interface.
    Api,
    /// A page that asks for the password once more.
    Confirmation,
}

impl Way {
    /// Name in the REST interface and the logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Confirmation => "confirmation",
        }
    }
}

/// What a try came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The password was right.
    Accepted,
    /// User name or password was wrong.
    Refused,
    /// The pause after wrong ones was not over; the password was not looked at.
    Delayed,
}

impl Outcome {
    /// Name in the REST interface and the logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Delayed => "delayed",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignInTry {
    pub(crate) source: IpAddr,
    /// Short name of the browser or program; may be empty.
    pub(crate) agent: String,
    pub(crate) way: Way,
    pub(crate) outcome: Outcome,
    /// Tries in this entry.
    pub(crate) count: u32,
    /// When the first of them was, in seconds since 1970.
    pub(crate) first: i64,
    /// When the last of them was, in seconds since 1970.
    pub(crate) last: i64,
}

/// The newest tries, and how many there have been of each outcome.
#[derive(Debug, Default)]
pub(crate) struct SignInHistory {
    entries: VecDeque<SignInTry>,
    accepted: u64,
    refused: u64,
    delayed: u64,
}

/// Whether a try is an entry of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It is: worth a line in the logs.
    New,
    /// It was added to the entry before it.
    Repeated,
}

impl SignInHistory {
    /// Notes a try at a time in seconds since 1970.
    pub(crate) fn note(
        &mut self,
        source: IpAddr,
        agent: &str,
        (way, outcome): (Way, Outcome),
        now: i64,
    ) -> Noted {
        *match outcome {
            Outcome::Accepted => &mut self.accepted,
            Outcome::Refused => &mut self.refused,
            Outcome::Delayed => &mut self.delayed,
        } += 1;
        let same = self.entries.back_mut().filter(|entry| {
            outcome != Outcome::Accepted
                && (entry.source, entry.way, entry.outcome) == (source, way, outcome)
                && entry.agent == agent
                && (0..SAME_SECONDS).contains(&now.saturating_sub(entry.last))
        });
        if let Some(entry) = same {
            entry.count = entry.count.saturating_add(1);
            entry.last = now;
            return Noted::Repeated;
        }
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        let agent = agent.to_owned();
        let entry = SignInTry { source, agent, way, outcome, count: 1, first: now, last: now };
        self.entries.push_back(entry);
        Noted::New
    }

    /// The entries, newest first.
    pub(crate) fn newest_first(&self) -> Vec<SignInTry> {
        self.entries.iter().rev().cloned().collect()
    }

    /// Tries of each outcome since the start.
    pub(crate) fn totals(&self) -> [(Outcome, u64); 3] {
        [
            (Outcome::Accepted, self.accepted),
            (Outcome::Refused, self.refused),
            (Outcome::Delayed, self.delayed),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const REFUSED: (Way, Outcome) = (Way::Page, Outcome::Refused);
    const ACCEPTED: (Way, Outcome) = (Way::Page, Outcome::Accepted);

    #[test]
    fn repeated_failures_are_one_entry_with_a_number() {
        let mut history = SignInHistory::default();
        assert_eq!(history.note(SOURCE, "curl", REFUSED, 100), Noted::New);
        assert_eq!(history.note(SOURCE, "curl", REFUSED, 160), Noted::Repeated);
        assert_eq!(history.note(SOURCE, "curl", REFUSED, 160 + SAME_SECONDS), Noted::New);
        assert_eq!(history.note(SOURCE, "curl", ACCEPTED, 170 + SAME_SECONDS), Noted::New);
        assert_eq!(history.note(SOURCE, "curl", ACCEPTED, 170 + SAME_SECONDS), Noted::New);
        let entries = history.newest_first();
        assert_eq!(entries.len(), 4);
        assert_eq!((entries[3].count, entries[3].first, entries[3].last), (2, 100, 160));
        assert_eq!(history.totals().map(|(_, count)| count), [2, 3, 0]);
    }

    #[test]
    fn other_addresses_programs_and_ways_are_other_entries() {
        let mut history = SignInHistory::default();
        let other = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
        history.note(SOURCE, "curl", REFUSED, 1);
        history.note(other, "curl", REFUSED, 1);
        history.note(other, "wget", REFUSED, 1);
        history.note(other, "wget", (Way::Api, Outcome::Refused), 1);
        history.note(other, "wget", (Way::Api, Outcome::Delayed), 1);
        assert!(history.newest_first().iter().all(|entry| entry.count == 1));
        assert_eq!(history.newest_first().len(), 5);
    }

    #[test]
    fn clock_that_is_set_back_begins_an_entry() {
        let mut history = SignInHistory::default();
        history.note(SOURCE, "", REFUSED, 1000);
        assert_eq!(history.note(SOURCE, "", REFUSED, 10), Noted::New);
    }

    #[test]
    fn oldest_entries_make_room() {
        let mut history = SignInHistory::default();
        for now in 0..1000 {
            history.note(SOURCE, "", ACCEPTED, now);
        }
        let entries = history.newest_first();
        assert_eq!((entries.len(), entries[0].last), (MAX_ENTRIES, 999));
    }
}
