//! Whether the clock can be relied on. Pure.

use std::time::Duration;

use model::clock::ClockTrust;
use model::product::RELEASED;

/// How long the first answer of a time server is waited for before its absence is worth a word.
pub(crate) const FIRST_ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// How long after the last answer the clock still counts as synchronised, in seconds: three of the
/// longest pauses.
const FRESH_SECONDS: i64 = 3 * 1024;

/// What is known of the clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// Whether the network role has looked, so that it would know of time servers.
    pub(crate) is_network_up: bool,
    /// How many time servers are known.
    pub(crate) servers: usize,
    /// How long they have been known.
    pub(crate) known_for: Duration,
    /// Server that the clock follows, and when it answered last, in seconds since 1970.
    pub(crate) followed: Option<(String, i64)>,
    /// What went wrong in the last round; `None` = nothing.
    pub(crate) trouble: Option<String>,
    /// The time now, in seconds since 1970.
    pub(crate) now: i64,
    /// How long the machine has been running, in seconds.
    pub(crate) uptime: i64,
}

/// Judges the clock.
pub(crate) fn judge(evidence: &Evidence) -> ClockTrust {
    let &Evidence { is_network_up, servers, known_for, ref followed, ref trouble, now, uptime } =
        evidence;
    if let Some((server, at)) = followed
        && servers > 0
    {
        let is_fresh = (now - at).abs() <= FRESH_SECONDS;
        return if is_fresh {
            ClockTrust::Synchronised { server: server.clone(), at: *at }
        } else {
            ClockTrust::Unreachable { last: Some(*at), reason: trouble.clone().unwrap_or_default() }
        };
    }
    // A clock that was lifted to the floor at the start stays as wrong as it was.
    if followed.is_none() && now - uptime < RELEASED {
        return ClockTrust::BeforeBuild;
    }
    match trouble {
        _ if !is_network_up => ClockTrust::Waiting,
        _ if servers == 0 => ClockTrust::Hypervisor,
        Some(reason) if known_for >= FIRST_ANSWER_LIMIT => {
            ClockTrust::Unreachable { last: None, reason: reason.clone() }
        }
        Some(_) | None => ClockTrust::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = RELEASED + 1_000_000;

    fn evidence() -> Evidence {
        Evidence { is_network_up: true, servers: 1, now: NOW, uptime: 60, ..Evidence::default() }
    }

    #[test]
    fn without_servers_the_hypervisor_is_believed() {
        let without = Evidence { servers: 0, ..evidence() };
        assert_eq!(judge(&without), ClockTrust::Hypervisor);
        let starting = Evidence { is_network_up: false, ..without };
        assert_eq!(judge(&starting), ClockTrust::Waiting);
    }

    #[test]
    fn a_machine_that_started_before_the_release_was_made_is_wrong() {
        for servers in [0, 2] {
            let started_early = Evidence { servers, now: RELEASED + 59, ..evidence() };
            assert_eq!(judge(&started_early), ClockTrust::BeforeBuild);
        }
    }

    #[test]
    fn an_answer_makes_it_right() {
        let followed = Some(("10.0.0.3".to_owned(), NOW - 64));
        let trust = judge(&Evidence { followed, uptime: NOW, ..evidence() });
        assert_eq!(trust, ClockTrust::Synchronised { server: "10.0.0.3".to_owned(), at: NOW - 64 });
    }

    #[test]
    fn silence_is_worth_a_word_after_a_while() {
        let trouble = Some("10.0.0.3: it does not answer".to_owned());
        let first = Evidence { trouble: trouble.clone(), ..evidence() };
        assert_eq!(judge(&first), ClockTrust::Waiting);
        let later = Evidence { known_for: FIRST_ANSWER_LIMIT, ..first };
        let reason = trouble.clone().unwrap_or_default();
        assert_eq!(judge(&later), ClockTrust::Unreachable { last: None, reason });
    }

    #[test]
    fn an_old_answer_is_not_relied_on_for_ever() {
        let at = NOW - FRESH_SECONDS - 1;
        let followed = Some(("10.0.0.3".to_owned(), at));
        let trust = judge(&Evidence { followed, ..evidence() });
        assert!(matches!(trust, ClockTrust::Unreachable { last: Some(last), .. } if last == at));
    }
}
