//! Three hundred power cuts while settings are stored, on a disk that drops or tears what it has not
//! flushed: the figures of SPECIFICATION.md. The VM tests make thirty of them.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use harness::power_cut::{self, Campaign, Cut};
use harness::{HarnessError, disk, workspace};
use serde_json::{Value, json};

/// Cuts and seed unless told otherwise. The same seed chooses the same moments and the same damage,
/// as far as the machine behaves the same.
const DEFAULT_CUTS: usize = 300;
const DEFAULT_SEED: u64 = 2026;

fn main() -> ExitCode {
    let Some((cuts, seed)) = arguments() else {
        say("usage: power-cuts [--cuts COUNT] [--seed NUMBER]");
        return ExitCode::from(2);
    };
    match bench(cuts, seed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("power-cuts: seed {seed}: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Option<(usize, u64)> {
    let (mut cuts, mut seed) = (DEFAULT_CUTS, DEFAULT_SEED);
    let mut words = std::env::args().skip(1);
    while let Some(option) = words.next() {
        let value = words.next()?;
        match option.as_str() {
            "--cuts" => cuts = value.parse().ok().filter(|cuts| *cuts > 0)?,
            "--seed" => seed = value.parse().ok()?,
            _ => return None,
        }
    }
    Some((cuts, seed))
}

fn bench(cuts: usize, seed: u64) -> Result<(), HarnessError> {
    let started = Instant::now();
    let mut report = |cut: &Cut| {
        let place = if cut.while_starting { "starting" } else { "running" };
        say(&format!(
            "cut {} of {cuts}: {place}, {:.1} s after power-on, {} unflushed writes, {:?}, {} \
             changes acknowledged",
            cut.number,
            cut.after.as_secs_f64(),
            cut.remains.cached,
            cut.remains.survival,
            cut.acknowledged,
        ));
    };
    let campaign = power_cut::run(seed, cuts, |_| (), &mut report)?;
    let figures = figures(&campaign, seed, started.elapsed().as_secs());
    let directory = workspace::root().join("target/bench");
    disk::create_directory(&directory)?;
    let path = directory.join("power-cuts.json");
    std::fs::write(&path, format!("{figures:#}\n"))
        .map_err(HarnessError::io(format!("write {}", path.display())))?;
    say(&format!("{figures:#}"));
    say(&format!("written to {}", path.display()));
    Ok(())
}

/// A campaign that ends has lost nothing: the first loss ends it with an error.
fn figures(campaign: &Campaign, seed: u64, seconds: u64) -> Value {
    let cuts = &campaign.cuts;
    let count = |condition: &dyn Fn(&Cut) -> bool| cuts.iter().filter(|cut| condition(cut)).count();
    let sum = |value: &dyn Fn(&Cut) -> usize| cuts.iter().map(value).sum::<usize>();
    let mut survivals: BTreeMap<String, usize> = BTreeMap::new();
    for cut in cuts {
        *survivals.entry(format!("{:?}", cut.remains.survival)).or_default() += 1;
    }
    json!({
        "seed": seed,
        "seconds": seconds,
        "cuts": cuts.len(),
        "cutsWhileStarting": count(&|cut| cut.while_starting),
        "cutsWithUnflushedWrites": count(&|cut| cut.remains.cached > 0),
        "unflushedWrites": sum(&|cut| cut.remains.cached),
        "unflushedSectors": sum(&|cut| cut.remains.sectors),
        "sectorsLost": sum(&|cut| {
            cut.remains.sectors.saturating_sub(cut.remains.current + cut.remains.older)
        }),
        "sectorsOutOfOrder": sum(&|cut| cut.remains.older),
        "survivals": survivals,
        "changesAcknowledged": cuts.iter().map(|cut| cut.acknowledged).sum::<u64>(),
        "changesInFlightStored": campaign.in_flight_stored,
        "startsChecked": campaign.checked_starts,
        "acknowledgedChangesLost": 0,
        "damagedStarts": 0,
    })
}

/// Tells the person at the terminal.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
