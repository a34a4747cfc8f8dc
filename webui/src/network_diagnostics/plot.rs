//! Bytes over time, as lines that the server draws.

use std::fmt::Write as _;

use model::capture_status::TraceSummary;

use crate::texts::Texts;
use crate::{amount, time};

/// Edges of the plane in the units of the drawing, which is 800 wide and 196 high.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 792.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 168.0;
/// Most marks along the time.
const MAX_TIME_MARKS: u64 = 7;
/// Distances in seconds between marks along the time.
const TIME_STEPS: [u64; 13] = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200];
/// Marks along the bytes, the one at zero not counted.
const BYTE_MARKS: u64 = 4;

/// A mark at an axis.
#[derive(Debug)]
pub(crate) struct MarkView {
    /// Where it is along its axis, in the units of the drawing.
    pub(crate) at: String,
    pub(crate) words: String,
    /// Which end of the text stands there: `start`, `middle` or `end`.
    pub(crate) anchor: &'static str,
}

/// One point in words.
#[derive(Debug)]
pub(crate) struct ValueView {
    pub(crate) time: String,
    pub(crate) received: String,
    pub(crate) sent: String,
}

/// The drawing.
#[derive(Debug)]
pub(crate) struct PlotView {
    pub(crate) byte_marks: Vec<MarkView>,
    pub(crate) time_marks: Vec<MarkView>,
    pub(crate) received: String,
    pub(crate) sent: String,
    /// The plane below the received bytes.
    pub(crate) area: String,
    pub(crate) description: String,
    pub(crate) values: Vec<ValueView>,
}

/// Where things are in the drawing.
struct Scale {
    seconds: f64,
    /// Bytes per second at the top.
    top: u64,
}

impl Scale {
    fn x(&self, seconds: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * (seconds / self.seconds).clamp(0.0, 1.0)
    }

    fn y(&self, rate: u64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * (as_float(rate) / as_float(self.top)).clamp(0.0, 1.0)
    }
}

impl PlotView {
    /// The drawing of a trace; `None` when there are too few points for a line.
    pub(crate) fn new(texts: &Texts, summary: &TraceSummary) -> Option<Self> {
        let point_ms = u64::from(summary.point_ms.max(1));
        if summary.points.len() < 2 {
            return None;
        }
        let rate = |bytes: u64| bytes.saturating_mul(1000) / point_ms;
        let rates: Vec<_> =
            summary.points.iter().map(|point| (rate(point.received), rate(point.sent))).collect();
        let (peak_index, peak) = rates
            .iter()
            .map(|&(received, sent)| received.saturating_add(sent))
            .enumerate()
            .max_by_key(|&(index, rate)| (rate, std::cmp::Reverse(index)))?;
        let highest = rates.iter().map(|&(received, sent)| received.max(sent)).max()?;
        let duration_ms = point_ms.saturating_mul(summary.points.len() as u64);
        let scale = Scale { seconds: as_float(duration_ms) / 1000.0, top: round_up(highest) };
        let middle = |index: usize| as_float(point_ms) * (as_float(index as u64) + 0.5) / 1000.0;
        let line = |pick: fn(&(u64, u64)) -> u64| {
            let mut line = String::new();
            for (index, rates) in rates.iter().enumerate() {
                let (x, y) = (scale.x(middle(index)), scale.y(pick(rates)));
                let _ = write!(line, "{x:.1},{y:.1} ");
            }
            line.truncate(line.trim_end().len());
            line
        };
        let received = line(|rates| rates.0);
        let (first, last) = (scale.x(middle(0)), scale.x(middle(rates.len() - 1)));
        let total = |pick: fn(&model::capture_status::TracePoint) -> u64| {
            amount::bytes(summary.points.iter().map(pick).fold(0, u64::saturating_add))
        };
        Some(Self {
            byte_marks: byte_marks(&scale),
            time_marks: time_marks(texts, &scale, duration_ms),
            area: format!("{first:.1},{BOTTOM:.1} {received} {last:.1},{BOTTOM:.1}"),
            received,
            sent: line(|rates| rates.1),
            description: (texts.capture.plot_description)(
                &amount::bytes(peak),
                &offset(texts, point_ms * peak_index as u64, point_ms),
                &total(|point| point.received),
                &total(|point| point.sent),
            ),
            values: rates
                .iter()
                .enumerate()
                .map(|(index, &(received, sent))| ValueView {
                    time: offset(texts, point_ms * index as u64, point_ms),
                    received: amount::bytes(received),
                    sent: amount::bytes(sent),
                })
                .collect(),
        })
    }
}

/// A time after the start; with a decimal when points are shorter than a second.
fn offset(texts: &Texts, milliseconds: u64, point_ms: u64) -> String {
    if point_ms.is_multiple_of(1000) || milliseconds >= 60_000 {
        time::duration(texts, milliseconds / 1000)
    } else {
        format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
    }
}

fn byte_marks(scale: &Scale) -> Vec<MarkView> {
    (0..=BYTE_MARKS)
        .map(|mark| {
            let rate = scale.top / BYTE_MARKS * mark;
            MarkView {
                at: format!("{:.1}", scale.y(rate)),
                words: amount::bytes(rate),
                anchor: "end",
            }
        })
        .collect()
}

fn time_marks(texts: &Texts, scale: &Scale, duration_ms: u64) -> Vec<MarkView> {
    let step = TIME_STEPS
        .into_iter()
        .find(|step| duration_ms / (step * 1000) <= MAX_TIME_MARKS)
        .unwrap_or(TIME_STEPS[TIME_STEPS.len() - 1]);
    (0..=duration_ms / (step * 1000))
        .map(|mark| {
            let seconds = mark * step;
            let x = scale.x(as_float(seconds));
            let anchor = match x {
                x if x > RIGHT - 24.0 => "end",
                x if x < LEFT + 8.0 => "start",
                _ => "middle",
            };
            MarkView { at: format!("{x:.1}"), words: time::duration(texts, seconds), anchor }
        })
        .collect()
}

/// The next number of bytes that [`BYTE_MARKS`] divide into round ones.
fn round_up(highest: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for step in [1, 2, 5] {
            let top = unit.saturating_mul(step).saturating_mul(BYTE_MARKS);
            if top >= highest || top > u64::MAX / 10 {
                return top.max(BYTE_MARKS);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// For drawing: exact enough for lines.
#[expect(clippy::cast_precision_loss, reason = "a tenth of a unit of the drawing is enough")]
const fn as_float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use model::capture_status::TracePoint;

    use super::*;
    use crate::Language;

    fn summary(points: &[(u64, u64)], point_ms: u32) -> TraceSummary {
        let points = points.iter().map(|&(received, sent)| TracePoint { received, sent }).collect();
        TraceSummary { points, point_ms, ..TraceSummary::default() }
    }

    fn plot(points: &[(u64, u64)], point_ms: u32) -> PlotView {
        PlotView::new(Texts::of(Language::English), &summary(points, point_ms)).expect("a plot")
    }

    #[test]
    fn draws_within_its_edges() {
        let view = plot(&[(0, 5), (u64::MAX, 9), (3, u64::MAX / 2)], 1000);
        for line in [&view.received, &view.sent, &view.area] {
            for pair in line.split(' ') {
                let (x, y) = pair.split_once(',').expect("two numbers");
                let (x, y): (f64, f64) = (x.parse().expect("x"), y.parse().expect("y"));
                assert!((LEFT..=RIGHT).contains(&x) && (TOP..=BOTTOM).contains(&y), "{pair}");
            }
        }
    }

    #[test]
    fn marks_are_round_numbers() {
        let view = plot(&[(1_250_000, 0), (2_400_000, 300_000)], 1000);
        let words: Vec<_> = view.byte_marks.iter().map(|mark| mark.words.as_str()).collect();
        assert_eq!(words, ["0 B", "1.0 MB", "2.0 MB", "3.0 MB", "4.0 MB"]);
        let view = plot(&vec![(1, 1); 120], 30_000);
        let words: Vec<_> = view.time_marks.iter().map(|mark| mark.words.as_str()).collect();
        assert_eq!(words, ["0 s", "10 min", "20 min", "30 min", "40 min", "50 min", "1 h"]);
    }

    #[test]
    fn says_in_words_what_it_shows() {
        let view = plot(&[(100, 100), (900, 100), (0, 0)], 500);
        assert_eq!(
            view.description,
            "Peak 2.0 kB per second after 0.5 s. 1.0 kB received and 200 B sent in all."
        );
        let value = &view.values[1];
        assert_eq!((value.time.as_str(), value.received.as_str()), ("0.5 s", "1.8 kB"));
    }

    #[test]
    fn a_trace_without_traffic_has_a_flat_line_and_one_point_none() {
        let view = plot(&[(0, 0); 3], 1000);
        assert!(view.received.split(' ').all(|pair| pair.ends_with(",168.0")), "{view:?}");
        assert!(PlotView::new(Texts::of(Language::English), &summary(&[(1, 1)], 1000)).is_none());
    }
}
