//! The figures as a table and as JSON.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;

use serde_json::{Value, json};

use crate::cable::Load;
use crate::subject::Subject;

const FILE: &str = "target/bench/capture.json";

/// One run of one program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// What was offered.
    pub(crate) packets_per_second: f64,
    pub(crate) lost_percent: f64,
    pub(crate) nanoseconds_per_packet: f64,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Figures {
    runs: usize,
    samples: BTreeMap<(&'static str, &'static str), Vec<Sample>>,
}

impl Figures {
    pub(crate) const fn new(runs: usize) -> Self {
        Self { runs, samples: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, load: Load, subject: &Subject, sample: Sample) {
        self.samples.entry((load.name(), subject.name)).or_default().push(sample);
    }

    /// The medians, one line a program.
    pub(crate) fn table(&self) -> String {
        let mut table = "medians\n".to_owned();
        for ((load, subject), samples) in &self.samples {
            let of = |value: fn(&Sample) -> f64| median(samples, value);
            let _ = writeln!(
                table,
                "{load:<28} {subject:<16} {:>5.0} kpps {:>7.3} % lost {:>5.0} ns a packet",
                of(|sample| sample.packets_per_second) / 1000.0,
                of(|sample| sample.lost_percent),
                of(|sample| sample.nanoseconds_per_packet),
            );
        }
        table
    }

    /// Writes the file for SPECIFICATION.md.
    pub(crate) fn write(&self) -> Result<(), Box<dyn Error>> {
        let row = |((load, subject), samples): (&(&str, &str), &Vec<Sample>)| {
            let spread = |value: fn(&Sample) -> f64| -> Value {
                let sorted = sorted(samples, value);
                json!({
                    "median": rounded(median(samples, value)),
                    "min": sorted.first().copied().map(rounded),
                    "max": sorted.last().copied().map(rounded),
                })
            };
            json!({
                "load": load,
                "program": subject,
                "offered_packets_per_second": spread(|sample| sample.packets_per_second),
                "lost_percent": spread(|sample| sample.lost_percent),
                "cpu_nanoseconds_per_packet": spread(|sample| sample.nanoseconds_per_packet),
            })
        };
        let document = json!({
            "runs": self.runs,
            "processors": std::thread::available_parallelism().map_or(0, usize::from),
            "load_average_at_the_end": fs::read_to_string("/proc/loadavg")?.trim(),
            "results": self.samples.iter().map(row).collect::<Vec<_>>(),
        });
        fs::create_dir_all("target/bench")?;
        fs::write(FILE, serde_json::to_string_pretty(&document)? + "\n")?;
        Ok(())
    }
}

fn sorted(samples: &[Sample], value: fn(&Sample) -> f64) -> Vec<f64> {
    let mut sorted: Vec<_> = samples.iter().map(value).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(samples: &[Sample], value: fn(&Sample) -> f64) -> f64 {
    let sorted = sorted(samples, value);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
