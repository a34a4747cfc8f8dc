//! A start on trial: until all roles have been ready for a while, the boot loader counts it as a failed
//! one. Takes the time, does nothing itself.

use std::time::{Duration, Instant};

use crate::role::Role;
use crate::slot_report::FailureReason;
use crate::supervisor::Supervisor;

/// All roles must have been ready this long before the slot is called good.
pub const STABLE: Duration = Duration::from_secs(5);
/// A start that is not healthy by then has failed: the machine restarts, and the boot loader takes the
/// other slot when this one has no tries left. Counted from the start of PID 1.
pub const HEALTH_LIMIT: Duration = Duration::from_secs(180);
/// A role that has been started again this often, within some 15 s, and ends once more will not be ready
/// in time either.
pub const MAX_RESTARTS: u32 = 6;
/// Pause before another attempt to tell the boot loader that the slot is good.
pub const MARK_PAUSE: Duration = Duration::from_secs(60);

/// The trial of this start.
#[derive(Debug)]
pub struct Trial {
    deadline: Instant,
    mark_after: Instant,
    stays_with_page: bool,
    outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It came up, which the boot loader does not know yet.
    Healthy,
    /// It came up, and the boot loader knows.
    Marked,
    Failed,
}

/// What is to be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Look again at the latest then.
    Wait(Instant),
    /// Tell the boot loader that the slot is good.
    MarkGood,
    /// Keep the reason and restart.
    Fail(FailureReason),
    /// Nothing: a role that fails later never restarts the machine.
    Over,
}

/// What an orderly stop tells the boot loader about this start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastWord {
    /// The slot is good.
    Good,
    /// Nothing is known against the slot.
    Interrupted,
    /// Nothing: it knows already.
    Nothing,
}

impl Trial {
    /// Begins. When every slot had failed before, a start whose administration page answers is not given
    /// up: a person needs the page more than another attempt.
    #[must_use]
    pub fn new(now: Instant, all_failed: bool) -> Self {
        let deadline = now + HEALTH_LIMIT;
        Self { deadline, mark_after: now, stays_with_page: all_failed, outcome: None }
    }

    /// What is to be done now.
    pub fn judge(&mut self, roles: &Supervisor, now: Instant) -> Verdict {
        if matches!(self.outcome, Some(Outcome::Marked | Outcome::Failed)) {
            return Verdict::Over;
        }
        if let Some(since) = roles.ready_since() {
            let at = self.mark_after.max(since + STABLE);
            if now < at {
                return Verdict::Wait(at);
            }
            self.outcome = Some(Outcome::Healthy);
            return Verdict::MarkGood;
        }
        if self.outcome.is_some() {
            return Verdict::Over;
        }
        let culprit = match roles.keeps_ending(MAX_RESTARTS) {
            None if now < self.deadline => return Verdict::Wait(self.deadline),
            None => roles.first_not_ready(),
            culprit => culprit,
        };
        match culprit {
            Some((role, last_exit)) if !(self.stays_with_page && roles.is_ready(Role::Web)) => {
                self.outcome = Some(Outcome::Failed);
                Verdict::Fail(FailureReason::NotHealthy { role, last_exit })
            }
            _ => Verdict::Over,
        }
    }

    /// Notes whether the boot loader could be told that the slot is good.
    pub fn marked(&mut self, is_marked: bool, now: Instant) {
        if is_marked {
            self.outcome = Some(Outcome::Marked);
        } else {
            self.mark_after = now + MARK_PAUSE;
        }
    }

    /// What the boot loader is to be told when the machine stops in order.
    #[must_use]
    pub fn last_word(&self, were_all_ready: bool) -> LastWord {
        match self.outcome {
            Some(Outcome::Marked | Outcome::Failed) => LastWord::Nothing,
            Some(Outcome::Healthy) => LastWord::Good,
            None if were_all_ready => LastWord::Good,
            None => LastWord::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Running roles; those given are ready since `now`.
    fn roles(ready: &[Role], now: Instant) -> Supervisor {
        let mut roles = Supervisor::new(now);
        for (pid, role) in (10..).zip(Role::ALL) {
            roles.started(role, pid, now);
            if ready.contains(&role) {
                assert!(roles.ready(role, pid, now));
            }
        }
        roles
    }

    #[test]
    fn a_start_is_good_after_it_was_stable() {
        let start = Instant::now();
        let mut trial = Trial::new(start, false);
        let roles = roles(&Role::ALL, start);
        assert_eq!(trial.judge(&roles, start), Verdict::Wait(start + STABLE));
        assert_eq!(trial.last_word(true), LastWord::Good, "a restart does not wait for that");
        assert_eq!(trial.judge(&roles, start + STABLE), Verdict::MarkGood);
        trial.marked(true, start + STABLE);
        assert_eq!(trial.judge(&roles, start + STABLE), Verdict::Over);
        assert_eq!(trial.last_word(true), LastWord::Nothing);
    }

    #[test]
    fn a_role_that_is_not_ready_in_time_fails_the_start_and_is_named() {
        let start = Instant::now();
        let mut trial = Trial::new(start, false);
        let before_web = [Role::Journal, Role::Settings, Role::Network, Role::Time];
        let mut roles = roles(&before_web, start);
        let last = start + HEALTH_LIMIT;
        assert_eq!(trial.judge(&roles, start), Verdict::Wait(last));
        assert_eq!(trial.last_word(false), LastWord::Interrupted);
        let web = roles.pid(Role::Web).expect("runs");
        roles.ended(web, "exit status 3", start);
        let (role, last_exit) = (Role::Web, Some("exit status 3".to_owned()));
        let reason = FailureReason::NotHealthy { role, last_exit };
        assert_eq!(trial.judge(&roles, last), Verdict::Fail(reason));
        assert_eq!(trial.judge(&roles, last), Verdict::Over);
        assert_eq!(trial.last_word(false), LastWord::Nothing);
    }

    #[test]
    fn a_role_that_keeps_ending_fails_the_start_at_once() {
        let mut now = Instant::now();
        let mut trial = Trial::new(now, false);
        let mut roles = roles(&[Role::Settings, Role::Network, Role::Time], now);
        let mut with_page = Trial::new(now, true);
        for pid in 100..100 + i32::try_from(MAX_RESTARTS).expect("small") {
            assert!(matches!(trial.judge(&roles, now), Verdict::Wait(_)));
            let web = roles.pid(Role::Web).expect("runs");
            roles.ended(web, "exit status 3", now);
            now = roles.next_due().expect("waits");
            roles.started(Role::Web, pid, now);
        }
        let web = roles.pid(Role::Web).expect("runs");
        roles.ended(web, "exit status 3", now);
        let reason =
            FailureReason::NotHealthy { role: Role::Web, last_exit: Some("exit status 3".into()) };
        assert_eq!(trial.judge(&roles, now), Verdict::Fail(reason));
        assert!(matches!(with_page.judge(&roles, now), Verdict::Fail(_)), "there is no page");
    }

    #[test]
    fn a_role_that_fails_later_changes_nothing() {
        let start = Instant::now();
        let mut trial = Trial::new(start, false);
        let mut roles = roles(&Role::ALL, start);
        assert_eq!(trial.judge(&roles, start + STABLE), Verdict::MarkGood);
        trial.marked(false, start + STABLE);
        let again = start + STABLE + MARK_PAUSE;
        assert_eq!(trial.judge(&roles, start + STABLE), Verdict::Wait(again));
        let web = roles.pid(Role::Web).expect("runs");
        roles.ended(web, "signal 9", start);
        assert_eq!(trial.judge(&roles, start + 2 * HEALTH_LIMIT), Verdict::Over);
        assert_eq!(trial.last_word(false), LastWord::Good, "it was healthy");
    }

    #[test]
    fn a_working_page_is_kept_when_every_slot_has_failed() {
        let start = Instant::now();
        let mut trial = Trial::new(start, true);
        let all_but_time = [Role::Settings, Role::Network, Role::Web, Role::Console];
        let verdict = trial.judge(&roles(&all_but_time, start), start + HEALTH_LIMIT);
        assert_eq!(verdict, Verdict::Over);
        let verdict = trial.judge(&roles(&[Role::Time], start), start + HEALTH_LIMIT);
        assert!(matches!(verdict, Verdict::Fail(_)));
    }
}
