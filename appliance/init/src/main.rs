//! The first process of the appliance, in both its lives.
//!
//! As `/init` in the archive that is linked into the kernel it is boot stage 1: it finds the root
//! slot that the command line names, checks its signature, sets dm-verity up, makes the slot the root
//! and executes `/sbin/init` there. As `/sbin/init` it is PID 1: it mounts what is missing, starts the
//! roles under their own users, restarts those that end, answers requests on a socket, marks the slot
//! good when all roles work, and stops the machine in an orderly way.
//!
//! What prevents the start ends this process. The kernel then panics and restarts, and the boot
//! loader counts a failed try of the slot. Once the roles run, nothing ends PID 1.
//!
//! It is synchronous and single-threaded: one loop around `poll`. What decides is pure and tested
//! here; the machine as a whole is tested in virtual machines.
#![forbid(unsafe_code)]

mod error;
mod log;
mod mounts;
mod server;
mod shutdown;
mod signature;
mod slot_state;
mod stage1;
mod supervisor;
mod task;

use std::process::ExitCode;

/// Name under which the kernel executes the program of its archive.
const STAGE1_NAME: &str = "/init";

fn main() -> ExitCode {
    let is_stage1 = std::env::args_os().next().is_some_and(|name| name == STAGE1_NAME);
    let result = if is_stage1 { stage1::run() } else { task::run() };
    let Err(error) = result;
    sys::terminal::print_line(&format!("This system cannot run: {}", error::chain(&error)));
    ExitCode::FAILURE
}
