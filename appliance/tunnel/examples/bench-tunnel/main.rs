//! How much data per second goes through the tunnel, with one stream and with sixteen, without delay and
//! with 50 ms from end to end and back; what a small request takes; and what both cost in processor time:
//! beside OpenSSH's reverse forwarding, rathole, bore and plain TCP through the same wire in the same run.
//!
//! All subjects but one do the same: a connection to a port on the side of the cloud ends at a service on
//! the side of the appliance. Ours does that with two processes of this program. The one that does not is
//! the tunnel alone, with data that nobody forwards: DESIGN's target is about that one. All share the
//! processors of this machine with the service, the clients and the wire, which is a relay of this
//! program, because a kernel that delays packets is not everywhere.
#![forbid(unsafe_code)]

mod ends;
mod figures;
mod forward;
mod load;
mod peers;
mod process;
mod streams;
mod subject;
mod wire;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use figures::Figures;
use subject::{Case, Place};
use tokio::runtime::Builder;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Runs of each subject in each case unless told otherwise; the median counts.
const DEFAULT_RUNS: usize = 3;
/// Delays of one direction.
const DELAYS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(25)];
/// Streams at once.
const STREAMS: [usize; 2] = [1, 16];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        [] => bench(DEFAULT_RUNS),
        ["--runs", runs] => runs.parse().map_err(Into::into).and_then(bench),
        // As on the machines that they stand for: the cloud has a runtime with a thread for each
        // processor, each role of the appliance has one thread.
        ["cloud", at, public, keys] => several(forward::cloud(at, public, keys)),
        ["appliance", to, service, keys] => one(forward::appliance(to, service, keys)),
        ["streams", at, to, count, keys] => several(streams::streams(at, to, count, keys)),
        _ => Err("usage: bench [--runs COUNT]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn several(task: impl Future<Output = Outcome<()>>) -> Outcome<()> {
    Builder::new_multi_thread().enable_all().build()?.block_on(task)
}

fn one(task: impl Future<Output = Outcome<()>>) -> Outcome<()> {
    Builder::new_current_thread().enable_all().build()?.block_on(task)
}

fn bench(runs: usize) -> Outcome<()> {
    several(async {
        let place = Place::new().await?;
        let mut figures = Figures::new(runs);
        for delay in DELAYS {
            for streams in STREAMS {
                let case = Case { streams, delay };
                for run in 1..=runs {
                    // Interleaved, so that other work on this machine disturbs all alike.
                    for subject in place.subjects() {
                        let sample = place.measure(subject, case).await?;
                        say(&format!("{case}, run {run} of {runs}: {subject}: {sample}"));
                        figures.add(case, subject, &sample);
                    }
                }
            }
        }
        say(&figures.table());
        figures.write()
    })
}

/// Prints a line.
fn say(line: &str) {
    // Nobody reads any more: then nobody misses it.
    let _ = writeln!(std::io::stdout(), "{line}");
}
