//! How much a capture costs, beside tcpdump and dumpcap on the same cable in the same run.
//!
//! trafgen sends TCP packets on the first processor through a veth pair; each program records them on
//! the second one into a file in memory. Lost is what arrived at the interface and is missing in the
//! file, whatever the program says of itself; the cost is the processor time of the process for each
//! packet in the file. Needs root, two processors, trafgen (netsniff-ng), tcpdump and dumpcap.
#![forbid(unsafe_code)]

mod cable;
mod figures;
mod subject;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use crate::cable::{Cable, Load};
use crate::figures::Figures;
use crate::subject::Subject;

/// Runs of each program unless told otherwise.
const DEFAULT_RUNS: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        [] => bench(DEFAULT_RUNS),
        ["--runs", runs] => runs.parse().map_err(Into::into).and_then(bench),
        ["record", directory] => subject::be_the_role(directory),
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
    let cable = Cable::lay()?;
    let mut figures = Figures::new(runs);
    for load in Load::ALL {
        for run in 1..=runs {
            // Interleaved, so that other work on this machine disturbs all alike.
            for subject in Subject::for_load(load) {
                let sample = cable.measure(subject, load)?;
                say(&format!(
                    "{} run {run} of {runs}: {}: {:.0} kpps, {:.2} % lost, {:.0} ns a packet",
                    load.name(),
                    subject.name,
                    sample.packets_per_second / 1000.0,
                    sample.lost_percent,
                    sample.nanoseconds_per_packet,
                ));
                figures.add(load, subject, sample);
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
