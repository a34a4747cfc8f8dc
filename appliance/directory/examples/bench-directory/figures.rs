//! The figures as a table and as JSON.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;

use serde_json::json;

use crate::subject::Task;

const FILE: &str = "target/bench/directory.json";

/// Milliseconds of all runs.
#[derive(Debug)]
pub(crate) struct Figures {
    runs: usize,
    samples: BTreeMap<(Task, &'static str), Vec<f64>>,
}

impl Figures {
    pub(crate) const fn new(runs: usize) -> Self {
        Self { runs, samples: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, task: Task, program: &'static str, milliseconds: f64) {
        self.samples.entry((task, program)).or_default().push(milliseconds);
    }

    /// The medians and extremes, one line a program.
    pub(crate) fn table(&self) -> String {
        let mut table = "median (smallest to largest)\n".to_owned();
        for ((task, program), samples) in &self.samples {
            let [smallest, median, largest] = spread(samples);
            let _ = writeln!(
                table,
                "{task:<24} {program:<14} {median:>6.0} ms ({smallest:.0} to {largest:.0})"
            );
        }
        table
    }

    /// Writes the file for SPECIFICATION.md.
    pub(crate) fn write(&self) -> Result<(), Box<dyn Error>> {
        let row = |((task, program), samples): (&(Task, &str), &Vec<f64>)| {
            let [smallest, median, largest] = spread(samples).map(|value| value.round());
            let milliseconds = json!({ "median": median, "min": smallest, "max": largest });
            json!({ "task": task.to_string(), "program": program, "milliseconds": milliseconds })
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

/// Smallest, median and largest.
fn spread(samples: &[f64]) -> [f64; 3] {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let median = match sorted.as_slice() {
        [] => f64::NAN,
        sorted if sorted.len() % 2 == 1 => sorted[middle],
        sorted => f64::midpoint(sorted[middle - 1], sorted[middle]),
    };
    let at = |value: Option<&f64>| value.copied().unwrap_or(f64::NAN);
    [at(sorted.first()), median, at(sorted.last())]
}
