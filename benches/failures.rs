//! Two hundred losses of an appliance, the gateway or the database while users are looked up: the figures of
//! SPECIFICATION.md. The VM tests make twenty of them.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use harness::failure::{self, Campaign, Round};
use harness::{HarnessError, ResourceLocation, disk, workspace};
use serde_json::{Value, json};

/// Failures unless told otherwise.
const DEFAULT_COUNT: usize = 200;

fn main() -> ExitCode {
    let Some(count) = arguments() else {
        say("usage: failures [--count COUNT]");
        return ExitCode::from(2);
    };
    match bench(count) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("failures: {}", model::error::chain(&error)));
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Option<usize> {
    let mut count = DEFAULT_COUNT;
    let mut words = std::env::args().skip(1);
    while let Some(option) = words.next() {
        let value = words.next()?;
        match option.as_str() {
            "--count" => count = value.parse().ok().filter(|count| *count > 0)?,
            _ => return None,
        }
    }
    Some(count)
}

fn bench(count: usize) -> Result<(), HarnessError> {
    let mut location = ResourceLocation::start(&mut say)?;
    let started = Instant::now();
    let mut report = |round: &Round| say(&format!("{} of {count}: {round}", round.number));
    let campaign = failure::run(&mut location, &failure::plan(count), &mut report)?;
    let figures = figures(&campaign, started.elapsed());
    let directory = workspace::root().join("target/bench");
    disk::create_directory(&directory)?;
    let path = directory.join("failures.json");
    std::fs::write(&path, format!("{figures:#}\n"))
        .map_err(HarnessError::io(format!("write {}", path.display())))?;
    say(&format!("{figures:#}"));
    say(&format!("written to {}", path.display()));
    Ok(())
}

/// A run that ends has lost nothing: the first loss ends it with an error.
fn figures(campaign: &Campaign, elapsed: Duration) -> Value {
    let Campaign { rounds, orders } = campaign;
    let mut kinds: BTreeMap<&str, Vec<&Round>> = BTreeMap::new();
    for round in rounds {
        kinds.entry(round.failure.kind()).or_default().push(round);
    }
    let of_kind = |(kind, rounds): (&&str, &Vec<&Round>)| {
        let noticed: Vec<_> = rounds.iter().filter_map(|round| round.noticed).collect();
        let figures = json!({
            "count": rounds.len(),
            "underWay": rounds.iter().map(|round| round.under_way).sum::<usize>(),
            "noticedSeconds": spread(&noticed),
            "longestSeconds": spread(&rounds.iter().map(|round| round.longest).collect::<Vec<_>>()),
            "backSeconds": spread(&rounds.iter().map(|round| round.back).collect::<Vec<_>>()),
            "sentAgainByCallers": rounds.iter().map(|round| round.repeated).sum::<usize>(),
        });
        ((*kind).to_owned(), figures)
    };
    let rates = rounds.iter().map(|round| round.per_second);
    json!({
        "seconds": elapsed.as_secs(),
        "offeredPerSecond": failure::OFFERED,
        "answeredPerSecond": median(&rates.collect::<Vec<_>>()),
        "requests": rounds.iter().map(|round| round.answered).sum::<usize>(),
        "lost": 0,
        "orders": {
            "done": orders.done,
            "failed": orders.failed,
            "connectionLost": orders.unheard,
            "doneUnheard": orders.done_unheard,
            "twice": 0,
        },
        "failures": kinds.iter().map(of_kind).collect::<BTreeMap<_, _>>(),
    })
}

/// Median, smallest and largest, in seconds.
fn spread(durations: &[Duration]) -> Value {
    let seconds: Vec<_> = durations.iter().map(Duration::as_secs_f64).collect();
    let smallest = seconds.iter().copied().reduce(f64::min);
    let largest = seconds.iter().copied().reduce(f64::max);
    json!({"median": median(&seconds), "smallest": smallest, "largest": largest})
}

fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Tells the person at the terminal.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
