//! The clock that the role sets.

use std::io;
use std::time::Duration;

/// A clock that can be read and set. The appliance has the kernel's; tests have their own, so that
/// they do not set the clock of the machine that they run on.
pub trait SystemClock: Send + Sync + 'static {
    /// The time of day in nanoseconds since 1970.
    ///
    /// # Errors
    ///
    /// The kernel's answer.
    fn now(&self) -> io::Result<i128>;

    /// Sets the time of day, in nanoseconds since 1970.
    ///
    /// # Errors
    ///
    /// The kernel's answer.
    fn step_to(&self, time: i128) -> io::Result<()>;

    /// Takes an offset away little by little. `error` is how wrong the offset may be, both in
    /// nanoseconds; `poll` is the pause between measurements.
    ///
    /// # Errors
    ///
    /// The kernel's answer.
    fn slew(&self, offset: i64, error: i64, poll: Duration) -> io::Result<()>;

    /// How long the machine has been running, whatever became of its clock.
    fn uptime(&self) -> Duration;
}

/// The kernel's clock.
#[derive(Clone, Copy, Debug)]
pub struct KernelClock;

impl SystemClock for KernelClock {
    fn now(&self) -> io::Result<i128> {
        sys::clock::now_nanoseconds()
    }

    fn step_to(&self, time: i128) -> io::Result<()> {
        sys::clock::set_nanoseconds(time)
    }

    fn slew(&self, offset: i64, error: i64, poll: Duration) -> io::Result<()> {
        sys::clock::slew(offset, error, u32::try_from(poll.as_secs()).unwrap_or(u32::MAX))
    }

    fn uptime(&self) -> Duration {
        Duration::from_millis(sys::clock::uptime_ms())
    }
}
