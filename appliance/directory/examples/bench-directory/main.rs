//! How long a join takes beside adcli and `net ads join`, and a paged search of 5,000 users beside
//! ldapsearch, on a real domain controller of Samba in the same run.
//!
//! Each program is started in the network of the appliance and timed until it has ended; ours is this
//! program again, which does what the role does. In a search, ours finds the domain controller, gets
//! a ticket and binds; ldapsearch is given both. Needs root and Samba.
#![forbid(unsafe_code)]

mod figures;
mod subject;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use forest::{Forest, Recipe};

use crate::figures::Figures;
use crate::subject::{Place, Task};

/// Runs of each program unless told otherwise.
const DEFAULT_RUNS: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        [] => bench(DEFAULT_RUNS),
        ["--runs", runs] => runs.parse().map_err(Into::into).and_then(bench),
        ["join", directory, machine] => subject::join(directory, machine),
        ["search", directory] => subject::search(directory),
        _ => Err("usage: bench [--runs COUNT]".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn bench(runs: usize) -> Result<(), Box<dyn Error>> {
    let forest = Forest::start(Recipe::Crowd)?;
    let place = Place::new(&forest)?;
    let mut figures = Figures::new(runs);
    for task in [Task::Join, Task::Search] {
        for run in 1..=runs {
            // Interleaved, so that other work on this machine disturbs all alike.
            for program in task.programs() {
                let milliseconds = place.measure(task, program, run)?;
                say(&format!("{task} run {run} of {runs}: {program}: {milliseconds:.0} ms"));
                figures.add(task, program, milliseconds);
            }
        }
    }
    say(&figures.table());
    figures.write()?;
    Ok(())
}

/// Prints a line.
fn say(line: &str) {
    // Nobody reads any more: then nobody misses it.
    let _ = writeln!(std::io::stdout(), "{line}");
}
