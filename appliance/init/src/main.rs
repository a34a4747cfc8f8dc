//! The first process of the appliance, in both its lives.
//!
//! As `/init` in the archive that is linked into the kernel it is boot stage 1: it finds the root
//! slot that the command line names, checks its signature, sets dm-verity up, makes the slot the root
//! and executes `/sbin/init` there. As `/sbin/init` it is PID 1: it mounts what is missing, starts the
//! roles under their own users, restarts those that end, answers requests on a socket, and stops the
//! machine in an orderly way. It marks the slot good when all roles work, restarts the machine when they
//! do not in time, and answers the watchdog as long as its loop turns.
//!
//! What prevents the start is told on the console, and the machine restarts ten seconds later; the boot loader
//! counts a failed try of the slot. Once the roles run, nothing ends PID 1.
//!
//! Run by the kernel as `/sbin/poweroff` or `/sbin/reboot`, it passes a hypervisor's wish on to PID 1.
#![forbid(unsafe_code)]

mod error;
mod log;
mod mounts;
mod server;
mod signature;
mod slots;
mod stage1;
mod task;

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use model::console;
use model::shutdown::Halt;

/// How long a person has to read why the machine restarts.
const READING: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let name = std::env::args().next().unwrap_or_default();
    if std::process::id() != 1 {
        return sys::signals::pass_to_init(&name).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let result = if name == "/init" { stage1::run() } else { task::run() };
    let Err(error) = result;
    slots::could_not_start(&error);
    let reason = format!("This system cannot run: {}", model::error::chain(&error));
    let mut lines = console::wrap(&reason, console::COLUMNS - 1);
    lines.push(format!("It restarts in {} seconds.", READING.as_secs()));
    sys::terminal::print_line(&lines.join("\r\n"));
    sys::mount::sync();
    thread::sleep(READING);
    sys::kernel::stop(Halt::Restart);
    // The kernel panics when PID 1 ends, and restarts then.
    ExitCode::FAILURE
}
