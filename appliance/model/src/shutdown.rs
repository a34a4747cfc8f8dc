//! The order in which roles are stopped. Takes the time, does nothing itself.

use std::time::{Duration, Instant};

use crate::role::Role;

/// How long each role may take to end by itself.
pub const ROLE_LIMIT: Duration = Duration::from_millis(600);
/// How long the kernel may take to end a role. With eleven roles all is over within 10 s.
pub const KILL_LIMIT: Duration = Duration::from_millis(300);

/// How the machine is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Start again.
    Restart,
    /// Switch off.
    PowerOff,
}

/// The machine is stopping: the last role that was started goes first, so that what it needs is still
/// there.
#[derive(Debug)]
pub struct Shutdown {
    /// What comes afterwards.
    pub halt: Halt,
    remaining: Vec<Role>,
    current: Option<Role>,
    deadline: Instant,
    is_killed: bool,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask this role to end.
    Terminate(Role),
    /// End this role.
    Kill(Role),
    /// Wait for a role to end, at most until then.
    Wait(Instant),
    /// All roles have ended, or cannot be ended.
    Done,
}

impl Shutdown {
    /// Begins.
    #[must_use]
    pub fn new(halt: Halt, now: Instant) -> Self {
        let remaining = Role::ALL.to_vec();
        Self { halt, remaining, current: None, deadline: now, is_killed: false }
    }

    /// The next step.
    pub fn step(&mut self, is_running: impl Fn(Role) -> bool, now: Instant) -> Step {
        if let Some(role) = self.current.filter(|role| is_running(*role)) {
            if now < self.deadline {
                return Step::Wait(self.deadline);
            }
            if !self.is_killed {
                (self.deadline, self.is_killed) = (now + KILL_LIMIT, true);
                return Step::Kill(role);
            }
        }
        while let Some(role) = self.remaining.pop() {
            if is_running(role) {
                self.current = Some(role);
                (self.deadline, self.is_killed) = (now + ROLE_LIMIT, false);
                return Step::Terminate(role);
            }
        }
        Step::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_roles_end_in_reverse_order() {
        let now = Instant::now();
        let mut shutdown = Shutdown::new(Halt::Restart, Instant::now());
        let mut running = vec![Role::Settings, Role::Web, Role::Console];
        while let Some(last) = running.last().copied() {
            assert_eq!(shutdown.step(|role| running.contains(&role), now), Step::Terminate(last));
            assert!(matches!(shutdown.step(|role| running.contains(&role), now), Step::Wait(_)));
            running.pop();
        }
        assert_eq!(shutdown.step(|_| false, now), Step::Done);
    }

    #[test]
    fn roles_that_do_not_end_are_killed_and_all_is_over_in_ten_seconds() {
        let start = Instant::now();
        let mut now = start;
        let mut shutdown = Shutdown::new(Halt::PowerOff, start);
        let mut killed = Vec::new();
        loop {
            match shutdown.step(|_| true, now) {
                Step::Terminate(_) => {}
                Step::Kill(role) => killed.push(role),
                Step::Wait(until) => now = until,
                Step::Done => break,
            }
        }
        killed.reverse();
        assert_eq!(killed, Role::ALL);
        assert!(now - start <= Duration::from_secs(10), "{:?}", now - start);
    }
}
