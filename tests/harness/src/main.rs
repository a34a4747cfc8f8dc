//! `appliance`: boots the built image in QEMU.
//!
//! `appliance run` keeps the console in view and prints the link and the fingerprints once the
//! administration page answers. `appliance serve` does the same for programs: one line of JSON on
//! standard output, and the machine lives until standard input ends. `appliance serve-domain` is that
//! beside a domain controller, and `appliance serve-cloud` beside a control plane, in a network namespace
//! of its own, which needs root. `appliance demo` shows how two appliances stand in for each other.
#![forbid(unsafe_code)]

mod arguments;
mod demo;
mod in_namespace;
mod ready;
mod run;
mod say;
mod serve;
mod serve_cloud;
mod serve_domain;
mod terminal;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, Verb};
use model::error::chain;

fn main() -> ExitCode {
    let outcome: Result<(), Box<dyn Error>> = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => match arguments.verb {
            Verb::Run => run::run(&arguments).map_err(Into::into),
            Verb::Serve => serve::serve(&arguments).map_err(Into::into),
            Verb::ServeDomain => serve_domain::serve(&arguments),
            Verb::ServeCloud => serve_cloud::serve(&arguments),
            Verb::Demo => demo::show().map_err(Into::into),
        },
        Err(message) => {
            complain(&format!("{message}\n\n{}", arguments::USAGE));
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn complain(message: &str) {
    let _ = writeln!(std::io::stderr(), "appliance: {message}");
}
