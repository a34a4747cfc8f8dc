//! `appliance`: boots the built image in QEMU.
//!
//! `appliance run` keeps the console in view and prints the link and the fingerprints once the
//! administration page answers. `appliance serve` does the same for programs: one line of JSON on
//! standard output, and the machine lives until standard input ends.
#![forbid(unsafe_code)]

mod arguments;
mod ready;
mod run;
mod serve;
mod terminal;

use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, Verb};

fn main() -> ExitCode {
    let outcome = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => match arguments.verb {
            Verb::Run => run::run(&arguments),
            Verb::Serve => serve::serve(&arguments),
        },
        Err(message) => {
            complain(&format!("{message}\n\n{}", arguments::USAGE));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with all its causes, as one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

fn complain(message: &str) {
    let _ = writeln!(std::io::stderr(), "appliance: {message}");
}
