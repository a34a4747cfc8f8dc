//! How much data per second goes through a tunnel, with one stream and with sixteen, without delay and
//! with 50 ms from end to end and back, beside plain TCP through the same wire in the same run.
//!
//! Both ends are in this process and share its processors. The wire is a relay of this program, because
//! a kernel that delays packets is not everywhere.
#![forbid(unsafe_code)]

mod ends;
mod wire;

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use ends::{Ends, plain};

/// Runs of each case; the median counts.
const RUNS: usize = 5;
/// Data of a run without delay and with delay, in MiB.
const AMOUNTS: [usize; 2] = [512, 512];
/// Delay of one direction.
const DELAYS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(25)];
const MIB: usize = 1 << 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    for (delay, amount) in DELAYS.into_iter().zip(AMOUNTS) {
        for streams in [1, 16] {
            let mut rates: [Vec<f64>; 2] = Default::default();
            for _ in 0..RUNS {
                // Interleaved, so that other work on this machine disturbs both alike.
                rates[0].push(rate(amount, plain(delay, streams, amount * MIB / streams).await?));
                let ends = Ends::new(delay).await?;
                rates[1].push(rate(amount, ends.measure(streams, amount * MIB / streams).await?));
            }
            let [plain, tunnel] = rates.map(median);
            let round_trip = delay.as_millis() * 2;
            writeln!(
                std::io::stdout(),
                "{streams:2} streams, {round_trip:2} ms: tunnel {tunnel:5.0} MiB/s, plain TCP {plain:5.0} \
                 MiB/s, ratio {:.2}",
                tunnel / plain
            )?;
        }
    }
    Ok(())
}

fn rate(mebibytes: usize, time: Duration) -> f64 {
    let mebibytes = u32::try_from(mebibytes).map_or(f64::INFINITY, f64::from);
    mebibytes / time.as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
