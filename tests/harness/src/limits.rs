//! How long things may take under software emulation on a busy machine with two cores.

use std::time::Duration;

/// From power-on to GRUB's first sign on the serial line: UEFI firmware takes 4 s on an idle machine.
pub const FIRMWARE: Duration = Duration::from_secs(90);
/// From GRUB's start to the landing page with an address.
pub const BOOT: Duration = Duration::from_secs(180);
/// For GRUB to show the effect of a keystroke.
pub const KEYSTROKE: Duration = Duration::from_secs(15);
/// From asking for it to an orderly end of the guest.
pub const SHUTDOWN: Duration = Duration::from_secs(60);
/// For one HTTPS exchange; argon2id takes a second or two in an emulated processor.
pub const HTTPS: Duration = Duration::from_secs(30);
/// For one attempt to reach a page that may not be there yet. QEMU's own network takes a connection
/// before the guest has an address, and offers it to the guest again after ever longer pauses: a new
/// connection is quicker.
pub const ATTEMPT: Duration = Duration::from_secs(2);
/// For a probe, the check of a proxy, or the end of a trace.
pub const DIAGNOSIS: Duration = Duration::from_secs(90);
/// For the landing page to follow a change.
pub const CONSOLE: Duration = Duration::from_secs(60);
/// For QEMU to create its sockets.
pub const QEMU_START: Duration = Duration::from_secs(20);
/// Pause between two looks at something that cannot tell when it changes.
pub const POLL_INTERVAL: Duration = Duration::from_millis(100);
