//! The figures as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use serde_json::json;

use crate::Outcome;
use crate::subject::{Case, Sample, Subject};

const FILE: &str = "target/bench/tunnel.json";

/// The samples of all runs.
#[derive(Debug)]
pub(crate) struct Figures {
    runs: usize,
    samples: BTreeMap<(Case, Subject), Vec<Sample>>,
}

/// Medians of a subject in a case.
struct Medians {
    rate: [f64; 3],
    cost: f64,
    request: Option<f64>,
}

impl Figures {
    pub(crate) const fn new(runs: usize) -> Self {
        Self { runs, samples: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, case: Case, subject: Subject, sample: &Sample) {
        self.samples.entry((case, subject)).or_default().push(*sample);
    }

    fn medians(&self) -> BTreeMap<(Case, Subject), Medians> {
        let medians = |samples: &Vec<Sample>| Medians {
            rate: spread(samples.iter().map(|it| it.throughput.mebibytes_a_second)),
            cost: spread(samples.iter().map(|it| it.throughput.milliseconds_a_mebibyte))[1],
            request: samples
                .iter()
                .map(|it| it.request)
                .collect::<Option<Vec<_>>>()
                .map(|all| spread(all)[1]),
        };
        self.samples.iter().map(|(key, samples)| (*key, medians(samples))).collect()
    }

    /// The medians, one line a subject, with what the tunnel reaches in proportion.
    pub(crate) fn table(&self) -> String {
        let medians = self.medians();
        let mut table =
            "median (smallest to largest); ratio: connector to the subject\n".to_owned();
        for ((case, subject), found) in &medians {
            let [smallest, median, largest] = found.rate;
            let ours = medians.get(&(*case, Subject::Tunnel)).map_or(f64::NAN, |it| it.rate[1]);
            let _ = write!(
                table,
                "{case:<18} {subject:<26} {median:>5.0} MiB/s ({smallest:.0} to {largest:.0}), ratio {:.2}, \
                 {:.2} ms of a processor a MiB",
                ours / median,
                found.cost
            );
            let _ = match found.request {
                Some(request) => {
                    let plain = medians.get(&(*case, Subject::Plain)).and_then(|it| it.request);
                    let added = request - plain.unwrap_or(f64::NAN);
                    writeln!(table, ", small request {request:.2} ms (added {added:.2})")
                }
                None => writeln!(table),
            };
        }
        table
    }

    /// Writes the file for SPECIFICATION.md.
    pub(crate) fn write(&self) -> Outcome<()> {
        let row = |((case, subject), found): (&(Case, Subject), &Medians)| {
            let [smallest, median, largest] = found.rate;
            json!({
                "streams": case.streams,
                "round_trip_milliseconds": u64::try_from(case.delay.as_millis() * 2).unwrap_or(0),
                "subject": subject.to_string(),
                "mebibytes_a_second": { "median": median, "min": smallest, "max": largest },
                "processor_milliseconds_a_mebibyte": found.cost,
                "small_request_milliseconds": found.request,
            })
        };
        let document = json!({
            "runs": self.runs,
            "processors": std::thread::available_parallelism().map_or(0, usize::from),
            "load_average_at_the_end": fs::read_to_string("/proc/loadavg")?.trim(),
            "results": self.medians().iter().map(row).collect::<Vec<_>>(),
        });
        fs::create_dir_all("target/bench")?;
        fs::write(FILE, serde_json::to_string_pretty(&document)? + "\n")?;
        Ok(())
    }
}

/// Smallest, median and largest.
fn spread(samples: impl IntoIterator<Item = f64>) -> [f64; 3] {
    let mut sorted: Vec<_> = samples.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let last = sorted.len().saturating_sub(1);
    [at(0), f64::midpoint(at(last / 2), at(last.div_ceil(2))), at(last)]
}
