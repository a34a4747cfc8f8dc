//! Takes the place of `/sbin/connector` in a test, so that init starts it for every role, confined as
//! the role is.
//!
//! `connector <role>` executes itself once for each attempt, as `connector <role> <attempt>`. That
//! process enters the cage of the role and tries: a process of its own, since most attempts end it. What
//! became of each attempt is one line on the output, which init passes on:
//! `attempt <name> refused: <how>` or `attempt <name> done`.
#![forbid(unsafe_code)]

mod attempt;

use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};

use model::role::{PROGRAM, Role};

use crate::attempt::Attempt;

/// Exit status when there is no cage: the attempt proves nothing.
const EXIT_NO_CAGE: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let role = arguments.first().and_then(|name| Role::from_name(name));
    match (role, arguments.get(1)) {
        (Some(role), None) => try_all(role),
        (Some(role), Some(name)) => try_one(role, name),
        (None, _) => ExitCode::FAILURE,
    }
}

/// Tries everything, then waits for its end, as init expects of a role.
fn try_all(role: Role) -> ExitCode {
    for Attempt { name, .. } in attempt::ALL {
        let outcome = Command::new(PROGRAM)
            .args([role.name(), name])
            .stdin(Stdio::inherit())
            .output()
            .map_or_else(
                |error| format!("not started: {error}"),
                |output| {
                    let how = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                    match output.status.code() {
                        Some(0) => "done".to_owned(),
                        Some(1) => format!("refused: {how}"),
                        Some(_) => format!("failed: {how}"),
                        None => format!("refused: {}", output.status),
                    }
                },
            );
        say(&format!("attempt {name} {outcome}"));
    }
    say("attempts end");
    loop {
        std::thread::park();
    }
}

fn try_one(role: Role, name: &str) -> ExitCode {
    let Some(attempt) = attempt::ALL.iter().find(|attempt| attempt.name == name) else {
        return ExitCode::from(EXIT_NO_CAGE);
    };
    if let Err(error) = cage::enter(role) {
        say(&format!("no cage: {error}"));
        return ExitCode::from(EXIT_NO_CAGE);
    }
    match (attempt.make)(role) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}
