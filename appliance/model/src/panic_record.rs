//! What the kernel kept of its last words (pstore): why it stopped.

use crate::slot_report::FailureReason;

/// What the kernel says before the reason (`panic()` in `kernel/panic.c`).
const PANIC: &str = "Kernel panic - not syncing: ";
/// Panics of the kernel's own watchdog timer and of the warning before a watchdog restarts the machine.
const WATCHDOG: [&str; 2] = ["Software Watchdog Timer expired", "watchdog pretimeout event"];

/// The reason in a record: the last one, should there be several.
#[must_use]
pub fn reason(record: &[u8]) -> Option<FailureReason> {
    let record = String::from_utf8_lossy(record);
    let (_, rest) = record.rsplit_once(PANIC)?;
    let message = rest.lines().next().unwrap_or_default().trim();
    if WATCHDOG.iter().any(|words| message.contains(words)) {
        return Some(FailureReason::Watchdog);
    }
    Some(FailureReason::Panicked { message: message.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_reason_of_a_panic() {
        let record = b"Panic#2 Part1\n<6>[    1.2] Run /init as init process\n\
            <0>[    1.8] Kernel panic - not syncing: dm-verity device corrupted\n<4>[    1.8] CPU: 0\n";
        let message = "dm-verity device corrupted".to_owned();
        assert_eq!(reason(record), Some(FailureReason::Panicked { message }));
    }

    #[test]
    fn knows_the_watchdog() {
        for words in WATCHDOG {
            let record = format!("<0>[   61.0] Kernel panic - not syncing: {words}\n");
            assert_eq!(reason(record.as_bytes()), Some(FailureReason::Watchdog));
        }
    }

    #[test]
    fn an_ordinary_log_has_no_reason() {
        assert_eq!(reason(b"Console: colour dummy device\n\xff\xfe"), None);
    }
}
