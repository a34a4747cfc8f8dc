//! Which role runs, which is to start again, and when. Takes the time, does nothing itself.

use std::time::{Duration, Instant};

use crate::role::Role;
use crate::supervision::{RoleState, RoleStatus};

/// First pause before a role that ended is started again.
pub const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause; each one is twice the one before.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A role that ran this long begins with the first pause again.
pub const LONG_RUN: Duration = Duration::from_secs(60);

/// The roles and their processes.
#[derive(Debug)]
pub struct Supervisor(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    role: Role,
    process: Process,
    next_pause: Duration,
    restarts: u32,
    last_exit: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    Running { pid: i32, since: Instant, ready_since: Option<Instant> },
    Waiting { until: Instant },
}

impl Supervisor {
    /// All roles, due at once.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        let entry = |role| Entry {
            role,
            process: Process::Waiting { until: now },
            next_pause: FIRST_PAUSE,
            restarts: 0,
            last_exit: None,
        };
        Self(Role::ALL.into_iter().map(entry).collect())
    }

    /// Roles that are to be started now.
    #[must_use]
    pub fn due(&self, now: Instant) -> Vec<Role> {
        let is_due =
            |entry: &&Entry| matches!(entry.process, Process::Waiting { until } if until <= now);
        self.0.iter().filter(is_due).map(|entry| entry.role).collect()
    }

    /// When the next role is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let until = self.0.iter().filter_map(|entry| match entry.process {
            Process::Waiting { until } => Some(until),
            Process::Running { .. } => None,
        });
        until.min()
    }

    /// Notes that a role was started.
    pub fn started(&mut self, role: Role, pid: i32, now: Instant) {
        if let Some(entry) = self.entry(role) {
            if entry.last_exit.is_some() {
                entry.restarts = entry.restarts.saturating_add(1);
            }
            entry.process = Process::Running { pid, since: now, ready_since: None };
        }
    }

    /// Notes that a role could not be started.
    pub fn not_started(&mut self, role: Role, why: String, now: Instant) {
        if let Some(entry) = self.entry(role) {
            entry.pause(why, now);
        }
    }

    /// Notes that a process ended, and says which role it was; others are orphans.
    pub fn ended(&mut self, pid: i32, how: &str, now: Instant) -> Option<Role> {
        let entry = self.0.iter_mut().find(|entry| entry.pid() == Some(pid))?;
        if let Process::Running { since, .. } = entry.process
            && now.saturating_duration_since(since) >= LONG_RUN
        {
            entry.next_pause = FIRST_PAUSE;
        }
        entry.pause(how.to_owned(), now);
        Some(entry.role)
    }

    /// Notes that a role is ready; false when this is not its process any more.
    pub fn ready(&mut self, role: Role, from: i32, now: Instant) -> bool {
        match self.entry(role).map(|entry| &mut entry.process) {
            Some(Process::Running { pid, ready_since, .. }) if *pid == from => {
                ready_since.get_or_insert(now);
                true
            }
            _ => false,
        }
    }

    /// Since when all roles are ready; `None` when one is not.
    #[must_use]
    pub fn ready_since(&self) -> Option<Instant> {
        self.0.iter().map(Entry::ready_since).collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Whether a role is ready.
    #[must_use]
    pub fn is_ready(&self, role: Role) -> bool {
        self.0.iter().any(|entry| entry.role == role && entry.ready_since().is_some())
    }

    /// The first role that is not ready, and how it ended last.
    #[must_use]
    pub fn first_not_ready(&self) -> Option<(Role, Option<String>)> {
        let entry = self.0.iter().find(|entry| entry.ready_since().is_none())?;
        Some((entry.role, entry.last_exit.clone()))
    }

    /// The first role that has been started again at least this often and has ended once more, and how
    /// it ended.
    #[must_use]
    pub fn keeps_ending(&self, restarts: u32) -> Option<(Role, Option<String>)> {
        let is_given_up = |entry: &&Entry| entry.restarts >= restarts && entry.pid().is_none();
        let entry = self.0.iter().find(is_given_up)?;
        Some((entry.role, entry.last_exit.clone()))
    }

    /// Process of a role, when it runs.
    #[must_use]
    pub fn pid(&self, role: Role) -> Option<i32> {
        self.0.iter().find(|entry| entry.role == role)?.pid()
    }

    /// What is told about the roles.
    #[must_use]
    pub fn statuses(&self) -> Vec<RoleStatus> {
        let status = |entry: &Entry| RoleStatus {
            role: entry.role,
            state: match entry.process {
                Process::Running { ready_since: Some(_), .. } => RoleState::Ready,
                Process::Waiting { .. } if entry.last_exit.is_some() => RoleState::Failed,
                _ => RoleState::Starting,
            },
            restarts: entry.restarts,
            last_exit: entry.last_exit.clone(),
        };
        self.0.iter().map(status).collect()
    }

    fn entry(&mut self, role: Role) -> Option<&mut Entry> {
        self.0.iter_mut().find(|entry| entry.role == role)
    }
}

impl Entry {
    const fn pid(&self) -> Option<i32> {
        match self.process {
            Process::Running { pid, .. } => Some(pid),
            Process::Waiting { .. } => None,
        }
    }

    const fn ready_since(&self) -> Option<Instant> {
        match self.process {
            Process::Running { ready_since, .. } => ready_since,
            Process::Waiting { .. } => None,
        }
    }

    fn pause(&mut self, why: String, now: Instant) {
        self.process = Process::Waiting { until: now + self.next_pause };
        self.next_pause = (self.next_pause * 2).min(LONGEST_PAUSE);
        self.last_exit = Some(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXIT: &str = "exit status 3";

    /// All roles running, with the process ids 10, 11, ...
    fn running(now: Instant) -> Supervisor {
        let mut supervisor = Supervisor::new(now);
        assert_eq!(supervisor.due(now), Role::ALL);
        for (pid, role) in (10..).zip(Role::ALL) {
            supervisor.started(role, pid, now);
        }
        supervisor
    }

    fn web(supervisor: &Supervisor) -> RoleStatus {
        supervisor.statuses().into_iter().find(|status| status.role == Role::Web).expect("there")
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_start_over_after_a_long_run() {
        let mut now = Instant::now();
        let mut supervisor = running(now);
        let mut pid = supervisor.pid(Role::Web).expect("runs");
        let mut pauses = Vec::new();
        for run in [0, 0, 0, 0, 0, 0, 0, 0, 0, 59, 60].map(Duration::from_secs) {
            now += run;
            assert_eq!(supervisor.ended(pid, EXIT, now), Some(Role::Web));
            let due = supervisor.next_due().expect("waits");
            pauses.push(due - now);
            assert_eq!(supervisor.due(due - Duration::from_millis(1)), []);
            now = due;
            assert_eq!(supervisor.due(now), [Role::Web]);
            pid += 100;
            supervisor.started(Role::Web, pid, now);
        }
        let expected = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 250];
        assert_eq!(pauses, expected.map(Duration::from_millis));
        assert_eq!(web(&supervisor).restarts, 11);
        supervisor.ended(pid, EXIT, now);
        supervisor.not_started(Role::Web, "no such file".into(), now);
        assert_eq!(supervisor.next_due(), Some(now + 4 * FIRST_PAUSE), "it waits longer too");
    }

    #[test]
    fn failure_is_told_until_the_role_is_ready_again() {
        let now = Instant::now();
        let mut supervisor = running(now);
        assert_eq!(web(&supervisor).state, RoleState::Starting);
        let first = supervisor.pid(Role::Web).expect("runs");
        assert!(supervisor.ready(Role::Web, first, now));
        assert_eq!(web(&supervisor).state, RoleState::Ready);
        supervisor.ended(first, EXIT, now);
        assert_eq!(web(&supervisor).state, RoleState::Failed);
        supervisor.started(Role::Web, 20, now + FIRST_PAUSE);
        assert_eq!(web(&supervisor).state, RoleState::Starting);
        assert!(!supervisor.ready(Role::Web, first, now), "the process that ended cannot be ready");
        assert!(supervisor.ready(Role::Web, 20, now));
        let status = web(&supervisor);
        assert_eq!((status.state, status.restarts), (RoleState::Ready, 1));
        assert_eq!(status.last_exit.as_deref(), Some("exit status 3"));
    }

    #[test]
    fn all_are_ready_since_the_last_one_is() {
        let now = Instant::now();
        let later = now + Duration::from_secs(7);
        let mut supervisor = running(now);
        for (pid, role) in (10..).zip(Role::ALL) {
            assert_eq!(supervisor.ready_since(), None);
            let at = if role == Role::Network { later } else { now };
            assert!(supervisor.ready(role, pid, at));
        }
        assert_eq!(supervisor.ready_since(), Some(later));
        supervisor.ready(Role::Network, 11, later + LONG_RUN);
        assert_eq!(supervisor.ready_since(), Some(later), "saying it again changes nothing");
        assert_eq!(supervisor.ended(999, EXIT, later), None, "an orphan is nobody");
        supervisor.ended(10, EXIT, later);
        assert_eq!(supervisor.ready_since(), None);
    }
}
