//! The first process of the appliance, in both its lives.
//!
//! As `/init` in the archive that is linked into the kernel it is boot stage 1: it finds the root
//! slot that the command line names, checks its signature, sets dm-verity up, makes the slot the root
//! and executes `/sbin/init` there. As `/sbin/init` it is PID 1: it mounts what is missing, starts the
//! roles under their own users, restarts those that end, answers requests on a socket, and stops the
//! machine in an orderly way. It marks the slot good when all roles work, restarts the machine when they
//! do not in time, and answers the watchdog as long as its loop turns.
//!
//! What prevents the start ends this process. The kernel then panics and restarts, and the boot
//! loader counts a failed try of the slot. Once the roles run, nothing ends PID 1.
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

fn main() -> ExitCode {
    let name = std::env::args().next().unwrap_or_default();
    if std::process::id() != 1 {
        return sys::signals::pass_to_init(&name).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    let result = if name == "/init" { stage1::run() } else { task::run() };
    let Err(error) = result;
    slots::could_not_start(&error);
    sys::terminal::print_line(&format!("This system cannot run: {}", model::error::chain(&error)));
    ExitCode::FAILURE
}
