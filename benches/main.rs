//! The numbers of SPECIFICATION.md: how fast the appliance answers after power-on, how much memory
//! it uses and how large it is, beside a Debian 12 with systemd and nginx that this program builds
//! itself and measures in the same run.
//!
//! Both run in the same virtual hardware under software emulation, so ratios count and seconds do
//! not. The Debian machine is favoured: it is started without firmware menu and boot loader, has no
//! verified root, and serves one static file. Needs root, for the network between the machines and
//! for debootstrap.
#![forbid(unsafe_code)]

mod debian;
mod measure;
mod report;

use std::io::Write;
use std::process::ExitCode;

use harness::{HarnessError, disk, workspace};
use model::error::chain;

use crate::measure::{Sample, Subject};

/// Runs of each machine unless told otherwise.
const DEFAULT_RUNS: usize = 5;

fn main() -> ExitCode {
    let runs = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => Some(DEFAULT_RUNS),
        [option, runs] if option == "--runs" => runs.parse().ok().filter(|runs| *runs > 0),
        _ => None,
    };
    let Some(runs) = runs else {
        say("usage: bench [--runs COUNT]");
        return ExitCode::from(2);
    };
    match bench(runs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {}", chain(&error)));
            ExitCode::FAILURE
        }
    }
}

fn bench(runs: usize) -> Result<(), HarnessError> {
    let appliance = Subject::appliance();
    let debian = debian::provide()?;
    let (mut ours, mut theirs): (Vec<Sample>, Vec<Sample>) = (Vec::new(), Vec::new());
    for run in 1..=runs {
        // Interleaved, so that other work on this machine disturbs both alike.
        for (subject, samples) in [(&appliance, &mut ours), (&debian, &mut theirs)] {
            let sample = measure::measure(subject)?;
            say(&format!(
                "run {run} of {runs}: {} answered after {:.2} s, uses {:.0} MB",
                subject.name, sample.answer_seconds, sample.used_megabytes
            ));
            samples.push(sample);
        }
    }
    let figures = report::Figures::new(&appliance, &ours, &debian, &theirs)?;
    let directory = workspace::root().join("target/bench");
    disk::create_directory(&directory)?;
    let path = directory.join("boot.json");
    std::fs::write(&path, figures.json())
        .map_err(HarnessError::io(format!("write {}", path.display())))?;
    say(&figures.table());
    say(&format!("written to {}", path.display()));
    Ok(())
}

/// Tells the person at the terminal.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
