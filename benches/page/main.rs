//! How fast the administration page answers while a trace records, to one session and to a hundred.
//!
//! Twice: the image in QEMU, where the emulated processor makes everything slow and the ratio to the
//! same machine without a trace counts; and the same program natively, all roles caged in namespaces
//! of this machine. Packets flow all the time, so that the trace alone makes the difference. The
//! peers alternate in one run. Needs root, the image, and the program `roles` beside this one.
#![forbid(unsafe_code)]

mod crowd;
mod figures;
mod session;
mod site;
mod traffic;

use std::io::Write;
use std::process::ExitCode;
use std::thread;

use harness::{HarnessError, disk, workspace};
use model::error::chain;
use serde_json::json;

use crate::crowd::Crowd;
use crate::figures::Figures;
use crate::site::{Place, Site};
use crate::traffic::Traffic;

/// How often each state is measured unless told otherwise.
const DEFAULT_ROUNDS: usize = 3;

fn main() -> ExitCode {
    let rounds = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => Some(DEFAULT_ROUNDS),
        [option, rounds] if option == "--rounds" => rounds.parse().ok().filter(|count| *count > 0),
        _ => None,
    };
    let Some(rounds) = rounds else {
        say("usage: bench-page [--rounds COUNT]");
        return ExitCode::from(2);
    };
    match bench(rounds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench-page: {}", chain(&error)));
            ExitCode::FAILURE
        }
    }
}

fn bench(rounds: usize) -> Result<(), HarnessError> {
    let mut all = Vec::new();
    for start in [Site::native, Site::in_a_machine] {
        let site = start()?;
        let place = &site.place;
        let figures = place.namespace.enter(|| measure(place, rounds))??;
        say(&figures.table(place.name));
        all.push(json!({ "where": place.name, "rounds": rounds, "results": figures.json() }));
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let document = json!({ "load_average_at_the_end": load.trim(), "sites": all });
    let directory = workspace::root().join("target/bench");
    disk::create_directory(&directory)?;
    let path = directory.join("page.json");
    std::fs::write(&path, format!("{document:#}\n"))
        .map_err(HarnessError::io(format!("write {}", path.display())))?;
    say(&format!("written to {}", path.display()));
    Ok(())
}

/// Measures with and without a trace in turn.
fn measure(place: &Place, rounds: usize) -> Result<Figures, HarnessError> {
    let mut crowd = Crowd::sign_in(place)?;
    let traffic = Traffic::to(place)?;
    let mut figures = Figures::default();
    thread::scope(|scope| {
        scope.spawn(|| traffic.flow());
        let mut rounds = || {
            for round in 1..=rounds {
                for is_tracing in [false, true] {
                    say(&format!("{}: round {round}, trace: {is_tracing}", place.name));
                    figures.add(is_tracing, crowd.ask(is_tracing)?);
                }
            }
            Ok(())
        };
        let outcome = rounds();
        traffic.stop();
        outcome
    })?;
    figures.recorded = crowd.recorded();
    Ok(figures)
}

/// Tells the person at the terminal.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
