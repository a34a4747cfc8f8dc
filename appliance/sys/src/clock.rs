//! The clock of the machine: read, step, slew.

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime, clock_settime};

const NANOSECONDS: i128 = 1_000_000_000;
/// Largest offset in nanoseconds that the kernel's phase-locked loop takes (`MAXPHASE`).
pub const MAX_SLEW_NANOSECONDS: i64 = 500_000_000;

/// How long the machine has been running, time spent suspended included (`CLOCK_BOOTTIME`), in
/// milliseconds. The same for every process, and moved by no correction of the clock.
#[must_use]
pub fn uptime_ms() -> u64 {
    // The clock exists on every Linux, so reading it does not fail.
    let now = clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// The time of day in nanoseconds since 1970.
///
/// # Errors
///
/// As `clock_gettime(2)`.
pub fn now_nanoseconds() -> io::Result<i128> {
    let now = clock_gettime(ClockId::CLOCK_REALTIME)?;
    Ok(i128::from(now.tv_sec()) * NANOSECONDS + i128::from(now.tv_nsec()))
}

/// Sets the time of day at once. Needs `CAP_SYS_TIME`.
///
/// # Errors
///
/// As `clock_settime(2)`.
pub fn set_nanoseconds(since_1970: i128) -> io::Result<()> {
    let out_of_range = |_| io::Error::from(io::ErrorKind::InvalidInput);
    let seconds = i64::try_from(since_1970.div_euclid(NANOSECONDS)).map_err(out_of_range)?;
    let rest = i64::try_from(since_1970.rem_euclid(NANOSECONDS)).map_err(out_of_range)?;
    clock_settime(ClockId::CLOCK_REALTIME, TimeSpec::new(seconds, rest))?;
    Ok(())
}

/// Lets the kernel's phase-locked loop take an offset away little by little, and says that the clock
/// is synchronised, so that the kernel also writes it to the hardware clock every eleven minutes.
/// Needs `CAP_SYS_TIME`. `poll_seconds` is the pause between measurements.
///
/// # Errors
///
/// As `adjtimex(2)`; offsets beyond [`MAX_SLEW_NANOSECONDS`] are cut to it by the kernel.
pub fn slew(offset_nanoseconds: i64, error_nanoseconds: i64, poll_seconds: u32) -> io::Result<()> {
    // SAFETY: all zero is a valid value of this struct of integers.
    let mut timex: libc::timex = unsafe { MaybeUninit::zeroed().assume_init() };
    timex.modes = libc::ADJ_OFFSET
        | libc::ADJ_STATUS
        | libc::ADJ_TIMECONST
        | libc::ADJ_MAXERROR
        | libc::ADJ_ESTERROR
        | libc::ADJ_NANO;
    timex.offset = offset_nanoseconds;
    timex.status = libc::STA_PLL | libc::STA_NANO;
    // The kernel adds 4 to get the logarithm of the pause (RFC 5905, section 12).
    timex.constant = i64::from(poll_seconds.max(16).ilog2() - 4);
    timex.maxerror = error_nanoseconds / 1000;
    timex.esterror = error_nanoseconds / 1000;
    // SAFETY: the pointer is to a live struct of the type that the call reads and writes.
    Errno::result(unsafe { libc::adjtimex(&raw mut timex) })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_time_never_goes_back() {
        let first = uptime_ms();
        assert!(first > 0 && uptime_ms() >= first);
    }

    #[test]
    fn times_out_of_range_are_refused() {
        assert!(set_nanoseconds(i128::MAX).is_err());
        assert!(set_nanoseconds(i128::MIN).is_err());
    }
}
