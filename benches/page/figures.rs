//! Medians and 99th percentiles, with and without a trace.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::crowd::{Measured, Recorded};
use crate::session::Question;

/// All answers of a site, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// By number of sessions and question: without a trace and with one.
    answers: BTreeMap<(usize, Question), [Vec<f64>; 2]>,
    pub(crate) recorded: Recorded,
}

impl Figures {
    pub(crate) fn add(&mut self, is_tracing: bool, measured: Measured) {
        for (sessions, question, milliseconds) in measured {
            let states = self.answers.entry((sessions, question)).or_default();
            states[usize::from(is_tracing)].push(milliseconds);
        }
    }

    /// The figures for people.
    pub(crate) fn table(&self, site: &str) -> String {
        let mut table =
            format!("{site}: milliseconds, median and 99th percentile, without and with a trace\n");
        for ((sessions, question), [quiet, tracing]) in &self.answers {
            let (quiet, tracing) = (Spread::of(quiet), Spread::of(tracing));
            let _ = writeln!(
                table,
                "{sessions:>4} sessions {:<28} {:>7.1} {:>7.1}   {:>7.1} {:>7.1}   ratio {:.2}",
                name(*question),
                quiet.median,
                quiet.last,
                tracing.median,
                tracing.last,
                tracing.median / quiet.median,
            );
        }
        let Recorded { packets, lost } = self.recorded;
        let _ = writeln!(table, "traces: {packets} packets, {lost} lost");
        table
    }

    /// The figures for programs.
    pub(crate) fn json(&self) -> Value {
        let rows: Vec<_> = self
            .answers
            .iter()
            .map(|((sessions, question), [quiet, tracing])| {
                let spread = |answers: &Vec<f64>| {
                    let Spread { median, last } = Spread::of(answers);
                    json!({
                        "answers": answers.len(),
                        "medianMilliseconds": rounded(median),
                        "percentile99Milliseconds": rounded(last),
                    })
                };
                let ratio = Spread::of(tracing).median / Spread::of(quiet).median;
                json!({
                    "sessions": sessions,
                    "question": name(*question),
                    "withoutTrace": spread(quiet),
                    "withTrace": spread(tracing),
                    "ratioOfMedians": rounded(ratio),
                })
            })
            .collect();
        let Recorded { packets, lost } = self.recorded;
        json!({ "rows": rows, "packetsRecorded": packets, "packetsLost": lost })
    }
}

const fn name(question: Question) -> &'static str {
    match question {
        Question::Page => "GET /",
        Question::PageAnew => "GET / on a new connection",
        Question::Status => "GET /status",
    }
}

/// Median and 99th percentile.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    median: f64,
    last: f64,
}

impl Spread {
    /// Nearest rank: a figure that was measured.
    fn of(figures: &[f64]) -> Self {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
        };
        Self { median: at(50), last: at(99) }
    }
}

fn rounded(figure: f64) -> Value {
    json!((figure * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_measured_figures() {
        let figures: Vec<_> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(Spread::of(&figures), Spread { median: 100.0, last: 198.0 });
        assert_eq!(Spread::of(&[7.0]), Spread { median: 7.0, last: 7.0 });
        assert!(Spread::of(&[]).median.is_nan());
    }
}
